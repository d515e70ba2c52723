"""What speaks against a systemic NSAID: how recent, how certain and how dangerous it has to be."""

from __future__ import annotations

import pytest

from cards.facts.nsaid_risks import allergy, gut, heart_failure, major_bleed, vascular_event
from cards.facts.reasons import Reason
from cards.finding import Finding
from cards.record import Allergy, Encounter
from tests.cards.charts import chart, day
from tests.facts.told import told

PAIN = "condition: buttock pain [sct 279043006] from 2026-01-01"


def urgency(reason: Reason | None) -> str:
    """The indicator, or "none". A reason names the record on which it rests, and its date where it has one."""
    if reason is None:
        return "none"
    assert reason.because
    assert all(reason.because)
    return reason.indicator


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (["condition: heart failure [icd I50.9] from 2020"], "warning"),
        (["condition: heart failure [icd I50.9] from 2020 resolved"], "info"),
        (["condition: acute on chronic heart failure [icd I50.23] from 2025-10-17 resolved"], "critical"),
        (["condition: acute on chronic heart failure [icd I50.23] from 2025-10-16"], "warning"),
        (["condition: acute on chronic heart failure [icd I50.23] from 2025-10-16 resolved"], "info"),
        (['encounter: 2025-10-17 IMP reason "heart failure" [icd I50.9]'], "critical"),
        (['encounter: 2025-10-16 IMP reason "heart failure" [icd I50.9]'], "none"),
        (['encounter: 2025-12-17 AMB reason "heart failure" [icd I50.9]'], "none"),
        (['encounter: 2025-12-17 IMP reason "pneumonia" [icd J18.9]'], "none"),
        ([], "none"),
    ],
)
def test_heart_failure(facts: list[str], expected: str) -> None:
    assert urgency(heart_failure(told(PAIN, *facts))) == expected


@pytest.mark.parametrize("kind", ["IMP", "EMER", "ACUTE", "NONAC", "OBSENC"])
def test_every_class_of_a_stay_in_hospital_is_an_admission(kind: str) -> None:
    stay = Encounter(
        reference="Encounter/1",
        text="heart failure",
        concepts={"heart-failure": "exact"},
        when=day("2025-12-17"),
        status="finished",
        kind=kind,
    )
    assert urgency(heart_failure(chart(stay))) == "critical"


def test_an_admission_is_told_with_its_date() -> None:
    reason = heart_failure(told(PAIN, 'encounter: 2025-12-17 IMP reason "heart failure" [icd I50.9]'))
    assert reason is not None
    assert [str(f.when) for f in reason.because if isinstance(f, Finding)] == ["17 Dec 2025"]


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("condition: myocardial infarction [icd I21.9] from 2025-01-15 resolved", "warning"),
        ("condition: myocardial infarction [icd I21.9] from 2025-01-14 resolved", "none"),
    ],
)
def test_a_vascular_event_counts_for_a_year(fact: str, expected: str) -> None:
    assert urgency(vascular_event(told(PAIN, fact))) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ("condition: gastric ulcer [icd K25.9] from 2019", "critical"),
        ("condition: gastric ulcer [icd K25.9] from 2025-01-15 resolved", "critical"),
        ("condition: gastric ulcer [icd K25.9] from 2025-01-14 resolved", "warning"),
        ("condition: gastrointestinal bleeding [icd K92.2] from 2019", "critical"),
        ("condition: gastrointestinal bleeding [icd K92.2] from 2025-01-15 resolved", "critical"),
        ("condition: gastrointestinal bleeding [icd K92.2] from 2025-01-14 resolved", "warning"),
        ("condition: history of peptic ulcer [icd Z87.11] from 2010", "warning"),
        ("condition: history of peptic ulcer [icd Z87.11] from 2010 resolved", "warning"),
        ("condition: gastric ulcer [icd K25.9] from 2019 refuted", "none"),
    ],
)
def test_an_ulcer_or_bleeding(fact: str, expected: str) -> None:
    assert urgency(gut(told(PAIN, fact))) == expected


@pytest.mark.parametrize(("day", "found"), [("2025-12-16", True), ("2025-12-15", False)])
def test_a_major_bleed_counts_for_thirty_days_though_resolved(day: str, found: bool) -> None:
    bled = told(PAIN, f"condition: gastrointestinal bleeding [icd K92.2] from {day} resolved")
    assert bool(major_bleed(bled)) is found


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (["allergy: ibuprofen [rx 5640] high confirmed"], "critical"),
        (["allergy: ibuprofen [rx 5640] high"], "critical"),
        (["allergy: ibuprofen [rx 5640] low confirmed severe"], "critical"),
        (["allergy: ibuprofen [rx 5640] low confirmed"], "warning"),
        (["allergy: ibuprofen [rx 5640] high unconfirmed"], "warning"),
        (["allergy: ibuprofen [rx 5640] high refuted"], "none"),
        (["allergy: naproxen [rx 7258] low confirmed", "allergy: ibuprofen [rx 5640] high confirmed"], "critical"),
        (["allergy: painkillers [icd T39.395A] low confirmed"], "warning"),
        (["allergy: AERD confirmed"], "critical"),
        (["condition: aspirin-exacerbated respiratory disease from 2015"], "critical"),
        (["condition: NSAID intolerance from 2015"], "warning"),
        (["condition: NSAID intolerance from 2015 resolved"], "none"),
    ],
)
def test_an_allergy_or_intolerance(facts: list[str], expected: str) -> None:
    assert urgency(allergy(told(PAIN, *facts))) == expected


def test_an_allergy_of_unknown_certainty_counts_and_is_told_with_its_date() -> None:
    listed = Allergy(
        reference="AllergyIntolerance/1",
        text="ibuprofen",
        concepts={"nsaid-allergen": "exact"},
        when=day("2019-05-02"),
        criticality="high",
        verification=None,
    )
    reason = allergy(chart(listed))
    assert reason is not None
    assert urgency(reason) == "critical"
    assert [str(f.when) for f in reason.because if isinstance(f, Finding)] == ["2 May 2019"]
