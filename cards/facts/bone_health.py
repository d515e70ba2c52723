"""What makes bone break easily, and whether its density was measured of late."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.imaging import DXA, studies
from cards.facts.medicines import as_finding
from cards.facts.pain import pain
from cards.facts.pregnancy import pregnancy
from cards.facts.steroids import long_term_steroids
from cards.finding import Finding, exam
from cards.look import of_sided
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

BIRTH = value_set("delivery-or-postpartum")
CKD_3B_TO_5 = value_set("ckd-3b-5")
HORMONE_BLOCKER = value_set("med-aromatase-inhibitor-or-adt")
LUMBAR_FUSION = value_set("proc-lumbar-fusion")

FRAGILE_FROM_AGE = 65
OLD_FROM_AGE = 80
FRACTURE_COUNTS = timedelta(days=730)
FUSION_IS_NEW = timedelta(days=365)
THIRD_TRIMESTER_FROM = 28  # weeks
AFTER_BIRTH = timedelta(days=183)
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
    found = [Risk(words, f[0]) for words, kind in coded.items() if (f := chart.every(kind, history=True))]
    found += _first("long-term steroid", long_term_steroids(chart))
    found += _first("pelvic radiotherapy", pelvic_radiotherapy(chart))
    found += _first("long-term bisphosphonate", _atypical_fracture(chart))
    if chart.age is not None and chart.age >= FRAGILE_FROM_AGE:
        return (*found, Risk(f"age {chart.age}"))
    return tuple(found)


@fact
def insufficiency_risks(chart: Chart) -> tuple[tuple[Risk, ...], tuple[Risk, ...]]:
    """Why the sacrum may give way without an injury: strong risks, one of which is enough, and weak ones."""
    age = chart.age or 0
    strong = _first("osteoporosis", chart.every(OSTEOPOROSIS, history=True))
    fractures = chart.every(FRAGILITY_FRACTURE, history=True, within=FRACTURE_COUNTS, undated_counts=True)
    strong += _first("recent fragility fracture", fractures)
    strong += _first("pelvic radiotherapy", pelvic_radiotherapy(chart))
    strong += _first("long-term steroid", long_term_steroids(chart))
    strong += _first("low bone mass around birth", _thin_around_birth(chart))
    strong += [Risk(f"age {age}")] if age >= OLD_FROM_AGE else []
    weak = [Risk(f"woman of {age}")] if age >= FRAGILE_FROM_AGE and chart.patient.sex == "female" else []
    weak += _first("rheumatoid arthritis", chart.every(RHEUMATOID_ARTHRITIS, history=True))
    weak += _first("CKD stage 3b-5", chart.every(CKD_3B_TO_5))
    weak += _first("hormone-blocking cancer drug", [as_finding(m) for m in chart.medications(HORMONE_BLOCKER)])
    fusions = chart.procedures(LUMBAR_FUSION, within=FUSION_IS_NEW)
    weak += _first("new lumbar fusion", [of_sided(p) for p in fusions])
    return tuple(strong), tuple(weak)


@fact
def pelvic_radiotherapy(chart: Chart) -> tuple[Finding, ...]:
    """Radiotherapy with the pelvis in its field, ever; as a problem or as a procedure."""
    told = chart.every(PELVIC_RADIOTHERAPY, history=True)
    return (*told, *map(of_sided, chart.procedures(PELVIC_RADIOTHERAPY)))


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


def _first(words: str, found: Iterable[Finding]) -> list[Risk]:
    return [Risk(words, f) for f in found][:1]


def _atypical_fracture(chart: Chart) -> tuple[Finding, ...]:
    """Years of bisphosphonate, where the thigh or groin hurts."""
    names = {place.key for place in THIGH_OR_GROIN}
    hurts = chart.every(*THIGH_OR_GROIN) or any(names & f.concepts for f in pain(chart).evidence)
    if not hurts:
        return ()
    begun = chart.today - LONG_BISPHOSPHONATE
    long = [m for m in chart.medications(BISPHOSPHONATE) if m.when and m.when.latest <= begun]
    return tuple(as_finding(m) for m in long)


def _thin_around_birth(chart: Chart) -> tuple[Finding, ...]:
    """Low bone mass in the third trimester or the half year after birth."""
    thin = chart.every(LOW_BONE_MASS, history=True)
    if not thin:
        return ()
    expecting = pregnancy(chart)
    late = expecting is not None and expecting.weeks is not None and expecting.weeks >= THIRD_TRIMESTER_FROM
    return thin if late or chart.every(BIRTH, history=True, within=AFTER_BIRTH) else ()
