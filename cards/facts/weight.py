"""Weight over the last year: how much was lost, against which reading, and what may explain it.

Weights are in kg. The newest of the last 60 days is compared with the reading closest to one year before it,
no nearer than 150 and no farther than 395 days. What explains a loss must be on file for certain.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from cards.chart import Chart, fact
from cards.facts.pregnancy import postpartum
from cards.finding import Finding, NotFound
from cards.look import of_record
from cards.record import CarePlan, Medication, Procedure
from cards.valueset import value_set
from cards.when import When

WEIGHT = value_set("body-weight-observation")
CODED_LOSS = value_set("unexplained-weight-loss")
BARIATRIC = value_set("bariatric-surgery")
SLIMMING_DRUGS = (value_set("med-glp1-agonist"), value_set("med-weight-loss-drug"))
SLIMMING = value_set("obesity-weight-management")
DIURETIC = value_set("med-diuretic")
DIALYSIS = value_set("dialysis")
AMPUTATION = value_set("limb-amputation")

NEWEST_WITHIN = timedelta(days=60)
REFERENCE_IDEALLY = timedelta(days=365)
REFERENCE_FROM = timedelta(days=150)
REFERENCE_UP_TO = timedelta(days=395)
SIGNIFICANT_FROM = 5.0  # per cent of the reference weight
CODED_WITHIN = timedelta(days=183)
BARIATRIC_WITHIN = timedelta(days=731)
SLIMMING_WITHIN = timedelta(days=395)
DIURETIC_WITHIN = timedelta(days=60)
AMPUTATION_WITHIN = timedelta(days=395)
IMPLAUSIBLE_ABOVE = 25.0  # per cent between two readings
IMPLAUSIBLE_WITHIN = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Trend:
    """Newest and reference weight. `percent` is what was lost of the reference, negative for a gain."""

    newest: Finding
    reference: Finding
    percent: float
    days: int


@dataclass(frozen=True, slots=True)
class Loss:
    """A significant loss of weight. `explained_by` holds what may explain it, in words and as records."""

    evidence: tuple[Finding, ...]
    percent: float | None
    explained_by: tuple[Finding, ...]
    implausible: bool

    @property
    def explained(self) -> bool:
        """Something may explain it, were it only a mistaken reading."""
        return bool(self.explained_by) or self.implausible


@fact
def weight_trend(chart: Chart) -> Trend | None:
    """Newest against reference weight; None where one of them is missing.

    Of differing readings the worse counts: the lower newest one, the higher reference.
    """
    newest = chart.latest(WEIGHT, within=NEWEST_WITHIN, worse="low")
    if not isinstance(newest, Finding) or not newest.when:
        return None
    day = newest.when.latest
    earlier = [r for r in _weights(chart) if REFERENCE_FROM <= day - _day(r) <= REFERENCE_UP_TO]
    reference = min(earlier, key=lambda r: (abs(day - _day(r) - REFERENCE_IDEALLY), -_kg(r)), default=None)
    if reference is None:
        return None
    percent = round((_kg(reference) - _kg(newest)) / _kg(reference) * 100, 6)
    return Trend(newest, reference, percent, (day - _day(reference)).days)


@fact
def weight_loss(chart: Chart) -> Loss | None:
    """A measured loss of 5 % or more, or an unexplained loss recorded as a problem; None where there is neither."""
    trend = weight_trend(chart)
    coded = chart.finding(CODED_LOSS, within=CODED_WITHIN)
    if trend and trend.percent >= SIGNIFICANT_FROM:
        found = (trend.newest, trend.reference, *((coded,) if isinstance(coded, Finding) else ()))
        return Loss(found, trend.percent, _explanations(chart), _implausible(chart, trend))
    if isinstance(coded, Finding):
        return Loss((coded,), None, _explanations(chart), implausible=False)
    return None


def _explanations(chart: Chart) -> tuple[Finding, ...]:
    looks = (
        chart.finding(BARIATRIC, within=BARIATRIC_WITHIN, history=True, surely=True),
        _record(chart.procedures(BARIATRIC, within=BARIATRIC_WITHIN)),
        _record(chart.medications(*SLIMMING_DRUGS)),
        chart.finding(SLIMMING, within=SLIMMING_WITHIN, history=True, surely=True),
        _record(chart.procedures(SLIMMING, within=SLIMMING_WITHIN)),
        _record(p for p in chart.care_plans(SLIMMING) if p.status == "active"),
        _record(m for m in chart.medications(DIURETIC) if _new(m, chart.today)),
        chart.finding(DIALYSIS, surely=True),
        chart.finding(AMPUTATION, within=AMPUTATION_WITHIN, history=True, surely=True),
        _record(chart.procedures(AMPUTATION, within=AMPUTATION_WITHIN)),
        postpartum(chart),
    )
    return tuple(look for look in looks if isinstance(look, Finding))


def _new(medicine: Medication, today: date) -> bool:
    return medicine.when is not None and medicine.when.certainly_within(DIURETIC_WITHIN, today)


def _record(found: Iterable[Medication | Procedure | CarePlan]) -> Finding | NotFound:
    first = next(iter(found), None)
    return of_record(first) if first else NotFound()


def _implausible(chart: Chart, trend: Trend) -> bool:
    """Some two successive readings, the reference and what came near it included, are too far apart."""
    oldest = _day(trend.reference) - IMPLAUSIBLE_WITHIN
    weights = sorted((r for r in _weights(chart) if _day(r) >= oldest), key=_day)
    return any(
        _day(b) - _day(a) <= IMPLAUSIBLE_WITHIN and abs(_kg(b) - _kg(a)) / _kg(a) * 100 > IMPLAUSIBLE_ABOVE
        for a, b in pairwise(weights)
    )


def _weights(chart: Chart) -> list[Finding]:
    """Readings with a day; a month or a year is too coarse for a trend."""
    return [r for r in chart.readings(WEIGHT) if r.quantity and r.when and r.when.exact]


def _day(reading: Finding) -> date:
    return (reading.when or When.on(date.min)).latest


def _kg(reading: Finding) -> float:
    return reading.quantity.value if reading.quantity else 0.0
