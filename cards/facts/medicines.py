"""Which classes of medicine the patient takes, as far as pain treatment and procedures ask for them."""

from __future__ import annotations

from dataclasses import dataclass

from cards.chart import Chart, fact, fact_about
from cards.compose import capital
from cards.finding import Finding
from cards.record import Medication
from cards.valueset import ValueSet, value_set

NSAID = value_set("med-nsaid")
ASPIRIN = value_set("med-aspirin")
P2Y12 = value_set("med-p2y12-inhibitor")
ANTICOAGULANT = value_set("med-anticoagulant")
LONG_TERM_ANTICOAGULANT = value_set("long-term-anticoagulant")
METHOTREXATE = value_set("med-methotrexate")
ACEI_ARB = value_set("med-acei-arb")
DIURETIC = value_set("med-diuretic")

ANALGESIC_ASPIRIN_MG = 325.0  # a single dose from here on is taken against pain
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Weekly:
    """A medicine taken, with its dose a week in mg; None where the dose cannot be computed."""

    finding: Finding
    mg: float | None


def as_finding(medicine: Medication) -> Finding:
    """A medicine as a card quotes it."""
    return Finding(medicine.reference, medicine.text, when=medicine.when, concepts=frozenset(medicine.concepts))


def taken(chart: Chart, *kinds: ValueSet, systemic: bool = True) -> tuple[Finding, ...]:
    """Medicines of these kinds taken now, newest first."""
    return _taken(chart, kinds, systemic)


@fact_about
def _taken(chart: Chart, kinds: tuple[ValueSet, ...], systemic: bool) -> tuple[Finding, ...]:
    return tuple(as_finding(m) for m in chart.medications(*kinds, systemic=systemic))


def is_systemic_nsaid(medicine: Medication) -> bool:
    """An NSAID that reaches the blood, or aspirin at a dose taken against pain. Gels and eye drops are none."""
    if not medicine.systemic:
        return False
    if NSAID.name in medicine.concepts:
        return True
    return ASPIRIN.name in medicine.concepts and (medicine.dose_mg or 0.0) >= ANALGESIC_ASPIRIN_MG


@fact
def systemic_nsaids(chart: Chart) -> tuple[Medication, ...]:
    """Systemic NSAIDs taken now."""
    chart.supplied("medications", NSAID)  # aspirin against clots says nothing of another
    return tuple(m for m in chart.medications(NSAID, ASPIRIN) if is_systemic_nsaid(m))


@fact
def anticoagulation(chart: Chart) -> tuple[Finding, ...]:
    """Therapeutic anticoagulation: medicines, else the status of long-term use."""
    medicines = taken(chart, ANTICOAGULANT)
    status = chart.finding(LONG_TERM_ANTICOAGULANT) if not medicines else None
    return (status,) if isinstance(status, Finding) else medicines


def anticoagulant_name(found: tuple[Finding, ...]) -> str:
    """For a few words: "apixaban", or "an anticoagulant" where only its long-term use is on file."""
    first = found[0]
    return first.label.split()[0].lower() if first.reference.startswith("Medication") else "an anticoagulant"


@fact
def dual_antiplatelets(chart: Chart) -> tuple[Finding, ...]:
    """Aspirin and a P2Y12 inhibitor together; empty where either is missing."""
    p2y12 = taken(chart, P2Y12)
    aspirin = taken(chart, ASPIRIN)
    return p2y12[:1] + aspirin[:1] if p2y12 and aspirin else ()


@fact
def kidney_pair(chart: Chart) -> tuple[Finding, ...]:
    """An ACE inhibitor or ARB together with a diuretic; empty where either is missing."""
    first, second = taken(chart, ACEI_ARB), taken(chart, DIURETIC)
    return first[:1] + second[:1] if first and second else ()


@fact
def methotrexate(chart: Chart) -> Weekly | None:
    """Methotrexate taken now; None where there is none."""
    medicine = next(iter(chart.medications(METHOTREXATE)), None)
    if medicine is None:
        return None
    daily = medicine.daily_mg
    return Weekly(as_finding(medicine), None if daily is None else round(daily * DAYS_A_WEEK, 3))


def drug_name(medicine: Medication) -> str:
    """The first word of its text, with a capital: "Ibuprofen" of "ibuprofen 400 MG Oral Tablet"."""
    words = medicine.text.split(maxsplit=1)
    return capital(words[0].strip(",;")) if words else "This medicine"
