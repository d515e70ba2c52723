"""What speaks for and against each source: one record at a time, with its group and its weight."""

from __future__ import annotations

import pytest

from cards.facts.features import OF_SOURCES
from cards.facts.sources import sources
from cards.quantity import Quantity
from cards.record import Observation, Patient, Procedure, Record, Report
from cards.side import Side
from cards.when import When
from tests.cards.charts import answer, chart, condition, day

LONG_AGO = "2025-10-22"  # twelve weeks and a day
PAINFUL = condition("buttock-pain", side=Side.LEFT)
OF_BOTH_SIDES = ("sij-positive-tests", "sitting-tolerance", "pain-location")  # pain located elsewhere is this pain too
UNITS = {"sitting-tolerance": "min", "morning-stiffness": "min", "sij-positive-tests": "1"}
SINGLE = """
Deep gluteal syndrome
+ location 2 pain-location deep-buttock
+ quality 2 pain-descriptor electric
+ quality 2 pain-descriptor tingling
+ quality 2 pain-descriptor burning
+ tests 2 seated-piriformis-stretch positive
+ tests 2 active-piriformis positive
+ sitting 1 sitting-tolerance 30
+ sitting 1 pain-worse-sitting true
+ night 1 night-pain-posture-dependent true
+ palpation 1 palpation-tenderness deep-gluteal
- tests 2 straight-leg-raise positive
- dermatome 2 below-knee-dermatomal-pain true
- loss 2 leg-sensation reduced
- loss 2 leg-sensation absent
- tests 2 seated-piriformis-stretch negative
- tests 2 active-piriformis negative
Lumbar radiculopathy
+ dermatome 2 below-knee-dermatomal-pain true
+ back 2 pain-location low-back
+ tests 2 straight-leg-raise positive
+ tests 2 crossed-straight-leg-raise positive
+ tests 2 slump-test positive
- tests 2 straight-leg-raise negative
Sacroiliac joint
+ location 2 pain-location sacroiliac
+ tests 4 sij-positive-tests 3
+ palpation 2 palpation-tenderness sacroiliac
- dermatome 2 below-knee-dermatomal-pain true
- tests 2 sij-positive-tests 2
Ischiofemoral impingement
+ walking 2 long-stride-walking positive
+ tests 2 ischiofemoral-impingement-test positive
+ location 2 pain-location ischial
+ walking 1 pain-worse-walking true
- tests 2 long-stride-walking negative
- tests 2 ischiofemoral-impingement-test negative
Proximal hamstring tendinopathy
+ location 2 pain-location ischial
+ palpation 2 palpation-tenderness ischial
+ tests 2 puranen-orava positive
+ tests 2 bent-knee-stretch positive
+ sitting 1 pain-worse-sitting true
+ load 1 training-load-increase true
- tests 2 puranen-orava negative
- tests 2 bent-knee-stretch negative
- location 2 pain-location deep-buttock
Ischial bursitis
+ location 2 pain-location ischial
+ palpation 2 palpation-tenderness ischial
+ sitting 1 pain-worse-sitting true
- tests 2 puranen-orava positive
- tests 2 bent-knee-stretch positive
- location 2 pain-location deep-buttock
Pudendal neuralgia
+ location 2 pain-location perineal
+ sitting 2 pain-worse-sitting true
+ night 1 wakes-second-half-night false
+ loss 1 saddle-sensation normal
- location 4 pain-location deep-buttock
Gluteal tendinopathy
+ location 2 pain-location lateral
+ palpation 2 palpation-tenderness trochanteric
+ tests 2 single-leg-stance-30s positive
- tests 2 single-leg-stance-30s negative
Hip joint (osteoarthritis, impingement)
+ location 2 pain-location groin
+ rotation 2 hip-internal-rotation limited
+ rotation 2 hip-internal-rotation painful
+ tests 2 fadir-test positive
- rotation 2 hip-internal-rotation normal
- tests 2 fadir-test negative
"""


def _rows() -> list[tuple[str, str, str, int, str, str]]:
    rows, source = [], ""
    for line in SINGLE.strip().splitlines():
        if line[0] in "+-":
            sign, group, weight, question, said = line.split()
            rows.append((source, sign, group, int(weight), question, said))
        else:
            source = line
    return rows


def answered(question: str, said: str, at: str = "2026-01-14", side: Side = Side.LEFT) -> Observation:
    value = {"true": True, "false": False}.get(said, said)
    if question in UNITS:
        return answer(question, Quantity.of(float(said), UNITS[question]), at, side=side)
    return answer(question, value, at, side=side)


def features(source: str, *records: Record, patient: Patient | None = None) -> set[tuple[str, str, int]]:
    """Each feature found as (sign, group, weight)."""
    weighed = OF_SOURCES[source](chart(PAINFUL, *records, patient=patient))
    return {(sign, f.group, f.weight) for sign, found in zip("+-", weighed, strict=True) for f in found if f.look}


@pytest.mark.parametrize(("source", "sign", "group", "weight", "question", "said"), _rows())
def test_an_answer_speaks_for_or_against_a_source(
    source: str, sign: str, group: str, weight: int, question: str, said: str
) -> None:
    assert (sign, group, weight) in features(source, answered(question, said))
    assert not features(source, answered(question, said, LONG_AGO))
    if question not in OF_BOTH_SIDES:
        assert not features(source, answered(question, said, side=Side.RIGHT))


def test_nothing_recorded_speaks_for_or_against_nothing() -> None:
    assert not any(features(source) for source in OF_SOURCES)
    assert not sources(chart(PAINFUL))


def test_of_two_sitting_times_of_one_day_the_shorter_counts_and_half_an_hour_is_short() -> None:
    short, long = answered("sitting-tolerance", "30"), answered("sitting-tolerance", "31")
    for order in ((short, long), (long, short)):
        assert features("Ischial bursitis", *order) == {("+", "sitting", 1)}
    assert not features("Ischial bursitis", long)


def test_a_place_among_several_is_not_away_from_it() -> None:
    places = (answered("pain-location", "ischial"), answered("pain-location", "deep-buttock"))
    assert features("Ischial bursitis", *places) == {("+", "location", 2)}


def test_groin_pain_of_the_other_side_is_not_away_from_the_ischium() -> None:
    assert not features("Ischial bursitis", answered("pain-location", "groin", side=Side.RIGHT))
    assert not features("Hip joint (osteoarthritis, impingement)", answered("pain-location", "groin", side=Side.RIGHT))


@pytest.mark.parametrize("concept", ["hip-injury", "hamstring-injury"])
def test_an_earlier_lesion_of_this_side_supports_a_deep_gluteal_source(concept: str) -> None:
    def healed(side: Side) -> Record:
        return condition(concept, "2015-01-01", clinical="resolved", side=side)

    assert features("Deep gluteal syndrome", healed(Side.LEFT)) == {("+", "history", 1)}
    assert not features("Deep gluteal syndrome", healed(Side.RIGHT))


def test_an_earlier_operation_of_this_side_does_too() -> None:
    def operation(side: Side) -> Procedure:
        return Procedure(
            reference="Procedure/1",
            text="Hip arthroscopy",
            concepts={"proc-hip-pelvic-surgery": "exact"},
            when=day("2015-01-01"),
            status="completed",
            side=side,
        )

    assert features("Deep gluteal syndrome", operation(Side.LEFT)) == {("+", "history", 1)}
    assert not features("Deep gluteal syndrome", operation(Side.RIGHT))


def test_a_normal_screen_speaks_for_the_gluteal_and_against_the_lumbar_source() -> None:
    screen = [answered(question, "normal") for question in ("leg-strength", "leg-sensation", "ankle-reflex")]
    assert features("Deep gluteal syndrome", *screen) == {("+", "neuro", 1)}
    assert features("Lumbar radiculopathy", *screen) == {("-", "neuro", 2)}
    assert not features("Lumbar radiculopathy", *screen[:2])
    weak = answer("mrc-hip-flexion", Quantity.of(4, "1"), side=Side.LEFT)
    assert features("Lumbar radiculopathy", *screen, weak) == {("+", "mrc-hip-flexion", 2)}


def test_a_deficit_speaks_for_the_lumbar_source_and_once_against_the_sacroiliac_one() -> None:
    lost = (answered("knee-reflex", "absent"), answered("ankle-reflex", "reduced"))
    assert features("Lumbar radiculopathy", *lost) == {("+", "knee-reflex", 2), ("+", "ankle-reflex", 2)}
    assert features("Sacroiliac joint", *lost) == {("-", "neuro", 2)}
    _, against = OF_SOURCES["Sacroiliac joint"](chart(PAINFUL, *lost))
    assert len([f for f in against if f.look]) == 1


def test_low_back_pain_on_file_supports_the_lumbar_source() -> None:
    assert ("+", "back", 2) in features("Lumbar radiculopathy", condition("low-back-pain"))


def test_a_normal_lumbar_mri_since_the_onset_speaks_strongly_against_the_lumbar_source() -> None:
    def mri(at: str, *, normal: bool = True) -> Report:
        return Report(
            reference="DiagnosticReport/1",
            text="MRI",
            concepts={"img-mri-lumbar": "exact"},
            when=day(at),
            status="final",
            results={"img-result-normal": "exact"} if normal else {},
        )

    assert features("Lumbar radiculopathy", mri("2026-01-10")) == {("-", "imaging", 4)}
    assert not features("Lumbar radiculopathy", mri("2025-12-31"))
    assert not features("Lumbar radiculopathy", mri("2026-01-10", normal=False))


@pytest.mark.parametrize("concept", ["pregnancy", "delivery-or-postpartum"])
def test_pregnancy_or_a_recent_birth_supports_the_sacroiliac_joint(concept: str) -> None:
    assert ("+", "birth", 2) in features("Sacroiliac joint", condition(concept))


@pytest.mark.parametrize(
    ("minutes", "born", "at", "worn"),
    [
        (30, "1980-01-15", "2026-01-14", True),
        (59, "1980-01-15", "2026-01-14", True),
        (60, "1980-01-15", "2026-01-14", False),
        (0, "1980-01-15", "2026-01-14", False),
        (30, "1981-01-16", "2026-01-14", False),
        (30, "1981-01-15", "2026-01-14", True),
        (30, None, "2026-01-14", False),
        (30, "1980-01-15", LONG_AGO, False),
    ],
)
def test_brief_morning_stiffness_from_45_on_supports_the_hip_joint(
    minutes: int, born: str | None, at: str, worn: bool
) -> None:
    patient = Patient(id="p", born=When.parse(born) if born else None, sex="female")
    found = features(
        "Hip joint (osteoarthritis, impingement)", answered("morning-stiffness", str(minutes), at), patient=patient
    )
    assert (("+", "stiffness", 1) in found) is worn
