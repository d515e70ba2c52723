"""Real JSON through the intake, as the service takes it in."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from msgspec import Raw

from cards.record import Record, SectionName
from cards.section import Section
from cds_service.fhir.intake import Intake
from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import read_key

Json = dict[str, Any]
R = TypeVar("R", bound=Record)

SERVER = "https://ehr.example/fhir"
SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
HIP_EXAM = "https://posterior-hip-cds.example/fhir/CodeSystem/hip-exam"
ME = {"reference": "Patient/p1"}
OTHER = {"reference": "Patient/p2"}


def coded(system: str, code: str, text: str | None = None) -> Json:
    """A CodeableConcept."""
    made: Json = {"coding": [{"system": system, "code": code}]}
    return made | {"text": text} if text else made


def condition(code: Json | None = None, **members: Any) -> Json:
    """Left buttock pain unless said otherwise."""
    made = {
        "resourceType": "Condition",
        "id": "c1",
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "verificationStatus": {"coding": [{"code": "confirmed"}]},
        "code": code or coded(SCT, "279043006", "left buttock pain"),
        "subject": ME,
        "onsetDateTime": "2026-01-01",
    }
    return _without_none(made | members)


def observation(code: Json | None = None, **members: Any) -> Json:
    """A CRP of 142 mg/L unless said otherwise."""
    made: Json = {
        "resourceType": "Observation",
        "id": "o1",
        "status": "final",
        "code": code or coded(LOINC, "1988-5"),
        "subject": ME,
        "effectiveDateTime": "2026-01-10",
    }
    if not any(name.startswith(("value", "component", "dataAbsent")) for name in members):
        made["valueQuantity"] = {"value": 142, "unit": "mg/L", "system": "http://unitsofmeasure.org", "code": "mg/L"}
    return _without_none(made | members)


def bundle(*resources: Json, links: list[Json] | None = None, full_url: str | None = None) -> Json:
    """A search result."""
    entry = {"fullUrl": full_url} if full_url else {}
    made: Json = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r, **entry} for r in resources]}
    return made | {"link": links} if links else made


def taken(key: SectionName, prefetch: Any, *, raw: bytes | None = None, **more: Any) -> tuple[Section, Intake]:
    """The section that the prefetch value of one key becomes; `more` are values of other keys."""
    values: dict[str, bytes] = {key: raw if raw is not None else json.dumps(prefetch).encode()}
    values |= {name: json.dumps(value).encode() for name, value in more.items()}
    supplies = {k: read_key(Raw(values[k]) if k in values else None, RESOURCE_TYPES[k]) for k in KEYS if k != "patient"}
    intake = Intake(Subject("p1", SERVER))
    return intake.sections(supplies)[key], intake


def record_of(key: SectionName, resource: Json, kind: type[R], **more: Any) -> R:
    """The one record that a resource becomes."""
    section, _ = taken(key, bundle(resource), **more)
    (found,) = section.records
    assert isinstance(found, kind)
    return found


def _without_none(made: Json) -> Json:
    return {key: value for key, value in made.items() if value is not None}
