"""Fever and inflammatory markers: CRP in mg/L, ESR in mm/h, white cells in 10*9/L, temperature in Cel.

A normal temperature or white count never excludes infection, so these tell only what is raised.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import median

from cards.chart import Chart, fact
from cards.finding import Finding, Look, NotFound
from cards.immutable import replace
from cards.quantity import Quantity
from cards.valueset import value_set

FEVER = value_set("fever")
TEMPERATURE = value_set("body-temperature-observation")
CRP = value_set("lab-crp")
ESR = value_set("lab-esr")
WHITE_CELLS = value_set("lab-wbc")
INFLAMMATORY_ARTHRITIS = value_set("arthritis-inflammatory")
ELSEWHERE = value_set("infection-elsewhere")

FEVER_FROM = Quantity.of(38, "Cel")
FEVER_LASTS = timedelta(days=3)
ESR_NEVER_RAISED_UP_TO = 30.0  # mm/h, at any age
WOMENS_EXTRA_YEARS = 10  # the upper limit of normal ESR is age/2 for men, (age + 10)/2 for women (Miller)
LEUCOCYTOSIS_ABOVE = Quantity.of(12, "10*9/L")
LEUCOPENIA_BELOW = Quantity.of(4, "10*9/L")
BRIEF = {
    TEMPERATURE.name: "Temperature",
    CRP.name: "CRP",
    ESR.name: "ESR",
    WHITE_CELLS.name: "White cells",
    "lab-alp": "ALP",
    "lab-calcium": "Calcium",
    "lab-hemoglobin": "Haemoglobin",
    "lab-psa": "PSA",
}
MUSCLE = "MRC grade of "
BLOODSTREAM = ("bacteraemia-endocarditis", "staphylococcus-aureus-bacteraemia")

BASELINE_REACHES_BACK = timedelta(days=365)
BASELINE_ENDS = timedelta(days=14)  # a value this near to the newest belongs to the same rise; our choice
EXPLAINS_FOR = timedelta(days=30)  # an infection raises the markers for so long after its onset; our choice
NEAR_BASELINE = 1.5  # times the patient's own baseline; our choice


@fact
def fever(chart: Chart) -> Look:
    """The highest temperature of the last 72 hours if it is a fever, else a fever recorded as a problem.

    The highest, not the newest: fever comes and goes. Another reading of that day is told as its conflict.
    """
    readings = [r for r in chart.readings(TEMPERATURE, within=FEVER_LASTS) if r.quantity]
    highest = max(readings, key=_amount, default=None)
    if highest and highest.quantity and highest.quantity >= FEVER_FROM:
        return _with_conflict(highest, readings)
    chart.latest(TEMPERATURE, within=FEVER_LASTS)  # notes what was not supplied
    return chart.finding(FEVER, within=FEVER_LASTS)


def crp(chart: Chart, within: timedelta) -> Look:
    """The newest CRP, unless known inflammatory arthritis explains it."""
    return _unexplained(chart.latest(CRP, within=within), chart)


def raised_esr(chart: Chart, within: timedelta) -> Look:
    """The newest ESR if it is above the limit for age and sex and arthritis does not explain it."""
    newest = chart.latest(ESR, within=within)
    if newest.quantity and newest.quantity > esr_limit(chart):
        return _unexplained(newest, chart)
    return NotFound(newest.gaps)


def abnormal_white_cells(chart: Chart, within: timedelta) -> Look:
    """The newest white count if it is too high or too low."""
    newest = chart.latest(WHITE_CELLS, within=within)
    count = newest.quantity
    if count and (count > LEUCOCYTOSIS_ABOVE or count < LEUCOPENIA_BELOW):
        return newest
    return NotFound(newest.gaps)


def esr_limit(chart: Chart) -> Quantity:
    """The highest ESR that raises no question; of an age or sex not recorded the lowest is taken."""
    extra = WOMENS_EXTRA_YEARS if chart.patient.sex == "female" else 0
    by_age = ((chart.age or 0) + extra) / 2
    return Quantity.of(max(ESR_NEVER_RAISED_UP_TO, by_age), "mm/h")


@fact
def known_arthritis(chart: Chart) -> Look:
    """Confirmed inflammatory arthritis that stands now."""
    return chart.finding(INFLAMMATORY_ARTHRITIS, surely=True)


@fact
def infection_elsewhere(chart: Chart) -> Look:
    """A confirmed infection of lung or urinary tract that stands now and began lately."""
    return chart.finding(ELSEWHERE, within=EXPLAINS_FOR, surely=True)


def brief(found: Look) -> str:
    """A finding in the few words that a summary has room for: "CRP 142 mg/L"."""
    if not isinstance(found, Finding):
        return ""
    return f"{_named(found)}{' (preliminary)' if found.preliminary else ''}"


def _named(found: Finding) -> str:
    name = next((words for kind, words in BRIEF.items() if kind in found.concepts), _cut(found.label))
    if found.label.startswith(MUSCLE) and found.quantity:
        return f"{found.label.removeprefix(MUSCLE)} MRC {found.quantity.value:g}/5"
    if not found.concepts.isdisjoint(BLOODSTREAM):
        return "Bloodstream infection on file"
    if isinstance(found.value, str):
        return f"{name} {found.value.replace('-', ' ')}"
    return f"{name} {found.quantity}" if found.quantity else name


def _cut(label: str, limit: int = 32) -> str:
    return label if len(label) <= limit else label[:limit].rsplit(" ", 1)[0].rstrip(" ,;(")


def _unexplained(raised: Look, chart: Chart) -> Look:
    if isinstance(raised, Finding) and known_arthritis(chart) and _near_baseline(raised, chart):
        return NotFound()
    return raised


def _near_baseline(newest: Finding, chart: Chart) -> bool:
    """No more than half above the median of the 12 months before; without earlier values it is not known to be."""
    kind = CRP if CRP.name in newest.concepts else ESR
    earlier = [
        _amount(r)
        for r in chart.readings(kind)
        if r.when and newest.when and BASELINE_ENDS < newest.when.latest - r.when.latest <= BASELINE_REACHES_BACK
    ]
    return bool(earlier) and _amount(newest) <= NEAR_BASELINE * median(earlier)


def _with_conflict(highest: Finding, readings: list[Finding]) -> Finding:
    day = highest.when.latest if highest.when else None
    other = min((r for r in readings if r.when and r.when.latest == day), key=_amount, default=highest)
    return highest if other.value == highest.value else replace(highest, conflict=str(other.value))


def _amount(found: Finding) -> float:
    return found.quantity.value if found.quantity else 0.0
