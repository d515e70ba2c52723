"""What makes an infection likelier, each item inside its own window."""

from __future__ import annotations

import pytest

from cards.facts.host_risk import host_risk, immunosuppression, injecting_drugs, procedure_of, spine_risk
from cards.record import Medication, Procedure, Record
from cards.side import Side
from cards.valueset import value_set
from tests.cards.charts import chart, condition, day, medicine
from tests.facts.told import told

PAIN = "condition: left buttock pain [sct 279043006] from 2026-01-01 left"


def procedure(concept: str, side: Side = Side.UNKNOWN) -> Procedure:
    return Procedure(
        reference=f"Procedure/{concept}",
        text=concept,
        concepts={concept: "exact"},
        when=day("2026-01-02"),
        status="completed",
        side=side,
    )


def chemotherapy(**members: object) -> Medication:
    return medicine("med-chemotherapy", **members)


@pytest.mark.parametrize(
    "problem",
    [
        *(condition(name) for name in ("immunosuppression", "hiv", "organ-transplant")),
        condition("chemotherapy-history", "2025-08-01", clinical="resolved"),
    ],
    ids=lambda problem: problem.reference,
)
def test_each_of_these_problems_weakens_the_defence(problem: Record) -> None:
    assert immunosuppression(chart(problem))


@pytest.mark.parametrize(
    ("drug", "weakens"),
    [
        (chemotherapy(when=day("2024-01-01")), True),
        (chemotherapy(status="completed", when=day("2025-07-16")), True),
        (chemotherapy(status="completed", when=day("2025-07-15")), False),
        (chemotherapy(status="completed", when=day("2025-01-01"), until=day("2025-07-16")), True),
        (chemotherapy(status="completed", when=day("2025-01-01"), until=day("2025-07-15")), False),
        (chemotherapy(status="completed"), False),
        (chemotherapy(systemic=False), False),
    ],
)
def test_chemotherapy_counts_while_taken_and_half_a_year_longer(drug: Medication, weakens: bool) -> None:
    assert bool(immunosuppression(chart(drug))) is weakens


def test_a_high_dose_of_steroid_counts_only_while_it_is_taken() -> None:
    assert immunosuppression(told(PAIN, "med: prednisone [rx 8640] 20 mg daily from 2025-12-20"))
    ended = told(PAIN, "med: prednisone [rx 8640] 20 mg daily from 2025-12-20 until 2026-01-14 completed")
    assert not immunosuppression(ended)


def test_steroid_of_an_unknown_dose_is_not_called_high() -> None:
    assert not immunosuppression(told(PAIN, "med: prednisone [rx 8640] from 2025-06-01"))


def test_injecting_that_ended_within_the_year_still_counts() -> None:
    assert injecting_drugs(chart(condition("injecting-drug-use", "2025-06-01", clinical="resolved")))


@pytest.mark.parametrize(
    "concept",
    [
        "proc-hip-injection",
        "proc-si-joint-injection",
        "proc-piriformis-injection",
        "proc-hip-aspiration",
        "proc-hip-pelvic-surgery",
        "proc-hip-arthroplasty",
    ],
)
def test_each_procedure_at_the_painful_hip_is_a_risk(concept: str) -> None:
    painful = condition("buttock-pain", side=Side.LEFT)
    assert host_risk(chart(painful, procedure(concept, Side.LEFT)))
    assert not host_risk(chart(painful, procedure(concept, Side.RIGHT)))


@pytest.mark.parametrize(
    "risk",
    [
        procedure("proc-spinal-procedure"),
        procedure("proc-lumbar-surgery", Side.RIGHT),
        *(condition(name) for name in ("injecting-drug-use", "dialysis", "hiv", "diabetes")),
    ],
    ids=lambda risk: risk.reference,
)
def test_each_of_these_is_a_risk_for_the_spine_whatever_its_side(risk: Record) -> None:
    assert spine_risk(
        chart(
            condition("buttock-pain", side=Side.LEFT),
            risk,
        )
    )


def test_a_further_procedure_that_cannot_be_read_is_a_gap_and_another_section_is_none() -> None:
    other = "procedure: hip joint injection 2025-12-15 completed right"
    odd = "procedure: {} 2025-12-20 completed unreadable"
    hip = value_set("proc-hip-injection")

    def gaps(*facts: str, without: tuple[str, ...] = ()) -> object:
        asked = told(PAIN, other, *facts, without=without)
        return asked.gaps_of(lambda c: procedure_of(c, hip, sided=True))[1]

    assert gaps(odd.format("hip joint injection"))
    assert gaps(odd.format("Physiotherapy [sct 91251008]")) == ()
    assert gaps(without=("observations",)) == ()
