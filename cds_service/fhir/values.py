"""The value of an Observation: a measurement in its unit, a yes or no, or an answer of the hip examination.

What was recorded but cannot be read is refused with its reason, never passed over: a rule that needed it says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from cards import record
from cards.code_system import hip_exam_answers
from cards.measures import BARE_NUMBERS, MEASURES
from cards.quantity import Comparator, Quantity, Refused
from cds_service.fhir import resources as wire
from cds_service.fhir.concepts import code_of

ABSENT = frozenset(
    {"2667000", "260385009", "373067005", "260415000", "LA32-8", "LA6577-6", "LA9634-2", "LA11883-8", "NEG", "N", "n"}
    | {"no", "none", "nil", "absent", "negative", "false", "denies", "denied", "not present", "not detected"}
)
_PRESENT = frozenset(
    {"52101004", "10828004", "373066001", "260373001", "LA33-6", "LA6576-8", "LA9633-4", "LA11882-0", "POS", "Y", "y"}
    | {"yes", "present", "positive", "true", "detected"}
)
_MRC = re.compile(r"([0-5]|4[+-])(?: ?/ ?5)?")  # as power is written by hand
_COMPARATORS: Mapping[str, Comparator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TESTED = {True: "positive", False: "negative"}
_NOT_UNDERSTOOD = "an answer that is not understood"
Read = tuple[record.Value | None, str | None]
"""The usable value, or why there is none; neither where none was recorded."""


def value_of(o: wire.Valued, kind: str | None, question: str | None) -> Read:
    """The value as `kind` (a measure) or `question` (of the hip examination) asks for it."""
    if kind is not None:
        return _measurement(o, kind)
    if o.valueQuantity is not None and o.valueBoolean is None:
        return None, "a number where none was expected"
    found, refused = _yes_or_no(o)
    answers = hip_exam_answers().get(question or "")
    return _answer(o, answers, found) if answers else (found, refused)


def _measurement(o: wire.Valued, kind: str) -> Read:
    number = o.valueQuantity
    if number is None and o.valueInteger is not None:
        number = wire.Quantity(value=o.valueInteger, code="1" if "1" in MEASURES[kind].units else None)
    if number is None and kind.startswith("mrc-") and (grade := _MRC.fullmatch(_words(o))):
        number = wire.Quantity(value=int(grade[1][0]))
    if number is not None and number.value is not None:
        return _in_its_unit(number, kind)
    return None, "a value in words" if _words(o) else None


def _in_its_unit(number: wire.Quantity, kind: str) -> tuple[Quantity | None, str | None]:
    code, unit = number.code, number.unit
    if not code and not unit and kind in BARE_NUMBERS:
        code = "1"
    comparator = _COMPARATORS.get(number.comparator or "", "")
    found = MEASURES[kind].normalise(number.value or 0.0, code, unit, comparator)
    return (None, found.reason) if isinstance(found, Refused) else (found, None)


def _yes_or_no(o: wire.Valued) -> Read:
    if o.valueBoolean is not None:
        return o.valueBoolean, None
    for answer in (code_of(o.valueCodeableConcept), _words(o).lower()):
        if answer in _PRESENT:
            return "positive" if answer == "positive" else True, None
        if answer in ABSENT:
            return answer if answer in ("negative", "absent") else False, None
    return None, _NOT_UNDERSTOOD if o.valueString and not o.valueCodeableConcept else None


def _answer(o: wire.Valued, answers: frozenset[str], found: record.Value | None) -> Read:
    """One of the question's answers: said in words, or as positive and negative in whatever way."""
    words = _words(o)
    said = "-".join(words.lower().split())
    if said in answers:
        return said, None
    tested = _TESTED.get(found) if isinstance(found, bool) else None
    if tested in answers:
        return tested, None
    return None, _NOT_UNDERSTOOD if words or found is not None or o.valueCodeableConcept is not None else None


def _words(o: wire.Valued) -> str:
    concept = o.valueCodeableConcept
    return (o.valueString or (concept.text if concept is not None else None) or "").strip()
