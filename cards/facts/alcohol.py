"""Alcohol: lasting heavy drinking as a risk for bone."""

from __future__ import annotations

from datetime import timedelta

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
    readings = [r for r in chart.readings(INTAKE) if r.quantity and r.when]
    low = [r for r in readings if r.quantity and not r.quantity > limit]
    for one in readings:
        recent = one.when and one.when.possibly_within(READING_HOLDS, chart.today)
        if recent and one.quantity and one.quantity > limit and not _new(one, low):
            return (*chart.findings(DEPENDENCE), one)
    found = chart.finding(DEPENDENCE)
    if not readings:
        chart.finding(INTAKE)
    return (found,) if isinstance(found, Finding) else ()


def _new(heavy: Finding, low: list[Finding]) -> bool:
    """Less was drunk within the six months before this reading, so that it has not lasted."""
    return any(heavy.when and r.when and timedelta(0) < heavy.when.latest - r.when.latest < LASTING for r in low)
