"""The project's own CodeSystem for examination findings that have no standard code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any


@cache
def _concepts() -> tuple[dict[str, Any], ...]:
    file = resources.files("cards").joinpath("code_systems/hip-exam.json")
    return tuple(json.loads(file.read_text("utf-8"))["concept"])


@cache
def hip_exam_codes() -> frozenset[str]:
    """Every code of `code_systems/hip-exam.json`, questions and answers."""
    return frozenset(str(c["code"]) for c in _concepts())


@cache
def hip_exam_questions() -> frozenset[str]:
    """The codes that are questions: those an Observation is about."""
    return frozenset(str(c["code"]) for c in _concepts() if not _is_answer(c))


@cache
def hip_exam_answers() -> Mapping[str, frozenset[str]]:
    """For each question that is answered by a code, the answers it permits."""
    return {str(c["code"]): found for c in _concepts() if (found := _answers(c))}


@cache
def hip_exam_displays() -> Mapping[str, str]:
    """Each code with its display."""
    return {str(c["code"]): str(c["display"]) for c in _concepts()}


def _is_answer(concept: dict[str, Any]) -> bool:
    return any(p.get("code") == "role" and p.get("valueCode") == "answer" for p in concept.get("property", ()))


def _answers(concept: dict[str, Any]) -> frozenset[str]:
    return frozenset(str(p["valueCode"]) for p in concept.get("property", ()) if p.get("code") == "answer")
