"""Where a record says its side: body site, code, or words."""

from __future__ import annotations

from typing import Any

import pytest

from cards.record import Condition
from tests.intake.taken import ICD, SCT, coded, condition, record_of

RIGHT, LEFT, BOTH = (coded(SCT, code) for code in ("24028007", "7771000", "51440002"))
BUTTOCK = coded(SCT, "46862004", "buttock")
PLAIN = coded(SCT, "279043006")


def side_of(code: dict[str, Any], *sites: dict[str, Any]) -> str:
    return record_of("conditions", condition(code, bodySite=list(sites) or None), Condition).side.value


@pytest.mark.parametrize(
    ("sites", "side"),
    [
        ([BUTTOCK, RIGHT], "right"),
        ([LEFT, BUTTOCK], "left"),
        ([BUTTOCK, BOTH], "both"),
        ([RIGHT, LEFT], "both"),
        ([BUTTOCK], "unknown"),
        ([{"text": "right buttock"}], "right"),
        ([{"text": "both buttocks"}], "both"),
        ([], "unknown"),
    ],
)
def test_the_body_site_names_the_side(sites: list[dict[str, Any]], side: str) -> None:
    assert side_of(PLAIN, *sites) == side


@pytest.mark.parametrize(
    ("code", "side"),
    [
        ("M25.551", "right"), ("M25.552", "left"), ("M25.559", "unknown"), ("M54.31", "right"), ("M54.32", "left"),
        ("M54.30", "unknown"), ("G57.01", "right"), ("G57.02", "left"), ("G57.03", "both"), ("G57.00", "unknown"),
        ("Z96.641", "right"), ("Z96.642", "left"), ("Z96.643", "both"), ("Z96.649", "unknown"), ("S72.001A", "right"),
        ("S72.002A", "left"), ("S76.011A", "right"), ("M87.052", "left"), ("M79.604", "right"), ("M79.605", "left"),
        ("M79.606", "unknown"), ("E11.9", "unknown"), ("M70.71", "right"),
    ],
)  # fmt: skip
def test_an_icd_code_may_carry_the_side(code: str, side: str) -> None:
    assert side_of(coded(ICD, code)) == side


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("left buttock pain", "left"),
        ("Buttock pain, right-sided", "right"),
        ("Buttock pain (Lt)", "left"),
        ("bilateral buttock pain", "both"),
        ("right and left buttock pain", "both"),
        ("alternating buttock pain", "both"),
        ("buttock pain", "unknown"),
        ("brightly sore buttock, upright posture", "unknown"),
    ],
)
def test_words_name_the_side_where_nothing_else_does(text: str, side: str) -> None:
    assert side_of({"text": text}) == side


def test_a_coded_side_wins_over_the_words() -> None:
    assert side_of(PLAIN | {"text": "left buttock pain"}, BUTTOCK, RIGHT) == "right"
    assert side_of(coded(ICD, "M54.31", "left sciatica")) == "right"
