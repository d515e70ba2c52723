"""The draft orders of an order hook, read leniently: the reference client sends them incomplete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cards.immutable import replace
from cards.record import Medication, Order
from cds_service.fhir.intake import Intake, Unreadable, read_resource
from cds_service.fhir.subject import HISTORY, Subject

_NOT_ORDERED = frozenset({"revoked", "cancelled", "stopped", "entered-in-error"})


def drafts_of(
    bundle: dict[str, Any], selections: tuple[str, ...] | None, intake: Intake
) -> tuple[Order | Medication, ...]:
    """ServiceRequests and MedicationRequests of a draft Bundle. With `selections`, the others are background.

    A draft that cannot be read is set aside; one about another patient is never used; one that names nobody
    belongs to the patient of the call. One that was withdrawn, or says what not to do, orders nothing.
    """
    found: list[Order | Medication] = []
    entries = bundle.get("entry")
    for position, entry in enumerate(entries if isinstance(entries, list) else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if not isinstance(resource, dict):
            continue
        found += _read(resource, entry.get("fullUrl"), position, intake)
    ordered = (d for d in found if d.status not in _NOT_ORDERED)
    named = _named(selections) if selections is not None else None
    return tuple(d if named is None or _is_among(d.reference, named) else replace(d, selected=False) for d in ordered)


def in_our_codes(bundle: dict[str, Any], order_codes: Mapping[str, str]) -> dict[str, Any]:
    """The Bundle with the codes that these rules know beside the site's own.

    `order_codes`: our "system|code", or the text of an order -> the site's "system|code".
    """
    ours: dict[str, list[str]] = {}
    for known, own in order_codes.items():
        ours.setdefault(own, []).append(known)
    entries = bundle.get("entry")
    if not ours or not isinstance(entries, list):
        return bundle
    return {**bundle, "entry": [_entry_in_our_codes(entry, ours) for entry in entries]}


def _entry_in_our_codes(entry: Any, ours: Mapping[str, list[str]]) -> Any:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    concept = resource.get("code") if isinstance(resource, dict) else None
    if not isinstance(resource, dict) or not isinstance(concept, dict) or not isinstance(concept.get("coding"), list):
        return entry
    return {**entry, "resource": {**resource, "code": _in_our_codes(concept, ours)}}


def _in_our_codes(concept: dict[str, Any], ours: Mapping[str, list[str]]) -> dict[str, Any]:
    told = [c for c in concept["coding"] if isinstance(c, dict)]
    known = [name.rpartition("|") for c in told for name in ours.get(f"{c.get('system')}|{c.get('code')}", ())]
    coded = [{"system": system, "code": code} for system, _, code in known if system]
    words = [concept.get("text"), *(text for system, _, text in known if not system)]
    text = "; ".join(word for word in words if isinstance(word, str))
    return {**concept, "coding": concept["coding"] + coded, **({"text": text} if text else {})}


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
    if about is not None and about.reference and not _is_of(intake.subject, about.reference, entry_url):
        intake.set_aside.other_patient += 1
        return []
    return [r for r in reader.records(decoded, reference, intake) if isinstance(r, Order | Medication)]


def _is_of(subject: Subject, reference: str, entry_url: str | None) -> bool:
    """Drafts come inside the context of one patient: where neither the call nor the entry tells a base, none
    contradicts an absolute reference with that patient's id. To leave it out would silence what it warns of.
    """
    if entry_url is None and subject.fhir_server is None:
        reference = reference.split(HISTORY, 1)[0]
        return reference == f"Patient/{subject.patient_id}" or reference.endswith(f"/Patient/{subject.patient_id}")
    return subject.is_meant_by(reference, entry_url)


def _named(selections: tuple[str, ...]) -> frozenset[str]:
    """Selections as written, and `Type/id` of those that are addresses."""
    return frozenset(name for s in selections for name in (s, "/".join(s.rsplit("/", 2)[-2:])))


def _is_among(reference: str, named: frozenset[str]) -> bool:
    return reference in named or reference.split("/", 1)[-1] in named
