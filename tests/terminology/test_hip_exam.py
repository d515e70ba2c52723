"""The project's own code system holds together: every question can be answered, every answer is asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from fhir.resources.R4B.codesystem import CodeSystem

from tests.terminology.contents import HIP_EXAM, hip_exam


def values(concept: dict[str, Any], key: str) -> list[Any]:
    """The values of one property of a concept."""
    return [
        value
        for entry in concept.get("property", ())
        if entry["code"] == key
        for kind, value in entry.items()
        if kind != "code"
    ]


def concepts(role: str) -> dict[str, dict[str, Any]]:
    """The questions or the answers, by code."""
    return {c["code"]: c for c in hip_exam()["concept"] if values(c, "role") == [role]}


def test_it_is_a_complete_fhir_code_system_with_codes_used_once() -> None:
    resource = hip_exam()
    assert CodeSystem.model_validate(resource).get_resource_type() == "CodeSystem"
    assert (resource["url"], resource["content"], resource["caseSensitive"]) == (HIP_EXAM, "complete", True)
    codes = Counter(c["code"] for c in resource["concept"])
    assert max(codes.values()) == 1
    assert resource["count"] == len(codes) == len(concepts("question")) + len(concepts("answer"))


def test_every_property_used_is_declared_with_its_type() -> None:
    declared = {p["code"]: f"value{p['type'].capitalize()}" for p in hip_exam()["property"]}
    for concept in hip_exam()["concept"]:
        for entry in concept["property"]:
            assert set(entry) == {"code", declared[entry["code"]]}


@pytest.mark.parametrize("code", sorted(concepts("question")))
def test_a_question_says_how_it_is_answered(code: str) -> None:
    concept = concepts("question")[code]
    (kind,) = values(concept, "value-type")
    given = {key for key in ("answer", "unit", "minimum", "maximum") if values(concept, key)}
    expected = {"boolean": set(), "code": {"answer"}, "quantity": {"unit"}, "integer": {"minimum", "maximum"}}
    assert given == expected[kind]


def test_the_answers_are_those_that_questions_permit() -> None:
    asked = {answer for c in concepts("question").values() for answer in values(c, "answer")}
    assert asked == set(concepts("answer"))


def test_a_test_that_can_be_positive_can_also_be_negative_or_not_done() -> None:
    for concept in concepts("question").values():
        if "positive" in values(concept, "answer"):
            assert values(concept, "answer") == ["positive", "negative", "not-done"]
