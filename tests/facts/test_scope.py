"""Where the pain is, from the many ways in which an EHR says it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cards.facts.scope import Scope, groin_pain, scope, visits_for_pain
from cards.immutable import replace as struct_replace
from cards.record import Condition
from cards.side import Side
from tests.facts.told import TODAY, told

POSTERIOR = [
    "condition: [sct 279043006] from 2026-01-01",
    "condition: [icd G57.01] from 2026-01-01",
    "condition: [icd g5701] from 2026-01-01",
    "condition: Sciatica [icd M54.31] from 2026-01-01",
    "condition: pain deep in the left glute from 2026-01-01",
    "condition: Deep gluteal syndrome",
    "condition: posterior hip pain",
    "condition: Hip pain, posterior [icd M25.551]",
    "condition: Hip pain at the back [icd M25.551]",
    "condition: Pain in right hip [icd M25.551] site buttock right",
    "condition: Right hip pain radiating to the buttock",
    "condition: Thigh pain [icd M79.651] site buttock",
    "condition: Myalgia of the buttock [icd M79.18]",
    "condition: coccyx pain [icd M53.3]",
    "condition: ischial pain",
    "condition: piriformis pain",
    "condition: sciatic nerve pain",
    "condition: lumbar radiculopathy",
    "condition: SI joint dysfunction",
    "condition: sacroiliitis",
    "condition: ischial bursitis",
    "condition: hamstring tendinopathy",
    "condition: coccydynia",
    "condition: [icd M79.651] site buttock",
    "condition: [icd M79.604] site buttock",
    "condition: buttock [icd M79.651]",
    "condition: [icd M53.3] site buttock",
    "condition: [icd M25.551] site buttock",
    "condition: buttock pain provisional",
    "condition: buttock pain no-clinical-status",
    "condition: buttock pain recurrence",
    'encounter: 2026-01-10 reason "buttock pain"',
    'encounter: 2026-01-10 reason "see below" [sct 279043006]',
    'draft: MRI pelvis [loinc 30673-8] reason "deep gluteal pain"',
    "exam: pain-location = deep-buttock on 2026-01-10",
    "exam: pain-location = ischial on 2026-01-10 left",
    "exam: pain-location = sacroiliac on 2026-01-10",
]
UNSPECIFIED = [
    "condition: Pain in left hip [icd M25.552]",
    "condition: hip pain",
    "condition: [sct 49218002]",
    "condition: Hip pain, no posterior pain",
    "condition: Pain in hip [icd M25.551] site hip",
    'encounter: 2026-01-10 reason "hip pain"',
]
ELSEWHERE = [
    "condition: [sct 102570003]",
    "condition: trochanteric bursitis [icd M70.62]",
    "condition: Hip pain [icd M25.552] site groin",
    "condition: Hip pain, anterior",
    "condition: [icd M25.552] site groin",
    "condition: Hip pain, lateral",
    "condition: Right groin pain [icd R10.31]",
    'encounter: 2026-01-10 reason "groin pain"',
]
NONE = [
    "condition: Essential hypertension [icd I10]",
    "condition: Osteoarthritis of hip [icd M16.11]",
    "condition: Pain in right leg [icd M79.604]",
    "condition: Low back pain [icd M54.50]",
    "condition: Chronic pain [icd G89.29]",
    "condition: Disorder of hip joint [icd M25.851]",
    "condition: Right lower quadrant pain [icd R10.31]",
    "condition: no buttock pain",
    "condition: history of buttock pain",
    "condition: Pain of posterior knee",
    "condition: buttock pain refuted",
    "condition: buttock pain entered-in-error",
    "condition: buttock pain from 2025-01-01 until 2025-06-01 resolved",
    "condition: buttock pain inactive",
    "relative: mother sciatica [icd M54.31]",
    'encounter: 2025-12-03 reason "buttock pain"',
    'encounter: 2026-01-10 reason "buttock pain" cancelled',
    'encounter: 2026-01-10 reason "laceration of buttock"',
    'encounter: 2026-01-10 reason "buttock pain" planned',
    "exam: pain-location = deep-buttock on 2025-12-03",
    "exam: pain-location = deep-buttock undated",
    "exam: pain-location = deep-buttock on 2026-01-10 entered-in-error",
    "exam: pain-location = groin on 2026-01-10",
    "exam: pain-location = below-knee on 2026-01-10",
    "draft: MRI pelvis [loinc 30673-8]",
]


@pytest.mark.parametrize("fact", POSTERIOR)
def test_it_is_posterior(fact: str) -> None:
    assert scope(told(fact)).place == "posterior"


@pytest.mark.parametrize("fact", UNSPECIFIED)
def test_it_is_hip_pain_without_a_place(fact: str) -> None:
    assert scope(told(fact)).place == "unspecified"


@pytest.mark.parametrize("fact", ELSEWHERE)
def test_it_is_pain_of_another_place(fact: str) -> None:
    assert scope(told(fact)).place == "elsewhere"


@pytest.mark.parametrize("fact", NONE)
def test_it_is_no_pain_of_the_hip_now(fact: str) -> None:
    assert scope(told(fact)) == Scope("none")


def test_posterior_pain_beside_groin_pain_is_posterior() -> None:
    chart = told("condition: Groin pain [sct 102570003]", "condition: Buttock pain [sct 279043006]")
    assert scope(chart).place == "posterior"
    assert [f.label for f in scope(chart).evidence] == ["Buttock pain"]


def test_an_unspecific_code_is_located_by_the_answer_of_the_examination() -> None:
    hip = "condition: Pain in hip [icd M25.551]"
    assert scope(told(hip, "exam: pain-location = ischial on 2026-01-10")).place == "posterior"
    assert scope(told(hip, "exam: pain-location = lateral on 2026-01-10")).place == "elsewhere"


def test_lateral_pain_of_one_hip_does_not_explain_the_other() -> None:
    lateral = "condition: trochanteric bursitis [icd M70.61]"
    assert scope(told(lateral, "condition: Pain in hip [icd M25.552]")).place == "unspecified"
    assert scope(told(lateral, "condition: Pain in hip [icd M25.551]")).place == "elsewhere"
    assert scope(told(lateral, "condition: Pain in hip [icd M25.559]")).place == "elsewhere"


def test_a_visit_or_an_answer_from_before_the_pain_was_resolved_does_not_bring_it_back() -> None:
    over = "condition: buttock pain from 2025-11-01 until 2026-01-08 resolved"
    assert scope(told(over, 'encounter: 2026-01-08 reason "buttock pain"')).place == "none"
    assert scope(told(over, "exam: pain-location = ischial on 2026-01-05")).place == "none"
    assert scope(told(over, 'encounter: 2026-01-09 reason "buttock pain"')).place == "posterior"
    assert scope(told(over, "exam: pain-location = ischial on 2026-01-09")).place == "posterior"


def test_a_month_as_the_end_may_mean_its_first_day() -> None:
    over = "condition: buttock pain from 2025-11-01 until 2026-01 resolved"
    assert scope(told(over, 'encounter: 2026-01-02 reason "buttock pain"')).place == "posterior"


def test_the_last_of_several_ends_counts_and_only_of_problems_of_this_place() -> None:
    visit = 'encounter: 2026-01-05 reason "buttock pain"'
    over = [f"condition: buttock pain from 2025-10-01 until {day} resolved" for day in ("2025-12-01", "2026-01-08")]
    assert scope(told(*over, visit)).place == "none"
    assert (
        scope(told("condition: Pain in hip [icd M25.551] site buttock until 2026-01-08 resolved", visit)).place
        == "none"
    )
    assert scope(told("condition: knee pain until 2026-01-08 resolved", visit)).place == "posterior"
    assert scope(told("condition: buttock pain until 2026-01-08 inactive", visit)).place == "none"


@pytest.mark.parametrize(
    "fact", ['encounter: 2026-01-10 reason "left buttock pain"', 'draft: MRI pelvis reason "left buttock pain"']
)
def test_the_reason_of_a_visit_or_an_order_tells_side_and_kind(fact: str) -> None:
    (found,) = scope(told(fact)).evidence
    assert found.side is Side.LEFT
    assert "buttock-pain" in found.concepts
    assert (str(found.when) == "10 Jan 2026") is fact.startswith("encounter")


@pytest.mark.parametrize(
    "pain",
    [
        "[sct 279043006]",
        "[icd M25.552]",
        "[sct 102570003]",
        "[icd M70.62]",
        "[icd M79.604]",
        "[icd M79.651]",
        "pain somewhere",
    ],
)
def test_a_problem_that_may_be_pain_and_cannot_be_read_leaves_it_open(pain: str) -> None:
    assert scope(told(f"condition: {pain} unreadable")).place == "unknown"


def test_another_problem_that_cannot_be_read_or_another_section_that_is_missing_does_not() -> None:
    assert scope(told("condition: [icd I10] unreadable")).place == "none"
    assert scope(told("condition: [icd I10]", without=["observations"])).place == "none"


def test_an_active_problem_stands_although_an_older_one_was_resolved() -> None:
    over = "condition: buttock pain from 2025-01-01 until 2026-01-10 resolved"
    assert scope(told(over, "condition: sciatica [icd M54.31] from 2026-01-05")).place == "posterior"


@pytest.mark.parametrize(
    ("complaint", "place"),
    [
        ("condition: left thigh pain [icd M79.652]", "child"),
        ("condition: limp", "child"),
        ("condition: knee pain [icd M25.561]", "child"),
        ("condition: [icd M25.552]", "child"),
        ("condition: groin pain [sct 102570003]", "child"),
        ("condition: ear pain [icd H92.01]", "none"),
        ("condition: buttock pain [sct 279043006]", "child"),
        ("condition: tonsillitis [icd J03.90]", "none"),
    ],
)
def test_under_18_other_complaints_count(complaint: str, place: str) -> None:
    assert scope(told("patient: M 17", complaint)).place == place
    assert scope(told("patient: M 18", complaint)).place != "child"


def test_where_the_birth_date_is_unknown_the_patient_is_taken_for_an_adult() -> None:
    assert scope(told("patient: F", "condition: buttock pain [sct 279043006]")).place == "posterior"


def test_without_encounters_the_problem_list_is_enough_and_leaves_no_gap() -> None:
    chart = told("condition: buttock pain [sct 279043006]", without=["encounters"])
    assert chart.gaps_of(scope) == (scope(chart), ())


def test_a_problem_without_an_id_still_counts() -> None:
    chart = told("condition: groin pain [sct 102570003]")
    section = chart.section("conditions")
    nameless = replace(section, records=tuple(struct_replace(r, reference="Condition #1") for r in section.records))
    assert isinstance(nameless.records[0], Condition)
    bare = type(chart)(chart.patient, TODAY, {"conditions": nameless})
    assert scope(bare).place == "elsewhere"


def test_groin_pain_is_told_from_lateral_pain() -> None:
    assert groin_pain(told("condition: groin pain [sct 102570003]"))
    assert groin_pain(told("condition: hip pain", "exam: pain-location = groin on 2026-01-10"))
    assert not groin_pain(told("condition: trochanteric bursitis [icd M70.61]"))
    assert not groin_pain(told("condition: hip pain", "exam: pain-location = groin on 2025-12-03"))


def test_visits_for_the_pain_leave_out_the_others() -> None:
    chart = told(
        "condition: buttock pain [sct 279043006]",
        'encounter: 2026-01-10 reason "buttock pain"',
        'encounter: 2026-01-11 reason "hip pain"',
        'encounter: 2026-01-12 reason "earache"',
        'encounter: 2025-01-12 reason "buttock pain"',
    )
    since = TODAY - TODAY.replace(year=2025, month=12)
    assert [str(v.when) for v in visits_for_pain(chart, since)] == ["11 Jan 2026", "10 Jan 2026"]


def test_the_newest_record_of_the_pain_is_told_first_in_whatever_order_they_came() -> None:
    old, new = "condition: buttock pain [sct 279043006] from 2025-11-01", "condition: buttock pain from 2026-01-10"
    undated, visit = "condition: sciatica [icd M54.31] undated", 'encounter: 2026-01-12 reason "buttock pain"'
    for facts in ((old, new, undated, visit), (visit, undated, new, old)):
        dates = [str(f.when) for f in scope(told(*facts)).evidence]
        assert dates == ["10 Jan 2026", "1 Nov 2025", "None", "12 Jan 2026"]
