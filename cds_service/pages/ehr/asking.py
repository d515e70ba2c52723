"""The hook's request as this EHR makes it, hard cases included, and the answer as it shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import uuid4

from cds_service.pages.ehr import wire
from cds_service.pages.ehr.drafts import Draft
from fhir_fixtures import bundle

FhirState = Literal["answers", "slow", "down"]
CLINICIAN = "Practitioner/example-clinician"
SLOW = "/ehr/slow-fhir"
NOBODY_LISTENS = "http://127.0.0.1:9/fhir"
"""The discard port: an address at which nothing answers."""
_STRANGER = "Patient/somebody-else"
_STRANGERS_CHART = ("V28", "v28-saddle-numbness")


@dataclass(frozen=True, slots=True)
class Switches:
    """The hard cases, each as an EHR may present it.

    withheld: Observations may not be shown; the prefetch says so with an OperationOutcome. fhir: the FHIR server as
    the service finds it. stranger: a Condition of another patient stands among this one's.
    """

    prefetch: bool = True
    withheld: bool = False
    fhir: FhirState = "answers"
    stranger: bool = False

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Switches:
        """From the page's form."""
        fhir: FhirState = "slow" if form.get("fhir") == "slow" else "down" if form.get("fhir") == "down" else "answers"
        return cls("no_prefetch" not in form, "withheld" in form, fhir, "stranger" in form)

    def __str__(self) -> str:
        """What is out of the ordinary, in words; nothing where nothing is."""
        told = {
            "no prefetch": not self.prefetch,
            "Observations withheld": self.prefetch and self.withheld,
            "another patient's record added": self.prefetch and self.stranger,
            f"FHIR server {self.fhir}": self.fhir != "answers",
        }
        return ", ".join(words for words, on in told.items() if on)


@dataclass(frozen=True, slots=True)
class Servers:
    """The service's address and the FHIR base, without trailing slashes."""

    service: str
    fhir: str

    def fhir_in(self, state: FhirState) -> str:
        """The FHIR base that the service is told."""
        return {"answers": self.fhir, "slow": self.service + SLOW, "down": NOBODY_LISTENS}[state]


@dataclass(frozen=True, slots=True)
class Service:
    """A service as discovery lists it."""

    id: str
    prefetch: Mapping[str, str]


def discover(servers: Servers, hook: str) -> Service:
    """The service that answers this hook. Raises Unreachable."""
    url = f"{servers.service}/cds-services"
    for found in wire.get(url).get("services", []):
        if found.get("hook") == hook:
            return Service(found["id"], found.get("prefetch") or {})
    raise wire.Unreachable(url)


def read_prefetch(servers: Servers, service: Service, patient_id: str) -> dict[str, Any]:
    """What the EHR reads for the published templates; keys whose query failed are left out."""
    paths = [template.replace("{{context.patientId}}", patient_id) for template in service.prefetch.values()]
    found = wire.get_all(f"{servers.fhir}/{path}" for path in paths)
    return {key: told for key, told in zip(service.prefetch, found, strict=True) if told is not None}


def request_body(
    hook: str, patient_id: str, prefetch: Mapping[str, Any], drafts: Sequence[Draft], fhir: str
) -> dict[str, Any]:
    """The request, as JSON."""
    context: dict[str, Any] = {"userId": CLINICIAN, "patientId": patient_id}
    if hook != "patient-view":
        entries = [{"resource": draft.resource} for draft in drafts]
        context["draftOrders"] = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    if hook == "order-select":
        context["selections"] = [draft.reference for draft in drafts]
    token = {"access_token": "demo", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.read"}
    return {
        "hook": hook,
        "hookInstance": str(uuid4()),
        "fhirServer": fhir,
        "fhirAuthorization": {**token, "subject": "posterior-hip-cds", "patient": patient_id},
        "context": context,
        **({"prefetch": prefetch} if prefetch else {}),
    }


def sent_prefetch(prefetch: Mapping[str, Any], switches: Switches, today: date) -> dict[str, Any]:
    """The prefetch as the switches have it; empty when none is sent."""
    if not switches.prefetch:
        return {}
    sent = dict(prefetch)
    if switches.withheld:
        sent["observations"] = _FORBIDDEN
    if switches.stranger and isinstance(sent.get("conditions"), dict):
        entries = [*(sent["conditions"].get("entry") or []), {"resource": _strangers_condition(today)}]
        sent["conditions"] = {**sent["conditions"], "entry": entries}
    return sent


_FORBIDDEN: Mapping[str, Any] = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "forbidden", "details": {"text": "Observations may not be shown."}}],
}


def _strangers_condition(today: date) -> dict[str, Any]:
    name, resource_id = _STRANGERS_CHART
    found = next(e["resource"] for e in bundle(name, today)["entry"] if e["resource"]["id"] == resource_id)
    return {**found, "id": "of-another-patient", "subject": {"reference": _STRANGER}}
