"""Value sets: the codes and phrases by which a chart may say one clinical idea."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal

from cards.codings import BASE, ICD10CM, LOINC, Coding, known_system, plain_code
from cards.remembered import Codings, remembered
from cards.text_match import PhraseBook

Strength = Literal["exact", "broad", "text"]
"""How a record matched: by a code that says it, by a code that needs confirming, or by its words."""

_TEXT = f"{BASE}/StructureDefinition/text-match"
_STRENGTH = f"{BASE}/StructureDefinition/match-strength"
_SEVENTH = f"{BASE}/StructureDefinition/seventh-character"
_ICD_CATEGORY = 3
_ICD_LONGEST = 7

_TAG = re.compile(r" \([a-z /]+\)$")  # as SNOMED CT ends its names: "(finding)"


class UnknownValueSet(LookupError):
    """A rule named a value set that is not in `cards/value_sets/`."""


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One clinical idea; its codes live in `cards/value_sets/<name>.json`, a FHIR ValueSet."""

    name: str
    title: str = field(compare=False)
    version: str = field(compare=False)
    key: str = field(init=False, compare=False, repr=False)  # under which the chart indexes it: its name

    def __post_init__(self) -> None:
        """A plain attribute, since every look into the chart reads it."""
        object.__setattr__(self, "key", self.name)

    @property
    def url(self) -> str:
        """The canonical address of the FHIR ValueSet."""
        return f"{BASE}/ValueSet/{self.name}"


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    strength: Strength
    seventh: str  # where not empty: the 7th characters that a full-length ICD-10-CM code may carry


class Terminology:
    """All value sets, indexed by code so that one look-up finds every set that a code belongs to."""

    def __init__(self) -> None:
        self.value_sets: dict[str, ValueSet] = {}
        self._exact: dict[Coding, list[_Member]] = {}
        self._prefixes: dict[str, list[_Member]] = {}
        self._excluded: dict[Coding, set[str]] = {}
        self._excluded_prefixes: dict[str, set[str]] = {}
        self._phrases = PhraseBook()
        self._size: Counter[str] = Counter()
        self._displays: dict[Coding, str] = {}
        self._of_code = remembered(self._look_up)  # where a code belongs, and the sets that it excludes

    def add(self, resource: Mapping[str, Any]) -> None:
        """Take in one FHIR R4 ValueSet resource."""
        name = str(resource["id"])
        self.value_sets[name] = ValueSet(name, str(resource["title"]), str(resource["version"]))
        for extension in resource.get("extension", ()):
            if extension["url"] == _TEXT:
                self._phrases.add(extension["valueString"], name)
        compose = resource.get("compose", {})
        for include in compose.get("include", ()):
            for coding, is_prefix, member, display in _members(name, include):
                self._size[name] += 1
                if display and coding.system != LOINC:
                    self._displays[coding] = display
                if is_prefix:
                    self._prefixes.setdefault(coding.code, []).append(member)
                else:
                    self._exact.setdefault(coding, []).append(member)
        for exclude in compose.get("exclude", ()):
            for coding, is_prefix, _, _ in _members(name, exclude):
                if is_prefix:
                    self._excluded_prefixes.setdefault(coding.code, set()).add(name)
                else:
                    self._excluded.setdefault(coding, set()).add(name)

    def concepts(self, codings: Iterable[tuple[str, str]], text: str | None) -> dict[str, Strength]:
        """Every value set that a CodeableConcept belongs to, each with its strongest match.

        `codings` are (system, code) as received; any of them may match, their order means nothing.
        A broad code that the words confirm counts as exact. One excluded coding keeps the whole concept out.
        """
        found: dict[str, Strength] = {}
        excluded: set[str] = set()
        for system, code in codings:
            members, out = self._of_code(((system, code),))
            excluded.update(out)
            for member in members:
                if found.get(member.name) != "exact":
                    found[member.name] = member.strength
        if text:
            for name in self._phrases.names_in(text):
                found[name] = "exact" if name in found else "text"
        for name in excluded:
            found.pop(name, None)
        return found

    def named(self, codings: Iterable[tuple[str, str]]) -> str | None:
        """What we call a concept that comes without any words: a display of our own, for LOINC the title of the
        narrowest value set, since its own names are too long for a card.
        """
        plain = [Coding(known_system(s), plain_code(known_system(s), c)) for s, c in codings]
        if said := next((self._displays[one] for one in plain if one in self._displays), None):
            return _TAG.sub("", said)
        members = (m for one in plain if one.system == LOINC for m in self._exact.get(one, ()))
        names = {m.name for m in members if m.strength == "exact"}
        return self.value_sets[min(names, key=lambda n: (self._size[n], n))].title if names else None

    def codes(self) -> frozenset[str]:
        """Every code that can match exactly, and no prefix: for a cheap look at raw bytes."""
        return frozenset(coding.code for coding in self._exact)

    def codes_of(self, names: Collection[str], systems: Collection[str]) -> frozenset[str]:
        """The codes, of these systems, that belong to one of these value sets."""
        return frozenset(
            coding.code
            for coding, members in self._exact.items()
            if coding.system in systems and any(m.name in names for m in members)
        )

    def _look_up(self, codings: Codings) -> tuple[tuple[_Member, ...], frozenset[str]]:
        ((raw_system, raw_code),) = codings
        system = known_system(raw_system)
        coding = Coding(system, plain_code(system, raw_code))
        members = list(self._exact.get(coding, ()))
        excluded = set(self._excluded.get(coding, ()))
        if system == ICD10CM:
            for length in range(_ICD_CATEGORY, min(len(coding.code), _ICD_LONGEST) + 1):
                members += self._prefixes.get(coding.code[:length], ())
                excluded |= self._excluded_prefixes.get(coding.code[:length], set())
        return tuple(m for m in members if _seventh_ok(m, coding.code)), frozenset(excluded)


def _seventh_ok(member: _Member, code: str) -> bool:
    return not member.seventh or len(code) < _ICD_LONGEST or code[_ICD_LONGEST - 1] in member.seventh


def _extension(element: Mapping[str, Any], url: str, key: str) -> str | None:
    return next((str(e[key]) for e in element.get("extension", ()) if e["url"] == url), None)


def _members(name: str, include: Mapping[str, Any]) -> Iterator[tuple[Coding, bool, _Member, str | None]]:
    system = known_system(include["system"])
    seventh = _extension(include, _SEVENTH, "valueString") or ""
    for element, key, is_prefix in [
        *((concept, "code", False) for concept in include.get("concept", ())),
        *((rule, "value", True) for rule in include.get("filter", ())),
    ]:
        broad = "broad" in (
            _extension(element, _STRENGTH, "valueCode"),
            _extension(include, _STRENGTH, "valueCode"),
        )
        member = _Member(name, "broad" if broad else "exact", seventh)
        yield Coding(system, plain_code(system, element[key])), is_prefix, member, element.get("display")


def _load() -> Terminology:
    terminology = Terminology()
    for entry in sorted(resources.files("cards").joinpath("value_sets").iterdir(), key=lambda e: e.name):
        if entry.name.endswith(".json"):
            terminology.add(json.loads(entry.read_text("utf-8")))
    return terminology


TERMINOLOGY = _load()


def value_set(name: str) -> ValueSet:
    """The value set of that name.

    Raises UnknownValueSet at import, so that a typing error never reaches a patient.
    """
    try:
        return TERMINOLOGY.value_sets[name]
    except KeyError:
        raise UnknownValueSet(name) from None
