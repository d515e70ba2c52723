"""Requests that a service can be asked with: for each known hook a context, for each template plausible data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from uuid import uuid4

from cds_service.doctor.exchange import Json

USER = "Practitioner/doctor-user"
ENCOUNTER = "doctor-encounter"
ORDER_HOOKS = ("order-select", "order-sign")
TOKEN = re.compile(r"\{\{(.*?)\}\}")
_COMMON = ("userId", "patientId", "encounterId")
TOKENS_OF_HOOK: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "patient-view": _COMMON,
        "order-select": _COMMON,
        "order-sign": _COMMON,
        "encounter-start": _COMMON,
        "encounter-discharge": _COMMON,
        "appointment-book": _COMMON,
        "order-dispatch": ("patientId", "dispatchedOrders", "performer"),
    }
)
"""Members of the context that a prefetch template may name, as the hook's own definition says."""
USER_TOKENS = ("userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId")


def context_of(hook: str, patient_id: str) -> Json | None:
    """A complete context; None for a hook that is not known here."""
    if hook not in TOKENS_OF_HOOK:
        return None
    if hook == "order-dispatch":
        return {"patientId": patient_id, "dispatchedOrders": [_reference()], "performer": "Organization/doctor-lab"}
    context: Json = {"userId": USER, "patientId": patient_id, "encounterId": ENCOUNTER}
    if hook in ORDER_HOOKS:
        context["draftOrders"] = _bundle("collection", [_order(patient_id)])
    if hook == "order-select":
        context["selections"] = [_reference()]
    if hook == "appointment-book":
        context["appointments"] = _bundle("collection", [_appointment(patient_id)])
    return context


def request_of(hook: str, context: Json, prefetch: Json) -> Json:
    """A call without FHIR access."""
    body: Json = {"hook": hook, "hookInstance": str(uuid4()), "context": context}
    return body | {"prefetch": prefetch} if prefetch else body


def data_for(templates: Mapping[str, str], context: Json, family_name: str) -> Json:
    """What each template would give of a patient who has nothing: the read resource, or an empty search."""
    return {key: _datum(filled(query, context), family_name) for key, query in templates.items()}


def filled(template: str, context: Json) -> str:
    """A template with its tokens replaced; what the context does not say becomes the sample user."""

    def value(found: re.Match[str]) -> str:
        name = found[1].removeprefix("context.")
        told = context.get(name, USER.partition("/")[2])
        return told if isinstance(told, str) else ""

    return TOKEN.sub(value, template)


def _datum(query: str, family_name: str) -> Json:
    path, _, search = query.partition("?")
    kind, _, resource_id = path.partition("/")
    if search or not resource_id:
        return searchset([])
    if kind == "Patient":
        return sample_patient(resource_id, family_name)
    return {"resourceType": kind, "id": resource_id}


def sample_patient(patient_id: str, family_name: str) -> Json:
    """A synthetic adult whose name can be recognised where it should not be."""
    return {
        "resourceType": "Patient",
        "id": patient_id,
        "active": True,
        "name": [{"family": family_name, "given": ["Sample"]}],
        "gender": "female",
        "birthDate": "1970-06-15",
    }


def searchset(resources: Iterable[Json], *, following: str | None = None) -> Json:
    """A page of search results, with the address of the next one where there is one."""
    bundle = _bundle("searchset", list(resources))
    bundle["total"] = len(bundle.get("entry", ())) + (1 if following else 0)
    return bundle | {"link": [{"relation": "next", "url": following}]} if following else bundle


def operation_outcome(severity: str, code: str) -> Json:
    """An OperationOutcome with one issue."""
    issue = {"severity": severity, "code": code, "diagnostics": "made by a conformance check"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def resources_of(datum: object) -> list[Json]:
    """The resources of a prefetched value: itself, or the entries of a Bundle."""
    if not isinstance(datum, dict):
        return []
    if datum.get("resourceType") != "Bundle":
        return [datum]
    return [
        e["resource"] for e in datum.get("entry", ()) if isinstance(e, dict) and isinstance(e.get("resource"), dict)
    ]


def _bundle(kind: str, resources: list[Json]) -> Json:
    bundle: Json = {"resourceType": "Bundle", "type": kind}
    return bundle | {"entry": [{"resource": one} for one in resources]} if resources else bundle


def _reference() -> str:
    return "ServiceRequest/doctor-order"


def _order(patient_id: str) -> Json:
    loinc = {"system": "http://loinc.org", "code": "37622-8"}
    return {
        "resourceType": "ServiceRequest",
        "id": "doctor-order",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [loinc], "text": "X-ray of the pelvis"},
        "subject": {"reference": f"Patient/{patient_id}"},
    }


def _appointment(patient_id: str) -> Json:
    participant = {"actor": {"reference": f"Patient/{patient_id}"}, "status": "needs-action"}
    return {
        "resourceType": "Appointment",
        "id": "doctor-appointment",
        "status": "proposed",
        "start": "2030-01-15T09:00:00Z",
        "end": "2030-01-15T09:15:00Z",
        "participant": [participant],
    }
