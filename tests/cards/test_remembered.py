"""What is kept from call to call: codes, and nothing that a chart may have in place of one."""

from __future__ import annotations

import pytest

from cards.codings import HIP_EXAM, ICD10CM, LOINC, SNOMED
from cards.remembered import Codings, remembered


def times_worked_out(codings: Codings) -> int:
    worked_out: list[Codings] = []
    once = remembered(lambda asked: worked_out.append(asked) or len(worked_out))  # type: ignore[func-returns-value]
    once(codings)
    once(codings)
    return len(worked_out)


@pytest.mark.parametrize(
    "coding",
    [
        (SNOMED, "24028007"),
        ("urn:oid:2.16.840.1.113883.6.1", "72514-3"),
        (LOINC, "LA6576-8"),
        (ICD10CM, "S72.001A"),
        (HIP_EXAM, "pain-location"),
    ],
)
def test_a_code_is_worked_out_once(coding: tuple[str, str]) -> None:
    assert times_worked_out((coding,)) == 1


@pytest.mark.parametrize(
    "coding",
    [
        (SNOMED, "Anna Example"),
        (SNOMED, "Example"),
        (HIP_EXAM, "example"),
        (LOINC, "1950-03-12"),
        (ICD10CM, "G57.01 of Anna Example"),
        (SNOMED, "2" * 100),
        (SNOMED, "24028007\n"),
        (f"{SNOMED}/Anna Example", "24028007"),
        ("urn:anna-example", "24028007"),
        ("", "24028007"),
    ],
)
def test_a_name_a_date_or_a_long_text_in_place_of_a_code_is_not_kept(coding: tuple[str, str]) -> None:
    assert times_worked_out((coding,)) == 2
    assert times_worked_out(((SNOMED, "24028007"), coding)) == 2


def test_many_codings_of_one_concept_are_not_kept() -> None:
    assert times_worked_out(((SNOMED, "24028007"),) * 5) == 2
