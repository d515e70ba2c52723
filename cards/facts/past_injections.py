"""Injections already given for this pain: how many, where, with what relief."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact_about
from cards.facts.drafts import Target
from cards.facts.pain import pain
from cards.finding import Finding
from cards.look import of_sided
from cards.quantity import Quantity
from cards.record import Procedure
from cards.valueset import ValueSet, value_set

STEROID = value_set("proc-steroid-injection")
PIRIFORMIS = value_set("proc-piriformis-injection")
HIP = value_set("proc-hip-injection")
SACROILIAC = value_set("proc-si-joint-injection")
BLOCK = value_set("proc-diagnostic-block")
GUIDED = value_set("proc-us-guided-injection")
ANY = (STEROID, PIRIFORMIS, HIP, SACROILIAC, BLOCK, GUIDED)

POSITIVE_BLOCK_FROM = Quantity.of(50, "%")


def injections(chart: Chart, within: timedelta) -> tuple[Finding, ...]:
    """Injections and blocks on the painful side, newest first; one told twice on a day counts once."""
    return _each_day(chart, chart.procedures(*ANY, within=within))


@fact_about
def steroid_injections(chart: Chart, target: Target, within: timedelta) -> tuple[Finding, ...]:
    """Injections of a steroid at this target, or at a place that was not recorded, on the painful side."""
    chart.supplied("procedures", STEROID)  # each one counts
    place = _PLACES.get(target)
    given = [
        p
        for p in chart.procedures(STEROID, within=within)
        if place is None or _sure(p, place) or not any(_sure(p, other) for other in _PLACES.values())
    ]
    return _each_day(chart, given)


def positive_block(chart: Chart) -> bool:
    """A diagnostic block took away half of the pain or more."""
    relief = chart.latest("block-pain-relief")
    return bool(relief.quantity and relief.quantity >= POSITIVE_BLOCK_FROM)


def _each_day(chart: Chart, done: tuple[Procedure, ...] | list[Procedure]) -> tuple[Finding, ...]:
    side = pain(chart).side
    days = {p.when: p for p in reversed(done) if p.when and not p.side.opposite_of(side)}
    return tuple(of_sided(p) for p in reversed(days.values()))


def _sure(procedure: Procedure, place: ValueSet) -> bool:
    return procedure.concepts.get(place.name) in ("exact", "text")


_PLACES: dict[Target, ValueSet] = {"deep-gluteal": PIRIFORMIS, "hip": HIP, "sacroiliac": SACROILIAC}
