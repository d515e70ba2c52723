"""Muscle power by MRC grade: how weak, since when, and on which side.

An MRC grade is a Quantity in unit 1, from 0 (no contraction) to 5 (normal). The date of an examination is not
the onset of what it finds: a grade is taken for new unless an older one, or a problem on file, shows otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import takewhile

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.side import Side
from cards.valueset import value_set

ROOTS = {
    "mrc-hip-flexion": "hip flexion",
    "mrc-knee-extension": "knee extension",
    "mrc-ankle-dorsiflexion": "ankle dorsiflexion",
    "mrc-great-toe-extension": "great-toe extension",
    "mrc-ankle-plantarflexion": "ankle plantarflexion",
}
"""The muscle groups that test the roots L2 to S1."""
LOCAL = {"mrc-knee-flexion": "knee flexion", "mrc-hip-abduction": "hip abduction"}
"""Groups of the same roots that a local tendon injury weakens too."""
FOOT_DROP = value_set("foot-drop")
LEG_WEAKNESS = (value_set("leg-weakness"), value_set("bilateral-leg-weakness"))
LIFTS_THE_FOOT = frozenset({"mrc-ankle-dorsiflexion", "mrc-great-toe-extension"})

NORMAL = 5
SEVERE_UP_TO = 3
RECENT = timedelta(days=14)
COMPARED = timedelta(weeks=6)


@dataclass(frozen=True, slots=True)
class Weakness:
    """One muscle group of one side below normal at its newest examination of the last six weeks.

    before: the best grade of the six weeks before that, where it was better; `drop` is the difference.
    new: normal, or not recorded, until the last six weeks. severe: grade 3 or less, first found in the last
    14 days. An examination without date counts as of today.
    """

    muscle: str
    side: Side
    now: Finding
    grade: float
    before: Finding | None
    drop: float
    new: bool
    severe: bool

    @property
    def root(self) -> bool:
        """A group by which the roots alone are tested."""
        return self.muscle in ROOTS

    @property
    def name(self) -> str:
        """The movement in words."""
        return (ROOTS | LOCAL)[self.muscle]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The grades concerned, newest first."""
        return (self.now, self.before) if self.before else (self.now,)


@fact
def weaknesses(chart: Chart) -> tuple[Weakness, ...]:
    """Every muscle group and side that is weak now, the old and unchanged ones too.

    Of differing grades of one day the lower counts.
    """
    found = []
    for muscle in ROOTS | LOCAL:
        readings = [r for r in chart.readings(muscle) if r.quantity]
        sides = dict.fromkeys(r.side for r in readings)
        found += [one for side in sides if (one := _weakness(muscle, side, readings, chart))]
        chart.latest(muscle)  # notes a newer grade that was not supplied
    return tuple(found)


def _weakness(muscle: str, side: Side, readings: list[Finding], chart: Chart) -> Weakness | None:
    """A grade without a side may show that this side was better before; it never shows that it is well now."""
    exams = _by_day([r for r in readings if r.side in (side, Side.BOTH)], chart)
    days, now = exams[0]
    if now.side is not side or _grade(now) >= NORMAL or days > COMPARED.days:
        return None
    comparable = _by_day([r for r in readings if not r.side.opposite_of(side)], chart)
    earlier = [one for ago, one in comparable if days < ago <= days + COMPARED.days]
    best = max(earlier, key=_grade, default=None)
    drop = max(_grade(best) - _grade(now), 0.0) if best else 0.0
    weak = [ago for ago, one in takewhile(lambda e: _grade(e[1]) < NORMAL, exams)]
    severe = [ago for ago, one in takewhile(lambda e: _grade(e[1]) <= SEVERE_UP_TO, exams)]
    known = _known_before(chart, muscle, side)
    return Weakness(
        muscle,
        side,
        now,
        _grade(now),
        best if drop > 0 else None,
        drop,
        new=weak[-1] <= COMPARED.days and not known,
        severe=bool(severe) and severe[-1] <= RECENT.days and not known,
    )


def _by_day(readings: Iterable[Finding], chart: Chart) -> list[tuple[int, Finding]]:
    """The lowest grade of each day, newest first, with the days since; without a date that is today."""
    lowest: dict[int, Finding] = {}
    for one in readings:
        ago = one.when.days_before(chart.today) if one.when else 0
        if ago not in lowest or _grade(one) < _grade(lowest[ago]):
            lowest[ago] = one
    return sorted(lowest.items(), key=lambda item: item[0])


def _known_before(chart: Chart, muscle: str, side: Side) -> bool:
    """A confirmed problem of this very side has explained the weakness for more than six weeks."""
    names = (*LEG_WEAKNESS, FOOT_DROP) if muscle in LIFTS_THE_FOOT else LEG_WEAKNESS
    return any(
        f.when is not None and (chart.today - f.when.latest) > COMPARED and f.side in (side, Side.BOTH)
        for f in chart.findings(*names, surely=True)
        if f.reference.startswith("Condition/") and f.side is not Side.UNKNOWN
    )


def both_legs(weak: Iterable[Weakness]) -> bool:
    """These groups are of both legs."""
    sides = {w.side for w in weak}
    return Side.BOTH in sides or {Side.RIGHT, Side.LEFT} <= sides


def _grade(found: Finding) -> float:
    return found.quantity.value if found.quantity else NORMAL
