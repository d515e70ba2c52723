"""A fall of haemoglobin, as a sign of bleeding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.valueset import value_set

HAEMOGLOBIN = value_set("lab-hemoglobin")

NEWEST_WITHIN = timedelta(days=7)
COMPARED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Fall:
    """The newest value, the highest of the three months before it, and the difference in g/L."""

    now: Finding
    before: Finding
    grams: float


@fact
def haemoglobin_fall(chart: Chart) -> Fall | None:
    """How far haemoglobin fell to its newest value of the last 7 days; None where two values are not on file."""
    newest = chart.latest(HAEMOGLOBIN, within=NEWEST_WITHIN, worse="low")
    if not isinstance(newest, Finding) or newest.quantity is None or newest.when is None:
        return None
    day = newest.when.latest
    earlier = [
        r
        for r in chart.readings(HAEMOGLOBIN)
        if r.quantity and r.when and timedelta(0) < day - r.when.latest <= COMPARED
    ]
    best = max(earlier, key=lambda r: r.quantity.value if r.quantity else 0.0, default=None)
    if best is None or best.quantity is None:
        return None
    return Fall(newest, best, round(best.quantity.value - newest.quantity.value, 6))
