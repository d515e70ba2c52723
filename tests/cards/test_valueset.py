"""From codings and words to value sets."""

from __future__ import annotations

from typing import Any

import pytest

from cards.codings import BASE, CPT, ICD10CM, LOINC, RXNORM, SNOMED, known_system, plain_code
from cards.valueset import Terminology, UnknownValueSet, value_set

_DEFINITION = f"{BASE}/StructureDefinition"
BROAD = {"url": f"{_DEFINITION}/match-strength", "valueCode": "broad"}


def resource(
    name: str, include: list[dict[str, Any]], exclude: list[dict[str, Any]] | None = None, words: tuple[str, ...] = ()
) -> dict[str, Any]:
    extension = [{"url": f"{_DEFINITION}/text-match", "valueString": w} for w in words]
    compose = {"include": include} | ({"exclude": exclude} if exclude else {})
    return {"id": name, "title": name, "version": "1.0.0", "extension": extension, "compose": compose}


def codes(system: str, *codes: str, broad: bool = False) -> dict[str, Any]:
    return {"system": system, "concept": [{"code": c, **({"extension": [BROAD]} if broad else {})} for c in codes]}


def prefix(*values: str, seventh: str = "") -> dict[str, Any]:
    rules = [{"property": "concept", "op": "regex", "value": v} for v in values]
    seventh_extension = [{"url": f"{_DEFINITION}/seventh-character", "valueString": seventh}] if seventh else []
    return {"system": ICD10CM, "filter": rules, "extension": seventh_extension}


@pytest.fixture(scope="module")
def terms() -> Terminology:
    made = Terminology()
    made.add(
        resource(
            "sciatica",
            [codes(SNOMED, "23056005"), prefix("M543")],
            [codes(ICD10CM, "M54.30")],
            words=("sciatica",),
        )
    )
    made.add(
        resource("hip-pain", [codes(ICD10CM, "M25.551"), codes(SNOMED, "49218002", broad=True)], words=("hip pain",))
    )
    made.add(resource("fracture", [prefix("S72.0", seventh="ABC")]))
    made.add(resource("cancer", [prefix("C")], words=("cancer",)))
    made.add(resource("not-skin", [prefix("C50")], [prefix("C504")]))
    return made


@pytest.mark.parametrize(
    ("codings", "expected"),
    [
        ([(SNOMED, "23056005")], {"sciatica": "exact"}),
        ([(SNOMED, " 23056005 ")], {"sciatica": "exact"}),
        ([("urn:oid:2.16.840.1.113883.6.96", "23056005")], {"sciatica": "exact"}),
        ([("http://snomed.info/sct/731000124108", "23056005")], {"sciatica": "exact"}),
        ([("http://snomed.info/sct/731000124108/version/20240301", "23056005")], {"sciatica": "exact"}),
        ([(LOINC, "1988-5"), (SNOMED, "23056005")], {"sciatica": "exact"}),
        ([(SNOMED, "23056005"), (LOINC, "1988-5")], {"sciatica": "exact"}),
        ([(LOINC, "23056005")], {}),
        ([("", "23056005")], {}),
        ([("http://example.org/local", "23056005")], {}),
        ([], {}),
    ],
)
def test_any_coding_may_match_under_any_spelling_of_its_system(
    terms: Terminology, codings: list[tuple[str, str]], expected: dict[str, str]
) -> None:
    assert terms.concepts(codings, None) == expected


@pytest.mark.parametrize("code", ["M25.551", "M25551", "m25.551", " M25.551", "m25551"])
@pytest.mark.parametrize("system", [ICD10CM, "urn:oid:2.16.840.1.113883.6.90", ICD10CM + "/"])
def test_icd_codes_match_with_or_without_dot_in_either_case(terms: Terminology, system: str, code: str) -> None:
    assert terms.concepts([(system, code)], None) == {"hip-pain": "exact"}


@pytest.mark.parametrize(
    ("code", "matches"), [("M54.31", True), ("M543", True), ("M54.3", True), ("M54.4", False), ("M54", False)]
)
def test_a_prefix_takes_all_codes_below_it(terms: Terminology, code: str, matches: bool) -> None:
    assert ("sciatica" in terms.concepts([(ICD10CM, code)], None)) is matches


def test_a_prefix_applies_to_icd_only(terms: Terminology) -> None:
    assert terms.concepts([(SNOMED, "M5431")], None) == {}


def test_an_excluded_code_is_out_although_its_prefix_is_in(terms: Terminology) -> None:
    assert terms.concepts([(ICD10CM, "M54.30")], None) == {}


@pytest.mark.parametrize(("code", "matches"), [("C50.1", True), ("C50.4", False), ("C50.411", False)])
def test_an_excluded_prefix_keeps_all_below_it_out(terms: Terminology, code: str, matches: bool) -> None:
    assert ("not-skin" in terms.concepts([(ICD10CM, code)], None)) is matches


def test_one_excluded_coding_keeps_the_whole_concept_out(terms: Terminology) -> None:
    assert terms.concepts([(SNOMED, "23056005"), (ICD10CM, "M54.30")], "sciatica") == {}


def test_prefixes_shorter_than_a_category_match_nothing(terms: Terminology) -> None:
    assert terms.concepts([(ICD10CM, "C61")], None) == {}


@pytest.mark.parametrize(
    ("text", "strength"), [(None, "broad"), ("Left hip pain", "exact"), ("no hip pain", "broad"), ("knee", "broad")]
)
def test_words_make_a_broad_code_exact(terms: Terminology, text: str | None, strength: str) -> None:
    assert terms.concepts([(SNOMED, "49218002")], text) == {"hip-pain": strength}


def test_an_exact_code_beside_a_broad_one_is_exact_in_either_order(terms: Terminology) -> None:
    both = [(SNOMED, "49218002"), (ICD10CM, "M25.551")]
    assert terms.concepts(both, None) == terms.concepts(both[::-1], None) == {"hip-pain": "exact"}


def test_words_alone_are_text(terms: Terminology) -> None:
    assert terms.concepts([], "Left-sided sciatica") == {"sciatica": "text"}


@pytest.mark.parametrize(
    ("code", "matches"),
    [
        ("S72.001A", True),
        ("S72.001B", True),
        ("S72.001D", False),
        ("S72.001S", False),
        ("S72.001", True),
        ("S72.0", True),
        ("S72001A", True),
        ("s72.001a", True),
        ("s72.001d", False),
    ],
)
def test_the_seventh_character_tells_a_new_injury_from_its_aftermath(
    terms: Terminology, code: str, matches: bool
) -> None:
    assert ("fracture" in terms.concepts([(ICD10CM, code)], None)) is matches


@pytest.mark.parametrize(
    ("spelling", "system"),
    [
        ("urn:oid:2.16.840.1.113883.6.1", LOINC),
        ("urn:oid:2.16.840.1.113883.6.88", RXNORM),
        ("urn:oid:2.16.840.1.113883.6.12", CPT),
        ("https://loinc.org", LOINC),
        ("http://example.org/x", "http://example.org/x"),
    ],
)
def test_oids_and_other_spellings_are_one_system(spelling: str, system: str) -> None:
    assert known_system(spelling) == system


def test_only_icd_codes_lose_their_dot() -> None:
    assert plain_code(ICD10CM, "m54.30") == "M5430"
    assert plain_code(LOINC, "a.b") == "a.b"


def test_a_misspelt_value_set_is_an_error_at_import() -> None:
    with pytest.raises(UnknownValueSet):
        value_set("no-such-set")


def test_a_value_set_names_its_canonical_address() -> None:
    assert value_set("fever").url == f"{BASE}/ValueSet/fever"
