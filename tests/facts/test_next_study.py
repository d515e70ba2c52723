"""Which study comes next: matched to the place that the features point to, and none that was done or is ordered."""

from __future__ import annotations

import pytest

from cards.appropriateness import scenario
from cards.chart import Chart
from cards.facts.next_study import next_study
from cards.orderables import MRI_BOTH_HIPS, MRI_LUMBAR, MRI_PELVIS, MRI_PLEXUS, MRI_SI
from cards.orders import Orderable
from cards.rule import Advise
from tests.facts.told import told

PAIN = "condition: left buttock pain [sct 279043006] from 2025-06-01 left"
ROOT = "exam: slump-test = positive on 2026-01-10 left"
DEFICIT = "exam: leg-sensation = reduced on 2026-01-10 left"
LUMBAR_NORMAL = "report: MRI lumbar spine [loinc 30679-5] on 2025-12-01 normal"


def wanted(*facts: str, flag: str = "") -> tuple[Orderable, str] | None:
    """What is to be ordered and by which row of the table, perhaps beside this red flag's note."""
    return study_of(told(PAIN, *facts), flag)


def study_of(chart: Chart, flag: str = "") -> tuple[Orderable, str] | None:
    chart.red_flags = {flag: Advise("info", "", "")} if flag else {}
    found = next_study(chart)
    if found is None:
        return None
    rows = ("osteonecrosis-after-xray", "spondyloarthritis-after-xray", "plexopathy", "low-back-after-care",
            "deep-gluteal-after-xray", "soft-tissue-after-xray")  # fmt: skip
    return found.orderable, next(row for row in rows if scenario(row) is found.scenario)


def test_a_note_of_osteonecrosis_decides_first_and_asks_for_both_hips() -> None:
    assert wanted(ROOT, flag="femoral-head-osteonecrosis") == (
        MRI_BOTH_HIPS,
        "osteonecrosis-after-xray",
    )


@pytest.mark.parametrize(
    ("facts", "flag"),
    [(["condition: sacroiliitis [icd M46.1] from 2025-06-01"], ""), ([ROOT], "axial-spondyloarthritis")],
)
def test_inflammation_of_the_sacroiliac_joints_comes_next(facts: list[str], flag: str) -> None:
    assert wanted(*facts, flag=flag) == (MRI_SI, "spondyloarthritis-after-xray")


@pytest.mark.parametrize(
    "sign",
    [
        "condition: lumbar radiculopathy [icd M54.16] from 2025-06-01",
        "exam: straight-leg-raise = positive on 2026-01-10 left",
        "exam: slump-test = positive on 2026-01-10 left",
        "exam: crossed-straight-leg-raise = positive on 2026-01-10 left",
        "exam: below-knee-dermatomal-pain = true on 2026-01-10 left",
    ],
)
def test_a_root_pattern_asks_for_the_lumbar_spine_and_after_a_normal_one_for_the_plexus(sign: str) -> None:
    assert wanted(sign) == (MRI_LUMBAR, "low-back-after-care")
    assert wanted(sign, LUMBAR_NORMAL) == (MRI_PLEXUS, "plexopathy")


def test_a_root_sign_of_the_other_side_is_none_of_this_pain() -> None:
    assert wanted("exam: slump-test = positive on 2026-01-10 right") == (
        MRI_PELVIS,
        "soft-tissue-after-xray",
    )


def test_nerve_signs_outside_a_root_ask_for_the_plexus() -> None:
    assert wanted(DEFICIT) == (MRI_PLEXUS, "plexopathy")
    assert wanted(DEFICIT, LUMBAR_NORMAL) == (MRI_PLEXUS, "plexopathy")


def test_a_normal_lumbar_spine_alone_leads_to_no_plexus() -> None:
    assert wanted(LUMBAR_NORMAL) == (MRI_PELVIS, "soft-tissue-after-xray")


def test_a_lumbar_study_that_is_old_or_not_known_to_be_normal_is_no_normal_one() -> None:
    assert wanted(ROOT, "report: MRI lumbar spine [loinc 30679-5] on 2025-05-31 normal") == (
        MRI_LUMBAR,
        "low-back-after-care",
    )
    assert wanted(ROOT, "report: MRI lumbar spine [loinc 30679-5] on 2025-12-01 abnormal") is None


def test_else_it_is_the_pelvis() -> None:
    assert wanted() == (MRI_PELVIS, "soft-tissue-after-xray")
    assert wanted("condition: deep gluteal syndrome from 2025-06-01") == (
        MRI_PELVIS,
        "deep-gluteal-after-xray",
    )


@pytest.mark.parametrize(
    ("facts", "flag"),
    [
        (["report: MRI hip [loinc 36488-5] on 2025-12-01 abnormal"], ""),
        (["report: ultrasound hip on 2025-12-01 abnormal"], ""),
        (["report: MRI pelvis [loinc 30673-8] on 2025-06-01 abnormal"], ""),
        (["order: MRI pelvis [loinc 30673-8] on 2026-01-10 active"], ""),
        (["report: MRI pelvis [loinc 30673-8] on 2025-12-01 abnormal"], "femoral-head-osteonecrosis"),
        (["order: MRI sacroiliac joints on 2026-01-10 active"], "axial-spondyloarthritis"),
        ([ROOT, "order: MRI lumbar spine [loinc 30679-5] on 2026-01-10 active"], ""),
        ([DEFICIT, "order: MRI lumbosacral plexus on 2026-01-10 active"], ""),
        ([ROOT, LUMBAR_NORMAL, "order: MRI lumbosacral plexus on 2026-01-10 active"], ""),
    ],
)
def test_what_was_done_since_the_onset_or_is_ordered_is_not_asked_for_again(facts: list[str], flag: str) -> None:
    assert wanted(*facts, flag=flag) is None


def test_a_study_or_an_order_from_before_the_onset_does_not_count() -> None:
    assert wanted("report: MRI pelvis [loinc 30673-8] on 2025-05-31 normal") is not None
    assert wanted("order: MRI pelvis [loinc 30673-8] on 2025-05-31 active") is not None


@pytest.mark.parametrize(
    ("facts", "why", "records"),
    [
        ([ROOT, DEFICIT, LUMBAR_NORMAL], "nerve signs, normal lumbar MRI", 3),
        ([DEFICIT, LUMBAR_NORMAL], "nerve signs, normal lumbar MRI", 2),
        ([ROOT, DEFICIT], "root pattern", 2),
        ([DEFICIT], "nerve signs outside a root", 1),
        (["condition: sacroiliitis [icd M46.1] from 2025-06-01"], "inflammatory sacroiliac pattern", 1),
        (["condition: deep gluteal syndrome from 2025-06-01"], "deep gluteal or tendon source", 1),
        ([], "deep gluteal or tendon source", 0),
    ],
)
def test_it_says_why_and_names_the_records(facts: list[str], why: str, records: int) -> None:
    found = next_study(told(PAIN, *facts))
    assert found is not None
    assert (found.why, len([look for look in found.because if look])) == (why, records)
