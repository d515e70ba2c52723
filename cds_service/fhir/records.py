"""From decoded FHIR resources to the records of the Chart, one function a resource type."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from cards import record
from cards.codings import Coding, known_system, plain_code
from cards.remembered import Codings, remembered
from cards.valueset import Strength
from cds_service.fhir import resources as wire
from cds_service.fhir.concepts import all_concepts, code_of, concepts, said, side, when
from cds_service.fhir.references import ByReference, contained

Told = tuple[str, Mapping[str, Strength]]
"""Text and value sets of a record that another gives as its reason."""

_patients = msgspec.json.Decoder(wire.Patient)
_SESSIONS = re.compile(r"(\d{1,3})\s*(?:session|visit|treatment)s?")
_FIRST_DEGREE = frozenset(
    {"FTH", "MTH", "PRN", "BRO", "SIS", "SIB", "NSIB", "NBRO", "NSIS", "CHILD", "SON", "DAU", "NFTH", "NMTH",
     "SONC", "DAUC", "TWIN", "FTWIN", "ITWIN"}
)  # fmt: skip
_FIRST_DEGREE_WORDS = re.compile(r"\b(father|mother|parent|brother|sister|sibling|son|daughter|child|twin)\b")
_TO_BE_RULED_OUT = re.compile(r"\b(?:r/o|rule out|exclude)(?=\s)", re.IGNORECASE)
_AFTER = re.compile(r"\b(?:s/p|status post)(?=\s)", re.IGNORECASE)
_NOT_FIRST_DEGREE_WORDS = re.compile(r"\b(grand\w*|step\w*|half\w*|in.law|god\w*)\b")


def read_patient(raw: bytes) -> wire.Patient | None:
    """Decode a Patient resource; None when it is none."""
    try:
        found = _patients.decode(raw)
    except wire.NOT_READ:
        return None
    return found if found.resourceType == "Patient" else None


def patient(p: wire.Patient, patient_id: str) -> record.Patient:
    """The patient of the call."""
    return record.Patient(
        id=patient_id,
        born=when(p.birthDate),
        sex=p.gender,
        deceased=bool(p.deceasedBoolean or p.deceasedDateTime),
    )


def condition(c: wire.Condition, reference: str) -> record.Condition:
    """Onset before recording date; a body site's words and codes beside the condition's own."""
    onset = when(c.onsetDateTime, c.onsetPeriod.start if c.onsetPeriod else None)
    ended = when(c.abatementDateTime, c.abatementPeriod.end if c.abatementPeriod else None)
    if ended is None and (c.abatementString or c.abatementBoolean):
        ended = onset or when(c.recordedDate)
    return record.Condition(
        reference=reference,
        text=said(c.code, "unnamed problem"),
        concepts=concepts(c.code),
        when=onset or when(c.recordedDate),
        side=side(c.bodySite, c.code),
        clinical=code_of(c.clinicalStatus),
        verification=code_of(c.verificationStatus),
        ended=ended,
        onset_known=onset is not None,
        codes=tuple(
            [_coding(((one.system or "", one.code),)) for one in (c.code.coding or () if c.code else ()) if one.code]
        ),
        sites=all_concepts(c.bodySite),
    )


@remembered
def _coding(codings: Codings) -> Coding:
    ((system, code),) = codings
    known = known_system(system)
    return Coding(known, plain_code(known, code))


def procedure(p: wire.Procedure, reference: str) -> record.Procedure:
    """Both ends of what was done; sessions where a note counts them."""
    period = p.performedPeriod or wire.Period()
    counted = [m for n in p.note or () if (m := _SESSIONS.search((n.text or "").lower()))]
    return record.Procedure(
        reference=reference,
        text=said(p.code, "procedure"),
        concepts={**concepts(p.category), **concepts(p.code)},
        when=when(p.performedDateTime, period.end, period.start),
        side=side(p.bodySite, p.code),
        status=p.status,
        started=when(p.performedDateTime, period.start, period.end),
        sessions=int(counted[0].group(1)) if counted else None,
    )


def order(
    s: wire.ServiceRequest,
    reference: str,
    reasons_of: ByReference[Told] | None = None,
) -> record.Order:
    """An order; `reasons_of` tells text and value sets of each supplied record that a reasonReference may name.

    A reason that asks to rule something out suspects it, unlike a problem that was ruled out; what it comes after is
    past.
    """
    referred = _referred(s, s.reasonReference, reasons_of)
    reasons = all_concepts(_suspecting(r) for r in s.reasonCode or ())
    for _, more in referred:
        reasons = {**more, **reasons}
    texts = [said(r) for r in s.reasonCode or ()] + [text for text, _ in referred]
    return record.Order(
        reference=reference,
        text=said(s.code, "order", our_name=False),  # its words are searched for the region
        concepts={**all_concepts(s.category), **concepts(s.code)},
        when=when(s.authoredOn, s.occurrenceDateTime),
        side=side(s.bodySite, s.code),
        status=("entered-in-error" if s.doNotPerform else s.status) or "unknown",
        intent=s.intent,
        reasons=reasons or None,
        reason_texts=tuple(t for t in texts if t),
        sites=all_concepts(s.bodySite) or None,
        reason_side=side(s.reasonCode),
        priority=s.priority,
    )


def _suspecting(reason: wire.CodeableConcept) -> wire.CodeableConcept:
    if not reason.text:
        return reason
    asked = _TO_BE_RULED_OUT.sub("suspected", reason.text)
    return wire.CodeableConcept(reason.coding, _AFTER.sub("history of", asked))


def report(r: wire.DiagnosticReport, reference: str) -> record.Report:
    """A report; only its conclusion codes can reassure."""
    period = r.effectivePeriod or wire.Period()
    return record.Report(
        reference=reference,
        text=said(r.code, "report"),
        concepts=concepts(r.code),
        when=when(r.effectiveDateTime, period.end, period.start),
        side=side(None, r.code),
        status=r.status,
        results=all_concepts(r.conclusionCode),
        conclusion=r.conclusion,
    )


def allergy(a: wire.AllergyIntolerance, reference: str) -> record.Allergy:
    """An allergy with how dangerous it is."""
    return record.Allergy(
        reference=reference,
        text=said(a.code, "allergy"),
        concepts=concepts(a.code),
        when=when(a.onsetDateTime, a.recordedDate),
        clinical=code_of(a.clinicalStatus),
        verification=code_of(a.verificationStatus),
        criticality=a.criticality,
        severe=any(r.severity == "severe" for r in a.reaction or ()),
    )


def relative(f: wire.FamilyMemberHistory, reference: str) -> record.Relative:
    """A relative's conditions, and whether the relative is a parent, sibling or child."""
    words = said(f.relationship).lower()
    codes = {c.code for c in (f.relationship.coding or ()) if c.code} if f.relationship else set()
    named = bool(_FIRST_DEGREE_WORDS.search(words)) and not _NOT_FIRST_DEGREE_WORDS.search(words)
    told = [c.code for c in f.condition or () if c.code]
    return record.Relative(
        reference=reference,
        text=f"{said(f.relationship, 'relative')}: {', '.join(said(c) for c in told)}",
        concepts=all_concepts(told),
        status=f.status,
        first_degree=bool(codes & _FIRST_DEGREE) or named,
    )


def encounter(
    e: wire.Encounter,
    reference: str,
    reasons_of: ByReference[Told] | None = None,
) -> record.Encounter:
    """A visit with the value sets of its reasons."""
    period = e.period or wire.Period()
    referred = _referred(e, e.reasonReference, reasons_of)
    found = all_concepts(e.reasonCode)
    for _, more in referred:
        found = {**more, **found}
    texts = [said(r) for r in e.reasonCode or ()] + [text for text, _ in referred]
    return record.Encounter(
        reference=reference,
        text="; ".join(t for t in texts if t) or "visit",
        concepts=found,
        when=when(period.end, period.start),
        side=side(e.reasonCode),
        status=e.status,
        kind=e.class_.code if e.class_ else None,
        services=all_concepts([*(e.type or ()), *([e.serviceType] if e.serviceType else ())]),
    )


def _referred(
    resource: wire.Resource, references: list[wire.Reference] | None, reasons_of: ByReference[Told] | None
) -> list[Told]:
    """The reasons that are given by reference, as far as they were supplied."""
    found = []
    held = contained(resource)
    for one in references or ():
        inner = held.get(one.reference)
        told = (said(inner), concepts(inner)) if inner else reasons_of.find(one.reference) if reasons_of else None
        found += [told] if told else []
    return found


def care_plan(p: wire.CarePlan, reference: str) -> record.CarePlan:
    """A care plan; activities that were cancelled or never begun do not count."""
    details = [a.detail for a in p.activity or () if a.detail and a.detail.status not in ("cancelled", "not-started")]
    period = p.period or wire.Period()
    texts = [said(d.code) or (d.description or "") for d in details]
    return record.CarePlan(
        reference=reference,
        text=p.title or "; ".join(t for t in texts if t) or "care plan",
        concepts=all_concepts([d.code for d in details if d.code]),
        when=when(period.end),
        status=p.status,
        started=when(period.start, p.created),
    )
