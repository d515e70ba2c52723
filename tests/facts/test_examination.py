"""Which items of the examination are recorded, and what its neurological and local parts found."""

from __future__ import annotations

import pytest

from cards.facts.examination import (
    local_signs,
    localised,
    missing_items,
    neuro_deficits,
    neuro_screened,
    sacroiliac_cluster,
)
from cards.quantity import Quantity
from cards.record import Observation, Procedure, Record, Report
from cards.side import Side
from tests.cards.charts import answer, chart, condition, day

LONG_AGO = "2025-10-22"  # twelve weeks and a day
PAINFUL = condition("buttock-pain", side=Side.LEFT)
RECORDED = (
    ("leg strength L2 to S1", "leg-strength"),
    ("leg strength L2 to S1", "mrc-ankle-dorsiflexion mrc-ankle-plantarflexion"),
    ("leg sensation", "leg-sensation"),
    ("reflexes", "knee-reflex"),
    ("reflexes", "ankle-reflex"),
    ("straight leg raise or slump", "straight-leg-raise"),
    ("straight leg raise or slump", "slump-test"),
    ("piriformis tests (seated stretch, active)", "seated-piriformis-stretch active-piriformis"),
    ("sacroiliac provocation tests", "sij-positive-tests"),
    ("hip rotation", "hip-internal-rotation"),
    ("hip rotation", "hip-range-of-motion"),
    ("FADIR or FABER", "fadir-test"),
    ("FADIR or FABER", "faber-test"),
    ("palpation (ischium, piriformis, sacroiliac, trochanter)", "palpation-tenderness"),
    ("gait", "gait"),
    ("exact location", "pain-location"),
    ("sitting tolerance", "sitting-tolerance"),
    ("sitting tolerance", "pain-worse-sitting"),
    ("pain below the knee", "below-knee-dermatomal-pain"),
    ("kind of pain", "pain-descriptor"),
    ("morning stiffness", "morning-stiffness"),
    ("night pattern", "night-or-rest-pain"),
    ("night pattern", "wakes-second-half-night"),
    ("night pattern", "night-pain-posture-dependent"),
    ("injury", "injury-mechanism"),
    ("weight bearing", "unable-to-bear-weight"),
)


def missing(*records: Record) -> set[str]:
    return {item.name for item in missing_items(chart(PAINFUL, *records))}


def test_of_a_chart_without_an_answer_every_item_is_missing() -> None:
    assert missing() == {name for name, _ in RECORDED}


@pytest.mark.parametrize(("name", "questions"), RECORDED)
def test_an_item_is_recorded_where_its_questions_are_answered(name: str, questions: str) -> None:
    answers = [answer(q, "normal", side=Side.LEFT) for q in questions.split()]
    assert missing() - missing(*answers) == {name}


@pytest.mark.parametrize("name", ["gait", "weight bearing"])
def test_a_normal_walk_answers_two_items(name: str) -> None:
    assert name not in missing(answer("walks-normally", True))


@pytest.mark.parametrize("question", ["mrc-ankle-dorsiflexion", "mrc-ankle-plantarflexion", "active-piriformis"])
def test_half_of_the_questions_are_not_enough(question: str) -> None:
    assert missing(answer(question, "negative")) == missing()


@pytest.mark.parametrize(
    "other",
    [
        answer("straight-leg-raise", "not-done"),
        answer("straight-leg-raise", "negative", side=Side.RIGHT),
        answer("straight-leg-raise", "negative", LONG_AGO),
    ],
)
def test_not_done_the_other_leg_and_long_ago_are_not_recorded(other: Observation) -> None:
    assert "straight leg raise or slump" in missing(other)


@pytest.mark.parametrize(
    ("sign", "item"),
    [
        (condition("bilateral-sciatica"), "saddle sensation"),
        (condition("bilateral-leg-symptoms"), "saddle sensation"),
        (condition("urinary-retention"), "saddle sensation"),
        (answer("bladder-function-change", True), "saddle sensation"),
        (answer("pain-worse-walking", True), "femoral pulse"),
        (answer("pain-eased-standing-still", True), "femoral pulse"),
    ],
    ids=lambda one: getattr(one, "reference", ""),
)
def test_some_signs_ask_for_one_item_more_unless_it_is_recorded(sign: Record, item: str) -> None:
    found = answer("saddle-sensation" if item == "saddle sensation" else "femoral-pulse", "normal")
    assert missing(sign) - missing() == {item}
    assert missing_items(chart(PAINFUL, sign))[0].name == item
    assert missing(sign, found) == missing()


@pytest.mark.parametrize("question", ["bladder-function-change", "pain-worse-walking"])
def test_signs_of_long_ago_do_not(question: str) -> None:
    assert missing(answer(question, True, LONG_AGO)) == missing()


def test_the_screen_needs_strength_sensation_and_reflexes() -> None:
    every = [answer(question, "normal") for question in ("leg-strength", "leg-sensation", "knee-reflex")]
    assert neuro_screened(chart(*every))
    for one in every:
        assert not neuro_screened(chart(*(e for e in every if e is not one)))


def grade(muscle: str, mrc: int, at: str = "2026-01-14", side: Side = Side.LEFT) -> Observation:
    return answer(f"mrc-{muscle}", Quantity.of(mrc, "1"), at, side=side)


@pytest.mark.parametrize(
    "deficit",
    [
        *(
            grade(muscle, 4)
            for muscle in (
                "hip-flexion",
                "knee-extension",
                "ankle-dorsiflexion",
                "great-toe-extension",
                "ankle-plantarflexion",
            )
        ),
        answer("leg-strength", "reduced"),
        *(answer(q, a) for q in ("leg-sensation", "knee-reflex", "ankle-reflex") for a in ("reduced", "absent")),
    ],
    ids=lambda deficit: deficit.reference,
)
def test_each_of_these_is_a_deficit(deficit: Record) -> None:
    assert len(neuro_deficits(chart(PAINFUL, deficit))) == 1


@pytest.mark.parametrize(
    "other",
    [
        grade("hip-flexion", 5),
        grade("hip-flexion", 4, side=Side.RIGHT),
        grade("hip-flexion", 4, LONG_AGO),
        *(answer(q, "normal") for q in ("leg-strength", "leg-sensation", "knee-reflex")),
        *(answer(q, "reduced", side=Side.RIGHT) for q in ("leg-strength", "leg-sensation", "knee-reflex")),
        *(answer(q, "reduced", LONG_AGO) for q in ("leg-strength", "leg-sensation", "knee-reflex")),
    ],
    ids=lambda other: other.reference,
)
def test_full_power_the_other_leg_and_long_ago_are_none(other: Record) -> None:
    assert not neuro_deficits(chart(PAINFUL, other))


def test_of_two_grades_of_one_day_the_weaker_counts() -> None:
    assert neuro_deficits(chart(grade("hip-flexion", 5), grade("hip-flexion", 4)))
    assert neuro_deficits(chart(grade("hip-flexion", 4), grade("hip-flexion", 5)))


@pytest.mark.parametrize(
    "test",
    [
        "seated-piriformis-stretch",
        "active-piriformis",
        "fair-test",
        "puranen-orava",
        "bent-knee-stretch",
        "long-stride-walking",
        "ischiofemoral-impingement-test",
        "single-leg-stance-30s",
    ],
)
def test_each_test_points_to_a_place_where_it_is_positive_on_this_side_and_lately(test: str) -> None:
    assert local_signs(chart(PAINFUL, answer(test, "positive", side=Side.LEFT)))
    for other in (
        answer(test, "negative"),
        answer(test, "positive", side=Side.RIGHT),
        answer(test, "positive", LONG_AGO),
    ):
        assert not local_signs(chart(PAINFUL, other))


@pytest.mark.parametrize(
    ("count", "at", "positive"), [(3, "2026-01-14", True), (2, "2026-01-14", False), (3, LONG_AGO, False)]
)
def test_three_provocation_tests_make_the_cluster(count: int, at: str, positive: bool) -> None:
    told = chart(answer("sij-positive-tests", Quantity.of(count, "1"), at))
    assert bool(sacroiliac_cluster(told)) is positive
    assert bool(local_signs(told)) is positive


def study(concept: str, at: str = "2026-01-10", **members: object) -> Report:
    given = {"reference": "DiagnosticReport/1", "text": "study", "status": "final", "results": {}}
    return Report(**given | {"concepts": {concept: "exact"}, "when": day(at)} | members)  # type: ignore[arg-type]


@pytest.mark.parametrize("concept", ["img-mri-hip", "img-mri-pelvis", "img-mr-neurography", "img-us-hip-gluteal"])
def test_a_study_since_the_onset_that_is_not_normal_localises(concept: str) -> None:
    normal = {"img-result-normal": "exact"}
    assert localised(chart(PAINFUL, study(concept)))
    assert not localised(chart(PAINFUL, study(concept, results=normal)))
    assert not localised(chart(PAINFUL, study(concept, "2025-12-31")))
    done = Procedure(
        reference="Procedure/1",
        text="study",
        concepts={concept: "exact"},
        when=day("2026-01-10"),
        status="completed",
    )
    assert not localised(chart(PAINFUL, done))


def test_two_positive_tests_localise_and_one_does_not() -> None:
    one, two = answer("fair-test", "positive"), answer("puranen-orava", "positive")
    assert not localised(chart(one))
    assert localised(chart(one, two))
