"""What tells that the hamstrings have come off the ischium, not merely been strained."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart
from cards.facts.pain import pain
from cards.finding import Finding, Look, exam
from cards.quantity import Quantity
from cards.valueset import value_set

GAP = exam("palpable-gap")
CANNOT_SIT = exam("cannot-sit")
SCIATIC = (
    value_set("sciatica"),
    value_set("numbness"),
    value_set("paraesthesia"),
    exam("leg-sensation", "reduced", "absent"),
    exam("pain-descriptor", "electric", "tingling", "numbness"),
)


def avulsion_signs(chart: Chart, within: timedelta, bruise_from: Quantity, weak_to: Quantity) -> dict[str, Finding]:
    """Signs on the painful side, each by its words for a summary. weak_to: MRC grade of knee flexion, unit 1."""
    side = pain(chart).side
    bruise = chart.latest("bruising", within=within, side=side)
    flexion = chart.latest("mrc-knee-flexion", within=within, side=side, worse="low")
    looks: dict[str, Look | None] = {
        "palpable gap": chart.finding(GAP, within=within, side=side),
        "large bruise": bruise if bruise.quantity and bruise.quantity >= bruise_from else None,
        "weak knee flexion": flexion if flexion.quantity and flexion.quantity <= weak_to else None,
        "cannot sit": chart.finding(CANNOT_SIT, within=within),
        "sciatic symptoms": chart.finding(*SCIATIC, within=within, side=side),
    }
    return {words: look for words, look in looks.items() if isinstance(look, Finding)}
