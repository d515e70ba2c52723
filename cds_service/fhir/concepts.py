"""From FHIR's coded members to value sets, sides and dates."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cards.code_system import hip_exam_displays
from cards.codings import HIP_EXAM, ICD10CM, LOINC, SNOMED, known_system, plain_code
from cards.remembered import Codings, remembered
from cards.side import Side
from cards.valueset import TERMINOLOGY, Strength
from cards.when import When
from cds_service.fhir import resources as wire

_RIGHT, _LEFT, _BOTH = "24028007", "7771000", "51440002"
_SIDE_CODES = {_RIGHT: Side.RIGHT, _LEFT: Side.LEFT, _BOTH: Side.BOTH}
_SIDE_WORDS = {
    "right": Side.RIGHT, "rt": Side.RIGHT, "left": Side.LEFT, "lt": Side.LEFT,
    "both": Side.BOTH, "bilateral": Side.BOTH, "alternating": Side.BOTH,
}  # fmt: skip
_ICD_SIDE_AT = {
    "M2555": 5, "M7965": 5, "M87": 5, "M2137": 5, "Z9664": 5, "S72": 5, "S73": 5, "S76": 5,
    "G570": 4, "M543": 4, "M544": 4, "M706": 4, "M707": 4, "M760": 4, "S700": 4,
}  # fmt: skip
"""Where in the dotless ICD-10-CM code the side stands: 1 right, 2 left, 3 both."""
_ICD_DIGITS = {"1": Side.RIGHT, "2": Side.LEFT, "3": Side.BOTH}
_ICD_LEGS = {"M79604": Side.RIGHT, "M79605": Side.LEFT}
_STANDARD = ("http://terminology.hl7.org/", "http://hl7.org/fhir/", SNOMED, LOINC, HIP_EXAM)
_SIDE_WORD = re.compile(rf"\b({'|'.join(_SIDE_WORDS)})\b")


def concepts(concept: wire.CodeableConcept | None) -> dict[str, Strength]:
    """The value sets of one CodeableConcept."""
    if concept is None:
        return {}
    codings = [(c.system or "", c.code) for c in concept.coding if c.code] if concept.coding else ()
    return TERMINOLOGY.concepts(codings, concept.text)


def all_concepts(several: Iterable[wire.CodeableConcept] | None) -> dict[str, Strength]:
    """The value sets of several CodeableConcepts together."""
    found: dict[str, Strength] = {}
    for one in several or ():
        for name, strength in concepts(one).items():
            if found.get(name) != "exact":
                found[name] = strength
    return found


def said(concept: wire.CodeableConcept | None, fallback: str = "", *, our_name: bool = True) -> str:
    """How a person would read the concept: its text, else a display, else the name we have for it, else a code."""
    if concept is None:
        return fallback
    if concept.text:
        return concept.text
    displayed = next((c.display for c in concept.coding or () if c.display), None)
    codings = [(c.system or "", c.code) for c in concept.coding or () if c.code]
    named = _our_name(codings) if our_name and not displayed else None
    return displayed or named or next((code for _, code in codings), fallback)


def _our_name(codings: list[tuple[str, str]]) -> str | None:
    """What we call a concept that came as codes alone."""
    asked = (hip_exam_displays().get(code.strip()) for system, code in codings if known_system(system) == HIP_EXAM)
    return next(filter(None, asked), None) or TERMINOLOGY.named(codings)


def side(sites: Iterable[wire.CodeableConcept] | None, concept: wire.CodeableConcept | None = None) -> Side:
    """The side said by a site's qualifier code, else by the code, else by the words. Two sides make both."""
    found = Side.UNKNOWN
    for site in sites or ():
        for coding in site.coding or ():
            if coding.code in _SIDE_CODES:
                found = found.joined(_SIDE_CODES[coding.code])
    if found is Side.UNKNOWN and concept is not None:
        for coding in concept.coding or ():
            found = found.joined(_side_of_icd(((coding.system or "", coding.code or ""),)))
    if found is not Side.UNKNOWN:
        return found
    words = [site.text for site in sites or () if site.text]
    if concept is not None and concept.text:
        words.append(concept.text)
    return side_in(" ".join(words)) if words else found


def side_in(text: str) -> Side:
    """The side that words name."""
    found = Side.UNKNOWN
    for word in _SIDE_WORD.findall(text.lower()):
        found = found.joined(_SIDE_WORDS[word])
    return found


@remembered
def _side_of_icd(codings: Codings) -> Side:
    ((system, code),) = codings
    if known_system(system) != ICD10CM:
        return Side.UNKNOWN
    plain = plain_code(ICD10CM, code)
    for length in (5, 4, 3):
        at = _ICD_SIDE_AT.get(plain[:length])
        if at is not None and len(plain) > at:
            return _ICD_DIGITS.get(plain[at], Side.UNKNOWN)
    return _ICD_LEGS.get(plain, Side.UNKNOWN)


def when(*dates: str | None) -> When | None:
    """The first of these that is a date."""
    for text in dates:
        if text and (found := When.parse(text)):
            return found
    return None


def code_of(concept: wire.CodeableConcept | None) -> str | None:
    """The code of a status-like concept: a standard coding before a local one, whatever their order."""
    codes = [c for c in concept.coding if c.code] if concept is not None and concept.coding else []
    if len(codes) > 1:
        codes.sort(key=lambda c: not known_system(c.system or "").startswith(_STANDARD))
    return codes[0].code if codes else None
