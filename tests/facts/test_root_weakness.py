"""Which weak groups point to the lumbar roots, which to an injured tendon, and what else shows a nerve deficit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.facts.root_weakness import (
    bilateral_weakness,
    leg_signs,
    root_weaknesses,
    tendon_weaknesses,
    unproven_tendon_weakness,
)
from cards.quantity import Quantity
from cards.record import Observation, Record
from cards.side import Side
from tests.cards.charts import TODAY, answer, chart, condition

L, R, BOTH = Side.LEFT, Side.RIGHT, Side.BOTH
TORN = condition("hamstring-injury", "2026-01-05", side=L)


def ago(days: int) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def power(grade: int, days: int = 0, side: Side = L, muscle: str = "knee-flexion") -> Observation:
    return answer(f"mrc-{muscle}", Quantity.of(grade, "1"), ago(days), side=side)


ANKLE = power(5, 0, L, "ankle-dorsiflexion")


def explained(*records: Record) -> bool:
    """A tendon explains the weakness; else it may come from the roots."""
    found = chart(*records)
    assert bool(tendon_weaknesses(found)) is not bool(root_weaknesses(found))
    return bool(tendon_weaknesses(found))


@pytest.mark.parametrize(
    "injury",
    [TORN, answer("injury-mechanism", "pop-or-tear", ago(9)), answer("palpable-gap", True, ago(9), side=L)],
    ids=["hamstring tear", "a pop", "a gap"],
)
def test_an_injured_hamstring_explains_weak_knee_flexion(injury: Record) -> None:
    assert explained(injury, power(3), ANKLE)


@pytest.mark.parametrize("muscle", ["ankle-dorsiflexion", "great-toe-extension", "ankle-plantarflexion"])
def test_any_normal_power_of_ankle_or_toe_shows_the_rest_of_the_leg(muscle: str) -> None:
    assert explained(TORN, power(3), power(5, 0, L, muscle))
    assert not explained(TORN, power(3), power(5, 0, R, muscle))


def test_an_injury_that_is_only_suspected_explains_nothing() -> None:
    assert not explained(condition("hamstring-injury", "2026-01-05", verification="provisional"), power(3), ANKLE)


def test_a_root_weak_on_the_same_side_contradicts_the_tendon_and_one_of_the_other_side_does_not() -> None:
    assert not explained(TORN, power(3), ANKLE, power(4, 0, L, "hip-flexion"))
    found = chart(TORN, power(3), ANKLE, power(4, 0, R, "hip-flexion"))
    assert [w.muscle for w in tendon_weaknesses(found)] == ["mrc-knee-flexion"]


def test_weakness_of_both_sides_is_no_tendon() -> None:
    both = condition("hamstring-injury", "2026-01-05", side=BOTH)
    assert not explained(both, power(3, side=BOTH), power(5, 0, BOTH, "ankle-dorsiflexion"))


@pytest.mark.parametrize("joint", ["knee", "ankle"])
@pytest.mark.parametrize("found", ["reduced", "absent", "brisk"])
def test_an_abnormal_reflex_contradicts_the_tendon(joint: str, found: str) -> None:
    assert not explained(TORN, power(3), ANKLE, answer(f"{joint}-reflex", found, ago(42), side=L))
    assert not explained(TORN, power(3), ANKLE, answer(f"{joint}-reflex", found, None, side=L))
    assert explained(TORN, power(3), ANKLE, answer(f"{joint}-reflex", found, ago(43), side=L))
    assert explained(TORN, power(3), ANKLE, answer(f"{joint}-reflex", found, ago(1), side=R))


def test_beside_a_torn_tendon_an_ankle_that_nobody_examined_leaves_it_unproven() -> None:
    assert [w.muscle for w in unproven_tendon_weakness(chart(TORN, power(3)))] == ["mrc-knee-flexion"]
    assert unproven_tendon_weakness(chart(power(3))) == ()
    assert unproven_tendon_weakness(chart(TORN, power(3), answer("ankle-reflex", "absent", side=L))) == ()


def test_weakness_known_for_long_that_lost_one_grade_of_both_legs_is_weakness_of_both_legs() -> None:
    old = [power(4, days, side, "hip-flexion") for side in (L, R) for days in (60, 20)]
    assert bilateral_weakness(chart(*old)) == ()
    assert len(bilateral_weakness(chart(*old, power(3, 0, L, "hip-flexion"), power(3, 0, R, "hip-flexion")))) == 4


@pytest.mark.parametrize(
    ("grades", "counted"),
    [([(4, 0)], 1), ([(4, 60), (4, 20), (3, 0)], 2), ([(4, 60), (4, 20)], 0)],
    ids=["new", "old, one grade lost", "old and unchanged"],
)
def test_a_weak_group_is_a_sign_when_it_is_new_or_lost_a_grade(grades: list[tuple[int, int]], counted: int) -> None:
    found = leg_signs(chart(*(power(grade, days, L, "hip-flexion") for grade, days in grades)))
    assert len(found) == counted


@pytest.mark.parametrize("problem", ["numbness", "paraesthesia", "leg-weakness", "foot-drop", "abnormal-reflexes"])
def test_a_nerve_problem_is_a_sign_for_six_weeks_and_without_a_date(problem: str) -> None:
    assert len(leg_signs(chart(condition(problem, ago(42))))) == 1
    assert len(leg_signs(chart(condition(problem, None)))) == 1
    assert leg_signs(chart(condition(problem, ago(43)))) == ()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("leg-sensation", "reduced"),
        ("leg-sensation", "absent"),
        ("leg-strength", "reduced"),
        ("knee-reflex", "absent"),
        ("ankle-reflex", "reduced"),
    ],
)
def test_an_abnormal_finding_of_the_leg_is_a_sign(question: str, found: str) -> None:
    assert len(leg_signs(chart(answer(question, found)))) == 1
    assert leg_signs(chart(answer(question, "normal"))) == ()
