"""Which injections count: of the painful side, each once a day, at the place that a new one is meant for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.facts.drafts import Target
from cards.facts.past_injections import injections, positive_block, steroid_injections
from tests.facts.told import told

PAIN = "condition: left buttock pain [sct 279043006] from 2025-01-01 left"
YEAR = timedelta(days=365)
PIRIFORMIS = "procedure: Piriformis steroid injection"
HIP = "procedure: Hip steroid injection"
SACROILIAC = "procedure: Sacroiliac joint steroid injection"


@pytest.mark.parametrize(
    "kind",
    ["steroid injection", "piriformis injection", "hip joint injection", "sacroiliac joint injection",
     "diagnostic block", "ultrasound-guided injection"],
)  # fmt: skip
def test_every_kind_of_injection_counts_for_the_time_asked(kind: str) -> None:
    assert len(injections(told(PAIN, f"procedure: {kind} 2025-01-15 completed"), YEAR)) == 1
    assert injections(told(PAIN, f"procedure: {kind} 2025-01-14 completed"), YEAR) == ()


def test_they_come_newest_first_and_one_told_twice_on_a_day_counts_once() -> None:
    given = [f"{PIRIFORMIS} {day} completed" for day in ("2025-06-01", "2025-09-01", "2025-09-01")]
    found = injections(told(PAIN, *given), YEAR)
    assert [str(f.when) for f in found] == ["1 Sep 2025", "1 Jun 2025"]


def test_one_of_the_other_side_is_none_for_this_pain() -> None:
    assert injections(told(PAIN, f"{PIRIFORMIS} 2025-06-01 completed right"), YEAR) == ()
    assert steroid_injections(told(PAIN, f"{PIRIFORMIS} 2025-06-01 completed right"), "deep-gluteal", YEAR) == ()


@pytest.mark.parametrize(("target", "given"), [("deep-gluteal", PIRIFORMIS), ("hip", HIP), ("sacroiliac", SACROILIAC)])
def test_a_steroid_counts_at_its_own_place_or_where_no_place_was_recorded(target: Target, given: str) -> None:
    for other in (PIRIFORMIS, HIP, SACROILIAC):
        found = steroid_injections(told(PAIN, f"{other} 2025-06-01 completed"), target, YEAR)
        assert bool(found) is (other == given)
    coded = told(PAIN, "procedure: Steroid injection [cpt 27096] 2025-06-01 completed")
    assert bool(steroid_injections(coded, target, YEAR)) is (target == "sacroiliac")
    assert steroid_injections(told(PAIN, "procedure: Steroid injection 2025-06-01 completed"), target, YEAR)
    assert steroid_injections(told(PAIN, "procedure: Steroid injection 2025-01-14 completed"), target, YEAR) == ()


def test_at_a_target_without_a_place_of_its_own_every_steroid_counts() -> None:
    assert len(steroid_injections(told(PAIN, f"{HIP} 2025-06-01 completed"), "tendon", YEAR)) == 1


@pytest.mark.parametrize(("relief", "positive"), [(50, True), (49, False)])
def test_a_block_is_positive_when_half_of_the_pain_went(relief: int, positive: bool) -> None:
    assert positive_block(told(PAIN, f"exam: block-pain-relief = {relief} % on 2026-01-10")) is positive
    assert not positive_block(told(PAIN))


def test_a_further_steroid_that_cannot_be_read_is_a_gap_and_another_procedure_is_none() -> None:
    def gaps(*more: str, without: tuple[str, ...] = ()) -> object:
        return told(PAIN, f"{PIRIFORMIS} 2025-06-01 completed", *more, without=without).gaps_of(
            lambda c: steroid_injections(c, "deep-gluteal", YEAR)
        )[1]

    assert gaps("procedure: piriformis steroid injection [sct 398128008] 2025-09-01 completed unreadable")
    assert gaps("procedure: Physiotherapy [sct 91251008] 2025-09-01 completed unreadable") == ()
    assert gaps(without=("observations",)) == ()
