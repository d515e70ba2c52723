"""Pregnancy and the year after it: a modifier of imaging and medicines, never a card of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.hygiene import is_active
from cards.valueset import value_set
from cards.when import When, newest_first

PREGNANT = value_set("pregnancy")
WEEKS_CODED = value_set("gestation-weeks")
STATUS = value_set("pregnancy-status")
TEST = value_set("lab-pregnancy-test")
NOT_PREGNANT = value_set("not-pregnant")
ENDED = (value_set("delivery-or-postpartum"), value_set("pregnancy-ended"))

LASTS = timedelta(weeks=42)  # a pregnancy recorded longer ago is over, whatever the problem list says
POSTPARTUM = timedelta(days=365)
TEST_HOLDS = timedelta(days=270)  # a positive test of the last nine months

LAST_WEEK = 42
_WEEK_NOT_SAID = frozenset({"00", "01", "49"})  # of Z3A: not specified, less than 8 weeks, more than 42 weeks
_YES = (True, "positive")
_NO = (False, "negative", "absent")


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """A pregnancy that stands today. `weeks` of gestation are today's, None when not recorded."""

    evidence: Finding
    weeks: int | None


@fact
def pregnancy(chart: Chart) -> Pregnancy | None:
    """The pregnancy, unless it has ended since it was recorded; None also for men and where nothing tells.

    Ended: a birth, loss, negative test or "not pregnant" recorded on the same day or later (a test or denial only
    later), or a measured gestation that would be beyond 42 weeks today.
    """
    if chart.patient.sex == "male":
        return None
    evidence = _evidence(chart)
    weeks = _weeks(chart)
    if evidence and not _ended_since(chart, evidence) and (weeks is None or weeks <= LAST_WEEK):
        return Pregnancy(evidence, weeks)
    chart.every(PREGNANT, STATUS, TEST, within=LASTS)  # notes what was not supplied
    return None


def no_x_ray(chart: Chart) -> tuple[str, ...]:
    """A line for a card whose words ask for an X-ray that can wait: in pregnancy another study takes its place."""
    if pregnancy(chart) is None:
        return ()
    return ("**Pregnant:** ultrasound or MRI without gadolinium in place of the X-ray.",)


@fact
def postpartum(chart: Chart) -> Finding | None:
    """What tells of a birth in the last 12 months."""
    found = chart.finding(ENDED[0], within=POSTPARTUM, history=True)
    return found if isinstance(found, Finding) else None


def _evidence(chart: Chart) -> Finding | None:
    """The newest record that says pregnant: a problem, an answer, a measured gestation or a positive test."""
    found = list(chart.findings(PREGNANT, within=LASTS, undated_counts=True))
    found += [r for r in chart.readings(STATUS, within=LASTS) if r.value in _YES]
    found += [r for r in chart.readings("gestational-age", within=LASTS) if r.quantity]
    found += [r for r in chart.readings(TEST, within=TEST_HOLDS) if r.value in _YES]
    return max(found, key=lambda f: newest_first(f.when), default=None)


def _ended_since(chart: Chart, evidence: Finding) -> bool:
    over = [f.when.latest for f in chart.findings(*ENDED, within=LASTS, history=True) if f.when]
    denied = [f.when.latest for f in chart.findings(NOT_PREGNANT, within=LASTS) if f.when]
    denied += [r.when.latest for r in chart.readings(TEST, within=LASTS) if r.when and r.value in _NO]
    denied += [o.latest for o in _denials(chart)]
    if evidence.when is None:
        return bool(over)
    said = evidence.when.latest
    return any(day >= said for day in over) or any(day > said for day in denied)


def _denials(chart: Chart) -> list[When]:
    """Answers "no" to the question of the pregnancy status."""
    return [r.when for r in chart.readings(STATUS, within=LASTS) if r.when and r.value in _NO]


def _weeks(chart: Chart) -> int | None:
    """Weeks of gestation today: the newest recorded, plus the weeks since. A code without a date counts as today's.

    The onset of an active week code may be that of the pregnancy, not the day of that week: where the sum would be
    beyond 42 weeks the code counts as it stands, or the weeks since its date where those are more.
    """
    told: list[tuple[When | None, int, bool]] = []
    measured = chart.latest("gestational-age", within=LASTS)
    if isinstance(measured, Finding) and measured.quantity:
        told.append((measured.when, int(measured.quantity.value), False))
    for condition in chart.all_conditions():
        if WEEKS_CODED.name in condition.concepts and is_active(condition):
            coded = (_coded_weeks(c.code) for c in condition.codes)
            told += [(condition.when, weeks, True) for weeks in coded if weeks is not None]
    recent = [one for one in told if one[0] is None or one[0].possibly_within(LASTS, chart.today)]
    if not recent:
        return None
    when, weeks, coded_only = max(recent, key=lambda one: newest_first(one[0]))
    since = when.days_before(chart.today) // 7 if when else 0
    return max(weeks, since) if coded_only and weeks + since > LAST_WEEK else weeks + since


def _coded_weeks(code: str) -> int | None:
    """Weeks out of ICD-10-CM Z3A.nn; its codes below 8 and above 42 weeks, and "unspecified", give none."""
    category, said = code[:3], code[3:].lstrip(".")
    return int(said) if category == "Z3A" and said.isdigit() and said not in _WEEK_NOT_SAID else None
