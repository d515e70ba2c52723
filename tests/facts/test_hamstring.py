"""Signs that the hamstrings have come off the ischium: of the painful side, and of the last weeks."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.facts.hamstring import avulsion_signs
from cards.quantity import Quantity
from cards.record import Observation, Record
from cards.side import Side
from tests.cards.charts import answer, chart, condition

LONG_AGO = "2025-12-03"  # six weeks and a day


def signs(*records: Record) -> set[str]:
    """What a chart with pain in the left buttock tells."""
    told = chart(condition("buttock-pain", side=Side.LEFT), *records)
    return set(avulsion_signs(told, timedelta(weeks=6), Quantity.of(5, "cm"), Quantity.of(4, "1")))


def bruise(at: str = "2026-01-14") -> Observation:
    return answer("bruising", Quantity.of(12, "cm"), at, side=Side.LEFT)


def flexion(mrc: int, at: str = "2026-01-14", side: Side = Side.LEFT) -> Observation:
    return answer("mrc-knee-flexion", Quantity.of(mrc, "1"), at, side=side)


@pytest.mark.parametrize(
    "symptom",
    [
        *(condition(name, side=Side.LEFT) for name in ("sciatica", "numbness", "paraesthesia")),
        answer("leg-sensation", "reduced", side=Side.LEFT),
        answer("leg-sensation", "absent", side=Side.LEFT),
        *(answer("pain-descriptor", words) for words in ("electric", "tingling", "numbness")),
    ],
    ids=lambda symptom: symptom.reference,
)
def test_each_symptom_of_the_sciatic_nerve_is_a_sign(symptom: Record) -> None:
    assert signs(symptom) == {"sciatic symptoms"}


@pytest.mark.parametrize(
    "other",
    [
        answer("palpable-gap", True, side=Side.RIGHT),
        flexion(3, side=Side.RIGHT),
        condition("numbness", side=Side.RIGHT),
        answer("palpable-gap", True, LONG_AGO),
        bruise(LONG_AGO),
        flexion(3, LONG_AGO),
        condition("sciatica", LONG_AGO),
        answer("pain-descriptor", "burning"),
    ],
    ids=lambda other: other.reference,
)
def test_what_is_of_the_other_leg_or_older_is_no_sign(other: Record) -> None:
    assert not signs(other)


def test_of_two_grades_of_one_day_the_weaker_counts() -> None:
    assert signs(flexion(5), flexion(3)) == {"weak knee flexion"}
    assert signs(flexion(3), flexion(5)) == {"weak knee flexion"}
