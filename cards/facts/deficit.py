"""Signs of nerve or cord involvement that make an infection or a tumour of the spine an emergency."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.strength import weaknesses
from cards.finding import Look, exam
from cards.valueset import value_set

SIGNS = (
    value_set("foot-drop"),
    value_set("leg-weakness"),
    value_set("bilateral-leg-weakness"),
    value_set("saddle-anaesthesia"),
    value_set("urinary-retention"),
    exam("leg-strength", "reduced"),
    exam("saddle-sensation", "reduced", "absent"),
    exam("bladder-function-change"),
    exam("bowel-function-change"),
)
DEFICIT_WITHIN = timedelta(days=14)


@fact
def neurological_deficit(chart: Chart) -> Look:
    """A weak root muscle, foot drop, or a saddle, bladder or bowel sign of the last 14 days; undated counts.

    Sensory and reflex changes of the leg alone are none.
    """
    weak = next((w.now for w in weaknesses(chart) if w.root and (w.new or w.drop >= 1)), None)
    return weak or chart.finding(*SIGNS, within=DEFICIT_WITHIN, undated_counts=True)
