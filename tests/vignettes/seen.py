"""Conditions and Observations: what is known, measured, seen or said."""

from __future__ import annotations

import json
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tests.vignettes.line import CODE, DAY, QUOTED, SYSTEMS, Json, Line, concept, present

_TERMS = "http://terminology.hl7.org/CodeSystem"
_UCUM = "http://unitsofmeasure.org"
_CLINICAL = ("active", "recurrence", "relapse", "inactive", "remission", "resolved")
_VERIFICATION = ("confirmed", "unconfirmed", "provisional", "differential", "refuted", "entered-in-error")
_OBSERVATION_STATUS = (
    "preliminary", "final", "amended", "corrected", "registered", "cancelled", "entered-in-error",
)  # fmt: skip
_VITAL_SIGNS = frozenset({"8310-5", "29463-7", "3141-9", "39156-5", "8480-6", "8867-4", "72514-3"})
_SITES = {
    "buttock": ("46862004", "Buttock structure (body structure)"),
    "sacroiliac": ("39723000", "Sacroiliac joint structure (body structure)"),
    "sacrum": ("54735007", "Bone structure of sacrum (body structure)"),
    "hip": ("29836001", "Hip region structure (body structure)"),
    "thigh": ("68367000", "Thigh structure (body structure)"),
    "groin": ("26893007", None),
}
_YES_NO = {"positive": ("10828004", "Positive"), "negative": ("260385009", "Negative")}
_HIP_EXAM = Path(__file__).parents[2] / "cards" / "code_systems" / "hip-exam.json"


def condition(line: Line, today: date) -> Json:
    """`<text> [codes] from <date>` with status, site, side, `until`, `recorded`, `undated`."""
    text = line.words_until(
        f"(?:from|until|recorded) {DAY}",
        "undated|no-clinical-status|inactive|remission|resolved|recurrence|relapse",
        "unconfirmed|provisional|differential|refuted|entered-in-error",
        r"site \S+",
    )
    codings = line.codings()
    if not text and not codings:
        raise line.wrong("a condition needs words or a code")
    verification = line.flag(*_VERIFICATION) or "confirmed"
    clinical = line.flag(*_CLINICAL) or ("active" if verification != "entered-in-error" else None)
    if line.flag("no-clinical-status"):
        clinical = None
    line.flag("undated")
    sites = [s for s in (_site(line), line.side()) if s]
    return present(
        {
            "resourceType": "Condition",
            "clinicalStatus": _status("condition-clinical", clinical),
            "verificationStatus": _status("condition-ver-status", verification),
            "category": [{"coding": [{"system": f"{_TERMS}/condition-category", "code": "problem-list-item"}]}],
            "code": concept(codings, text),
            "bodySite": sites or None,
            "onsetDateTime": line.day("from"),
            "abatementDateTime": line.day("until"),
            "recordedDate": line.day("recorded"),
        }
    )


def exam(line: Line, today: date) -> Json:
    """`<question> = <answer> on <date>`: a question of the project's own examination."""
    found = line.take(r"(?P<question>[a-z0-9-]+) =")
    question = _questions().get(found["question"]) if found else None
    if found is None or question is None:
        raise line.wrong("an exam is '<question of hip-exam> = <answer> on <date>'")
    value = _exam_value(line, *question)
    coding = {"system": SYSTEMS["exam"], "code": found["question"], "display": question[2]}
    return _observation(line, "exam", concept([coding], question[2]), value)


def lab(line: Line, today: date) -> Json:
    """`<LOINC> = <value> on <date>`: a laboratory result or a vital sign."""
    found = line.take(r"(?P<code>\d{3,5}-\d) =")
    if found is None:
        raise line.wrong("a lab is '<LOINC code> = <number> <unit> on <date>'")
    category = "vital-signs" if found["code"] in _VITAL_SIGNS else "laboratory"
    coding = {"system": SYSTEMS["loinc"], "code": found["code"]}
    return _observation(line, category, {"coding": [coding]}, _value(line))


def observation(line: Line, today: date) -> Json:
    """`sct|loinc|icd <code> [= <value>] on <date>`, or words in quotes for the code."""
    found = line.take(rf"(?:(?P<system>{'|'.join(SYSTEMS)}) (?P<code>\S+)|(?P<text>{QUOTED}))(?P<says> =)?")
    if found is None:
        raise line.wrong("an obs is 'sct 160573003 = 30 {drinks}/wk on <date>'")
    what = (
        concept([], found["text"][1:-1])
        if found["text"]
        else {"coding": [{"system": SYSTEMS[found["system"]], "code": found["code"]}]}
    )
    return _observation(line, "survey", what, _value(line) if found["says"] else {})


def _observation(line: Line, category: str, what: Json, value: Json) -> Json:
    high = line.take(r"high (?P<high>\d+(?:\.\d+)?)")
    unit = value.get("valueQuantity", {})
    limit = present({"value": _number(high["high"]), "unit": unit.get("unit")}) if high else None
    flagged = line.take(r"flag (?P<flag>[A-Z]+)")
    interpretation = {"system": f"{_TERMS}/v3-ObservationInterpretation", "code": flagged["flag"]} if flagged else None
    line.flag("undated")
    return present(
        {
            "resourceType": "Observation",
            "status": line.flag(*_OBSERVATION_STATUS) or "final",
            "category": [{"coding": [{"system": f"{_TERMS}/observation-category", "code": category}]}],
            "code": what,
            "effectiveDateTime": line.day("on"),
            **value,
            "interpretation": [{"coding": [interpretation]}] if interpretation else None,
            "referenceRange": [{"high": limit}] if limit else None,
            "bodySite": line.side(),
        }
    )


def _exam_value(line: Line, kind: str, answers: frozenset[str], display: str) -> Json:
    if kind == "code":
        found = line.take("|".join(sorted(answers)))
        if found:
            return {"valueCodeableConcept": {"coding": [{"system": SYSTEMS["exam"], "code": found.group()}]}}
    value = _value(line)
    allowed = {
        "code": ("valueCodeableConcept", "dataAbsentReason", "valueString"),
        "boolean": ("valueBoolean", "valueCodeableConcept", "valueString", "dataAbsentReason"),
        "integer": ("valueInteger", "valueQuantity", "valueString", "dataAbsentReason"),
        "quantity": ("valueQuantity", "dataAbsentReason"),
    }[kind]
    if kind == "integer" and set(value.get("valueQuantity", {})) == {"value"}:
        value = {"valueInteger": int(value["valueQuantity"]["value"])}
    if not set(value) <= set(allowed):
        raise line.wrong(f"'{display}' takes {', '.join(sorted(answers)) or kind} as answer")
    return value


def _value(line: Line) -> Json:
    """A number with unit, printed unit (in quotes) or none; true, positive, a code, words in quotes, unknown."""
    rest = line.rest
    number = re.match(
        rf"(?P<cmp>[<>]=?)?(?P<value>-?\d+(?:\.\d+)?)(?: (?P<printed>{QUOTED})| (?!{_AFTER})(?P<unit>\S+))?(?!\S)", rest
    )
    if number:
        line.rest = rest[number.end() :].strip()
        return {"valueQuantity": _quantity(number)}
    if truth := line.take(r"^(?:true|false)"):
        return {"valueBoolean": truth.group() == "true"}
    if word := line.take(r"^(?:positive|negative)"):
        code, display = _YES_NO[word.group()]
        return {"valueCodeableConcept": {"coding": [{"system": SYSTEMS["sct"], "code": code, "display": display}]}}
    if line.take("^unknown"):
        return {"dataAbsentReason": {"coding": [{"system": f"{_TERMS}/data-absent-reason", "code": "unknown"}]}}
    if re.match(CODE, rest):
        return {"valueCodeableConcept": {"coding": line.codings()}}
    if words := line.take(rf"^{QUOTED}"):
        return {"valueString": words.group()[1:-1]}
    raise line.wrong("no value was understood in")


_AFTER = r"(?:on|high|flag|undated|left|right|both|" + "|".join(_OBSERVATION_STATUS) + r")(?!\S)"


def _quantity(number: re.Match[str]) -> Json:
    made: Json = {"value": _number(number["value"])}
    if number["cmp"]:
        made["comparator"] = number["cmp"]
    if number["unit"]:
        made |= {"unit": number["unit"], "system": _UCUM, "code": number["unit"]}
    if number["printed"]:
        made["unit"] = number["printed"][1:-1]
    return made


def _number(text: str) -> int | float:
    return float(text) if "." in text else int(text)


def _status(system: str, code: str | None) -> Json | None:
    return {"coding": [{"system": f"{_TERMS}/{system}", "code": code}]} if code else None


def _site(line: Line) -> Json | None:
    found = line.take(rf"site (?P<site>{QUOTED}|[a-z]+)")
    if found is None:
        return None
    words = found["site"].strip('"')
    code, display = _SITES.get(words, (None, None))
    coding = [present({"system": SYSTEMS["sct"], "code": code, "display": display})] if code else []
    return concept(coding, words)


@cache
def _questions() -> dict[str, tuple[str, frozenset[str], str]]:
    """For each question its kind of value, its answers and its display."""
    listed: list[dict[str, Any]] = json.loads(_HIP_EXAM.read_text("utf-8"))["concept"]
    found = {}
    for one in listed:
        says = {p["code"]: p.get("valueCode") for p in one["property"]}
        if says.get("role") == "question":
            answers = frozenset(p["valueCode"] for p in one["property"] if p["code"] == "answer")
            found[one["code"]] = (str(says["value-type"]), answers, str(one["display"]))
    return found
