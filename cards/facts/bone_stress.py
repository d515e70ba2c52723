"""Bone stressed beyond its repair: load raised of late, or bone that stands less of it."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart
from cards.facts.bone_health import OSTEOPOROSIS
from cards.finding import Finding, exam
from cards.look import of_record
from cards.quantity import Quantity
from cards.valueset import value_set

LOAD_RAISED = exam("training-load-increase")
ATHLETE = value_set("athlete-or-recruit")
EARLIER_INJURY = value_set("stress-fracture-history")
BMI = value_set("bmi")
NO_PERIODS = value_set("amenorrhoea")
EATING_DISORDER = value_set("eating-disorder")

LOAD_COUNTS = timedelta(weeks=12)
BMI_HOLDS = timedelta(days=365)
UNDERWEIGHT_BELOW = Quantity.of(18.5, "kg/m2")


def stress_risks(chart: Chart) -> dict[str, Finding]:
    """Why bone may have broken under load alone, each by its words for a summary."""
    bmi = chart.latest(BMI, within=BMI_HOLDS, worse="low")
    looks = {
        "raised training load": chart.finding(LOAD_RAISED, within=LOAD_COUNTS),
        "runner or recruit": chart.finding(ATHLETE) or _visit_of_athlete(chart),
        "earlier bone stress injury": chart.finding(EARLIER_INJURY, history=True),
        "low body mass index": bmi if bmi.quantity and bmi.quantity < UNDERWEIGHT_BELOW else None,
        "absent periods": chart.finding(NO_PERIODS),
        "eating disorder": chart.finding(EATING_DISORDER),
        "osteoporosis": chart.finding(OSTEOPOROSIS, history=True),
    }
    found = {words: look for words, look in looks.items() if isinstance(look, Finding)}
    if not found:
        chart.encounters(within=LOAD_COUNTS)  # notes visits that were not supplied
    return found


def _visit_of_athlete(chart: Chart) -> Finding | None:
    visits = chart.gaps_of(lambda c: c.encounters(within=LOAD_COUNTS))[0]
    found = (e for e in visits if ATHLETE.name in e.concepts)
    return next((of_record(e) for e in found), None)
