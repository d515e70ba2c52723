"""Each reason against an NSAID: how urgent it is, what it asks for, and on which records it rests."""

from __future__ import annotations

import pytest

from cards.facts.nsaid_reasons import against_an_nsaid
from cards.finding import Finding
from tests.facts.told import told

PAIN = "condition: buttock pain [sct 279043006] from 2025-12-01"
EGFR = "lab: 98979-8 = {} mL/min/{{1.73_m2}} on {}"
WARFARIN = "med: warfarin [rx 11289] 3 mg daily from 2024"
PREDNISONE = "med: prednisone [rx 8640] 5 mg daily from 2025"
PREGNANT = "condition: pregnancy [icd Z3A.{}] from 2026-01-15"


def found(reason_in: str, *facts: str, days: int | None = None) -> tuple[str, str, list[str]]:
    """Of the reason that has these words: indicator, what it asks for, and the records on which it rests."""
    (one,) = [r for r in against_an_nsaid(told(PAIN, *facts), days) if r.words == reason_in]
    return one.indicator, one.do, [look.label for look in one.because if isinstance(look, Finding)]


@pytest.mark.parametrize(
    ("words", "facts", "indicator", "asks", "rests_on"),
    [
        ("eGFR 29", [EGFR.format(29, "2026-01-02")], "critical", "avoid", ["Estimated GFR"]),
        (
            "old eGFR 25",
            [EGFR.format(25, "2025-10-16"), "condition: CKD stage 3 [icd N18.30] from 2020"],
            "warning",
            "repeat it",
            ["Estimated GFR"],
        ),
        ("CKD stage 4-5", ["condition: CKD stage 4 [icd N18.4] from 2020"], "warning", "measure eGFR", ["CKD stage 4"]),
        (
            "CKD stage 4-5",
            ["condition: CKD stage 4 [icd N18.4] from 2020", EGFR.format(70, "2026-01-02")],
            "warning",
            "measure eGFR",
            ["CKD stage 4", "Estimated GFR"],
        ),
        ("eGFR 30", [EGFR.format(30, "2026-01-02")], "info", "no more than 7 days", ["Estimated GFR"]),
        (
            "no eGFR in 12 months",
            ["condition: type 2 diabetes [icd E11.9] from 2015"],
            "info",
            "measure creatinine",
            ["type 2 diabetes"],
        ),
        (
            "old eGFR 45",
            [EGFR.format(45, "2025-10-01"), "condition: CKD stage 3 [icd N18.30] from 2020"],
            "info",
            "measure creatinine",
            ["CKD stage 3", "Estimated GFR"],
        ),
        (
            "acute kidney injury",
            ["condition: acute kidney injury [icd N17.9] from 2026-01-01"],
            "critical",
            "until it has recovered",
            ["acute kidney injury"],
        ),
        ("dialysis", ["condition: dialysis [icd Z99.2] from 2024"], "warning", "avoid", ["dialysis"]),
        ("pregnant, weeks unknown", ["condition: pregnancy [icd Z33.1] from 2026-01-01"], "warning", "settle the week",
         ["pregnancy"]),
        ("pregnant, week 30", [PREGNANT.format(30)], "critical", "do not give", ["pregnancy"]),
        ("pregnant, week 29", [PREGNANT.format(29)], "warning", "amniotic-fluid ultrasound", ["pregnancy"]),
        ("pregnant, week 20", [PREGNANT.format(20)], "warning", "amniotic-fluid ultrasound", ["pregnancy"]),
        ("pregnant, week 19", [PREGNANT.format(19)], "info", "not from week 20 on", ["pregnancy"]),
        ("apixaban", ["med: apixaban [rx 1364430] 5 mg from 2024"], "warning", "bleeding risk", ["apixaban"]),
        (
            "warfarin after a bleed",
            [WARFARIN, "condition: GI bleeding [icd K92.2] from 2025-12-16 resolved"],
            "critical",
            "bled lately",
            ["warfarin", "GI bleeding"],
        ),
        (
            "dual antiplatelets",
            ["med: aspirin [rx 1191] 81 mg daily from 2024", "med: clopidogrel [rx 32968] 75 mg daily from 2024"],
            "warning",
            "Add a proton pump inhibitor",
            ["clopidogrel", "aspirin"],
        ),
        ("a systemic steroid", [PREDNISONE], "warning", "ulcer risk", ["prednisone"]),
        (
            "ACE inhibitor/ARB and diuretic",
            ["med: lisinopril [rx 29046] 10 mg from 2024", "med: furosemide [rx 4603] 40 mg from 2024"],
            "warning",
            "kidney risk",
            ["lisinopril", "furosemide"],
        ),
        ("lithium", ["med: lithium [rx 6448] 300 mg daily from 2024"], "warning", "level rises", ["lithium"]),
        ("an SSRI or SNRI", ["med: sertraline [rx 36437] 50 mg from 2024"], "info", "bleeding risk", ["sertraline"]),
        (
            "methotrexate",
            ["med: methotrexate [rx 6851] once weekly from 2025-06-01"],
            "warning",
            "find out the weekly dose",
            ["methotrexate"],
        ),
        (
            "methotrexate",
            ["med: methotrexate [rx 6851] 15 mg once weekly from 2025-06-01"],
            "warning",
            "avoid at this dose",
            ["methotrexate"],
        ),
        ("age 65", ["patient: F 65"], "info", "short course", []),
        ("age 75", ["patient: F 75"], "warning", "avoid", []),
    ],
)  # fmt: skip
def test_a_reason_says_how_urgent_it_is_what_it_asks_for_and_why(
    words: str, facts: list[str], indicator: str, asks: str, rests_on: list[str]
) -> None:
    urgency, do, records = found(words, *facts)
    assert (urgency, records) == (indicator, rests_on)
    assert asks in do


def test_with_a_weak_kidney_only_a_short_course_is_left_alone() -> None:
    weak = EGFR.format(59, "2026-01-02")
    urgency, do, records = found("eGFR 59 for 8 days", weak, days=8)
    assert (urgency, records) == ("warning", ["Estimated GFR"])
    assert do.startswith("no more than 7 days")
    assert against_an_nsaid(told(PAIN, weak), 7) == ()
    assert against_an_nsaid(told(PAIN, EGFR.format(60, "2026-01-02")), 30) == ()


def test_where_the_stomach_is_protected_no_second_inhibitor_is_asked_for() -> None:
    assert found("a systemic steroid", PREDNISONE, "med: omeprazole [rx 7646] 20 mg from 2024")[1] == "ulcer risk."


def test_a_kidney_function_that_was_not_supplied_is_not_said_to_be_missing() -> None:
    diabetes = "condition: type 2 diabetes [icd E11.9] from 2015"
    assert against_an_nsaid(told(PAIN, diabetes, without=["observations"])) == ()
