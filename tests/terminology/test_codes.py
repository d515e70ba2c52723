"""Every code of every value set is well-formed and, where a table is at hand, exists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise

import pytest

from tests.terminology.contents import (
    CPT,
    HIP_EXAM,
    ICD10CM,
    LEAVES,
    LOINC,
    OUTSIDE_GPS,
    RXNORM,
    SNOMED,
    entries,
    hip_exam,
    icd10cm,
    leaf_counts,
)

_D5 = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
       "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")  # fmt: skip
_SHIFT = ("0123456789", "1576283094", "5803796142", "8916043527",
          "9453126870", "4286573901", "2793806415", "7046913258")  # fmt: skip


def verhoeff_ok(digits: str) -> bool:
    """True where the last digit is the Verhoeff check digit of those before it."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = int(_D5[check][int(_SHIFT[position % 8][int(digit)])])
    return check == 0


def mod10_ok(code: str) -> bool:
    """True where the part behind the hyphen is the mod-10 (Luhn) check digit of a LOINC code."""
    digits, _, check = code.partition("-")
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled // 10 + doubled % 10
    return check == str(-total % 10)


def is_concept_id(code: str) -> bool:
    """True for a SNOMED CT concept identifier: length, partition (00 core, 10 extension), check digit."""
    return re.fullmatch(r"[1-9]\d{5,17}", code) is not None and code[-3:-1] in ("00", "10") and verhoeff_ok(code)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (is_concept_id, "23056005", "23065005"),
        (is_concept_id, "16335031000119103", "16335031000119100"),  # rounded by a spreadsheet
        (is_concept_id, "22298006", "22298011"),  # a description, not a concept
        (mod10_ok, "1988-5", "1988-6"),
    ],
)
def test_the_check_itself_tells_right_from_wrong(check: Callable[[str], bool], right: str, wrong: str) -> None:
    assert check(right)
    assert not check(wrong)


@pytest.mark.parametrize(
    ("system", "well_formed"),
    [
        (SNOMED, is_concept_id),
        (LOINC, lambda code: re.fullmatch(r"\d{3,6}-\d", code) is not None and mod10_ok(code)),
        (RXNORM, lambda code: re.fullmatch(r"[1-9]\d{1,7}", code) is not None),
        (CPT, lambda code: re.fullmatch(r"\d{4}[0-9FT]", code) is not None),
        (ICD10CM, lambda code: bool(icd10cm().is_valid_item(code))),
    ],
)
def test_every_code_is_well_formed(system: str, well_formed: Callable[[str], bool]) -> None:
    found = [entry for entry in entries(system) if not well_formed(entry.code)]
    assert any(True for _ in entries(system))
    assert found == []


def test_only_known_systems_are_used_and_only_icd10cm_by_category() -> None:
    assert {entry.system for entry in entries()} == {SNOMED, LOINC, RXNORM, CPT, ICD10CM, HIP_EXAM}
    assert {entry.system for entry in entries() if entry.prefix} == {ICD10CM}


def test_icd10cm_displays_are_those_of_the_release() -> None:
    concepts = [entry for entry in entries(ICD10CM) if not entry.prefix]
    assert [(e.value_set, e.code) for e in concepts if e.display != icd10cm().get_description(e.code)] == []


def test_icd10cm_categories_are_not_blocks_or_single_codes() -> None:
    odd = [e for e in entries(ICD10CM) if e.prefix and (icd10cm().is_leaf(e.code) or "-" in e.code)]
    assert odd == [], "name a leaf as a concept; a block such as C00-C96 has no leaves at all"


def test_every_icd10cm_category_stands_for_the_number_of_codes_that_was_reviewed() -> None:
    locked = json.loads(LEAVES.read_text("utf-8"))["leaves"]
    counted = leaf_counts()
    assert {code: n for code, n in counted.items() if n < 1} == {}
    changed = {c: (locked.get(c), counted.get(c)) for c in locked | counted if locked.get(c) != counted.get(c)}
    assert changed == {}, "read what changed, then run: python -m tests.terminology.lock"


def test_cpt_codes_stand_bare() -> None:
    assert [entry for entry in entries(CPT) if entry.display is not None] == []


def test_loinc_and_rxnorm_codes_carry_their_names() -> None:
    assert [entry for system in (LOINC, RXNORM) for entry in entries(system) if not entry.display] == []


def test_snomed_ct_shows_a_display_only_for_the_global_patient_set() -> None:
    without = sorted({entry.code for entry in entries(SNOMED) if not entry.display})
    assert without == json.loads(OUTSIDE_GPS.read_text("utf-8"))["concepts"]
    assert {entry.code for entry in entries(SNOMED) if entry.display} & set(without) == set()


def test_one_snomed_ct_concept_has_one_display_everywhere() -> None:
    shown = {(entry.code, entry.display) for entry in entries(SNOMED)}
    codes = sorted(code for code, _ in shown)
    assert [one for one, other in pairwise(codes) if one == other] == []


def test_hip_exam_codes_in_value_sets_exist() -> None:
    known = {concept["code"] for concept in hip_exam()["concept"]}
    assert {entry.code for entry in entries(HIP_EXAM)} <= known
