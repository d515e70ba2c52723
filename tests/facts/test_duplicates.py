"""What has to be new since a study for it to be done again."""

from __future__ import annotations

import pytest

from cards.facts.duplicates import duplicates
from cards.immutable import replace
from cards.quantity import Quantity
from cards.record import Observation, Order, Procedure, Record, Report
from cards.rule import Advise
from cards.side import Side
from tests.cards.charts import answer, chart, condition, day

DONE = "2025-12-15"
AFTER, SAME = "2025-12-16", DONE
PAINFUL = condition("buttock-pain", "2025-06-01", onset_known=True, side=Side.LEFT)
SCAN = {"img-mri-pelvis": "exact"}
NERVES = {"proc-electrodiagnostics": "exact"}


def order(concepts: dict[str, str]) -> Order:
    return Order(reference="ServiceRequest/1", text="order", concepts=concepts, status="draft")  # type: ignore[arg-type]


def report(concepts: dict[str, str], at: str | None = DONE) -> Report:
    return Report(
        reference="DiagnosticReport/1",
        text="study",
        concepts=concepts,  # type: ignore[arg-type]
        when=day(at),
        status="final",
        results={},
    )


def operation(concept: str, at: str | None) -> Procedure:
    return Procedure(
        reference="Procedure/1", text=concept, concepts={concept: "exact"}, when=day(at), status="completed"
    )


def repeated(*records: Record) -> bool:
    """An MRI of the pelvis is drafted, and one was done a month ago."""
    return bool(duplicates(chart(PAINFUL, report(SCAN), *records, drafts=[order(SCAN)])))


def news(at: str | None) -> list[Record]:
    """Everything that may be new, as of that day."""
    mechanisms = ("low-energy-fall", "high-energy", "twist", "pop-or-tear", "lifting")
    injuries = ("fall-trauma", "low-energy-fall", "high-energy-trauma", "hip-injury", "hamstring-injury")
    fractures = ("acute-hip-pelvis-fracture", "hip-dislocation")
    signs = ("foot-drop", "leg-weakness", "bilateral-leg-weakness", "abnormal-reflexes", "numbness", "paraesthesia")
    operations = ("proc-hip-arthroplasty", "proc-hip-pelvic-surgery", "proc-lumbar-surgery", "proc-neurolysis")
    reflex = ("reduced", "absent", "brisk")
    return [
        *(condition(name, at, clinical="resolved") for name in (*injuries, *fractures, *signs)),
        *(answer("injury-mechanism", how, at) for how in mechanisms),
        *(answer(question, found, at) for question in ("knee-reflex", "ankle-reflex") for found in reflex),
        *(answer("leg-sensation", found, at) for found in ("reduced", "absent")),
        answer("leg-strength", "reduced", at),
        *(operation(name, at) for name in operations),
    ]


@pytest.mark.parametrize("found", news(AFTER), ids=lambda found: found.reference)
def test_an_injury_a_sign_of_a_nerve_or_an_operation_after_the_study_calls_for_another(found: Record) -> None:
    assert repeated()
    assert not repeated(found)


@pytest.mark.parametrize("found", [*news(SAME), *news(None)], ids=lambda found: found.reference)
def test_one_of_its_day_or_without_a_date_is_not_known_to_be_new(found: Record) -> None:
    assert repeated(found)


@pytest.mark.parametrize(("at", "again"), [(AFTER, False), (SAME, True), (None, True)])
def test_a_muscle_found_weak_after_the_study_calls_for_another(at: str | None, again: bool) -> None:
    weak: Observation = answer("mrc-hip-flexion", Quantity.of(4, "1"), at)
    assert repeated(weak) is again


@pytest.mark.parametrize(
    "normal", [answer("leg-strength", "normal"), answer("knee-reflex", "normal"), answer("injury-mechanism", "none")]
)
def test_a_normal_answer_is_nothing_new(normal: Observation) -> None:
    assert repeated(normal)


@pytest.mark.parametrize(("indicator", "again"), [("info", True), ("warning", False), ("critical", False)])
def test_an_urgent_red_flag_calls_for_another_and_a_note_does_not(indicator: str, again: bool) -> None:
    told = chart(PAINFUL, report(SCAN), drafts=[order(SCAN)])
    told.red_flags = {"a-rule": Advise(indicator, "Summary", "do")}  # type: ignore[arg-type]
    assert bool(duplicates(told)) is again


def test_a_study_without_a_date_is_repeated_by_nothing() -> None:
    assert not duplicates(chart(PAINFUL, report(SCAN, None), drafts=[order(SCAN)]))
    assert not duplicates(chart(PAINFUL, report(NERVES, None), drafts=[order(NERVES)]))


def test_a_nerve_study_of_the_other_leg_is_another_study() -> None:
    left, right = replace(order(NERVES), side=Side.LEFT), replace(report(NERVES), side=Side.RIGHT)
    assert duplicates(chart(PAINFUL, report(NERVES), drafts=[left]))
    assert not duplicates(chart(PAINFUL, right, drafts=[left]))
