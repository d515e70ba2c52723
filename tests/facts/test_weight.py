"""How much weight was lost against which reading, and what explains it."""

from __future__ import annotations

import pytest

from cards.facts.weight import weight_loss, weight_trend
from cards.quantity import Quantity
from cards.record import Observation
from tests.cards.charts import chart, condition, day, medicine


def weight(kg: float, at: str, **members: str) -> Observation:
    return Observation(
        reference=f"Observation/{kg}-{at}",
        text="Body weight",
        concepts={"body-weight-observation": "exact"},
        when=day(at),
        value=Quantity.of(kg, "kg"),
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


@pytest.mark.parametrize("drug", ["med-glp1-agonist", "med-weight-loss-drug"])
def test_a_drug_taken_now_explains_a_loss(drug: str) -> None:
    loss = weight_loss(chart(weight(80, "2025-01-10"), weight(70, "2026-01-10"), medicine(drug)))
    assert loss is not None
    assert [f.label for f in loss.explained_by] == [drug]


def test_unconfirmed_dietary_counselling_explains_nothing() -> None:
    diet = condition("obesity-weight-management", "2025-06-01", verification="provisional")
    loss = weight_loss(chart(weight(80, "2025-01-10"), weight(70, "2026-01-10"), diet))
    assert loss is not None
    assert not loss.explained


def test_a_loss_recorded_as_a_problem_needs_no_weights() -> None:
    loss = weight_loss(chart(condition("unexplained-weight-loss", "2025-12-01")))
    assert loss is not None
    assert (loss.percent, loss.explained) == (None, False)


def test_a_jump_of_more_than_a_quarter_near_the_reference_is_a_mistake() -> None:
    jumped = weight_loss(chart(weight(70, "2024-12-20"), weight(100, "2025-01-10"), weight(75, "2026-01-10")))
    assert jumped is not None
    assert jumped.implausible
