"""Injuries of hip and pelvis on file: when, on which side, with how much force, and what the leg does since."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile
from typing import Literal

from cards.chart import Chart, fact
from cards.facts.pain import pain
from cards.finding import Finding, Look, NotFound, exam
from cards.record import Encounter
from cards.valueset import value_set
from cards.when import When, newest_first

HIGH_ENERGY = value_set("high-energy-trauma")
FALL = value_set("low-energy-fall")
FALL_OR_INJURY = value_set("fall-trauma")
HIP_INJURY = value_set("hip-injury")
HAMSTRING = value_set("hamstring-injury")
ACUTE_FRACTURE = value_set("acute-hip-pelvis-fracture")
FRACTURE = value_set("hip-pelvis-fracture")
DISLOCATION = value_set("hip-dislocation")
INJURIES = (HIGH_ENERGY, FALL, FALL_OR_INJURY, HIP_INJURY, HAMSTRING, ACUTE_FRACTURE, DISLOCATION)
MECHANISM = exam("injury-mechanism", "low-energy-fall", "high-energy", "twist", "pop-or-tear", "lifting")

UNABLE = value_set("unable-to-bear-weight")  # as a problem, and as the answer to the question of that name
WALKS = (exam("unable-to-bear-weight", False), exam("walks-normally"), exam("gait", "normal"))
DEFORMED = exam("leg-shortened-rotated")

Force = Literal["high", "low", "tear"]


@dataclass(frozen=True, slots=True)
class Injury:
    """One injury. `force`: "high" energy, "low" (a fall on the level, a twist, a knock), "tear" of a tendon."""

    finding: Finding
    force: Force

    @property
    def when(self) -> When | None:
        """The day of the injury; for a visit because of it, the day of the visit."""
        return self.finding.when

    def day(self, today: date) -> date:
        """The latest day that it may have been; today when nothing is recorded, so that no study can follow it."""
        return self.when.latest if self.when else today


def injuries(chart: Chart, within: timedelta) -> tuple[Injury, ...]:
    """Injuries of hip or pelvis, not of the opposite side, newest first; an undated one is taken for recent."""
    found = [*_recorded(chart, within), *(_of_visit(e) for e in _visits(chart, within))]
    kept = [f for f in found if not f.side.opposite_of(pain(chart).side)]
    kept.sort(key=lambda f: newest_first(f.when), reverse=True)
    return tuple(Injury(f, _force(f)) for f in kept)


def newest_injury(chart: Chart, within: timedelta, *forces: Force) -> Injury | None:
    """The newest injury of this force (of any, when none is given)."""
    return next((i for i in injuries(chart, within) if not forces or i.force in forces), None)


def unable_to_bear_weight(chart: Chart, within: timedelta) -> Look:
    """What says that the leg does not bear weight, unless a later answer says that it does again."""
    side = pain(chart).side
    unable = chart.finding(UNABLE, within=within, undated_counts=True, side=side)
    if not isinstance(unable, Finding):
        return unable
    if not walks_again(chart, unable.when):
        return unable
    chart.every(UNABLE, within=within)  # a newer one may not have been supplied
    return NotFound()


def walks_again(chart: Chart, after: When | None) -> Finding | None:
    """What says that the leg bears weight, surely recorded after `after`."""
    walks = chart.finding(*WALKS, side=pain(chart).side, surely=True)
    if not (isinstance(walks, Finding) and walks.when and after):
        return None
    return walks if walks.when.earliest > after.latest else None


@fact
def unable_since(chart: Chart) -> When | None:
    """When the present inability to bear weight was first recorded; None when no date tells."""
    side = pain(chart).side
    run = takewhile(lambda r: r.value is True, chart.readings("unable-to-bear-weight", side=side))
    dates = [f.when for f in (*chart.findings(UNABLE, side=side), *run) if f.when]
    return min(dates, key=lambda when: when.latest) if dates else None


def _recorded(chart: Chart, within: timedelta) -> tuple[Finding, ...]:
    return chart.every(*INJURIES, MECHANISM, within=within, undated_counts=True)


def _visits(chart: Chart, within: timedelta) -> Iterable[Encounter]:
    """Visits because of an injury; the one word "fall" is enough there."""
    names = [v.name for v in INJURIES]
    return (
        e
        for e in chart.encounters(within=within)
        if _BARE_FALL.fullmatch(e.text) or any(e.concepts.get(n, "broad") != "broad" for n in names)
    )


def _of_visit(visit: Encounter) -> Finding:
    return Finding(visit.reference, visit.text, when=visit.when, side=visit.side, concepts=frozenset(visit.concepts))


def _force(found: Finding) -> Force:
    if found.value == "high-energy" or HIGH_ENERGY.name in found.concepts:
        return "high"
    return "tear" if found.value == "pop-or-tear" or HAMSTRING.name in found.concepts else "low"


_BARE_FALL = re.compile(r"\s*(a )?(fall|fell|injury)\s*", re.IGNORECASE)
