"""Pregnancy and the year after it: a modifier of imaging and medicines, never a card of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.quantity import Quantity
from cards.valueset import value_set

PREGNANT = value_set("pregnancy")
WEEKS_CODED = value_set("gestation-weeks")
TEST = value_set("lab-pregnancy-test")
NOT_PREGNANT = value_set("not-pregnant")
ENDED = (value_set("delivery-or-postpartum"), value_set("pregnancy-ended"))

LASTS = timedelta(weeks=42)  # a pregnancy recorded longer ago is over, whatever the problem list says
POSTPARTUM = timedelta(days=365)
TEST_HOLDS = timedelta(days=270)  # a positive test of the last nine months

FIRST_CODED_WEEK = 8
LAST_CODED_WEEK = 42


@dataclass(frozen=True, slots=True)
class Pregnancy:
    """A pregnancy that stands today. `weeks` of gestation are today's, None when not recorded."""

    evidence: Finding
    weeks: int | None


@fact
def pregnancy(chart: Chart) -> Pregnancy | None:
    """The pregnancy, unless it has ended since it was recorded; None also for men and where nothing tells."""
    if chart.patient.sex == "male":
        return None
    coded = chart.finding(WEEKS_CODED, PREGNANT, within=LASTS, undated_counts=True)
    tested = chart.finding(TEST, within=TEST_HOLDS)
    evidence = coded or tested
    if not isinstance(evidence, Finding):
        return None
    over = chart.finding(*ENDED, within=LASTS, history=True)
    if isinstance(over, Finding) and over.when and evidence.when and over.when.latest >= evidence.when.latest:
        return None
    negative = chart.finding(NOT_PREGNANT, within=LASTS)
    if (
        isinstance(negative, Finding)
        and negative.when
        and evidence.when
        and negative.when.latest > evidence.when.latest
    ):
        return None
    return Pregnancy(evidence, _weeks(chart))


@fact
def postpartum(chart: Chart) -> Finding | None:
    """What tells of a birth in the last 12 months."""
    found = chart.finding(ENDED[0], within=POSTPARTUM, history=True)
    return found if isinstance(found, Finding) else None


def _weeks(chart: Chart) -> int | None:
    """Weeks of gestation today: those recorded, plus the weeks since."""
    measured = chart.latest("gestational-age", within=LASTS)
    if isinstance(measured, Finding) and isinstance(measured.value, Quantity) and measured.when:
        return int(measured.value.value) + measured.when.days_before(chart.today) // 7
    for condition in chart.all_conditions():
        for coding in condition.codes:
            weeks = _coded_weeks(coding.code) if WEEKS_CODED.name in condition.concepts else None
            if weeks is not None and condition.when and condition.when.possibly_within(LASTS, chart.today):
                return weeks + condition.when.days_before(chart.today) // 7
    return None


def _coded_weeks(code: str) -> int | None:
    """Weeks out of ICD-10-CM Z3A.nn; its codes below 8 and above 42 weeks, and "unspecified", give none."""
    if not code.startswith("Z3A") or not code[3:].isdigit():
        return None
    weeks = int(code[3:])
    return weeks if FIRST_CODED_WEEK <= weeks <= LAST_CODED_WEEK else None
