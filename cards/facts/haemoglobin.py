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
    """The newest value, the highest of the three months up to it, and the difference in g/L."""

    now: Finding
    before: Finding
    grams: float


@fact
def haemoglobin_fall(chart: Chart) -> Fall | None:
    """How far haemoglobin fell to its newest value of the last 7 days; None where there is none.

    Of differing values of one day the lower is the newest and the higher came before: the safer reading.
    """
    newest = chart.latest(HAEMOGLOBIN, within=NEWEST_WITHIN, worse="low")
    if not (isinstance(newest, Finding) and newest.quantity and newest.when):
        return None
    since = newest.when.latest - COMPARED
    values = [
        (r.quantity.value, r) for r in chart.readings(HAEMOGLOBIN) if r.quantity and r.when and r.when.latest >= since
    ]
    highest, before = max(values, key=lambda one: one[0])
    return Fall(newest, before, round(highest - newest.quantity.value, 6))
