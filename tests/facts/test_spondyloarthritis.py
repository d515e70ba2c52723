"""The features counted for spondyloarthritis, and what HLA-B27 and a referral say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.facts.spondyloarthritis import age_at_onset, features, hla_b27, rheumatology
from cards.record import Encounter, Observation, Order, Patient, Record, Relative
from cards.when import When
from tests.cards.charts import answer, chart, condition, day
from tests.facts.told import told

YEAR = timedelta(days=365)
AGED_50 = Patient(id="p", born=When.parse("1975-06-01"), sex="male")


def relative(concept: str, *, first_degree: bool) -> Relative:
    return Relative(
        reference="FamilyMemberHistory/1",
        text="a relative",
        concepts={concept: "exact"},
        status="completed",
        first_degree=first_degree,
    )


def referral(status: str, at: str) -> Order:
    return Order(
        reference=f"ServiceRequest/{status}-{at}",
        text="rheumatology",
        concepts={"referral-rheumatology": "exact"},
        when=day(at),
        status=status,
        intent="order",
    )


def b27(value: str) -> Observation:
    return Observation(
        reference="Observation/b27",
        text="HLA-B27",
        concepts={"lab-hla-b27": "exact"},
        when=day("2025-06-01"),
        status="final",
        value=value,
        denied=value == "negative",
    )


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (answer("wakes-second-half-night", True), "wakes in the second half of the night"),
        (answer("pain-better-with-movement", True), "better with movement"),
        (answer("nsaid-response-48h", True), "better within 48 h of an NSAID"),
        (relative("axial-spondyloarthritis", first_degree=True), "first-degree relative with spondyloarthritis"),
        (condition("arthritis-inflammatory", "2010-01-01", clinical="resolved"), "arthritis"),
        (condition("enthesitis", "2010-01-01", clinical="resolved"), "enthesitis"),
        (condition("psoriasis", "2010-01-01", clinical="remission"), "psoriasis"),
    ],
)
def test_each_feature_counts_one_beside_buttock_pain(record: Record, words: str) -> None:
    found = features(chart(record, posterior=True, patient=AGED_50))
    assert set(found.words) == {"buttock pain", words}
    assert record.reference in {f.reference for f in found.evidence}


@pytest.mark.parametrize(
    "record",
    [
        answer("wakes-second-half-night", False),
        relative("axial-spondyloarthritis", first_degree=False),
        relative("psoriasis", first_degree=True),
        condition("psoriasis", "2010-01-01", verification="refuted"),
        condition("uveitis", "2010-01-01"),
    ],
)
def test_what_is_no_feature_does_not_count(record: Record) -> None:
    assert features(chart(record, posterior=True, patient=AGED_50)).words == ("buttock pain",)


def test_all_nine_features_make_nine() -> None:
    records = [
        answer("wakes-second-half-night", True),
        answer("pain-better-with-movement", True),
        answer("nsaid-response-48h", True),
        relative("axial-spondyloarthritis", first_degree=True),
        condition("arthritis-inflammatory", "2010-01-01"),
        condition("enthesitis", "2010-01-01"),
        condition("psoriasis", "2010-01-01"),
    ]
    young = Patient(id="p", born=When.parse("2000-06-01"), sex="female")
    assert features(chart(*records, posterior=True, patient=young)).count == 9


@pytest.mark.parametrize("problem", ["sciatica", "lumbar-radiculopathy"])
def test_pain_on_file_only_as_sciatica_or_a_root_lesion_is_not_buttock_pain(problem: str) -> None:
    assert features(chart(condition(problem), patient=AGED_50)).words == ()


def test_age_at_onset_is_the_age_when_the_pain_began() -> None:
    began = age_at_onset(chart(posterior=True, patient=AGED_50))
    assert began is not None
    assert 50.5 < began < 50.7


def test_age_at_onset_without_a_birth_date_or_an_onset_is_unknown_and_not_early() -> None:
    for unknown in (chart(posterior=True, patient=Patient(id="p")), chart(condition("buttock-pain", None))):
        assert age_at_onset(unknown) is None
        assert features(unknown).words == ("buttock pain",)


def test_a_visit_is_known_by_what_kind_of_visit_it_was_too() -> None:
    visit = Encounter(
        reference="Encounter/1",
        text="Rheumatology",
        concepts={},
        services={"referral-rheumatology": "exact"},
        when=day("2025-12-01"),
        status="finished",
    )
    assert rheumatology(chart(visit), YEAR)[1]


@pytest.mark.parametrize(("value", "known"), [("positive", True), ("negative", False)])
def test_hla_b27_is_what_was_found(value: str, known: bool) -> None:
    assert hla_b27(chart(b27(value))) is known


def test_hla_b27_that_nobody_looked_for_is_unknown() -> None:
    assert hla_b27(chart()) is None


def test_a_completed_referral_means_seen_even_where_a_newer_one_is_open() -> None:
    sent, seen = rheumatology(chart(referral("completed", "2025-03-01"), referral("active", "2025-12-01")), YEAR)
    assert seen
    assert sent is not None


def test_an_open_referral_is_not_seen() -> None:
    sent, seen = rheumatology(chart(referral("active", "2025-12-01")), YEAR)
    assert not seen
    assert sent is not None


@pytest.mark.parametrize("status", ["revoked", "draft"])
def test_a_revoked_or_drafted_referral_is_none(status: str) -> None:
    assert rheumatology(chart(referral(status, "2025-12-01")), YEAR) == (None, False)


@pytest.mark.parametrize(
    ("fact", "seen"),
    [
        ("order: Referral to rheumatology on 2025-01-15 completed", True),
        ("order: Referral to rheumatology on 2025-01-14 completed", None),
        ("order: Referral to rheumatology on 2025-01-15 active", False),
        ("procedure: Rheumatology consultation 2025-01-15 completed", True),
        ("procedure: Rheumatology consultation 2025-01-14 completed", None),
        ('encounter: 2025-01-15 reason "rheumatology consultation"', True),
        ('encounter: 2025-01-14 reason "rheumatology consultation"', None),
        ('encounter: 2026-01-10 in-progress reason "rheumatology consultation"', None),
        ('encounter: 2025-06-15 reason "buttock pain"', None),
    ],
)
def test_seen_by_rheumatology_is_a_visit_that_took_place_within_the_time(fact: str, seen: bool | None) -> None:
    newest, was_seen = rheumatology(told("condition: buttock pain [sct 279043006] from 2024-01-01", fact), YEAR)
    assert was_seen is bool(seen)
    assert (newest is not None) is (seen is not None)
    if newest:
        assert str(newest.when) == "15 Jan 2025"


@pytest.mark.parametrize(("born", "early"), [("1991-01-02", True), ("1991-01-01", False)])
def test_onset_is_early_before_the_day_of_35_years(born: str, early: bool) -> None:
    words = features(chart(posterior=True, patient=Patient(id="p", born=day(born), sex="male"))).words
    assert ("onset before 35" in words) is early
