"""From prescriptions and medication statements to the Chart's Medication records."""

from __future__ import annotations

import re
from datetime import date, timedelta

from cards import record
from cards.when import When
from cds_service.fhir import resources as wire
from cds_service.fhir.concepts import concepts, said, when
from cds_service.fhir.references import ByReference, contained

UNNAMED = "medicine"
"""The text of a record that names no medicine."""
_LOCAL = re.compile(
    r"\b(topical\w*|gel|cream|ointment|patch|plaster|lotion|foam|inhal\w*|nasal|nebuli\w*|aerosol|spray|"
    r"ophthalmic|eye|otic|ear|rectal foam|intra-?articular|intralesional|mouthwash|shampoo|scalp|cutaneous)\b"
)
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?)\s*mg\b")
_PER_DAY = (
    (re.compile(r"\b(four times (?:a |per )?da(?:y|ily)|qid|q6h|every 6 hours|4 ?x ?/? ?da(?:y|ily))"), 4),
    (re.compile(r"\b(three times (?:a |per )?da(?:y|ily)|tid|q8h|every 8 hours|3 ?x ?/? ?da(?:y|ily))"), 3),
    (re.compile(r"\b(twice (?:a |per )?da(?:y|ily)|bid|bd|q12h|every 12 hours|2 ?x ?/? ?da(?:y|ily))"), 2),
    (re.compile(r"\b(once (?:a |per )?da(?:y|ily)|daily|qd|od|every day|every morning|nightly)\b"), 1),
    (re.compile(r"(?<!bi-)(?<!bi )(?<!two )(?<!\d )\b(?:once (?:a |per )?week|weekly|every week)\b"), 1 / 7),
)
_MOST_MG = 1_000_000.0
_MOST_A_DAY = 96
_MOST_DAYS = 36_525
"""More than a kilogram, every quarter of an hour or a century is a slip and says nothing: our own choice."""
_PERIOD_DAYS = {"d": 1.0, "h": 1 / 24, "wk": 7.0, "mo": 30.0}
_DURATION_DAYS = {
    "d": 1,
    "day": 1,
    "days": 1,
    "wk": 7,
    "week": 7,
    "weeks": 7,
    "mo": 30,
    "month": 30,
    "months": 30,
}


def medication(
    m: wire.Medication, reference: str, drugs: ByReference[wire.CodeableConcept] | None = None
) -> record.Medication:
    """A prescription or statement; `drugs` are the supplied Medication resources by reference."""
    drug = _drug(m, drugs)
    doses = m.dosageInstruction or m.dosage or []
    words = " ".join([said(drug), *(_words(d) for d in doses)]).lower()
    start = when(
        m.authoredOn,
        m.effectiveDateTime,
        m.effectivePeriod.start if m.effectivePeriod else None,
        m.dateAsserted,
    )
    strength = _single_dose_mg(doses, words)
    per_day = _times_a_day(doses, words)
    days = _days(m, doses)
    return record.Medication(
        reference=reference,
        text=said(drug, UNNAMED),
        concepts=concepts(drug),
        when=start,
        status=("entered-in-error" if m.doNotPerform else m.status) or "unknown",
        intent=m.intent,
        systemic=not _LOCAL.search(words),
        daily_mg=strength * per_day if strength is not None and per_day is not None else None,
        dose_mg=strength,
        days=days,
        until=_until(m, doses, start, days),
        reported=m.resourceType == "MedicationStatement",
    )


def _drug(m: wire.Medication, drugs: ByReference[wire.CodeableConcept] | None) -> wire.CodeableConcept | None:
    if m.medicationCodeableConcept is not None:
        return m.medicationCodeableConcept
    if m.medicationReference is None:
        return None
    target = m.medicationReference.reference
    display = m.medicationReference.display
    named = contained(m).get(target) or (drugs.find(target) if drugs else None)
    return named or (wire.CodeableConcept(text=display) if display else None)


def _words(d: wire.Dosage) -> str:
    return " ".join(filter(None, (d.text, said(d.route), said(d.site), said(d.timing.code) if d.timing else None)))


def _single_dose_mg(doses: list[wire.Dosage], words: str) -> float | None:
    for dose in doses:
        for rate in dose.doseAndRate or ():
            quantity = rate.doseQuantity
            if quantity and quantity.value is not None and (quantity.code or quantity.unit) == "mg":
                return _credible_mg(quantity.value)
    found = _STRENGTH.search(words)
    return _credible_mg(float(found.group(1))) if found else None


def _credible_mg(dose: float) -> float | None:
    return dose if 0 <= dose <= _MOST_MG else None


def _times_a_day(doses: list[wire.Dosage], words: str) -> float | None:
    for dose in doses:
        repeat = dose.timing.repeat if dose.timing else None
        if repeat and repeat.frequency and repeat.period and repeat.periodUnit in _PERIOD_DAYS:
            days = repeat.period * _PERIOD_DAYS[repeat.periodUnit]
            return repeat.frequency / days if 0 < repeat.frequency <= _MOST_A_DAY * days else None
    return next((float(n) for pattern, n in _PER_DAY if pattern.search(words)), None)


def _days(m: wire.Medication, doses: list[wire.Dosage]) -> int | None:
    supply = m.dispenseRequest.expectedSupplyDuration if m.dispenseRequest else None
    repeats = (m.dispenseRequest.numberOfRepeatsAllowed or 0) if m.dispenseRequest else 0
    if (days := _in_days(supply)) is not None:
        return _credible(days * (1 + repeats))
    for dose in doses:
        bounds = dose.timing.repeat.boundsDuration if dose.timing and dose.timing.repeat else None
        if (days := _in_days(bounds)) is not None:
            return days
    return None


def _in_days(duration: wire.Quantity | None) -> int | None:
    if duration is None or duration.value is None:
        return None
    factor = _DURATION_DAYS.get((duration.code or duration.unit or "").lower())
    return _credible(duration.value * factor) if factor else None


def _credible(days: float) -> int | None:
    return round(days) if 0 <= days <= _MOST_DAYS else None


def _until(m: wire.Medication, doses: list[wire.Dosage], start: When | None, days: int | None) -> When | None:
    """The recorded end of use. A supply that has run out is no proof that the medicine was stopped."""
    if m.effectivePeriod and m.effectivePeriod.end:
        return when(m.effectivePeriod.end)
    for dose in doses:
        bounds = dose.timing.repeat.boundsPeriod if dose.timing and dose.timing.repeat else None
        if bounds and bounds.end:
            return when(bounds.end)
    if days is not None and start is not None and m.status == "completed":
        last = start.latest + min(timedelta(days=days), date.max - start.latest)
        return When(last, last)
    return None
