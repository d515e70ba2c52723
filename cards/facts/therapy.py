"""What was done about the pain: courses of active therapy, whether they were an adequate trial, what goes on.

Only what was carried out counts: an order, a cancelled course and passive treatment alone (massage, rest) do not.
Therapy before the known onset, of the other side, or without a date is no therapy of this pain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from cards.chart import Chart, fact
from cards.facts.pain import pain
from cards.finding import Finding, Gap
from cards.hygiene import is_under_way
from cards.look import of_sided
from cards.record import CarePlan, Order, Procedure
from cards.valueset import value_set

PHYSIOTHERAPY = value_set("proc-physical-therapy")
HOME_EXERCISE = value_set("home-exercise")
PASSIVE = value_set("passive-therapy").name
REFERRAL = value_set("referral-physical-therapy")

ADEQUATE_FROM = timedelta(weeks=6)
SESSIONS_FROM = 4
TRIAL_HOLDS = timedelta(days=183)  # half a year
PAUSE_ENDS_COURSE = timedelta(weeks=6)  # our choice: after a longer pause a new course begins
STILL_ATTENDING = timedelta(weeks=4)  # our choice: a session no longer ago than this goes on
OLDER_IS_ANOTHER_PAIN = timedelta(days=365)  # our choice, where no onset is recorded
ORDER_WAITS = timedelta(weeks=6)  # our choice: an older order that led to nothing is forgotten


@dataclass(frozen=True, slots=True)
class Course:
    """Active therapy from `started` to `ended` (today while it goes on), without a pause of over six weeks.

    sessions: supervised ones, None where some part of it was not counted. home_days: the longest time on a
    home programme. Of a partial date the day that makes the course shorter is taken.
    """

    started: date
    ended: date
    sessions: int | None
    home_days: int
    going_on: bool
    evidence: tuple[Finding, ...]

    @property
    def days(self) -> int:
        """From the first to the last day."""
        return (self.ended - self.started).days

    @property
    def adequate(self) -> bool:
        """Six weeks or longer with four sessions or more, or as long on a home programme."""
        if self.days < ADEQUATE_FROM.days:
            return False
        enough = self.sessions is None or self.sessions >= SESSIONS_FROM
        return enough or self.home_days >= ADEQUATE_FROM.days


@dataclass(frozen=True, slots=True)
class _Span:
    started: date
    ended: date
    counted: int | None
    single: bool
    home: bool
    going_on: bool
    finding: Finding


def courses(chart: Chart) -> tuple[Course, ...]:
    """Courses of active therapy for this pain, the first one first.

    Where there is one, what else was not supplied is no gap: use `therapy_gaps` where more would matter.
    """
    return chart.gaps_of(_courses)[0] or _courses(chart)


@fact
def _courses(chart: Chart) -> tuple[Course, ...]:
    procedures = chart.procedures(PHYSIOTHERAPY, HOME_EXERCISE, under_way=True)
    plans = chart.care_plans(PHYSIOTHERAPY, HOME_EXERCISE)
    spans = [_session(p, chart.today) for p in procedures if not _passive_only(p)]
    spans += [_programme(p, chart.today) for p in plans]
    began = _this_pain_began(chart)
    side = pain(chart).side
    ours = [
        replace(s, started=max(s.started, began))
        for s in spans
        if s and s.ended >= began and not s.finding.side.opposite_of(side)
    ]
    return tuple(_course(group) for group in _without_pauses(sorted(ours, key=lambda s: s.started)))


def therapy_gaps(chart: Chart) -> tuple[Gap, ...]:
    """What stands in the way of saying that no (more) therapy was done; empty when all was there to look at."""
    return chart.gaps_of(_courses)[1]


@fact
def unseen_signs(chart: Chart) -> tuple[Gap, ...]:
    """What stands in the way of advising exercise: problems or observations that were not supplied.

    Nearly every sign that forbids it stands there. A single record that could not be read does not stand in the way.
    """
    gaps = chart.gaps_of(lambda c: [c.supplied(section) for section in ("conditions", "observations")])[1]
    return tuple(gap for gap in gaps if gap.reference is None)


@fact
def first_course(chart: Chart) -> Course | None:
    """The course with which the clock of conservative care starts."""
    return next(iter(courses(chart)), None)


@fact
def adequate_trial(chart: Chart) -> Course | None:
    """The newest adequate course that goes on or ended within half a year."""
    recent = chart.today - TRIAL_HOLDS
    return next((c for c in reversed(courses(chart)) if c.adequate and c.ended >= recent), None)


@fact
def continuing(chart: Chart) -> Finding | None:
    """What tells that therapy goes on: a running programme, or a session within the last four weeks."""
    for course in reversed(courses(chart)):
        if course.going_on or course.ended >= chart.today - STILL_ATTENDING:
            return course.evidence[0]
    return None


@fact
def waiting_order(chart: Chart) -> Order | None:
    """The newest active order for physiotherapy of the last six weeks."""
    orders = chart.orders(REFERRAL, PHYSIOTHERAPY, within=ORDER_WAITS)
    return next((o for o in orders if o.status == "active"), None)


def _this_pain_began(chart: Chart) -> date:
    began = pain(chart).began
    if began is not None and pain(chart).onset_known:
        return began.earliest
    return chart.today - OLDER_IS_ANOTHER_PAIN


def _passive_only(procedure: Procedure) -> bool:
    return PASSIVE in procedure.concepts and HOME_EXERCISE.name not in procedure.concepts


def _session(p: Procedure, today: date) -> _Span | None:
    """One procedure: a session, or a whole course told as a period. Undated ones tell of no time."""
    going_on = is_under_way(p)
    if p.when is None or p.started is None:
        return None
    started, ended = p.started.latest, today if going_on else min(p.when.earliest, today)
    home = HOME_EXERCISE.name in p.concepts and PHYSIOTHERAPY.name not in p.concepts
    finding = of_sided(p)
    return _Span(started, max(started, ended), p.sessions, p.started == p.when, home, going_on, finding)


def _programme(p: CarePlan, today: date) -> _Span | None:
    """A home programme. One completed without an end tells of no time."""
    if p.started is None or p.started.latest > today or (p.when is None and p.status == "completed"):
        return None
    over = p.when is not None and p.when.earliest < today
    ended = p.when.earliest if p.when is not None and over else today
    going_on = p.status == "active" and not over
    finding = Finding(p.reference, p.text, when=p.when or p.started, side=p.side)
    return _Span(p.started.latest, max(p.started.latest, ended), None, False, True, going_on, finding)


def _without_pauses(spans: Iterable[_Span]) -> list[list[_Span]]:
    groups: list[list[_Span]] = []
    ended = date.min
    for span in spans:
        if groups and span.started - ended <= PAUSE_ENDS_COURSE:
            groups[-1].append(span)
            ended = max(ended, span.ended)
        else:
            groups.append([span])
            ended = span.ended
    return groups


def _course(spans: list[_Span]) -> Course:
    newest = sorted(spans, key=lambda s: (s.ended, not s.single), reverse=True)
    return Course(
        started=min(s.started for s in spans),
        ended=max(s.ended for s in spans),
        sessions=_sessions([s for s in spans if not s.home]),
        home_days=max(((s.ended - s.started).days for s in spans if s.home), default=0),
        going_on=any(s.going_on for s in spans),
        evidence=tuple(s.finding for s in newest),
    )


def _sessions(supervised: list[_Span]) -> int | None:
    """A course and its sessions may both be on file: the larger count is taken, not the sum."""
    each = len({s.started for s in supervised if s.single and s.counted is None})
    told = sum(s.counted or 0 for s in supervised)
    uncounted = any(not s.single and s.counted is None for s in supervised)
    known = max(each, told)
    return None if uncounted and known < SESSIONS_FROM else known
