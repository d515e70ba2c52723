"""Whether monthly bleeding is to be expected, and how long pain has come with it."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.pain import began_by
from cards.finding import Finding, exam
from cards.valueset import value_set

NONE_EXPECTED = value_set("menopause-or-hysterectomy")
CYCLIC = exam("pain-cyclic")

TO_AGE = 55
THREE_CYCLES = timedelta(days=90)
ANSWER_HOLDS = timedelta(days=182)


@fact
def menstruation_possible(chart: Chart) -> bool:
    """Not male, not older than 55, and neither menopause nor removal of womb or ovaries is confirmed on file."""
    if chart.patient.sex == "male" or (chart.age or 0) > TO_AGE:
        return False
    return not past_bearing(chart)


@fact
def past_bearing(chart: Chart) -> bool:
    """Menopause, or the removal of womb or both ovaries: confirmed on the problem list, or an operation done."""
    return bool(chart.finding(NONE_EXPECTED, history=True, surely=True) or chart.procedures(NONE_EXPECTED))


@fact
def cyclic_pain(chart: Chart) -> tuple[Finding, ...]:
    """Pain that tracks the cycle and may have done so for three months; pain without a date may have."""
    found = chart.finding(CYCLIC, within=ANSWER_HOLDS)
    if not (isinstance(found, Finding) and menstruation_possible(chart)):
        return ()
    return (found,) if began_by(chart, chart.today - THREE_CYCLES) else ()
