"""What counts as a neurological deficit beside an infection or a tumour of the spine."""

from __future__ import annotations

import pytest

from cards.facts.deficit import neurological_deficit
from cards.quantity import Quantity
from cards.record import Observation, Record
from tests.cards.charts import answer, chart, condition


def grade(mrc: int, at: str, muscle: str = "ankle-dorsiflexion") -> Observation:
    return answer(f"mrc-{muscle}", Quantity.of(mrc, "1"), at)


@pytest.mark.parametrize(
    "sign",
    [
        *(condition(name) for name in ("foot-drop", "leg-weakness", "bilateral-leg-weakness")),
        *(condition(name) for name in ("saddle-anaesthesia", "urinary-retention")),
        answer("leg-strength", "reduced"),
        answer("saddle-sensation", "reduced"),
        answer("saddle-sensation", "absent"),
        answer("bladder-function-change", True),
        answer("bowel-function-change", True),
        condition("foot-drop", None),
    ],
    ids=lambda sign: sign.reference,
)
def test_each_sign_of_the_last_fortnight_or_without_a_date_is_a_deficit(sign: Record) -> None:
    assert neurological_deficit(chart(sign))


@pytest.mark.parametrize(
    "sign",
    [
        condition("foot-drop", "2025-12-31"),
        answer("leg-strength", "normal"),
        answer("saddle-sensation", "normal"),
        answer("bladder-function-change", False),
        answer("leg-sensation", "reduced"),
    ],
    ids=lambda sign: sign.reference,
)
def test_an_older_sign_a_normal_answer_and_a_change_of_feeling_are_none(sign: Record) -> None:
    assert not neurological_deficit(chart(sign))


def test_new_weakness_of_a_muscle_by_which_roots_are_tested_is_a_deficit() -> None:
    assert neurological_deficit(chart(grade(4, "2026-01-14")))


def test_weakness_of_knee_flexion_alone_may_come_from_the_tendon() -> None:
    assert not neurological_deficit(chart(grade(3, "2026-01-14", "knee-flexion")))


def test_old_weakness_that_stays_the_same_is_none() -> None:
    assert not neurological_deficit(chart(*(grade(4, at) for at in ("2025-10-01", "2025-12-20", "2026-01-14"))))


def test_old_weakness_that_grew_by_one_grade_is_a_deficit() -> None:
    assert neurological_deficit(chart(grade(4, "2025-10-01"), grade(4, "2025-12-20"), grade(3, "2026-01-14")))
