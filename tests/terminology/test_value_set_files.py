"""Every value set is a FHIR R4 resource that can be published as it stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from fhir.resources.R4B.valueset import ValueSet

from tests.terminology.contents import BASE, CPT, ICD10CM, LOINC, RXNORM, SNOMED, value_sets

_OWNERS = {
    SNOMED: "SNOMED International",
    LOINC: "Regenstrief",
    ICD10CM: "National Center for Health Statistics",
    RXNORM: "National Library of Medicine",
    CPT: "American Medical Association",
}
_TEXT = f"{BASE}/StructureDefinition/text-match"
_BROAD = {"url": f"{BASE}/StructureDefinition/match-strength", "valueCode": "broad"}
_SEVENTH = f"{BASE}/StructureDefinition/seventh-character"
_COMMENT = "http://hl7.org/fhir/StructureDefinition/valueset-concept-comments"


def every_value_set(check: Callable[[str], None]) -> Callable[[], None]:
    """One test of all of them, which names those that fail: a test for each would cost more than it checks."""

    def test() -> None:
        broken = []
        for name in sorted(value_sets()):
            try:
                check(name)
            except (AssertionError, ValueError) as error:
                broken.append(f"{name}: {error}")
        assert broken == []

    return test


def systems(resource: dict[str, Any]) -> set[str]:
    """The code systems of the included codes."""
    return {include["system"] for include in resource.get("compose", {}).get("include", ())}


def phrases(resource: dict[str, Any]) -> list[str]:
    """The words by which a text belongs to the set."""
    return [e["valueString"] for e in resource.get("extension", ()) if e["url"] == _TEXT]


@every_value_set
def test_it_is_a_fhir_value_set(name: str) -> None:
    assert ValueSet.model_validate(value_sets()[name]).get_resource_type() == "ValueSet"


@every_value_set
def test_its_canonical_address_is_its_file_name(name: str) -> None:
    resource = value_sets()[name]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
    assert (resource["id"], resource["url"]) == (name, f"{BASE}/ValueSet/{name}")


@every_value_set
def test_it_says_its_version_what_it_means_and_who_owns_what_it_holds(name: str) -> None:
    resource = value_sets()[name]
    assert re.fullmatch(r"\d+\.\d+\.\d+", resource["version"])
    assert resource["description"].endswith(".")
    owners = {_OWNERS[system] for system in systems(resource) if system in _OWNERS}
    assert {owner for owner in owners if owner not in resource["copyright"]} == set()
    assert resource["copyright"]


@every_value_set
def test_it_names_the_icd10cm_release(name: str) -> None:
    compose = value_sets()[name].get("compose", {})
    coded = [e for part in ("include", "exclude") for e in compose.get(part, ()) if e["system"] == ICD10CM]
    assert {e["version"] for e in coded} <= {"2026-04"}


@every_value_set
def test_it_can_match_something(name: str) -> None:
    resource = value_sets()[name]
    assert systems(resource) or phrases(resource)


@every_value_set
def test_its_phrases_are_written_as_the_matcher_reads_them(name: str) -> None:
    found = phrases(value_sets()[name])
    word = r"[a-z0-9]+(?:[-'][a-z0-9]+)*\*?"
    assert [phrase for phrase in found if not re.fullmatch(rf"{word}(?: {word})*", phrase)] == []
    assert [phrase for phrase, times in Counter(found).items() if times > 1] == []


@every_value_set
def test_it_lists_no_code_twice(name: str) -> None:
    listed = Counter(
        (part, element["system"], item.get("code") or item["value"])
        for part, elements in value_sets()[name].get("compose", {}).items()
        for element in elements
        for item in (*element.get("concept", ()), *element.get("filter", ()))
    )
    assert [code for code, times in listed.items() if times > 1] == []


@every_value_set
def test_an_include_has_concepts_or_one_category_and_only_known_extensions(name: str) -> None:
    for element in value_sets()[name].get("compose", {}).get("include", ()):
        assert ("concept" in element) != ("filter" in element)
        assert len(element.get("filter", ("one",))) == 1, "several filters would have to hold at once"
        assert {f"{f['property']} {f['op']}" for f in element.get("filter", ())} <= {"concept is-a"}
        for extension in element.get("extension", ()):
            assert extension in (_BROAD, {"url": _SEVENTH, "valueString": "ABC"})
            assert "filter" in element
        for extension in (e for c in element.get("concept", ()) for e in c.get("extension", ())):
            assert extension == _BROAD or extension["url"] == _COMMENT


def test_names_are_unique() -> None:
    names = Counter(resource["name"] for resource in value_sets().values())
    assert [name for name, times in names.items() if times > 1] == []
    assert len({resource["url"] for resource in value_sets().values()}) == len(value_sets()) > 0
