"""The draft orders of an order hook, read leniently: the reference client sends them incomplete."""

from __future__ import annotations

from typing import Any

from cards.immutable import replace
from cards.record import Medication, Order
from cds_service.fhir.intake import Intake, Unreadable, read_resource


def drafts_of(
    bundle: dict[str, Any], selections: tuple[str, ...] | None, intake: Intake
) -> tuple[Order | Medication, ...]:
    """ServiceRequests and MedicationRequests of a draft Bundle. With `selections`, the others are background.

    A draft that cannot be read is set aside; one about another patient is never used; one that names nobody
    belongs to the patient of the call.
    """
    found: list[Order | Medication] = []
    entries = bundle.get("entry")
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        found += _read(resource, entry.get("fullUrl"), position, intake)
    return tuple(d if _selected(d.reference, selections) else replace(d, selected=False) for d in found)


def _read(resource: dict[str, Any], full_url: Any, position: int, intake: Intake) -> list[Order | Medication]:
    try:
        reader, reference, decoded = read_resource(resource, position)
    except Unreadable as bad:
        intake.set_aside.unreadable[bad.reference] = bad.why
        return []
    if reader is None or reader.section not in ("serviceRequests", "medications"):
        return []
    about = decoded.about()
    entry_url = full_url if isinstance(full_url, str) else None
    if about is not None and about.reference and not intake.subject.is_meant_by(about.reference, entry_url):
        intake.set_aside.other_patient += 1
        return []
    return [r for r in reader.records(decoded, reference, intake) if isinstance(r, Order | Medication)]


def _selected(reference: str, selections: tuple[str, ...] | None) -> bool:
    if selections is None:
        return True
    bare = reference.split("/", 1)[-1]
    return any(s in (reference, bare) or s.endswith("/" + reference) for s in selections)
