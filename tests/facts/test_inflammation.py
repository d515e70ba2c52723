"""Fever and inflammatory markers: the highest temperature, limits by age and sex, the patient's own baseline."""

from __future__ import annotations

from datetime import date, timedelta
from typing import cast

import pytest

from cards.facts.inflammation import abnormal_white_cells, brief, crp, esr_limit, fever, raised_esr
from cards.finding import Finding, NotFound
from cards.look import of_condition, of_observation
from cards.quantity import Quantity
from cards.record import Condition, Observation, Patient, Record
from cards.section import Section
from cards.when import When
from tests.cards.charts import answer, chart, condition, day
from tests.cards.charts import crp as crp_of

FORTNIGHT = timedelta(days=14)


def measured(concept: str, value: float, unit: str, at: str, **members: str) -> Observation:
    return Observation(
        reference=f"Observation/{concept}-{value}-{at}",
        text=concept,
        concepts={concept: "exact"},
        when=day(at),
        value=Quantity.of(value, unit),
        status=members.get("status", "final"),
    )


def temperature(value: float, at: str, **members: str) -> Observation:
    return measured("body-temperature-observation", value, "Cel", at, **members)


def esr(value: float, at: str) -> Observation:
    return measured("lab-esr", value, "mm/h", at)


def born(year: int, sex: str) -> Patient:
    return Patient(id="p", born=When.parse(f"{year}-06-01"), sex=sex)


def test_the_highest_temperature_of_three_days_is_the_fever() -> None:
    found = fever(
        chart(temperature(38.1, "2026-01-13"), temperature(39.2, "2026-01-14"), temperature(36.8, "2026-01-15"))
    )
    assert isinstance(found, Finding)
    assert found.quantity == Quantity.of(39.2, "Cel")
    assert found.conflict is None


def test_another_reading_of_the_same_day_is_told() -> None:
    found = fever(chart(temperature(39.2, "2026-01-14"), temperature(36.8, "2026-01-14")))
    assert isinstance(found, Finding)
    assert found.conflict == "36.8 °C"


def test_normal_temperatures_leave_a_recorded_fever_standing() -> None:
    assert fever(chart(temperature(36.8, "2026-01-15"), condition("fever", "2026-01-13")))


def test_no_fever_is_certain_only_where_observations_were_supplied() -> None:
    assert fever(chart()).certain
    assert not fever(chart(without=["observations"])).certain


@pytest.mark.parametrize(
    ("year", "sex", "limit"),
    [(1990, "male", 30), (1955, "male", 35), (1955, "female", 40), (1955, "other", 35), (1975, "female", 30)],
)
def test_the_limit_of_esr_is_millers_but_never_below_30(year: int, sex: str, limit: float) -> None:
    assert esr_limit(chart(patient=born(year, sex))) == Quantity.of(limit, "mm/h")


def test_an_age_that_is_not_recorded_gives_the_lowest_limit() -> None:
    assert esr_limit(chart(patient=Patient(id="p", sex="female"))) == Quantity.of(30, "mm/h")


def test_the_newest_esr_decides() -> None:
    assert not raised_esr(chart(esr(80, "2026-01-03"), esr(20, "2026-01-12")), FORTNIGHT)
    assert raised_esr(chart(esr(20, "2026-01-03"), esr(80, "2026-01-12")), FORTNIGHT)


def test_the_baseline_is_the_median_so_that_one_old_flare_explains_nothing() -> None:
    arthritis = condition("arthritis-inflammatory", "2018-01-01")
    earlier = [esr(20, "2025-03-01"), esr(22, "2025-06-01"), esr(90, "2025-09-01")]
    assert raised_esr(chart(arthritis, *earlier, esr(45, "2026-01-12")), FORTNIGHT)


def test_resolved_arthritis_explains_nothing() -> None:
    arthritis = condition("arthritis-inflammatory", "2018-01-01", clinical="resolved")
    assert raised_esr(chart(arthritis, esr(40, "2025-06-01"), esr(45, "2026-01-12")), FORTNIGHT)


def test_arthritis_explains_a_crp_near_its_own_baseline_too() -> None:
    arthritis = condition("arthritis-inflammatory", "2018-01-01")
    assert not crp(chart(arthritis, crp_of(20, "2025-06-01"), crp_of(30, "2026-01-12")), FORTNIGHT)
    assert crp(chart(arthritis, crp_of(20, "2025-06-01"), crp_of(31, "2026-01-12")), FORTNIGHT)


@pytest.mark.parametrize(("count", "abnormal"), [(3.9, True), (4.0, False), (12.0, False), (12.1, True)])
def test_white_cells_at_their_limits(count: float, abnormal: bool) -> None:
    cells = measured("lab-wbc", count, "10*9/L", "2026-01-12")
    assert bool(abnormal_white_cells(chart(cells), FORTNIGHT)) is abnormal


def test_a_long_label_is_cut_at_a_word() -> None:
    found = condition("fever", "2026-01-13", text="Fever of unknown origin after travelling through the tropics")
    assert brief(fever(chart(found))) == "Fever of unknown origin after"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (temperature(38.4, "2026-01-15"), "Temperature 38.4 °C"),
        (measured("lab-crp", 142, "mg/L", "2026-01-15"), "CRP 142 mg/L"),
        (esr(60, "2026-01-15"), "ESR 60 mm/h"),
        (measured("lab-wbc", 14, "10*9/L", "2026-01-15"), "White cells 14 10⁹/L"),
        (measured("lab-alp", 300, "U/L", "2026-01-15"), "ALP 300 U/L"),
        (measured("lab-calcium", 3.1, "mmol/L", "2026-01-15"), "Calcium 3.1 mmol/L"),
        (measured("lab-hemoglobin", 80, "g/L", "2026-01-15"), "Haemoglobin 80 g/L"),
        (measured("lab-psa", 20, "ng/mL", "2026-01-15"), "PSA 20 ng/mL"),
        (condition("bacteraemia-endocarditis"), "Bloodstream infection on file"),
        (condition("staphylococcus-aureus-bacteraemia"), "Bloodstream infection on file"),
        (answer("gait", "no-weight"), "gait no weight"),
        (answer("sinus tract", True), "sinus tract"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_a_summary_names_a_finding_in_few_words(found: Record, words: str) -> None:
    told = of_condition(found) if isinstance(found, Condition) else of_observation(cast("Observation", found))
    assert brief(told) == words


def test_a_muscle_is_named_with_its_grade() -> None:
    grade = Observation(
        reference="Observation/1",
        text="MRC grade of knee extension",
        concepts={},
        when=day("2026-01-10"),
        status="final",
        value=Quantity.of(4, "1"),
    )
    assert brief(of_observation(grade)) == "knee extension MRC 4/5"


def test_what_was_not_found_has_no_words() -> None:
    assert brief(NotFound()) == ""


def test_a_temperature_that_cannot_be_read_is_a_gap_beside_a_normal_one() -> None:
    normal = temperature(36.8, "2026-01-15")
    unread = Section(
        "observations", (normal,), unreadable={"Observation/1": frozenset({"body-temperature-observation"})}
    )
    assert chart(sections=[unread]).gaps_of(fever)[1]


def test_older_temperatures_that_were_not_supplied_are_no_gap() -> None:
    cut = Section("observations", missing="only the newest were supplied", since=date(2026, 1, 10))
    assert not chart(sections=[cut]).gaps_of(fever)[1]


def test_an_old_white_count_says_nothing() -> None:
    assert not abnormal_white_cells(chart(measured("lab-wbc", 20, "10*9/L", "2025-12-31")), FORTNIGHT)
