"""Charts put together from records, without FHIR: what the medicine sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from cards.chart import Chart
from cards.finding import exam
from cards.quantity import Quantity
from cards.record import (
    Allergy,
    CarePlan,
    Condition,
    Encounter,
    Medication,
    Observation,
    Order,
    Patient,
    Procedure,
    Record,
    Relative,
    Report,
    SectionName,
)
from cards.section import Section
from cards.side import Side
from cards.valueset import ValueSet
from cards.when import When

TODAY = date(2026, 1, 15)
FEVER = ValueSet("fever", "Fever", "1.0.0")
CRP = ValueSet("lab-crp", "CRP", "1.0.0")
OSTEOPOROSIS = ValueSet("osteoporosis", "Osteoporosis", "1.0.0")
UNABLE = exam("unable-to-bear-weight")
SECTIONS: tuple[SectionName, ...] = (
    "conditions",
    "observations",
    "medications",
    "procedures",
    "serviceRequests",
    "diagnosticReports",
    "allergies",
    "familyHistory",
    "encounters",
    "carePlans",
)
_SECTION_OF: Mapping[type[Record], SectionName] = {
    Condition: "conditions",
    Observation: "observations",
    Medication: "medications",
    Procedure: "procedures",
    Order: "serviceRequests",
    Report: "diagnosticReports",
    Allergy: "allergies",
    Relative: "familyHistory",
    Encounter: "encounters",
    CarePlan: "carePlans",
}


def day(text: str | None) -> When | None:
    """A date as charts hold it; None stays None."""
    return When.parse(text) if text else None


def condition(concept: str = "osteoporosis", at: str | None = "2026-01-01", **members: Any) -> Condition:
    """An active, confirmed problem unless said otherwise."""
    members = {"clinical": "active", "verification": "confirmed", "text": concept} | members
    concepts = members.pop("concepts", {concept: "exact"})
    return Condition(
        reference=members.pop("ref", f"Condition/{concept}-{at}"), concepts=concepts, when=day(at), **members
    )


def crp(value: float | None, at: str | None = "2026-01-10", **members: Any) -> Observation:
    """A final CRP in mg/L; None for one without usable value."""
    reference = members.pop("ref", f"Observation/crp-{value}-{at}")
    given: dict[str, Any] = {
        "status": "final",
        "value": None if value is None else Quantity.of(value, "mg/L"),
    } | members
    return Observation(reference=reference, text="CRP", concepts={"lab-crp": "exact"}, when=day(at), **given)


def answer(
    question: str, value: bool | str | Quantity | None, at: str | None = "2026-01-14", **members: Any
) -> Observation:
    """A final answer to a question of the hip examination."""
    reference = members.pop("ref", f"Observation/{question}-{value}-{at}-{members.get('side', '')}")
    members = {"status": "final", "question": question, "value": value} | members
    return Observation(reference=reference, text=question, concepts={}, when=day(at), **members)


def medicine(concept: str = "med-nsaid", **members: Any) -> Medication:
    """An active prescription."""
    members = {"status": "active", "intent": "order", "text": concept, "concepts": {concept: "exact"}} | members
    return Medication(reference=members.pop("ref", f"MedicationRequest/{concept}"), **members)


def section_of(name: SectionName, records: Iterable[Record], **members: Any) -> Section:
    """One part of a chart, whole unless said otherwise."""
    return Section(name, tuple(records), **members)


def chart(
    *records: Record,
    today: date = TODAY,
    without: Iterable[SectionName] = (),
    sections: Iterable[Section] = (),
    patient: Patient | None = None,
    drafts: Iterable[Order | Medication] = (),
    posterior: bool = False,
) -> Chart:
    """A chart of these records, every section supplied but those of `without`.

    `sections` replace the ones made of the records. `posterior` adds a buttock pain.
    """
    every = [*records, condition("buttock-pain", "2026-01-01", side=Side.UNKNOWN)] if posterior else [*records]
    made = {name: Section(name, tuple(r for r in every if _SECTION_OF[type(r)] == name)) for name in SECTIONS}
    for name in without:
        del made[name]
    for section in sections:
        made[section.name] = section
    born = When.parse("1985-06-01")
    return Chart(patient or Patient(id="p", born=born, sex="female"), today, made, tuple(drafts))
