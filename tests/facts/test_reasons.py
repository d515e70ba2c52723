"""Reasons that add up: which leads, what is said of them, and where they come from."""

from __future__ import annotations

from cards.facts.reasons import Reason, because, leading, resting_on, said, sorted_reasons, sources, to_do, worst
from cards.finding import Finding
from cards.rule import Evidence

FIRST, SECOND = (Evidence(name, None, "guideline") for name in ("First", "Second"))
EGFR = Reason("warning", "eGFR 45", "recheck creatinine.", (Finding("Observation/1", "eGFR"),))
ALLERGY = Reason("critical", "ibuprofen allergy", "do not give.", (Finding("AllergyIntolerance/1", "ibuprofen"),))
AGE = Reason("info", "age 70", "short course.", (Finding("Patient/1", "age"),))


def test_the_most_urgent_comes_first_and_those_that_do_not_apply_are_left_out() -> None:
    found = sorted_reasons([EGFR, None, AGE, ALLERGY])
    assert found == (ALLERGY, EGFR, AGE)
    assert worst(found) == "critical"
    assert leading(found) == (ALLERGY,)
    assert leading((EGFR, EGFR, AGE)) == (EGFR, EGFR)
    assert [look.reference for look in because(found) if look] == [  # type: ignore[union-attr]
        "AllergyIntolerance/1", "Observation/1", "Patient/1"
    ]  # fmt: skip


def test_sources_are_told_once_that_of_the_leading_reason_first() -> None:
    found = sorted_reasons([*resting_on(FIRST, EGFR, None, AGE), *resting_on(SECOND, ALLERGY)])
    assert sources(found) == (SECOND, FIRST)
    assert sources((EGFR,)) == ()


def test_as_many_words_as_have_room_and_how_many_more() -> None:
    assert said((ALLERGY, EGFR, AGE)) == "ibuprofen allergy, eGFR 45, age 70"
    assert said((ALLERGY, EGFR, AGE), room=30) == "ibuprofen allergy, eGFR 45, age 70"
    assert said((ALLERGY, EGFR, AGE), room=29) == "ibuprofen allergy, eGFR 45 and 1 more"
    assert said((ALLERGY, EGFR, AGE), room=23) == "ibuprofen allergy and 2 more"
    assert said((ALLERGY,), room=9) == "ibuprofen"


def test_what_to_do_is_a_line_for_each_reason_once() -> None:
    assert to_do((EGFR, AGE, EGFR)) == ("**eGFR 45:** recheck creatinine.", "**Age 70:** short course.")
