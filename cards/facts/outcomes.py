"""How the pain and the function have changed, each measured against its minimal important change.

Change is judged from two scores of one instrument that lie two weeks or more apart: fluctuation is no recovery.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cards.chart import Chart, fact
from cards.facts.pain import pain
from cards.facts.therapy import first_course
from cards.finding import Finding
from cards.quantity import Quantity
from cards.valueset import ValueSet, value_set
from cards.when import newest_first

PAIN_SCORE = value_set("pain-nrs")
ODI = value_set("odi-score")
HOOS = value_set("prom-hoos-adl")
PROMIS_FUNCTION = value_set("promis-physical-function-6b")
PROMIS_PAIN = value_set("promis-pain-interference-6a")

APART = timedelta(days=14)
CURRENT = timedelta(weeks=6)
PAIN_POINTS = 2
ODI_POINTS = 10
SHARE = 0.30  # of the first score; for pain and ODI either is enough
LEFS_POINTS = 9
IHOT_POINTS = 14
HOOS_POINTS = 4
PROMIS_POINTS = 4  # T score
MILD_UP_TO = Quantity.of(3, "{score}")
SEVERE_PAIN_FROM = Quantity.of(7, "{score}")  # our choice, as the next one
SEVERE_ODI_FROM = Quantity.of(41, "{score}")

Response = Literal["better", "partly", "not", "unknown"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A score: its name on a card, where it is found, and whether more is better."""

    name: str
    short: str
    what: ValueSet | str
    more_is_better: bool
    share_counts: bool


@dataclass(frozen=True, slots=True)
class Change:
    """Two scores of one instrument. `gain` is in points, above 0 when better; `share` of the first score."""

    instrument: Instrument
    before: Finding
    now: Finding
    gain: float
    share: float
    needed: float

    @property
    def enough(self) -> bool:
        """Better by its minimal important change."""
        return self.gain >= self.needed or (self.instrument.share_counts and self.share >= SHARE)

    @property
    def worse(self) -> bool:
        """Worse by as much."""
        return self.gain <= -self.needed

    def scores(self) -> str:
        """The two scores: "7 to 6"."""
        return f"{_number(self.before):g} to {_number(self.now):g}"

    def told(self) -> str:
        """For a card: "pain score (NPRS) 7 to 6, better by 1 (14%); 2 points or 30% would count"."""
        wanted = f"{self.needed:g} points or {SHARE:.0%}" if self.instrument.share_counts else f"{self.needed:g} points"
        way = "worse" if self.gain < 0 else "better"
        by = f"{way} by {abs(self.gain):g} ({abs(self.share):.0%})" if self.gain else "unchanged"
        return f"{self.instrument.name} {self.scores()}, {by}; {wanted} would count"


NPRS = Instrument("pain score (NPRS)", "pain", PAIN_SCORE, more_is_better=False, share_counts=True)
OSWESTRY = Instrument("function (ODI)", "ODI", ODI, more_is_better=False, share_counts=True)
LEFS = Instrument("function (LEFS)", "LEFS", "lefs-score", more_is_better=True, share_counts=False)
IHOT = Instrument("function (iHOT-12)", "iHOT-12", "ihot12-score", more_is_better=True, share_counts=False)
HOOS_ADL = Instrument("function (HOOS daily living)", "HOOS", HOOS, more_is_better=True, share_counts=False)
PROMIS_PF = Instrument("function (PROMIS)", "PROMIS function", PROMIS_FUNCTION, more_is_better=True, share_counts=False)
PROMIS_PI = Instrument(
    "pain interference (PROMIS)", "PROMIS interference", PROMIS_PAIN, more_is_better=False, share_counts=False
)


@fact
def pain_change(chart: Chart) -> Change | None:
    """From the score at which therapy began to the newest; None without two scores two weeks apart."""
    return _change(chart, NPRS, PAIN_POINTS)


@fact
def function_change(chart: Chart) -> Change | None:
    """The same for the function measure with the newest score; of several of one day the first of this list tells."""
    found = (
        _change(chart, OSWESTRY, ODI_POINTS),
        _change(chart, LEFS, LEFS_POINTS),
        _change(chart, IHOT, IHOT_POINTS),
        _change(chart, HOOS_ADL, HOOS_POINTS),
        _change(chart, PROMIS_PF, PROMIS_POINTS),
        _change(chart, PROMIS_PI, PROMIS_POINTS),
    )
    told = [c for c in found if c]
    return max(told, key=lambda c: _day(c.now), default=None)


@fact
def response(chart: Chart) -> Response:
    """To the care so far: better in all that was measured, partly, not at all, or not measured twice."""
    changes = _changes(chart)
    if not changes:
        return "unknown"
    better = [c.enough for c in changes]
    return "better" if all(better) else "partly" if any(better) else "not"


@fact
def worse(chart: Chart) -> Change | None:
    """A pain or function score that is worse by its minimal important change."""
    return next((c for c in _changes(chart) if c.worse), None)


@fact
def plateau(chart: Chart) -> bool:
    """The two newest pain scores that lie two weeks apart differ by less than the minimal important change."""
    scores = _scores(chart, NPRS)
    earlier = [r for r in scores[1:] if _day(scores[0]) - _day(r) >= APART]
    return bool(earlier) and abs(_number(earlier[0]) - _number(scores[0])) < PAIN_POINTS


@fact
def disabled(chart: Chart) -> Finding | None:
    """A current score of severe pain or severe disability."""
    score = chart.latest(PAIN_SCORE, within=CURRENT)
    if isinstance(score, Finding) and score.quantity and score.quantity >= SEVERE_PAIN_FROM:
        return score
    function = chart.latest(ODI, within=CURRENT)
    if isinstance(function, Finding) and function.quantity and function.quantity >= SEVERE_ODI_FROM:
        return function
    return None


@fact
def mild_and_falling(chart: Chart) -> Finding | None:
    """The newest pain score where it is current, 3 or less, and lower than the one of the day before it."""
    scores = _scores(chart, NPRS)
    earlier = [r for r in scores if _day(r) < _day(scores[0])]
    if not earlier or not _number(scores[0]) < _number(earlier[0]):
        return None
    newest = chart.latest(PAIN_SCORE, within=CURRENT)
    mild = isinstance(newest, Finding) and newest.quantity and newest.quantity <= MILD_UP_TO
    return newest if mild and isinstance(newest, Finding) else None


def watchful_waiting(chart: Chart) -> Finding | None:
    """Mild, falling pain under care and without a red flag needs no card; the score that says so.

    Only for rules asked after the red flags.
    """
    return mild_and_falling(chart) if first_course(chart) and not chart.red_flags else None


def _changes(chart: Chart) -> list[Change]:
    return [c for c in (pain_change(chart), function_change(chart)) if c]


def _change(chart: Chart, instrument: Instrument, needed: float) -> Change | None:
    scores = [r for r in _scores(chart, instrument) if _of_this_pain(r, chart)]
    if not scores:
        return None
    now = scores[0]
    earlier = [r for r in scores if _day(now) - _day(r) >= APART]
    if not earlier:
        return None
    course = first_course(chart)
    at_start = [r for r in earlier if course and _day(r) <= course.started]
    before = at_start[0] if at_start else earlier[-1]
    gain = _number(now) - _number(before) if instrument.more_is_better else _number(before) - _number(now)
    share = gain / _number(before) if _number(before) else 0.0
    return Change(instrument, before, now, gain, share, needed)


def _scores(chart: Chart, instrument: Instrument) -> list[Finding]:
    """All scores with a date, newest first; of one day the worse first, in whatever order they came."""
    chart.latest(instrument.what)  # notes a newer score that was not supplied
    scores = [r for r in chart.readings(instrument.what) if r.quantity and r.when]
    scores.sort(key=_number, reverse=not instrument.more_is_better)
    return sorted(scores, key=lambda r: newest_first(r.when), reverse=True)


def _of_this_pain(score: Finding, chart: Chart) -> bool:
    began = pain(chart).began if pain(chart).onset_known else None
    return began is None or _day(score) >= began.earliest


def _number(score: Finding) -> float:
    return score.quantity.value if score.quantity else 0.0


def _day(score: Finding) -> date:
    return score.when.latest if score.when else date.min
