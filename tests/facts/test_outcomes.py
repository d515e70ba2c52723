"""Change of pain and function against its minimal important change."""

from __future__ import annotations

import pytest

from cards.facts.outcomes import (
    disabled,
    function_change,
    mild_and_falling,
    pain_change,
    plateau,
    response,
    watchful_waiting,
    worse,
)
from cards.rule import Advise
from tests.facts.told import told

PAIN = "condition: left buttock pain [sct 279043006] from 2025-08-01 left"
PT = "procedure: Physiotherapy [sct 91251008] 2025-09-15 completed"
NPRS = "lab: 72514-3"
ODI = "lab: 97908-8"


def scored(kind: str, *scores: tuple[float, str]) -> list[str]:
    """Scores of one instrument."""
    return [f"{kind} = {value:g} {{score}} on {day}" for value, day in scores]


@pytest.mark.parametrize(
    ("before", "now", "enough"),
    [(8, 6, True), (8, 6.1, False), (5, 3.5, True), (5, 3.6, False), (3, 2, True), (4, 3, False), (0, 0, False)],
)
def test_pain_is_better_by_two_points_or_thirty_per_cent(before: float, now: float, enough: bool) -> None:
    change = pain_change(told(PAIN, PT, *scored(NPRS, (before, "2025-09-10"), (now, "2026-01-10"))))
    assert change is not None
    assert change.enough is enough


@pytest.mark.parametrize(
    ("before", "now", "enough"), [(50, 40, True), (50, 41, False), (20, 14, True), (20, 15, False)]
)
def test_odi_is_better_by_ten_points_or_thirty_per_cent(before: float, now: float, enough: bool) -> None:
    change = function_change(told(PAIN, PT, *scored(ODI, (before, "2025-09-10"), (now, "2026-01-10"))))
    assert change is not None
    assert change.enough is enough


@pytest.mark.parametrize(
    ("kind", "before", "now", "enough"),
    [("lefs-score", 40, 49, True), ("lefs-score", 20, 28, False), ("ihot12-score", 40, 54, True),
     ("ihot12-score", 40, 53, False), ("lefs-score", 49, 40, False)],
)  # fmt: skip
def test_in_lefs_and_ihot_more_is_better(kind: str, before: int, now: int, enough: bool) -> None:
    facts = scored(f"exam: {kind}", (before, "2025-09-10"), (now, "2026-01-10"))
    change = function_change(told(PAIN, PT, *facts))
    assert change is not None
    assert change.enough is enough


@pytest.mark.parametrize(
    ("kind", "before", "now", "enough"),
    [("lab: 72095-3", 40, 44, True), ("lab: 72095-3", 40, 43.9, False), ("lab: 76804-4", 40, 44, True),
     ("lab: 76804-4", 40, 43.9, False), ("lab: 90973-9", 60, 56, True), ("lab: 90973-9", 60, 56.1, False),
     ("lab: 72095-3", 10, 13.5, False), ("lab: 76804-4", 10, 13.5, False), ("lab: 90973-9", 10, 6.5, False)],
)  # fmt: skip
def test_hoos_and_promis_are_better_by_four_points(kind: str, before: float, now: float, enough: bool) -> None:
    unit = "{T-score}" if kind != "lab: 72095-3" else "{score}"
    facts = [f"{kind} = {value:g} {unit} on {day}" for value, day in ((before, "2025-09-10"), (now, "2026-01-10"))]
    change = function_change(told(PAIN, PT, *facts))
    assert change is not None
    assert change.enough is enough


def test_the_function_measure_with_the_newest_score_tells_and_of_one_day_odi_first() -> None:
    odi = scored(ODI, (50, "2025-09-10"), (30, "2025-12-10"))
    lefs = scored("exam: lefs-score", (40, "2025-09-10"), (41, "2025-12-11"))
    newer = function_change(told(PAIN, PT, *odi, *lefs))
    assert newer is not None
    assert newer.instrument.short == "LEFS"
    same_day = function_change(
        told(PAIN, PT, *odi, *scored("exam: lefs-score", (40, "2025-09-10"), (41, "2025-12-10")))
    )
    assert same_day is not None
    assert same_day.instrument.short == "ODI"


def test_a_change_says_scores_difference_and_what_would_count() -> None:
    change = pain_change(told(PAIN, PT, *scored(NPRS, (7, "2025-09-10"), (6, "2025-12-05"), (6, "2026-01-10"))))
    assert change is not None
    assert change.told() == "pain score (NPRS) 7 to 6, better by 1 (14%); 2 points or 30% would count"
    less = pain_change(told(PAIN, PT, *scored(NPRS, (7, "2025-09-10"), (6.5, "2026-01-10"))))
    assert less is not None
    assert "7 to 6.5, better by 0.5 (7%)" in less.told()
    flat = function_change(told(PAIN, PT, *scored("exam: lefs-score", (40, "2025-09-10"), (40, "2026-01-10"))))
    assert flat is not None
    assert flat.told() == "function (LEFS) 40 to 40, unchanged; 9 points would count"


@pytest.mark.parametrize(("first", "compared"), [("2025-12-27", True), ("2025-12-28", False)])
def test_scores_are_compared_from_two_weeks_on(first: str, compared: bool) -> None:
    change = pain_change(told(PAIN, *scored(NPRS, (7, first), (3, "2026-01-10"))))
    assert (change is not None) is compared


@pytest.mark.parametrize(
    ("facts", "answer"),
    [
        ([], "unknown"),
        (scored(NPRS, (7, "2026-01-10")), "unknown"),
        (scored(NPRS, (7, "2025-09-10"), (4, "2026-01-10")), "better"),
        (scored(NPRS, (7, "2025-09-10"), (6, "2026-01-10")), "not"),
        (scored(ODI, (50, "2025-09-10"), (30, "2026-01-10")), "better"),
        ([*scored(NPRS, (7, "2025-09-10"), (4, "2026-01-10")), *scored(ODI, (50, "2025-09-10"), (49, "2026-01-10"))],
         "partly"),
        ([*scored(NPRS, (7, "2025-09-10"), (7, "2026-01-10")), *scored(ODI, (50, "2025-09-10"), (49, "2026-01-10"))],
         "not"),
    ],
)  # fmt: skip
def test_the_response_is_that_of_all_that_was_measured_twice(facts: list[str], answer: str) -> None:
    assert response(told(PAIN, PT, *facts)) == answer


def test_the_score_at_which_therapy_began_is_the_first() -> None:
    chart = told(PAIN, PT, *scored(NPRS, (9, "2025-08-10"), (6, "2025-09-15"), (5, "2026-01-10")))
    change = pain_change(chart)
    assert change is not None
    assert change.gain == 1


def test_without_therapy_the_first_score_of_this_pain_is() -> None:
    chart = told(PAIN, *scored(NPRS, (10, "2025-07-31"), (9, "2025-08-01"), (7, "2025-09-10"), (5, "2026-01-10")))
    change = pain_change(chart)
    assert change is not None
    assert change.gain == 4


def test_a_score_without_a_date_or_a_number_is_compared_with_none() -> None:
    odd = [f"{NPRS} = 2 {{score}} undated", f"{NPRS} = true on 2025-08-10", f"{NPRS} = true on 2026-01-12"]
    chart = told(PAIN, *odd, *scored(NPRS, (9, "2025-09-10"), (5, "2026-01-10")))
    change = pain_change(chart)
    assert change is not None
    assert change.scores() == "9 to 5"
    assert mild_and_falling(told(PAIN, f"{NPRS} = 5 {{score}} undated", *scored(NPRS, (3, "2026-01-15")))) is None
    assert not plateau(told(PAIN, f"{NPRS} = 6 {{score}} undated", *scored(NPRS, (6, "2026-01-10"))))


@pytest.mark.parametrize(("now", "got_worse"), [(7, True), (6.9, False)])
def test_worse_is_worse_by_as_much(now: float, got_worse: bool) -> None:
    chart = told(PAIN, PT, *scored(NPRS, (5, "2025-09-10"), (now, "2026-01-10")))
    assert (worse(chart) is not None) is got_worse


@pytest.mark.parametrize(("before", "flat"), [(8, False), (7, True), (6, True), (4, False)])
def test_a_plateau_moves_by_less_than_two_points(before: float, flat: bool) -> None:
    assert plateau(told(PAIN, PT, *scored(NPRS, (before, "2025-12-20"), (6, "2026-01-10")))) is flat


@pytest.mark.parametrize(
    ("scores", "flat"),
    [
        ([], False),
        ([(6, "2026-01-10")], False),
        ([(6, "2025-12-27"), (6, "2026-01-10")], True),
        ([(6, "2025-12-28"), (6, "2026-01-10")], False),
        ([(9, "2025-12-01"), (6, "2026-01-05"), (6, "2026-01-10")], False),
        ([(9, "2025-11-01"), (6, "2025-12-01"), (6, "2026-01-10")], True),
    ],
)
def test_a_plateau_is_seen_in_the_two_newest_scores_that_lie_two_weeks_apart(
    scores: list[tuple[float, str]], flat: bool
) -> None:
    assert plateau(told(PAIN, *scored(NPRS, *scores))) is flat


@pytest.mark.parametrize(
    ("facts", "severe"),
    [
        (scored(NPRS, (7, "2026-01-10")), True),
        (scored(NPRS, (6, "2026-01-10")), False),
        (scored(NPRS, (9, "2025-12-01")), False),
        (scored(ODI, (41, "2026-01-10")), True),
        (scored(ODI, (40, "2026-01-10")), False),
        (scored(ODI, (60, "2025-12-04")), True),
        (scored(ODI, (60, "2025-12-03")), False),
        ([f"{NPRS} = true on 2026-01-10", f"{ODI} = true on 2026-01-10"], False),
    ],
)
def test_severe_is_pain_from_7_or_odi_from_41_now(facts: list[str], severe: bool) -> None:
    assert (disabled(told(PAIN, *facts)) is not None) is severe


@pytest.mark.parametrize(
    ("scores", "quiet"),
    [
        ([(4, "2026-01-05"), (3, "2026-01-15")], True),
        ([(5, "2026-01-05"), (4, "2026-01-15")], False),
        ([(3, "2026-01-05"), (3, "2026-01-15")], False),
        ([(2, "2026-01-05"), (3, "2026-01-15")], False),
        ([(3, "2026-01-15")], False),
        ([(6, "2025-11-01"), (3, "2025-12-04")], True),
        ([(6, "2025-11-01"), (3, "2025-12-03")], False),
    ],
)
def test_mild_and_falling_is_3_or_less_and_less_than_before(scores: list[tuple[float, str]], quiet: bool) -> None:
    assert (mild_and_falling(told(PAIN, *scored(NPRS, *scores))) is not None) is quiet


def test_of_two_scores_of_one_day_the_worse_counts() -> None:
    pain = pain_change(told(PAIN, *scored(NPRS, (8, "2025-09-10"), (6, "2026-01-10"), (7, "2026-01-10"))))
    assert pain is not None
    assert pain.scores() == "8 to 7"
    lefs = scored("exam: lefs-score", (40, "2025-09-10"), (50, "2026-01-10"), (45, "2026-01-10"))
    function = function_change(told(PAIN, *lefs))
    assert function is not None
    assert function.scores() == "40 to 45"


def test_without_a_known_onset_older_scores_are_of_this_pain_too() -> None:
    undated = "condition: left buttock pain [sct 279043006] undated left"
    change = pain_change(told(undated, *scored(NPRS, (9, "2024-08-10"), (5, "2026-01-10"))))
    assert change is not None
    assert change.gain == 4
    recorded = "condition: left buttock pain [sct 279043006] recorded 2025-12-01 left"
    assert pain_change(told(recorded, *scored(NPRS, (9, "2025-10-10"), (5, "2026-01-10"))))


def test_function_that_is_worse_is_told_where_pain_is_not() -> None:
    facts = [*scored(NPRS, (7, "2025-09-10"), (5, "2026-01-10")), *scored(ODI, (30, "2025-09-10"), (40, "2026-01-10"))]
    found = worse(told(PAIN, PT, *facts))
    assert found is not None
    assert found.told() == "function (ODI) 30 to 40, worse by 10 (33%); 10 points or 30% would count"


def test_without_observations_the_response_is_not_known_to_be_unknown() -> None:
    found, gaps = told(PAIN, PT, without=["observations"]).gaps_of(response)
    assert (found, {g.section for g in gaps}) == ("unknown", {"observations"})


@pytest.mark.parametrize("newer", [f"{NPRS} = 7 {{score}} on 2026-01-12", f"{ODI} = 60 {{score}} on 2026-01-12"])
def test_a_newer_score_that_cannot_be_read_is_a_gap(newer: str) -> None:
    scores = scored(NPRS, (7, "2025-09-10"), (4, "2026-01-10"))
    assert told(PAIN, PT, *scores, f"{newer} unreadable").gaps_of(response)[1]
    assert not told(PAIN, PT, *scores, newer).gaps_of(response)[1]


def test_watchful_waiting_needs_care_on_file_and_no_red_flag() -> None:
    mild = scored(NPRS, (4, "2026-01-05"), (3, "2026-01-15"))
    assert watchful_waiting(told(PAIN, PT, *mild))
    assert not watchful_waiting(told(PAIN, *mild))
    flagged = told(PAIN, PT, *mild)
    flagged.red_flags = {"malignancy": Advise("info", "", "")}
    assert not watchful_waiting(flagged)
