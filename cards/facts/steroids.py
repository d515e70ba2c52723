"""Systemic glucocorticoid, as milligrams of prednisolone: how much, and for how long.

Prednisone counts 1, methylprednisolone 1.25, dexamethasone 6.7 and hydrocortisone 0.25; inhaled, topical and
one-off injected doses count nothing. A newer prescription of the same drug takes the place of the older one.
Three months are taken as 92 days and 24 months as 731, the longest that they can be: the safer reading.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.record import Medication
from cards.valueset import value_set

ANY = value_set("med-corticosteroid")
CODED_LONG_TERM = value_set("long-term-steroids")
PREDNISOLONE_MG = {
    value_set("med-prednisone").name: 1.0,
    value_set("med-prednisolone").name: 1.0,
    value_set("med-methylprednisolone").name: 1.25,
    value_set("med-dexamethasone").name: 6.7,
    value_set("med-hydrocortisone").name: 0.25,
}
"""Milligrams of prednisolone that equal one milligram of the drug."""

WINDOW = timedelta(days=92)
LOOK_BACK = timedelta(days=731)
LONG_USE = timedelta(days=90)
LONG_USE_MG_A_DAY = 2.5
COURSE_BELOW = timedelta(days=28)  # an active supply at least this long is taken for lasting use; our choice

_ONE_OFF = re.compile(r"inject|depo|kenalog|\bonce\b|single dose")


@dataclass(frozen=True, slots=True)
class Course:
    """Days from `first` to `last`, both included, on one drug; `mg` a day, None where it is not known."""

    drug: str
    first: date
    last: date
    mg: float | None
    told: Finding
    reported: bool


@dataclass(frozen=True, slots=True)
class Exposure:
    """The most milligrams in any three months of the last 24 months, and the prescriptions of those months.

    unknown: prescriptions for three months or longer whose dose a program cannot read.
    """

    most_mg: float
    evidence: tuple[Finding, ...]
    unknown: tuple[Finding, ...]


@fact
def courses(chart: Chart) -> tuple[Course, ...]:
    """Every systemic course with a known start, those of one drug not overlapping unless begun together."""
    chart.supplied("medications", ANY)  # a further prescription may be what brings it above a limit
    found = _each_once(c for m in chart.past_medications(ANY) if (c := _course(m, chart.today)))
    prescribed = {(c.drug, c.mg, c.first) for c in found if not c.reported}
    starts: dict[str, list[date]] = {}
    for drug, first in sorted({(c.drug, c.first) for c in found}):
        starts.setdefault(drug, []).append(first)
    once = (c for c in found if not (c.reported and (c.drug, c.mg, c.first) in prescribed))
    return tuple(cut for c in once if (cut := _until_next(c, starts[c.drug])))


@fact
def exposure(chart: Chart) -> Exposure:
    """How much prednisolone within any three months of the last 24."""
    known = [c for c in courses(chart) if c.mg]
    ends = {min(day, chart.today) for c in known for day in (c.last, c.first + WINDOW - timedelta(days=1))}
    earliest = chart.today - LOOK_BACK
    taken = _taken(known, earliest)
    days = {end: (end - earliest).days + 1 for end in ends if end >= earliest}
    sums = [(taken(n) - taken(max(n - WINDOW.days, 0)), end) for end, n in days.items()]
    most, end = max(sums, default=(Fraction(0), chart.today))
    inside = [c for c in known if c.last > end - WINDOW and c.first <= end]
    unknown = [c for c in courses(chart) if c.mg is None and c.last >= earliest and _length(c) >= LONG_USE]
    return Exposure(float(most), tuple(c.told for c in inside), tuple(c.told for c in unknown))


@fact
def long_term_steroids(chart: Chart) -> tuple[Finding, ...]:
    """What shows three months or more of systemic use at 2.5 mg a day or more, in the last 24 months or coded.

    A lasting course whose dose is not known counts too. An empty tuple is no proof of "none".
    """
    coded = chart.every(CODED_LONG_TERM)
    earliest = chart.today - LOOK_BACK
    used = [c for c in courses(chart) if c.last >= earliest and (c.mg is None or c.mg >= LONG_USE_MG_A_DAY)]
    for run in _runs(used):
        if (max(c.last for c in run) - run[0].first).days + 1 >= LONG_USE.days:
            return (*coded, *(c.told for c in run))
    return coded


def _course(m: Medication, today: date) -> Course | None:
    if not m.systemic or m.when is None or _ONE_OFF.search(m.text.lower()):
        return None
    last = _last_day(m, m.when.latest, today)
    if last is None:
        return None
    drug = next((name for name in PREDNISOLONE_MG if name in m.concepts), m.text.lower())
    factor = PREDNISOLONE_MG.get(drug)
    mg = m.daily_mg * factor if m.daily_mg is not None and factor is not None else None
    said = f"{m.text}, {m.daily_mg:g} mg a day" if m.daily_mg is not None else f"{m.text}, dose not known"
    told = Finding(m.reference, said, when=m.when)
    return Course(drug, m.when.latest, min(last, today), mg, told, m.reported)


def _last_day(m: Medication, first: date, today: date) -> date | None:
    """The last day of use; None where it ended nobody knows when."""
    planned = timedelta(days=m.days) if m.days else None
    supply_ends = first + planned - timedelta(days=1) if planned else None
    if m.until is not None:
        return min(m.until.latest, supply_ends) if supply_ends and m.status == "completed" else m.until.latest
    if m.status == "active" and (planned is None or planned >= COURSE_BELOW):
        return today
    return supply_ends


def _each_once(found: Iterable[Course]) -> tuple[Course, ...]:
    """One prescription recorded twice, alike in words, dose and both dates, is taken once."""
    return tuple({(c.told.label, c.first, c.last, c.mg, c.reported): c for c in found}.values())


def _until_next(course: Course, starts: list[date]) -> Course | None:
    """The course cut at the next of its drug's `starts`, in order."""
    following = bisect_right(starts, course.first)
    last = min([course.last, *(day - timedelta(days=1) for day in starts[following : following + 1])])
    if last < course.first:
        return None
    return Course(course.drug, course.first, last, course.mg, course.told, course.reported)


def _taken(known: Iterable[Course], earliest: date) -> Callable[[int], Fraction]:
    """How many milligrams were taken in so many days from `earliest` on. Exact, so that no order of adding matters."""
    begun, ended = [], []
    for c in known:
        first, behind = max((c.first - earliest).days, 0), (c.last - earliest).days + 1
        if behind > first:
            begun.append((first, Fraction(c.mg or 0)))
            ended.append((behind, Fraction(c.mg or 0)))
    risen, fallen = _risen(begun), _risen(ended)
    return lambda days: risen(days) - fallen(days)


def _risen(doses: list[tuple[int, Fraction]]) -> Callable[[int], Fraction]:
    """The sum of daily doses that are taken from their day on for ever."""
    doses.sort()
    starts = [day for day, _ in doses]
    a_day = list(accumulate((mg for _, mg in doses), initial=Fraction(0)))
    before = list(accumulate((mg * day for day, mg in doses), initial=Fraction(0)))

    def until(days: int) -> Fraction:
        count = bisect_left(starts, days)
        return a_day[count] * days - before[count]

    return until


def _length(course: Course) -> timedelta:
    return course.last - course.first + timedelta(days=1)


def _runs(used: Iterable[Course]) -> list[list[Course]]:
    """Courses that follow on one another without a day between, oldest first."""
    runs: list[list[Course]] = []
    last = date.min
    for course in sorted(used, key=lambda c: c.first):
        if runs and course.first <= last + timedelta(days=1):
            runs[-1].append(course)
        else:
            runs.append([course])
        last = max(last, course.last)
    return runs
