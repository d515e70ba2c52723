"""Signs of the cauda equina: which count, which are long-standing, and what explains or excludes them."""

from __future__ import annotations

import pytest

from cards.facts.cauda_signs import (
    bladder_explained,
    both_leg_symptoms,
    cauda_signs,
    saddle_and_bladder_normal,
    stands_alone,
    suspected_by_an_order,
)
from cards.record import Observation, Order, Procedure, Record, Report
from cards.section import Section
from cards.side import Side
from tests.cards.charts import answer, chart, condition, day, medicine

LUMBAR_MRI = {"img-mri-lumbar": "exact"}
SUSPECTED = {"cauda-equina-syndrome": "text"}


def saddle(at: str | None, answered: str = "reduced") -> Observation:
    return answer("saddle-sensation", answered, at)


def mri(at: str) -> Report:
    return Report(
        reference="DiagnosticReport/1",
        text="MRI",
        concepts=LUMBAR_MRI,  # type: ignore[arg-type]
        when=day(at),
        status="final",
        results={},
    )


def draft(**members: object) -> Order:
    given = {"reference": "ServiceRequest/1", "text": "MRI lumbar spine", "concepts": {}, "status": "draft"}
    return Order(**given | {"reasons": SUSPECTED} | members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sign", "kind"),
    [
        (condition("urinary-retention"), "retention"),
        (answer("bladder-function-change", True), "retention"),
        (condition("fecal-incontinence"), "bowel"),
        (answer("bowel-function-change", True), "bowel"),
    ],
    ids=lambda one: getattr(one, "reference", ""),
)
def test_a_sign_is_told_as_a_problem_or_as_an_answer(sign: Record, kind: str) -> None:
    assert getattr(cauda_signs(chart(sign)), kind)


@pytest.mark.parametrize(
    "unread",
    [
        Section("conditions", unreadable={"Condition/1": frozenset({"saddle-anaesthesia"})}),
        Section("observations", unreadable={"Observation/1": frozenset({"bowel-function-change"})}),
    ],
    ids=lambda unread: unread.name,
)
def test_a_sign_that_cannot_be_read_is_a_gap(unread: Section) -> None:
    assert chart(sections=[unread]).gaps_of(cauda_signs)[1]


def test_what_was_the_same_for_half_a_year_and_imaged_since_is_left_out() -> None:
    seen = (saddle("2025-06-01"), saddle("2026-01-10"), mri("2025-06-01"))
    assert not cauda_signs(chart(*seen)).saddle
    problem = condition("saddle-anaesthesia", "2025-06-01")
    assert not cauda_signs(chart(problem, saddle("2026-01-10"), mri("2025-08-01"))).saddle


@pytest.mark.parametrize(
    "told",
    [
        (saddle("2025-06-01"), saddle("2026-01-10")),
        (saddle("2025-06-01"), saddle("2026-01-10"), mri("2025-05-31")),
        (saddle("2025-06-01"), saddle("2026-01-10", "absent"), mri("2025-08-01")),
        (saddle("2025-06-01"), saddle("2026-01-10"), condition("saddle-anaesthesia", None), mri("2025-08-01")),
        (saddle("2025-06-01"), saddle(None, "normal"), saddle("2026-01-10"), mri("2025-08-01")),
        (saddle("2025-06-01"), saddle("2026-01-10"), saddle(None), mri("2025-08-01")),
        (
            condition("saddle-anaesthesia", "2025-06-01", verification="unconfirmed"),
            saddle("2026-01-10"),
            mri("2025-08-01"),
        ),
        (
            saddle("2025-06-01"),
            saddle("2026-01-10"),
            Procedure(
                reference="Procedure/1",
                text="MRI",
                concepts=LUMBAR_MRI,  # type: ignore[arg-type]
                when=day("2025-08-01"),
                status="completed",
            ),
        ),
    ],
    ids=[
        "no MRI",
        "MRI before",
        "worse now",
        "undated too",
        "well between",
        "once undated",
        "unconfirmed",
        "no result",
    ],
)
def test_else_it_counts(told: tuple[Record, ...]) -> None:
    assert cauda_signs(chart(*told)).saddle


def test_an_order_suspects_the_syndrome_unless_it_is_on_file() -> None:
    drafts = (draft(), medicine(status="draft"))
    assert suspected_by_an_order(chart(drafts=drafts))
    past = condition("cauda-equina-syndrome", "2015-01-01", clinical="resolved")
    assert not suspected_by_an_order(chart(past, drafts=drafts))


def test_the_suspicion_is_told_in_the_words_of_the_reason_and_of_its_day() -> None:
    (told,) = suspected_by_an_order(chart(drafts=[draft(reason_texts=("CES?",), when=day("2026-01-12"))]))
    assert (told.label, told.when) == ("CES?", day("2026-01-12"))
    (told,) = suspected_by_an_order(chart(drafts=[draft()]))
    assert (told.label, told.when) == ("MRI lumbar spine", day("2026-01-15"))


@pytest.mark.parametrize("kind", ["med-anticholinergic-bladder", "med-opioid"])
def test_a_drug_begun_lately_explains_the_bladder(kind: str) -> None:
    assert bladder_explained(chart(medicine(kind, when=day("2026-01-01"))))
    assert not bladder_explained(chart(medicine(kind)))
    patch = medicine(kind, ref="MedicationRequest/old", when=day("2024-01-01"), systemic=False)
    assert bladder_explained(chart(patch, medicine(kind, when=day("2026-01-01"))))


@pytest.mark.parametrize(
    "symptom",
    [
        condition("bilateral-sciatica"),
        condition("bilateral-sciatica", None),
        condition("bilateral-leg-symptoms"),
        *(condition(name, side=Side.BOTH) for name in ("sciatica", "lumbar-radiculopathy", "leg-pain")),
        *(condition(name, side=Side.BOTH) for name in ("numbness", "paraesthesia")),
        condition("leg-pain", None, side=Side.BOTH),
        answer("pain-location", "below-knee", side=Side.BOTH),
        answer("below-knee-dermatomal-pain", True, side=Side.BOTH),
        answer("leg-sensation", "reduced", side=Side.BOTH),
        answer("leg-sensation", "absent", side=Side.BOTH),
    ],
    ids=lambda symptom: symptom.reference,
)
def test_each_of_these_is_a_symptom_of_both_legs(symptom: Record) -> None:
    assert both_leg_symptoms(chart(symptom))
    assert not stands_alone(chart(symptom))


def test_a_symptom_of_each_leg_is_one_of_both() -> None:
    left, right = condition("sciatica", side=Side.LEFT), condition("leg-pain", side=Side.RIGHT)
    unsided = condition("numbness", side=Side.UNKNOWN)
    assert set(both_leg_symptoms(chart(left, right, unsided))) == set(both_leg_symptoms(chart(left, right)))
    assert both_leg_symptoms(chart(left, right))
    for one in (left, right):
        assert not both_leg_symptoms(chart(one, unsided))


def test_pain_of_another_place_on_both_sides_is_none() -> None:
    assert not both_leg_symptoms(chart(answer("pain-location", "deep-buttock", side=Side.BOTH)))


@pytest.mark.parametrize(
    ("told", "normal"),
    [
        ([saddle("2026-01-13", "normal"), answer("bladder-function-change", False, "2026-01-13")], True),
        ([answer("bladder-function-change", False)], False),
        ([saddle("2026-01-14", "normal")], False),
        ([saddle("2026-01-12", "normal"), answer("bladder-function-change", False)], False),
        ([saddle("2026-01-14", "normal"), answer("bladder-function-change", False, "2026-01-12")], False),
        (
            [
                saddle("2026-01-14", "normal"),
                saddle("2026-01-14", "reduced"),
                answer("bladder-function-change", False),
            ],
            False,
        ),
        (
            [
                saddle("2026-01-14", "normal"),
                answer("bladder-function-change", False),
                answer("bladder-function-change", True),
            ],
            False,
        ),
    ],
)
def test_saddle_and_bladder_are_normal_where_both_surely_were_in_two_days(
    told: list[Observation], normal: bool
) -> None:
    assert saddle_and_bladder_normal(chart(*told)) is normal
