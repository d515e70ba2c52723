"""What counts as therapy done, when a trial was adequate, and what goes on."""

from __future__ import annotations

from datetime import date

import pytest

from cards.facts.therapy import (
    adequate_trial,
    continuing,
    courses,
    first_course,
    therapy_gaps,
    unseen_signs,
    waiting_order,
)
from cards.record import SectionName
from cards.section import Section
from tests.cards.charts import chart
from tests.facts.told import TODAY, told

PAIN = "condition: left buttock pain [sct 279043006] from 2025-08-01 left"
PT = "procedure: Physiotherapy [sct 91251008]"
HOME = "careplan: home exercise [sct 51998003]"


def test_a_course_and_its_sessions_on_file_are_counted_once() -> None:
    chart = told(
        PAIN,
        f"{PT} 2025-09-15..2025-12-01 completed (4 sessions)",
        *(f"{PT} 2025-{day} completed" for day in ("09-15", "10-01", "11-01", "12-01")),
    )
    (course,) = courses(chart)
    assert (course.sessions, course.days, course.started) == (4, 77, date(2025, 9, 15))


@pytest.mark.parametrize(
    ("facts", "sessions", "adequate"),
    [
        ([f"{PT} 2025-10-01..2025-11-12 completed (4 sessions)"], 4, True),
        ([f"{PT} 2025-10-01..2025-11-12 completed (3 sessions)"], 3, False),
        ([f"{PT} 2025-10-01..2025-11-11 completed (4 sessions)"], 4, False),
        ([f"{PT} 2025-10-01..2025-11-12 completed"], None, True),
        ([f"{PT} 2025-10-01..2025-11-12 completed (8 weeks completed)"], None, True),
        ([f"{PT} 2025-10-01..2025-11-12 in-progress (4 sessions)"], 4, True),
        ([f"{PT} 2025-12-01 completed"], 1, False),
        ([f"{HOME} 2025-12-04.."], 0, True),
        ([f"{HOME} 2025-12-05.."], 0, False),
        ([f"{HOME} 2025-10-01..2025-11-12 completed"], 0, True),
        ([f"{PT} 2025-10-01 completed", f"{HOME} 2025-10-05..2025-11-16 completed"], 1, True),
        ([f"{PT} 2025-10 completed", f"{PT} 2025-11-20 completed"], 2, False),
        (["procedure: home exercise [sct 51998003] 2025-10-01..2025-11-12 completed"], 0, True),
        (["procedure: Physiotherapy, home exercise 2025-10-01..2025-11-12 completed (2 sessions)"], 2, False),
        ([f"{PT} 2025-10-01..2025-11-12 completed (3 sessions)", f"{PT} 2025-11-20 completed"], 3, False),
        ([f"{PT} 2025-10-01..2025-11-12 completed (5 sessions)", f"{PT} 2025-10-01..2025-11-01 completed"], 5, True),
        ([f"{PT} 2025-10-01..2025-11-12 completed (4 sessions)", f"{PT} 2025-10-01..2025-11-01 completed"], 4, True),
        ([f"{PT} 2025-10-01..2025-11-12 completed (3 sessions)", f"{PT} 2025-10-01..2025-11-01 completed"], None, True),
        ([f"{HOME} 2025-10-01..2025-11-12 completed", f"{HOME} 2025-11-20..2025-11-27 completed"], 0, True),
    ],
)
def test_six_weeks_with_four_sessions_or_at_home_are_adequate(
    facts: list[str], sessions: int | None, adequate: bool
) -> None:
    chart = told(PAIN, *facts)
    course = first_course(chart)
    assert course is not None
    assert course.sessions == sessions
    assert (adequate_trial(chart) is not None) is adequate


@pytest.mark.parametrize(
    "fact",
    [
        f"{PT} 2025-12-01 not-done",
        f"{PT} 2025-12-01 stopped",
        f"{PT} 2025-12-01 preparation",
        f"{PT} 2025-12-01 entered-in-error",
        f"{PT} completed",
        f"{PT} 2025-07-31 completed",
        f"{PT} 2025-12-01 completed right",
        "procedure: Massage therapy 2025-12-01 completed",
        "procedure: Massage [sct 91251008] 2025-12-01 completed",
        "procedure: Appendectomy [sct 80146002] 2025-12-01 completed",
        f"{HOME} 2025-12-01.. revoked",
        f"{HOME} 2025-12-01.. draft",
        f"{HOME} 2025-12-01.. activity cancelled",
        f"{HOME} 2025-12-01.. completed",
        f"{HOME} 2026-02-01..",
        f"{HOME} 2026-01..",
        f"{HOME} ..2025-12-01 completed",
        HOME,
        "order: Physiotherapy [sct 308447003] on 2025-12-01 active",
    ],
)
def test_it_is_no_active_therapy_of_this_pain(fact: str) -> None:
    assert courses(told(PAIN, fact)) == ()


@pytest.mark.parametrize(
    "fact",
    [
        f"{PT} 2025-08-01 completed",
        "procedure: home exercise [sct 51998003] 2025-12-01 completed",
        "careplan: Physiotherapy [sct 91251008] 2025-11-01..",
        "procedure: massage and home exercise 2025-12-01 completed",
        f"{HOME} 2026-01-15..",
    ],
)
def test_it_is_active_therapy_of_this_pain(fact: str) -> None:
    assert len(courses(told(PAIN, fact))) == 1


@pytest.mark.parametrize(
    ("fact", "ended", "goes_on"),
    [
        (f"{PT} 2025-11-01.. in-progress", TODAY, True),
        (f"{PT} 2025-11-01..2025-12-10 completed", date(2025, 12, 10), False),
        (f"{HOME} 2025-11-01..", TODAY, True),
        (f"{HOME} 2025-11-01..2026-02-01", TODAY, True),
        (f"{HOME} 2025-11-01..2026-01-15", TODAY, True),
        (f"{HOME} 2025-11-01..2026-01-14", date(2026, 1, 14), False),
        (f"{HOME} 2025-11-01..2026-02-01 completed", TODAY, False),
    ],
)
def test_what_goes_on_ends_today_and_nothing_ends_later(fact: str, ended: date, goes_on: bool) -> None:
    course = first_course(told(PAIN, fact))
    assert course is not None
    assert (course.ended, course.going_on) == (ended, goes_on)


def test_a_course_is_told_by_its_newest_record_with_the_date_of_that() -> None:
    course = first_course(
        told(PAIN, f"{PT} 2025-11-01 completed", f"{HOME} 2025-11-05..2025-12-01", f"{HOME} 2025-11-20..")
    )
    assert course is not None
    assert [str(f.when) for f in course.evidence] == ["20 Nov 2025", "1 Dec 2025", "1 Nov 2025"]
    assert course.going_on


def test_a_whole_course_tells_of_itself_before_its_last_session() -> None:
    course = first_course(
        told(PAIN, f"{PT} 2025-12-01 completed", f"{PT} 2025-10-01..2025-12-01 completed (6 sessions)")
    )
    assert course is not None
    assert course.evidence[0].reference == "Procedure/procedure-4"


@pytest.mark.parametrize(("day", "counts"), [("2025-01-15", True), ("2025-01-14", False)])
def test_without_a_known_onset_therapy_of_the_last_year_is_of_this_pain(day: str, counts: bool) -> None:
    undated = "condition: left buttock pain [sct 279043006] undated left"
    assert bool(courses(told(undated, f"{PT} {day} completed"))) is counts


def test_a_pause_of_more_than_six_weeks_begins_another_course() -> None:
    chart = told(PAIN, f"{PT} 2025-09-01 completed", f"{PT} 2025-10-13 completed", f"{PT} 2025-11-25 completed")
    assert [(c.started, c.sessions) for c in courses(chart)] == [(date(2025, 9, 1), 2), (date(2025, 11, 25), 1)]


def test_a_session_belongs_to_the_course_before_it() -> None:
    chart = told(PAIN, f"{PT} 2025-08-10 completed", f"{PT} 2025-11-01 completed", f"{PT} 2025-11-20 completed")
    assert [(c.started, c.sessions) for c in courses(chart)] == [(date(2025, 8, 10), 1), (date(2025, 11, 1), 2)]


def test_therapy_that_began_before_the_pain_is_counted_from_its_onset() -> None:
    course = first_course(told(PAIN, f"{PT} 2025-06-01..2025-09-01 completed (12 sessions)"))
    assert course is not None
    assert (course.started, course.days) == (date(2025, 8, 1), 31)


def test_a_trial_counts_for_half_a_year() -> None:
    old = "condition: left buttock pain [sct 279043006] from 2025-01-01 left"
    assert adequate_trial(told(old, f"{PT} 2025-05-01..2025-07-16 completed (9 sessions)"))
    assert not adequate_trial(told(old, f"{PT} 2025-05-01..2025-07-15 completed (9 sessions)"))


@pytest.mark.parametrize(
    ("fact", "goes_on"),
    [
        (f"{HOME} 2026-01-10..", True),
        (f"{HOME} 2025-09-01..2026-02-01", True),
        (f"{HOME} 2025-09-01..2025-12-01", False),
        (f"{PT} 2025-11-01.. in-progress", True),
        (f"{PT} 2025-12-18 completed", True),
        (f"{PT} 2025-12-17 completed", False),
    ],
)
def test_therapy_goes_on_with_a_running_programme_or_a_session_within_four_weeks(fact: str, goes_on: bool) -> None:
    assert (continuing(told(PAIN, fact)) is not None) is goes_on


def test_only_an_active_order_of_six_weeks_waits() -> None:
    order = "order: Physiotherapy [sct 308447003]"
    assert waiting_order(told(PAIN, f"{order} on 2025-12-04 active"))
    assert waiting_order(told(PAIN, "order: Rehabilitation [sct 91251008] on 2025-12-04 active"))
    assert waiting_order(told(PAIN, "order: Rehabilitation [sct 308447003] on 2025-12-04 active"))
    assert not waiting_order(told(PAIN, f"{order} on 2025-12-03 active"))
    assert not waiting_order(told(PAIN, f"{order} on 2026-01-02 revoked"))
    assert not waiting_order(told(PAIN, f"{order} on 2026-01-02 completed"))


def test_none_is_certain_only_where_procedures_and_care_plans_were_supplied() -> None:
    assert therapy_gaps(told(PAIN)) == ()
    assert [g.section for g in therapy_gaps(told(PAIN, without=["carePlans"]))] == ["carePlans"]
    assert [g.section for g in therapy_gaps(told(PAIN, without=["procedures"]))] == ["procedures"]
    assert [g.section for g in told(PAIN, without=["carePlans"]).gaps_of(courses)[1]] == ["carePlans"]
    begun = told(PAIN, f"{PT} 2025-12-18 completed", without=["carePlans"])
    assert begun.gaps_of(courses)[1] == ()
    assert [g.section for g in therapy_gaps(begun)] == ["carePlans"]


@pytest.mark.parametrize("section", ["conditions", "observations"])
def test_signs_are_unseen_where_a_whole_section_was_not_supplied(section: SectionName) -> None:
    assert unseen_signs(chart(posterior=True)) == ()
    assert [g.section for g in unseen_signs(chart(without=[section]))] == [section]
    odd = Section(section, unreadable={"Condition/odd": None})
    assert unseen_signs(chart(sections=[odd])) == ()
