"""From decoded FHIR resources to the records of the Chart, one function a resource type."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from cards import record
from cards.codings import HIP_EXAM, Coding, known_system, plain_code
from cards.measures import BARE_NUMBERS, MEASURES
from cards.quantity import Comparator, Quantity, Refused
from cards.side import Side
from cards.valueset import Strength
from cards.when import When
from cds_service.fhir import resources as wire
from cds_service.fhir.concepts import all_concepts, code_of, coded, concepts, said, side, when

_patients = msgspec.json.Decoder(wire.Patient)
_ABSENT = frozenset({"2667000", "260385009", "NEG", "N", "no", "absent", "negative", "false"})
_PRESENT = frozenset({"52101004", "10828004", "POS", "Y", "yes", "present", "positive", "true"})
_COMPARATORS: Mapping[str, Comparator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_SESSIONS = re.compile(r"(\d{1,3})\s*(?:session|visit|treatment)s?")
_FIRST_DEGREE = frozenset(
    {"FTH", "MTH", "PRN", "BRO", "SIS", "SIB", "NSIB", "NBRO", "NSIS", "CHILD", "SON", "DAU", "NFTH", "NMTH",
     "SONC", "DAUC", "TWIN", "FTWIN", "ITWIN"}
)  # fmt: skip
_FIRST_DEGREE_WORDS = re.compile(r"\b(father|mother|parent|brother|sister|sibling|son|daughter|child|twin)\b")
_NOT_FIRST_DEGREE_WORDS = re.compile(r"\b(grand\w*|step\w*|half\w*|in.law|god\w*)\b")


def read_patient(raw: bytes) -> wire.Patient | None:
    """Decode a Patient resource; None when it is none."""
    try:
        found = _patients.decode(raw)
    except msgspec.DecodeError:
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
            Coding(system := known_system(one.system or ""), plain_code(system, one.code))
            for one in (c.code.coding or () if c.code else ())
            if one.code
        ),
        sites=all_concepts(c.bodySite),
    )


def observations(o: wire.Observation, reference: str) -> list[record.Observation]:
    """One record for the Observation and one for each of its components, all with its date and status."""
    date = when(
        o.effectiveDateTime,
        o.effectivePeriod.end if o.effectivePeriod else None,
        o.effectivePeriod.start if o.effectivePeriod else None,
        o.effectiveInstant,
    )
    parts: list[wire.Valued] = [o, *(o.component or ())]
    sites = [o.bodySite] if o.bodySite else []
    return [one for part in parts if (one := _observation(part, reference, o.status, date, side(sites, part.code)))]


def _observation(
    o: wire.Valued, reference: str, status: str, date: When | None, where: Side
) -> record.Observation | None:
    found = coded(o.code)
    if o.valueCodeableConcept is not None:
        found = {**concepts(o.valueCodeableConcept), **found}
    question = _hip_exam_code(o.code)
    if not found and question is None:
        return None
    kind = question if question in MEASURES else next((name for name in found if name in MEASURES), None)
    value, refused = _value(o, kind)
    interpreted = {code_of(i) for i in o.interpretation or ()}
    denied = value is None and (
        bool(interpreted & _ABSENT)
        or code_of(o.valueCodeableConcept) in _ABSENT
        or o.valueBoolean is False
        or o.dataAbsentReason is not None
    )
    if o.dataAbsentReason is not None:
        value, refused, denied = None, None, True
    return record.Observation(
        reference=reference,
        text=said(o.code, question or "observation"),
        concepts=found,
        when=date,
        side=where,
        status=status,
        question=question,
        value=value,
        refused=refused,
        denied=denied or (question is None and value in (False, "negative", "absent")),
        upper_limit=_upper_limit(o, kind),
    )


def _hip_exam_code(concept: wire.CodeableConcept | None) -> str | None:
    for coding in (concept.coding or ()) if concept else ():
        if coding.code and known_system(coding.system or "") == HIP_EXAM:
            return coding.code.strip()
    return None


def _value(o: wire.Valued, kind: str | None) -> tuple[record.Value | None, str | None]:
    """The usable value, or why there is none."""
    number = o.valueQuantity
    if kind is not None:
        if number is None and o.valueInteger is not None:
            number = wire.Quantity(value=o.valueInteger)
        return _measured(number, kind) if number is not None and number.value is not None else (None, None)
    if o.valueBoolean is not None:
        return o.valueBoolean, None
    for coding in (o.valueCodeableConcept.coding or ()) if o.valueCodeableConcept else ():
        if coding.code and known_system(coding.system or "") == HIP_EXAM:
            return coding.code.strip(), None
    if number is not None:
        return None, "a number where none was expected"
    answer = code_of(o.valueCodeableConcept) or (o.valueString or "").strip().lower() or None
    if answer in _PRESENT:
        return True if answer not in ("positive",) else "positive", None
    if answer in _ABSENT:
        return False if answer not in ("negative", "absent") else answer, None
    return None, "an answer that is not understood" if o.valueString and not o.valueCodeableConcept else None


def _measured(number: wire.Quantity, kind: str) -> tuple[Quantity | None, str | None]:
    code, unit = number.code, number.unit
    if not code and not unit and kind in BARE_NUMBERS:
        code = "1"
    comparator = _COMPARATORS.get(number.comparator or "", "")
    found = MEASURES[kind].normalise(number.value or 0.0, code, unit, comparator)
    return (None, found.reason) if isinstance(found, Refused) else (found, None)


def _upper_limit(o: wire.Valued, kind: str | None) -> Quantity | None:
    if kind is None:
        return None
    for limits in o.referenceRange or ():
        if limits.high is not None and limits.high.value is not None:
            high, unit = limits.high, limits.high.unit
            code = high.code or (None if unit else (o.valueQuantity.code if o.valueQuantity else None))
            found = MEASURES[kind].normalise(high.value or 0.0, code, unit)
            return None if isinstance(found, Refused) else found
    return None


def procedure(p: wire.Procedure, reference: str) -> record.Procedure:
    """Both ends of what was done; sessions where a note counts them."""
    period = p.performedPeriod or wire.Period()
    counted = [m for n in p.note or () if (m := _SESSIONS.search((n.text or "").lower()))]
    return record.Procedure(
        reference=reference,
        text=said(p.code, "procedure"),
        concepts=concepts(p.code),
        when=when(p.performedDateTime, period.end, period.start),
        side=side(p.bodySite, p.code),
        status=p.status,
        started=when(p.performedDateTime, period.start, period.end),
        sessions=int(counted[0].group(1)) if counted else None,
    )


def order(
    s: wire.ServiceRequest,
    reference: str,
    reasons_of: Mapping[str, tuple[str, Mapping[str, Strength]]] | None = None,
) -> record.Order:
    """An order; `reasons_of` tells text and value sets of each supplied record that a reasonReference may name."""
    told = [(reasons_of or {}).get(r.reference or "") for r in s.reasonReference or ()]
    referred = [t for t in told if t]
    reasons = all_concepts(s.reasonCode)
    for _, more in referred:
        reasons = {**more, **reasons}
    texts = [said(r) for r in s.reasonCode or ()] + [text for text, _ in referred]
    return record.Order(
        reference=reference,
        text=said(s.code, "order"),
        concepts={**all_concepts(s.category), **concepts(s.code)},
        when=when(s.authoredOn, s.occurrenceDateTime),
        side=side(s.bodySite, s.code),
        status=("entered-in-error" if s.doNotPerform else s.status) or "unknown",
        intent=s.intent,
        reasons=reasons or None,
        reason_texts=tuple(t for t in texts if t),
        reason_side=side(s.reasonCode),
    )


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
    reasons_of: Mapping[str, tuple[str, Mapping[str, Strength]]] | None = None,
) -> record.Encounter:
    """A visit with the value sets of its reasons."""
    period = e.period or wire.Period()
    referred = [t for r in e.reasonReference or () if (t := (reasons_of or {}).get(r.reference or ""))]
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
    )


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
