"""What makes bone fragile, counted once and told in few words."""

from __future__ import annotations

import pytest

from cards.facts.bone_health import (
    dxa_due,
    fragility_risks,
    insufficiency_risks,
    pelvic_radiotherapy,
    records_of,
    words_of,
)
from cards.facts.bone_stress import stress_risks
from cards.quantity import Quantity
from cards.record import Encounter, Observation, Patient, Procedure, Record, Relative, Report
from cards.section import Section
from cards.when import When
from tests.cards.charts import answer, chart, condition, day, medicine


def patient(born: str, sex: str = "female") -> Patient:
    return Patient(id="p", born=When.parse(born), sex=sex)


def procedure(concept: str, at: str, strength: str = "exact") -> Procedure:
    return Procedure(
        reference=f"Procedure/{concept}",
        text=concept,
        concepts={concept: strength},  # type: ignore[dict-item]
        when=day(at),
        status="completed",
    )


@pytest.mark.parametrize(("born", "risks"), [("1961-01-15", 1), ("1961-01-16", 0)])
def test_age_is_a_risk_from_the_65th_birthday(born: str, risks: int) -> None:
    assert len(fragility_risks(chart(patient=patient(born)))) == risks


@pytest.mark.parametrize(
    "concept",
    ["osteoporosis", "fragility-fracture-history", "ckd-4-5", "rheumatoid-arthritis", "malabsorption"],
)
def test_each_of_these_problems_is_a_risk_even_when_resolved(concept: str) -> None:
    assert len(fragility_risks(chart(condition(concept, "2020", clinical="resolved")))) == 1


@pytest.mark.parametrize("verification", ["refuted", "entered-in-error"])
def test_a_problem_that_is_not_the_patients_is_no_risk(verification: str) -> None:
    assert not fragility_risks(chart(condition("osteoporosis", verification=verification)))


def test_a_relatives_osteoporosis_is_no_risk() -> None:
    mother = Relative(
        reference="FamilyMemberHistory/1",
        text="mother: osteoporosis",
        concepts={"osteoporosis": "exact"},
        status="completed",
        first_degree=True,
    )
    assert not fragility_risks(chart(mother))


def test_no_risk_is_uncertain_where_problems_and_medicines_were_not_supplied() -> None:
    risks, gaps = chart(without=["conditions", "medications"]).gaps_of(fragility_risks)
    assert risks == ()
    assert {g.section for g in gaps} == {"conditions", "medications"}


def test_radiotherapy_counts_only_with_the_pelvis_in_its_field() -> None:
    assert pelvic_radiotherapy(chart(procedure("pelvic-radiotherapy", "2010-05-01")))
    assert not pelvic_radiotherapy(chart(procedure("pelvic-radiotherapy", "2010-05-01", "broad")))


def test_years_of_bisphosphonate_count_only_where_thigh_or_groin_hurts() -> None:
    long = medicine("med-bisphosphonate", when=day("2020-01-01"))
    assert not fragility_risks(chart(long))
    undated = medicine("med-bisphosphonate", ref="MedicationRequest/2")
    (risk,) = fragility_risks(chart(long, undated, answer("pain-location", "groin")))
    assert risk.words == "long-term bisphosphonate"
    assert fragility_risks(chart(long, answer("pain-location", "posterior-thigh")))


@pytest.mark.parametrize("place", ["thigh-pain", "groin-pain"])
def test_the_reason_of_a_visit_tells_of_thigh_or_groin_too(place: str) -> None:
    visit = Encounter(
        reference="Encounter/1",
        text="visit",
        concepts={"buttock-pain": "exact", place: "exact"},
        when=day("2026-01-10"),
        status="finished",
    )
    assert fragility_risks(chart(visit, medicine("med-bisphosphonate", when=day("2020-01-01"))))


@pytest.mark.parametrize("concept", ["osteoporosis", "pelvic-radiotherapy", "rheumatoid-arthritis"])
def test_a_risk_that_cannot_be_read_is_a_gap_beside_another_weak_one(concept: str) -> None:
    weak = condition("ckd-3b-5")
    unread = Section("conditions", (weak,), unreadable={"Condition/1": frozenset({concept})})
    assert chart(sections=[unread]).gaps_of(insufficiency_risks)[1]
    assert chart(sections=[unread]).gaps_of(fragility_risks)[1]


def test_only_the_observations_not_supplied_are_no_certainty() -> None:
    assert chart(without=["observations"]).gaps_of(insufficiency_risks)[1]


@pytest.mark.parametrize("concept", ["osteoporosis", "fragility-fracture-history", "pelvic-radiotherapy"])
def test_a_strong_risk_of_the_sacrum_counts_when_resolved_too(concept: str) -> None:
    strong, _ = insufficiency_risks(chart(condition(concept, "2025-01-01", clinical="resolved")))
    assert len(strong) == 1


def test_rheumatoid_arthritis_in_remission_is_a_weak_one() -> None:
    _, weak = insufficiency_risks(chart(condition("rheumatoid-arthritis", "2015", clinical="remission")))
    assert [r.words for r in weak] == ["rheumatoid arthritis"]


def test_one_risk_on_file_twice_counts_once_and_tells_its_record() -> None:
    twice = (condition("rheumatoid-arthritis", "2015-01-01"), condition("rheumatoid-arthritis", "2020-01-01"))
    _, weak = insufficiency_risks(chart(*twice))
    assert [f.reference for f in records_of(weak)] == [twice[1].reference]


def test_of_an_age_not_recorded_nothing_follows() -> None:
    nobody = Patient(id="p", born=None, sex="female")
    assert fragility_risks(chart(patient=nobody)) == ()
    assert insufficiency_risks(chart(patient=nobody)) == ((), ())


def test_low_bone_mass_is_a_strong_risk_in_the_third_trimester_and_half_a_year_after_birth() -> None:
    thin = condition("osteopenia", "2020", clinical="resolved")
    late = answer("gestational-age", Quantity.of(28, "wk"), "2026-01-15")
    birth = condition("delivery-or-postpartum", "2025-10-01", clinical="resolved")
    for around in (late, birth):
        strong, _ = insufficiency_risks(chart(thin, around))
        assert [r.words for r in strong] == ["low bone mass around birth"]
        assert insufficiency_risks(chart(around))[0] == ()
    assert insufficiency_risks(chart(thin, condition("pregnancy")))[0] == ()


def test_a_summary_names_two_risks_and_the_card_quotes_the_records() -> None:
    risks = fragility_risks(
        chart(
            condition("osteoporosis"),
            condition("malabsorption"),
            condition("ckd-4-5"),
            patient=patient("1940-01-01"),
        )
    )
    assert words_of(risks) == "osteoporosis, CKD stage 4-5"
    assert len(records_of(risks)) == 3


def test_weak_risks_of_the_sacrum_are_counted_apart_from_strong_ones() -> None:
    strong, weak = insufficiency_risks(
        chart(condition("rheumatoid-arthritis"), condition("ckd-3b-5"), patient=patient("1955-01-01"))
    )
    assert strong == ()
    assert [r.words for r in weak] == ["woman of 71", "rheumatoid arthritis", "CKD stage 3b-5"]


def test_a_man_of_seventy_has_no_weak_risk_by_age() -> None:
    assert insufficiency_risks(chart(patient=patient("1955-01-01", "male"))) == ((), ())


def test_a_bone_density_scan_holds_for_two_years() -> None:
    def scan(at: str) -> Report:
        return Report(
            reference="DiagnosticReport/1",
            text="DXA",
            concepts={"img-dxa": "exact"},
            when=day(at),
            status="final",
            results={},
        )

    assert dxa_due(chart())
    assert not dxa_due(chart(scan("2024-01-16")))
    assert dxa_due(chart(scan("2024-01-15")))


def test_of_two_body_mass_indices_of_one_day_the_lower_counts() -> None:
    def bmi(value: float) -> Observation:
        return Observation(
            reference=f"Observation/{value}",
            text="BMI",
            concepts={"bmi": "exact"},
            when=day("2026-01-10"),
            status="final",
            value=Quantity.of(value, "kg/m2"),
        )

    assert list(stress_risks(chart(bmi(18.4), bmi(19)))) == ["low body mass index"]
    assert not stress_risks(chart(bmi(18.5)))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (condition("athlete-or-recruit"), "runner or recruit"),
        (condition("osteoporosis", "2020", clinical="resolved"), "osteoporosis"),
    ],
)
def test_each_of_these_is_a_risk_for_bone_under_load(record: Record, words: str) -> None:
    assert list(stress_risks(chart(record))) == [words]


def test_an_ordinary_visit_makes_no_athlete() -> None:
    visit = Encounter(reference="Encounter/1", text="visit", concepts={}, when=day("2026-01-10"), status="finished")
    assert not stress_risks(chart(visit))
