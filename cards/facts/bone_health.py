"""What makes bone break easily, and whether its density was measured of late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.imaging import DXA, studies
from cards.facts.pain import pain
from cards.facts.steroids import long_term_steroids
from cards.finding import Finding, exam
from cards.record import Procedure
from cards.valueset import value_set

OSTEOPOROSIS = value_set("osteoporosis")
LOW_BONE_MASS = value_set("osteopenia")
FRAGILITY_FRACTURE = value_set("fragility-fracture-history")
PELVIC_RADIOTHERAPY = value_set("pelvic-radiotherapy")
SEVERE_CKD = value_set("ckd-4-5")
RHEUMATOID_ARTHRITIS = value_set("rheumatoid-arthritis")
MALABSORPTION = value_set("malabsorption")
BISPHOSPHONATE = value_set("med-bisphosphonate")
THIGH_OR_GROIN = (value_set("thigh-pain"), value_set("groin-pain"), exam("pain-location", "groin", "posterior-thigh"))

FRAGILE_FROM_AGE = 65
LONG_BISPHOSPHONATE = timedelta(days=1095)  # three years, after which the femur may break atypically
DXA_HOLDS = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk: in words for a summary, and the record that tells of it (none for age and sex)."""

    words: str
    finding: Finding | None = None


@fact
def fragility_risks(chart: Chart) -> tuple[Risk, ...]:
    """Why a minor fall may have broken this hip or pelvis. An empty tuple is "none" only without gaps."""
    coded = {
        "osteoporosis": OSTEOPOROSIS,
        "earlier fragility fracture": FRAGILITY_FRACTURE,
        "CKD stage 4-5": SEVERE_CKD,
        "rheumatoid arthritis": RHEUMATOID_ARTHRITIS,
        "malabsorption": MALABSORPTION,
    }
    found = [Risk(words, f[0]) for words, kind in coded.items() if (f := chart.findings(kind, history=True))]
    found += _as_risks("long-term steroid", long_term_steroids(chart))
    found += _as_risks("pelvic radiotherapy", pelvic_radiotherapy(chart))
    found += _as_risks("long-term bisphosphonate", _atypical_fracture(chart))
    if chart.age is not None and chart.age >= FRAGILE_FROM_AGE:
        return (*found, Risk(f"age {chart.age}"))
    if not found:
        chart.finding(*coded.values(), history=True)  # notes what was not supplied
    return tuple(found)


@fact
def pelvic_radiotherapy(chart: Chart) -> tuple[Finding, ...]:
    """Radiotherapy with the pelvis in its field, ever; as a problem or as a procedure."""
    told = chart.findings(PELVIC_RADIOTHERAPY, history=True)
    done = [p for p in chart.procedures(PELVIC_RADIOTHERAPY) if p.concepts[PELVIC_RADIOTHERAPY.name] != "broad"]
    return (*told, *(of_procedure(p) for p in done))


@fact
def dxa_due(chart: Chart) -> bool:
    """No bone density scan within two years is on file."""
    return not studies(chart, DXA, since=chart.today - DXA_HOLDS)


def words_of(risks: Iterable[Risk]) -> str:
    """The first two risks, for a summary."""
    return ", ".join([r.words for r in risks][:2])


def records_of(risks: Iterable[Risk]) -> tuple[Finding, ...]:
    """The records behind the risks."""
    return tuple(r.finding for r in risks if r.finding)


def of_procedure(done: Procedure) -> Finding:
    """A procedure as something found."""
    return Finding(done.reference, done.text, when=done.when, side=done.side, concepts=frozenset(done.concepts))


def _as_risks(words: str, found: Iterable[Finding]) -> list[Risk]:
    return [Risk(words, f) for f in found][:1]


def _atypical_fracture(chart: Chart) -> tuple[Finding, ...]:
    """Years of bisphosphonate, where the thigh or groin hurts."""
    names = {place.name for place in THIGH_OR_GROIN[:2]}
    hurts = chart.findings(*THIGH_OR_GROIN) or any(names & f.concepts for f in pain(chart).evidence)
    if not hurts:
        return ()
    begun = chart.today - LONG_BISPHOSPHONATE
    long = [m for m in chart.medications(BISPHOSPHONATE) if m.when and m.when.latest <= begun]
    return tuple(Finding(m.reference, m.text, when=m.when) for m in long)
