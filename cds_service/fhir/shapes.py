"""Older and odd shapes of resources, brought as near to R4 as is safe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct, ValidationError, convert

_STATUS_MEMBERS = ("clinicalStatus", "verificationStatus")
_LISTS = (
    "category",
    "bodySite",
    "reasonCode",
    "reasonReference",
    "interpretation",
    "note",
    "dosageInstruction",
)
_SINGLE = {"Observation": ("bodySite",), "Procedure": ("category",)}
_RENAMED = {
    "MedicationOrder": "MedicationRequest",
    "ProcedureRequest": "ServiceRequest",
    "DiagnosticOrder": "ServiceRequest",
}
_RENAMED_MEMBERS = {
    "dateRecorded": "recordedDate",
    "assertedDate": "recordedDate",
    "dateWritten": "authoredOn",
}


def r4_type(resource_type: str) -> str:
    """The R4 name of a resource type of DSTU2 or STU3."""
    return _RENAMED.get(resource_type, resource_type)


def as_r4(resource: dict[str, Any]) -> dict[str, Any]:
    """The same resource with DSTU2 and STU3 members renamed, codes wrapped and single values listed."""
    kind = r4_type(str(resource.get("resourceType")))
    shaped = {_RENAMED_MEMBERS.get(key, key): value for key, value in resource.items()}
    shaped["resourceType"] = kind
    for name in _STATUS_MEMBERS:
        if isinstance(shaped.get(name), str):
            shaped[name] = {"coding": [{"code": shaped[name]}]}
    for name in _LISTS:
        value = shaped.get(name)
        if name in _SINGLE.get(kind, ()):
            if isinstance(value, list) and value:
                shaped[name] = value[0]
        elif value is not None and not isinstance(value, list):
            shaped[name] = [value]
    if "patient" in shaped and "subject" not in shaped:
        shaped["subject"] = shaped["patient"]
    if kind == "ServiceRequest" and "reason" in shaped and "reasonCode" not in shaped:
        shaped["reasonCode"] = shaped["reason"] if isinstance(shaped["reason"], list) else [shaped["reason"]]
    return shaped


def lenient(resource: dict[str, Any], shape: type[Struct]) -> Any:
    """Decode what can be decoded: members that do not fit are left out, unless they carry the meaning.

    Raises ValidationError where the code, the status, the value or the subject itself is unreadable.
    """
    shaped = as_r4(resource)
    for _ in range(len(shaped)):
        try:
            return convert(shaped, shape)
        except ValidationError as error:
            member = _member(str(error))
            if member is None or member not in shaped or _carries_meaning(member):
                raise
            del shaped[member]
    return convert(shaped, shape)


def codes_of(resource: Any) -> Iterator[tuple[str, str]]:
    """(system, code) of `code` as far as it can be read at all, for telling what an unreadable record could be."""
    concept = resource.get("code") if isinstance(resource, dict) else None
    if concept is None and isinstance(resource, dict):
        concept = resource.get("medicationCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield str(coding.get("system") or ""), coding["code"]


def subject_of(resource: object) -> str | None:
    """The reference by which an unreadable resource names its patient, as far as it can be read."""
    if not isinstance(resource, dict):
        return None
    for member in ("subject", "patient"):
        about = resource.get(member)
        if isinstance(about, dict) and isinstance(about.get("reference"), str):
            return str(about["reference"])
    return None


def _member(message: str) -> str | None:
    _, _, path = message.partition("`$.")
    return path.split(".")[0].split("[")[0].rstrip("`") or None


def _carries_meaning(member: str) -> bool:
    return member in {
        "code", "status", "clinicalStatus", "verificationStatus", "subject", "patient",
        "medicationCodeableConcept", "intent", "doNotPerform", "conclusionCode",
    } or member.startswith(("value", "effective", "onset", "performed", "abatement"))  # fmt: skip
