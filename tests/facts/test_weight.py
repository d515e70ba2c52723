"""How much weight was lost against which reading, and what explains it."""

from __future__ import annotations

import pytest

from cards.facts.weight import weight_loss, weight_trend
from cards.quantity import Quantity
from cards.record import CarePlan, Observation, Procedure, Record
from tests.cards.charts import chart, condition, day, medicine


def weight(kg: float | None, at: str | None, **members: str) -> Observation:
    return Observation(
        reference=f"Observation/{kg}-{at}",
        text="Body weight",
        concepts={"body-weight-observation": "exact"},
        when=day(at),
        value=None if kg is None else Quantity.of(kg, "kg"),
        status=members.get("status", "final"),
    )


def test_the_reference_is_the_reading_closest_to_a_year_before_the_newest() -> None:
    trend = weight_trend(
        chart(
            weight(90, "2024-12-20"),
            weight(80, "2025-02-05"),
            weight(85, "2025-07-01"),
            weight(76, "2026-01-10"),
        )
    )
    assert trend is not None
    assert (trend.reference.reference, trend.percent, trend.days) == ("Observation/90-2024-12-20", 15.555556, 386)


def test_a_reading_without_a_date_or_a_value_is_no_reference() -> None:
    unusable = (weight(95, None), weight(None, "2025-01-10"))
    assert weight_trend(chart(*unusable, weight(76, "2026-01-10"))) is None


def test_one_reading_is_no_trend() -> None:
    assert weight_trend(chart(weight(76, "2026-01-10"))) is None


def test_two_readings_of_one_day_are_no_trend() -> None:
    assert weight_trend(chart(weight(80, "2026-01-10"), weight(70, "2026-01-10"))) is None


def test_a_gain_is_a_negative_loss_and_no_loss() -> None:
    gained = chart(weight(70, "2025-01-10"), weight(77, "2026-01-10"))
    trend = weight_trend(gained)
    assert trend is not None
    assert trend.percent == -10
    assert weight_loss(gained) is None


def test_of_two_newest_weights_of_one_day_the_lower_counts() -> None:
    trend = weight_trend(chart(weight(80, "2025-01-10"), weight(79, "2026-01-10"), weight(72, "2026-01-10")))
    assert trend is not None
    assert trend.percent == 10


@pytest.mark.parametrize("other", ["2025-01-10", "2025-01-09"])
def test_of_two_references_as_far_from_a_year_the_higher_counts(other: str) -> None:
    first = "2025-01-10" if other == "2025-01-10" else "2025-01-11"
    trend = weight_trend(chart(weight(80, first), weight(78, other), weight(72, "2026-01-10")))
    assert trend is not None
    assert trend.percent == 10


def test_a_weight_of_a_month_is_too_coarse_for_a_reference() -> None:
    assert weight_trend(chart(weight(80, "2025-01"), weight(70, "2026-01-10"))) is None


@pytest.mark.parametrize("status", ["entered-in-error", "preliminary"])
def test_a_weight_that_does_not_stand_is_not_counted(status: str) -> None:
    found = chart(weight(80, "2025-01-10", status=status), weight(70, "2026-01-10"))
    assert weight_trend(found) is None


def test_a_missing_section_is_told_as_a_gap() -> None:
    loss, gaps = chart(without=["observations"]).gaps_of(weight_loss)
    assert loss is None
    assert "observations" in {gap.section for gap in gaps}


def test_a_loss_without_any_explanation_is_unexplained() -> None:
    loss = weight_loss(chart(weight(80, "2025-01-10"), weight(70, "2026-01-10")))
    assert loss is not None
    assert not loss.explained


def plan(status: str) -> CarePlan:
    return CarePlan(reference="CarePlan/1", text="Diet", concepts={"obesity-weight-management": "exact"}, status=status)


def done(concept: str, at: str) -> Procedure:
    return Procedure(
        reference="Procedure/1", text=concept, concepts={concept: "exact"}, when=day(at), status="completed"
    )


def explanations(*records: Record) -> list[tuple[str, str]]:
    """What is said to explain a loss of an eighth, each with its date."""
    loss = weight_loss(chart(weight(80, "2025-01-10"), weight(70, "2026-01-10"), *records))
    assert loss is not None
    assert loss.explained is bool(loss.explained_by)
    return [(f.label, str(f.when or "")) for f in loss.explained_by]


@pytest.mark.parametrize(
    "explaining",
    [
        medicine("med-glp1-agonist", when=day("2025-06-01")),
        medicine("med-weight-loss-drug", when=day("2025-06-01")),
        medicine("med-diuretic", when=day("2025-11-16")),
        condition("bariatric-surgery", "2024-01-15", clinical="resolved"),
        done("bariatric-surgery", "2024-01-15"),
        condition("obesity-weight-management", "2025-06-01", clinical="resolved"),
        done("obesity-weight-management", "2025-06-01"),
        condition("dialysis", "2025-06-01"),
        condition("limb-amputation", "2025-06-01", clinical="resolved"),
        done("limb-amputation", "2025-06-01"),
    ],
    ids=lambda record: record.reference,
)
def test_what_explains_a_loss_is_told_with_its_date(explaining: Record) -> None:
    assert explanations(explaining) == [(explaining.text, str(explaining.when))]


def test_a_plan_to_lose_weight_explains_a_loss_while_it_runs() -> None:
    assert explanations(plan("active")) == [("Diet", "")]
    assert explanations(plan("completed")) == []


@pytest.mark.parametrize(
    "silent",
    [
        medicine("med-diuretic", when=day("2025-11-15")),
        medicine("med-diuretic"),
        condition("bariatric-surgery", "2024-01-14"),
        done("bariatric-surgery", "2024-01-14"),
        done("obesity-weight-management", "2024-12-15"),
        done("limb-amputation", "2024-12-15"),
        *(
            condition(name, "2025-06-01", verification="provisional")
            for name in ("bariatric-surgery", "obesity-weight-management", "dialysis", "limb-amputation")
        ),
    ],
    ids=lambda record: f"{record.reference}-{record.when}",
)
def test_what_is_too_old_undated_or_only_suspected_explains_nothing(silent: Record) -> None:
    assert explanations(silent) == []


def test_a_loss_recorded_as_a_problem_needs_no_weights() -> None:
    loss = weight_loss(chart(condition("unexplained-weight-loss", "2025-12-01")))
    assert loss is not None
    assert (loss.percent, loss.explained) == (None, False)


def test_a_measured_loss_that_is_recorded_as_a_problem_too_is_told_by_all_three() -> None:
    problem = condition("unexplained-weight-loss", "2025-12-01")
    weights = (weight(70, "2026-01-10"), weight(80, "2025-01-10"))
    loss = weight_loss(chart(*weights, problem))
    assert loss is not None
    assert [f.reference for f in loss.evidence] == [r.reference for r in (*weights, problem)]
    measured = weight_loss(chart(*weights))
    assert measured is not None
    assert [f.reference for f in measured.evidence] == [r.reference for r in weights]


@pytest.mark.parametrize(("at", "mistaken"), [("2024-12-11", True), ("2024-12-10", False), ("2020-12-20", False)])
def test_a_jump_of_more_than_a_quarter_within_30_days_of_the_reference_is_a_mistake(at: str, mistaken: bool) -> None:
    older = weight(100, "2020-12-10")
    jumped = weight_loss(chart(older, weight(70, at), weight(100, "2025-01-10"), weight(75, "2026-01-10")))
    assert jumped is not None
    assert jumped.implausible is mistaken
