"""Since when it hurts, on which side, and how much."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.facts.pain import began_by, began_within, onset, pain, severity
from cards.side import Side
from tests.facts.told import TODAY, told

BUTTOCK = "condition: buttock pain [sct 279043006]"


@pytest.mark.parametrize(
    ("facts", "began", "known"),
    [
        ([f"{BUTTOCK} from 2025-11-10"], date(2025, 11, 10), True),
        ([f"{BUTTOCK} from 2025-11"], date(2025, 11, 1), True),
        ([f"{BUTTOCK} from 2025"], date(2025, 1, 1), True),
        ([f"{BUTTOCK} from 2025-11-10 recorded 2026-01-02"], date(2025, 11, 10), True),
        ([f"{BUTTOCK} recorded 2026-01-02"], date(2026, 1, 2), False),
        ([f"{BUTTOCK} undated"], None, False),
        ([f"{BUTTOCK} undated", 'encounter: 2026-01-03 reason "buttock pain"'], date(2026, 1, 3), False),
        (['encounter: 2026-01-03 reason "buttock pain"'], date(2026, 1, 3), False),
        ([f"{BUTTOCK} recorded 2026-01-02", 'encounter: 2025-12-10 reason "buttock pain"'], date(2026, 1, 2), False),
        (["exam: pain-location = ischial on 2026-01-03"], None, False),
        ([f"{BUTTOCK} from 2025-11-10", "condition: sciatica from 2025-06-01"], date(2025, 6, 1), True),
        ([f"{BUTTOCK} from 2025-11-10", "condition: sciatica recorded 2025-06-01"], date(2025, 11, 10), True),
        ([f"{BUTTOCK} from 2025-11-10", "condition: groin pain [sct 102570003] from 2024"], date(2025, 11, 10), True),
    ],
)
def test_the_earliest_recorded_onset_is_when_it_began(facts: list[str], began: date | None, known: bool) -> None:
    chart = told(*facts)
    assert onset(chart) == began
    assert pain(chart).onset_known is known


@pytest.mark.parametrize(
    ("facts", "side"),
    [
        ([f"{BUTTOCK} left"], Side.LEFT),
        (["condition: Right buttock pain"], Side.RIGHT),
        (["condition: [icd G57.02]"], Side.LEFT),
        (["condition: bilateral buttock pain"], Side.BOTH),
        (["condition: alternating buttock pain"], Side.BOTH),
        ([f"{BUTTOCK} left", "condition: sciatica [icd M54.31]"], Side.BOTH),
        ([BUTTOCK], Side.UNKNOWN),
        ([BUTTOCK, "exam: pain-location = deep-buttock on 2026-01-10 right"], Side.RIGHT),
        (['draft: MRI pelvis [loinc 30673-8] reason "left buttock pain"'], Side.LEFT),
        ([f"{BUTTOCK} left", "condition: trochanteric bursitis [icd M70.61]"], Side.LEFT),
    ],
)
def test_the_side_is_that_of_all_that_tells_of_the_pain(facts: list[str], side: Side) -> None:
    assert pain(told(*facts)).side is side


def test_longer_than_means_more_days_whichever_day_a_partial_date_means() -> None:
    exact = pain(told(f"{BUTTOCK} from 2025-12-16"))
    assert exact.surely_at_least(30, TODAY)
    assert not exact.surely_longer_than(30, TODAY)
    assert exact.surely_longer_than(29, TODAY)
    month = pain(told(f"{BUTTOCK} from 2025-12"))
    assert month.surely_at_least(15, TODAY)
    assert not month.surely_at_least(16, TODAY)
    assert not pain(told(BUTTOCK)).surely_at_least(0, TODAY)
    assert not pain(told(BUTTOCK)).surely_longer_than(0, TODAY)


def test_within_means_that_some_of_it_began_then() -> None:
    both = told(f"{BUTTOCK} from 2024", "condition: sciatica from 2026-01-01")
    assert began_within(both, timedelta(days=14))
    assert not began_within(both, timedelta(days=13))
    undated = told(BUTTOCK)
    assert not began_within(undated, timedelta(days=14))
    assert began_within(undated, timedelta(days=14), undated_counts=True)


def test_scores_come_newest_first_without_those_that_cannot_be_used() -> None:
    chart = told(
        BUTTOCK,
        "lab: 72514-3 = 6 {score} on 2026-01-05",
        "lab: 72514-3 = 4 {score} on 2026-01-10",
        "lab: 72514-3 = 9 {score} on 2026-01-11 entered-in-error",
        "lab: 72514-3 = 45 {score} on 2026-01-12",
    )
    assert [f.quantity.value for f in severity(chart) if f.quantity] == [4, 6]


def test_where_its_date_decides_a_further_pain_that_cannot_be_read_is_a_gap() -> None:
    odd = "condition: {} from 2026-01-10 unreadable"
    fortnight = timedelta(days=14)
    for further in ("buttock pain [sct 279043006]", "sciatica [icd M54.31]", "[icd M25.552]"):
        old = told(f"{BUTTOCK} from 2025-06-01", odd.format(further))
        assert old.gaps_of(lambda c: began_within(c, fortnight))[1]
        assert not old.gaps_of(lambda c: began_by(c, date(2025, 6, 1)))[1]
        new = told(f"{BUTTOCK} from 2026-01-10", odd.format(further))
        assert not new.gaps_of(lambda c: began_within(c, fortnight))[1]
        assert new.gaps_of(lambda c: began_by(c, date(2025, 6, 1)))[1]
    other = told(f"{BUTTOCK} from 2025-06-01", odd.format("headache [icd R51.9]"))
    assert not other.gaps_of(lambda c: began_within(c, fortnight))[1]
    blind = told(f"{BUTTOCK} from 2025-06-01", without=["observations"])
    assert not blind.gaps_of(lambda c: began_within(c, fortnight))[1]


def test_begun_by_a_day_means_that_some_day_of_its_date_lies_no_later() -> None:
    month = told(f"{BUTTOCK} from 2025-12")
    assert began_by(month, date(2025, 12, 1))
    assert not began_by(month, date(2025, 11, 30))
    assert began_by(told(BUTTOCK), date(2020, 1, 1))
