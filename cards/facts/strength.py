"""Muscle power by MRC grade: how weak, since when, and on which side.

An MRC grade is a Quantity in unit 1, from 0 (no contraction) to 5 (normal).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.side import Side

ROOTS = {
    "mrc-hip-flexion": "hip flexion",
    "mrc-knee-extension": "knee extension",
    "mrc-ankle-dorsiflexion": "ankle dorsiflexion",
    "mrc-great-toe-extension": "great-toe extension",
    "mrc-ankle-plantarflexion": "ankle plantarflexion",
}
"""The muscle groups that test the roots L2 to S1."""
LOCAL = {"mrc-knee-flexion": "knee flexion", "mrc-hip-abduction": "hip abduction"}
"""Groups that a local tendon injury weakens too."""
NORMAL = 5.0
RECENT = timedelta(days=14)
COMPARED = timedelta(weeks=6)


@dataclass(frozen=True, slots=True)
class Weakness:
    """One muscle group of one side below normal now. `before` is an earlier, better grade within six weeks."""

    muscle: str
    side: Side
    now: Finding
    grade: float
    before: Finding | None
    drop: float

    @property
    def root(self) -> bool:
        """A group by which the roots are tested."""
        return self.muscle in ROOTS

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The grades concerned, newest first."""
        return (self.now, self.before) if self.before else (self.now,)


@fact
def weaknesses(chart: Chart) -> tuple[Weakness, ...]:
    """Every muscle group and side whose newest grade of the last 14 days is below normal.

    Of differing grades of one day the lower counts.
    """
    found = []
    for muscle in ROOTS | LOCAL:
        readings = [r for r in chart.readings(muscle) if r.quantity and r.when]
        for side in dict.fromkeys(r.side for r in readings):
            one = _weakness(muscle, side, [r for r in readings if r.side is side], chart)
            if one:
                found.append(one)
    return tuple(found)


def _weakness(muscle: str, side: Side, readings: list[Finding], chart: Chart) -> Weakness | None:
    day = readings[0].when
    today = [r for r in readings if r.when and day and r.when.latest == day.latest]
    now = min(today, key=_grade)
    if _grade(now) >= NORMAL or not (now.when and now.when.possibly_within(RECENT, chart.today)):
        return None
    earlier = [
        r for r in readings if r.when and day and r.when.latest < day.latest and day.latest - r.when.latest <= COMPARED
    ]
    best = max(earlier, key=_grade, default=None)
    drop = _grade(best) - _grade(now) if best else 0.0
    return Weakness(muscle, side, now, _grade(now), best if drop > 0 else None, max(drop, 0.0))


@fact
def bilateral_weakness(chart: Chart) -> tuple[Finding, ...]:
    """Grades that show both legs weak in a group by which roots are tested; empty when not both are."""
    weak = [w for w in weaknesses(chart) if w.root]
    sides = {w.side for w in weak}
    both = Side.BOTH in sides or {Side.RIGHT, Side.LEFT} <= sides
    return tuple(f for w in weak for f in w.findings) if both else ()


@fact
def worsening_of_both_legs(chart: Chart) -> tuple[Finding, ...]:
    """The same, where at least one of those groups has lost a grade or more within six weeks."""
    worse = any(w.root and w.drop >= 1 for w in weaknesses(chart))
    return bilateral_weakness(chart) if worse else ()


def _grade(found: Finding) -> float:
    return found.quantity.value if found.quantity else NORMAL
