"""Pregnant today or not, and how far: codes, answers, tests, their dates and what ended it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.chart import Chart
from cards.codings import Coding
from cards.facts.pregnancy import no_x_ray, postpartum, pregnancy
from cards.immutable import replace as struct_replace
from cards.quantity import Quantity
from cards.record import Condition, Observation, Patient, Record, Value
from cards.section import Section
from cards.valueset import TERMINOLOGY
from cards.when import When

TODAY = date(2026, 1, 15)
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def problem(code: str, when: str | None, clinical: str = "active") -> Condition:
    return Condition(
        reference=f"Condition/{code}-{when}",
        text=code,
        concepts=TERMINOLOGY.concepts([(SNOMED if code.isdigit() else ICD, code)], None),
        when=When.parse(when) if when else None,
        clinical=clinical,
        verification="confirmed",
        codes=(Coding(ICD, code),),
    )


def result(code: str, value: Value | None, when: str) -> Observation:
    return Observation(
        reference=f"Observation/{code}-{when}",
        text=code,
        concepts=TERMINOLOGY.concepts([(LOINC, code)], None),
        when=When.parse(when),
        status="final",
        value=value,
        denied=value in (False, "negative"),
    )


def gestation(weeks: float | None, when: str) -> Observation:
    return Observation(
        reference=f"Observation/gestation-{when}",
        text="Gestational age",
        concepts={},
        when=When.parse(when),
        status="final",
        question="gestational-age",
        value=Quantity(weeks, "wk") if weeks is not None else None,
    )


def chart(*records: Record, sex: str = "female") -> Chart:
    return Chart(
        Patient(id="p", sex=sex),
        TODAY,
        {
            "conditions": Section("conditions", tuple(r for r in records if isinstance(r, Condition))),
            "observations": Section("observations", tuple(r for r in records if isinstance(r, Observation))),
        },
    )


def weeks(*records: Record) -> int | None:
    found = pregnancy(chart(*records))
    assert found is not None
    return found.weeks


def test_a_week_of_gestation_alone_means_pregnant_at_that_week() -> None:
    assert weeks(problem("Z3A.26", ago(0))) == 26


def test_weeks_pass_after_they_were_recorded() -> None:
    assert weeks(problem("Z3A.26", ago(20))) == 28
    assert weeks(problem("Z3A.26", ago(21))) == 29


def test_a_week_without_a_date_is_taken_as_said() -> None:
    assert weeks(problem("Z3A.26", None)) == 26


def test_the_newest_week_counts_whichever_way_it_was_recorded() -> None:
    assert weeks(problem("Z3A.10", ago(14)), problem("Z3A.20", ago(0))) == 20
    assert weeks(problem("Z3A.10", ago(7)), gestation(20.5, ago(0))) == 20
    assert weeks(problem("Z3A.20", ago(0)), gestation(10, ago(7))) == 20


def test_a_week_of_an_earlier_visit_that_was_closed_is_not_read() -> None:
    assert weeks(problem("Z33.1", ago(60)), problem("Z3A.30", ago(5), "resolved")) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [("Z3A.00", None), ("Z3A.01", None), ("Z3A.08", 8), ("Z3A.42", 42), ("Z3A.49", None)],
)
def test_codes_below_8_and_above_42_weeks_say_pregnant_but_not_how_far(code: str, said: int | None) -> None:
    assert weeks(problem(code, ago(0))) == said


def test_a_measured_gestation_beyond_42_weeks_today_is_over() -> None:
    assert weeks(gestation(26, ago(16 * 7))) == 42
    assert pregnancy(chart(gestation(26, ago(17 * 7)))) is None


def test_an_active_week_code_whose_onset_may_be_that_of_the_pregnancy_counts_as_it_stands() -> None:
    assert weeks(problem("Z3A.26", ago(16 * 7))) == 42
    assert weeks(problem("Z3A.26", ago(17 * 7))) == 26
    assert weeks(problem("Z3A.32", ago(28 * 7))) == 32


def test_but_a_pregnancy_known_for_33_weeks_is_no_younger() -> None:
    assert weeks(problem("Z3A.10", ago(33 * 7))) == 33


def test_a_week_code_is_over_after_a_birth_a_loss_a_denial_or_42_weeks() -> None:
    coded = problem("Z3A.32", ago(28 * 7))
    ended = [problem("O80", ago(60), "resolved"), problem("Z39.2", ago(20)), result("82810-3", False, ago(5))]
    assert [pregnancy(chart(coded, one)) for one in ended] == [None, None, None]
    assert pregnancy(chart(problem("Z3A.32", ago(295)))) is None


def test_a_newer_measured_gestation_beyond_42_weeks_outweighs_an_older_code() -> None:
    assert pregnancy(chart(problem("Z3A.20", ago(25 * 7)), gestation(26, ago(17 * 7)))) is None


def test_a_pregnancy_code_lasts_42_weeks() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(294)))) is not None
    assert pregnancy(chart(problem("Z33.1", ago(295)))) is None


def test_a_measured_gestation_alone_means_pregnant() -> None:
    assert weeks(gestation(12, ago(7))) == 13
    assert pregnancy(chart(gestation(10, ago(295)))) is None


def test_a_gestation_without_a_number_tells_nothing() -> None:
    assert pregnancy(chart(gestation(None, ago(7)))) is None
    unclear = struct_replace(gestation(None, ago(7)), value=True)
    assert weeks(problem("Z33.1", ago(60)), unclear) is None


def test_a_week_code_of_an_older_pregnancy_says_nothing_of_this_one() -> None:
    assert weeks(problem("Z3A.30", ago(400)), problem("Z33.1", ago(60))) is None


def test_only_the_code_of_the_week_tells_the_week() -> None:
    coded = problem("Z3A.26", ago(0))
    bare = Coding(ICD, "Z3A")
    assert weeks(struct_replace(coded, codes=(Coding(SNOMED, "77386006"), bare, *coded.codes))) == 26


def test_a_positive_test_holds_nine_months_and_says_no_week() -> None:
    assert weeks(result("2106-3", "positive", ago(270))) is None
    assert pregnancy(chart(result("2106-3", "positive", ago(271)))) is None


def test_a_negative_test_is_no_pregnancy() -> None:
    assert pregnancy(chart(result("2106-3", "negative", ago(1)))) is None


def test_a_negative_test_ends_only_what_was_recorded_before_it() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(60)), result("2106-3", "negative", ago(5)))) is None
    assert pregnancy(chart(result("2106-3", "negative", ago(60)), problem("Z33.1", ago(5)))) is not None


def test_the_status_question_counts_only_with_an_answer() -> None:
    assert pregnancy(chart(result("82810-3", True, ago(5)))) is not None
    assert pregnancy(chart(result("82810-3", False, ago(5)))) is None
    assert pregnancy(chart(problem("Z33.1", ago(60)), result("82810-3", False, ago(5)))) is None


def test_an_answer_of_yes_lasts_42_weeks_too() -> None:
    assert pregnancy(chart(result("82810-3", True, ago(294)))) is not None
    assert pregnancy(chart(result("82810-3", True, ago(295)))) is None


@pytest.mark.parametrize("said", [problem("60001007", ago(5)), result("2106-3", "absent", ago(5))])
def test_not_pregnant_as_a_problem_or_hcg_found_absent_ends_it(said: Record) -> None:
    assert pregnancy(chart(problem("Z33.1", ago(60)), said)) is None
    assert pregnancy(chart(problem("Z33.1", ago(60)), said, result("2106-3", "negative", ago(90)))) is None


def test_a_denial_of_the_same_day_does_not_end_it_but_a_birth_does() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(5)), result("2106-3", "negative", ago(5)))) is not None
    assert pregnancy(chart(problem("Z33.1", ago(5)), problem("O80", ago(5)))) is None


@pytest.mark.parametrize("code", ["2106-3", "82810-3"])
def test_a_question_without_an_answer_denies_nothing(code: str) -> None:
    assert pregnancy(chart(problem("Z33.1", ago(60)), result(code, None, ago(5)))) is not None


def test_a_positive_test_too_old_to_hold_denies_nothing() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(290)), result("2106-3", "positive", ago(280)))) is not None


def test_a_denial_or_a_birth_without_a_date_ends_nothing_that_has_one() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(60)), problem("60001007", None))) is not None
    assert pregnancy(chart(problem("Z33.1", ago(60)), problem("O80", None))) is not None


def test_a_new_pregnancy_after_a_birth_counts_although_the_old_one_is_still_on_file() -> None:
    assert weeks(problem("Z33.1", ago(290)), problem("O80", ago(200)), gestation(8, ago(7))) == 9


def test_a_birth_of_longer_ago_does_not_end_a_pregnancy_without_a_date() -> None:
    assert pregnancy(chart(problem("Z34.90", None), problem("O80", ago(295)))) is not None


def test_only_in_pregnancy_the_words_ask_for_another_study_than_an_x_ray() -> None:
    assert no_x_ray(chart(problem("Z33.1", ago(5))))
    assert no_x_ray(chart()) == ()


@pytest.mark.parametrize("code", ["O80", "Z39.2", "O03.9", "O00.109"])
def test_a_birth_or_loss_since_ends_it(code: str) -> None:
    assert pregnancy(chart(problem("Z34.90", ago(60)), problem(code, ago(10), "resolved"))) is None


def test_a_birth_before_it_does_not() -> None:
    assert pregnancy(chart(problem("O80", ago(200), "resolved"), problem("Z34.90", ago(60)))) is not None


def test_a_birth_ends_a_pregnancy_without_a_date() -> None:
    assert pregnancy(chart(problem("Z34.90", None), problem("O80", ago(20)))) is None


def test_a_man_is_not_pregnant() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(5)), sex="male")) is None


def test_a_closed_pregnancy_is_none() -> None:
    assert pregnancy(chart(problem("Z33.1", ago(5), "resolved"))) is None


def test_a_chart_without_observations_cannot_be_sure_that_there_is_none() -> None:
    blind = Chart(Patient(id="p", sex="female"), TODAY, {"conditions": Section("conditions")})
    found, gaps = blind.gaps_of(pregnancy)
    assert found is None
    assert {g.section for g in gaps} == {"observations"}


def test_what_is_missing_from_before_42_weeks_ago_does_not_matter() -> None:
    def cut_off(days: int) -> Section:
        since = TODAY - timedelta(days=days)
        return Section("observations", missing="only the newest were supplied", since=since)

    whole = Section("conditions")
    old, young = (Chart(Patient(id="p"), TODAY, {"conditions": whole, "observations": cut_off(d)}) for d in (295, 293))
    assert old.gaps_of(pregnancy)[1] == ()
    assert young.gaps_of(pregnancy)[1]


def test_postpartum_lasts_a_year() -> None:
    assert postpartum(chart(problem("O80", ago(365), "resolved"))) is not None
    assert postpartum(chart(problem("O80", ago(366), "resolved"))) is None
    assert postpartum(chart(problem("O03.9", ago(30)))) is None
