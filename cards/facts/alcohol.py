"""Alcohol: lasting heavy drinking as a risk for bone."""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.quantity import Quantity
from cards.valueset import value_set

INTAKE = value_set("alcohol-intake")
DEPENDENCE = value_set("alcohol-dependence")

GRAMS_A_DRINK = 14  # a US standard drink
HEAVY_GRAMS_A_WEEK = 320
LASTING = timedelta(days=183)
READING_HOLDS = timedelta(days=365)  # our choice, as long as the consensus criterion lets the damage follow


@fact
def heavy_drinking(chart: Chart) -> tuple[Finding, ...]:
    """Dependence, or an intake above 320 g a week that no reading of the six months before contradicts.

    One reading tells nothing of how long: taken for lasting unless shown to be new, the safer reading.
    """
    limit = Quantity.of(round(HEAVY_GRAMS_A_WEEK / GRAMS_A_DRINK, 6), "{drinks}/wk")
    dated = [(r, r.when, r.quantity > limit) for r in chart.readings(INTAKE) if r.quantity and r.when]
    less = [when.latest for _, when, heavy in dated if not heavy]
    for one, when, heavy in dated:
        if heavy and when.possibly_within(READING_HOLDS, chart.today) and not _new(when.latest, less):
            return (*chart.findings(DEPENDENCE), one)
    chart.latest(INTAKE)  # notes what was not supplied
    found = chart.finding(DEPENDENCE)
    return (found,) if isinstance(found, Finding) else ()


def _new(day: date, less: list[date]) -> bool:
    """Less was drunk within the six months before this day, so that it has not lasted."""
    return any(timedelta(0) < day - earlier < LASTING for earlier in less)
