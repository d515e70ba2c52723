"""Kidney function: which value counts, and whether it may still be relied on."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.chart import Chart
from cards.codings import ICD10CM, LOINC
from cards.facts.renal import kidney
from cards.immutable import replace
from cards.quantity import Quantity
from cards.record import Condition, Observation, Patient
from cards.section import Section
from cards.valueset import TERMINOLOGY
from cards.when import When

TODAY = date(2026, 1, 15)
RATE = "mL/min/{1.73_m2}"


def egfr(value: float, days_ago: int) -> Observation:
    return Observation(
        reference=f"Observation/{value}-{days_ago}",
        text="eGFR",
        concepts=TERMINOLOGY.concepts([(LOINC, "98979-8")], None),
        when=When.on(TODAY - timedelta(days=days_ago)),
        status="final",
        value=Quantity.of(value, RATE),
    )


def problem(code: str, days_ago: int, clinical: str = "active") -> Condition:
    return Condition(
        reference=f"Condition/{code}",
        text=code,
        concepts=TERMINOLOGY.concepts([(ICD10CM, code)], None),
        when=When.on(TODAY - timedelta(days=days_ago)),
        clinical=clinical,
    )


def creatinine(value: float, days_ago: int) -> Observation:
    codes = TERMINOLOGY.concepts([(LOINC, "2160-0")], None)
    found = replace(egfr(value, days_ago), reference="Observation/creatinine", text="Creatinine", concepts=codes)
    return replace(found, value=Quantity.of(value, "mg/dL"))


def chart(*records: Observation | Condition, patient: Patient = Patient(id="p")) -> Chart:  # noqa: B008 - immutable
    sections = {
        "observations": Section("observations", tuple(r for r in records if isinstance(r, Observation))),
        "conditions": Section("conditions", tuple(r for r in records if isinstance(r, Condition))),
    }
    return Chart(patient, TODAY, sections)  # type: ignore[arg-type]


def test_the_newest_value_counts() -> None:
    rate = kidney(chart(egfr(80, 200), egfr(40, 10))).rate
    assert rate == Quantity.of(40, RATE)


def test_of_two_values_of_one_day_the_lower_counts() -> None:
    rate = kidney(chart(egfr(80, 10), egfr(40, 10))).rate
    assert rate == Quantity.of(40, RATE)


@pytest.mark.parametrize(("days", "known"), [(365, True), (366, False)])
def test_a_value_counts_for_a_year(days: int, known: bool) -> None:
    assert (kidney(chart(egfr(40, days))).rate is not None) is known


@pytest.mark.parametrize(("days", "fresh"), [(90, True), (91, False)])
def test_with_kidney_disease_a_value_is_fresh_for_ninety_days(days: int, fresh: bool) -> None:
    assert kidney(chart(egfr(40, days), problem("N18.30", 900))).fresh is fresh


@pytest.mark.parametrize(("injured", "fresh"), [(90, False), (91, True)])
def test_after_a_kidney_injury_of_ninety_days_an_older_value_is_not_fresh(injured: int, fresh: bool) -> None:
    assert kidney(chart(egfr(40, 100), problem("N17.9", injured, "resolved"))).fresh is fresh


def test_without_kidney_disease_an_older_value_is_fresh() -> None:
    assert kidney(chart(egfr(40, 300))).fresh


@pytest.mark.parametrize(("days", "found"), [(14, True), (15, False)])
def test_a_kidney_injury_is_recent_for_two_weeks_though_resolved(days: int, found: bool) -> None:
    assert bool(kidney(chart(problem("N17.9", days, "resolved"))).injury) is found


def test_nothing_supplied_is_not_a_normal_kidney() -> None:
    bare = Chart(Patient(id="p"), TODAY, {})
    assert not kidney(bare).egfr.certain
    assert not kidney(bare).fresh


@pytest.mark.parametrize(
    ("sex", "born", "mg", "rate"),
    [("male", "1965-06-01", 1.0, 86), ("female", "1965-06-01", 1.0, 64), (None, "1965-06-01", 1.0, 64)],
)
def test_creatinine_alone_tells_the_rate_as_laboratories_work_it_out(
    sex: str | None, born: str, mg: float, rate: float
) -> None:
    patient = Patient(id="p", sex=sex, born=When.parse(born))
    found = kidney(chart(creatinine(mg, 10), patient=patient))
    assert found.rate == Quantity.of(rate, RATE)
    assert found.egfr.label == "eGFR worked out from creatinine 1 mg/dL"  # type: ignore[union-attr]


def test_a_reported_rate_goes_before_creatinine_and_an_old_creatinine_tells_nothing() -> None:
    patient = Patient(id="p", sex="male", born=When.parse("1965-06-01"))
    assert kidney(chart(egfr(40, 300), creatinine(1.0, 10), patient=patient)).rate == Quantity.of(40, RATE)
    assert kidney(chart(creatinine(4.0, 366), patient=patient)).rate is None


def test_without_age_creatinine_tells_no_rate() -> None:
    assert kidney(chart(creatinine(4.0, 10))).rate is None


@pytest.mark.parametrize(
    ("mg_dl", "age", "sex", "expected"),
    [(0.5, 50, "female", 114), (0.6, 50, "male", 118), (0.7, 20, "female", 127), (0.9, 20, "male", 125)],
)
def test_a_low_creatinine_means_a_high_rate_by_the_equation_of_2021(
    mg_dl: float, age: int, sex: str, expected: int
) -> None:
    born = When.on(TODAY.replace(year=TODAY.year - age))
    rate = kidney(chart(creatinine(mg_dl, 5), patient=Patient(id="p", born=born, sex=sex))).rate
    assert rate == Quantity.of(expected, RATE)


def test_a_creatinine_or_a_rate_without_a_number_means_no_rate() -> None:
    born = Patient(id="p", born=When.on(date(1950, 1, 1)))
    assert kidney(chart(replace(creatinine(1, 5), value=True), patient=born)).rate is None
    assert kidney(chart(replace(egfr(40, 5), value=True), patient=born)).rate is None
