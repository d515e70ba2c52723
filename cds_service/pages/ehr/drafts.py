"""The orders that can be drafted: those of the example patients, so that each carries codes that were checked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from cds_service.pages.ehr.record import words
from fhir_fixtures import draft_request, draft_request_names

Kind = Literal["Imaging", "Injection", "Medicine"]
_OFFERED: Mapping[str, tuple[str, str, Kind]] = {
    "draft-xr-pelvis": ("V38", "v38-xr-pelvis", "Imaging"),
    "draft-mri-lumbar": ("V02", "v02-mri-lumbar", "Imaging"),
    "draft-mri-pelvis": ("V04b", "v04-mri-pelvis", "Imaging"),
    "draft-mri-hip": ("V02", "v02-mri-hip", "Imaging"),
    "draft-injection": ("V05", "v05-piriformis-injection", "Injection"),
    "draft-naproxen": ("V39", "v39-naproxen", "Medicine"),
    "draft-ibuprofen": ("V09", "v09-ibuprofen", "Medicine"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """One order on the pad, as FHIR JSON about this patient. `own`: the patient's example drafts just this."""

    id: str
    label: str
    kind: Kind
    resource: Mapping[str, Any]
    own: bool = False

    @property
    def reference(self) -> str:
        """As the hook's context names it."""
        return f"{self.resource['resourceType']}/{self.id}"


def drafts_for(patient_id: str, today: date) -> tuple[Draft, ...]:
    """The patient's own example drafts first, then what can be drafted for anybody."""
    own = {draft.label: draft for draft in _own(patient_id, today)}
    general = [
        _draft(_resource(name, resource_id, today), draft_id, kind, patient_id)
        for draft_id, (name, resource_id, kind) in _OFFERED.items()
    ]
    return (*own.values(), *(draft for draft in general if draft.label not in own))


def grouped(drafts: Iterable[Draft]) -> list[tuple[str, list[Draft]]]:
    """For the pad: what this example drafts, then the rest by kind."""
    groups: dict[str, list[Draft]] = {}
    for draft in drafts:
        groups.setdefault("Drafted in this example" if draft.own else draft.kind, []).append(draft)
    return list(groups.items())


def _own(patient_id: str, today: date) -> Iterator[Draft]:
    for name in draft_request_names():
        context = draft_request(name, today)["context"]
        if context["patientId"] != patient_id:
            continue
        for entry in context["draftOrders"]["entry"]:
            resource = entry["resource"]
            yield _draft(resource, resource["id"], _kind(resource), patient_id, own=True)


def _kind(resource: Mapping[str, Any]) -> Kind:
    if resource["resourceType"] == "MedicationRequest":
        return "Medicine"
    return "Injection" if "injection" in words(resource["code"]).lower() else "Imaging"


def _resource(name: str, resource_id: str, today: date) -> dict[str, Any]:
    entries = draft_request(name, today)["context"]["draftOrders"]["entry"]
    return next(e["resource"] for e in entries if e["resource"]["id"] == resource_id)


def _draft(resource: Mapping[str, Any], draft_id: str, kind: Kind, patient_id: str, *, own: bool = False) -> Draft:
    label = words(resource.get("code") or resource.get("medicationCodeableConcept"))
    kept = {key: value for key, value in resource.items() if own or key not in ("encounter", "reasonReference")}
    about = {**kept, "id": draft_id, "subject": {"reference": f"Patient/{patient_id}"}}
    return Draft(draft_id, label, kind, about, own)
