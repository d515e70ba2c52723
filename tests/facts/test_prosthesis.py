"""A hip prosthesis on the painful side: whether there is one, since when, and whether the patient has a fever."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cards.facts.inflammation import CRP
from cards.facts.prosthesis import febrile, gives_way, hip_prosthesis, implanted, raised_since_healing
from cards.finding import Finding
from cards.quantity import Quantity
from tests.facts.told import told

PAIN = "condition: right buttock pain [sct 279043006] from 2025-12-22 right"
REPLACED = "procedure: Total hip replacement [sct 52734007]"
PROSTHESIS = "condition: right hip prosthesis [icd Z96.641] from 2020 right"
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("facts", "record"),
    [
        ([PROSTHESIS], "Condition"),
        ([PROSTHESIS, f"{REPLACED} 2020-05-14 completed right"], "Condition"),
        ([f"{REPLACED} 2020-05-14 completed right"], "Procedure"),
        ([f"{REPLACED} 2020-05-14 completed"], "Procedure"),
        ([f"{REPLACED} 2020-05-14 completed left"], ""),
        (["condition: left hip prosthesis [icd Z96.642] from 2020 left"], ""),
    ],
)
def test_a_prosthesis_is_known_by_the_problem_list_else_by_its_operation(facts: list[str], record: str) -> None:
    found = hip_prosthesis(told(PAIN, *facts))
    assert (found.reference.split("/")[0] if isinstance(found, Finding) else "") == record


def test_it_was_implanted_by_the_newest_operation_of_this_side() -> None:
    operations = [f"{REPLACED} 2015-05-14 completed right", f"{REPLACED} 2020-05-14 completed right"]
    assert str(implanted(told(PAIN, *operations, f"{REPLACED} 2024-05-14 completed left"))) == "14 May 2020"
    assert implanted(told(PAIN, f"{REPLACED} 2024-05-14 completed left")) is None


@pytest.mark.parametrize(
    ("facts", "hot"),
    [
        (["lab: 8310-5 = 38.0 Cel on 2025-12-16"], True),
        (["lab: 8310-5 = 38.0 Cel on 2025-12-15"], False),
        (["lab: 8310-5 = 37.9 Cel on 2025-12-16"], False),
        (["lab: 8310-5 = 38.6 Cel on 2026-01-13", "lab: 8310-5 = 36.8 Cel on 2026-01-15"], True),
        (["lab: 8310-5 = 38.6 Cel on 2026-01-05", "lab: 8310-5 = 36.8 Cel on 2026-01-15"], False),
        (["condition: fever [icd R50.9] from 2025-12-16"], True),
        (["condition: fever [icd R50.9] from 2025-12-15"], False),
        (["condition: fever [icd R50.9] from 2025-12-20", "lab: 8310-5 = 36.8 Cel on 2025-12-25"], False),
        (["condition: fever [icd R50.9] from 2025-12-20", "lab: 8310-5 = 36.8 Cel on 2025-12-10"], True),
    ],
)
def test_a_fever_counts_within_the_time_unless_the_newest_temperature_denies_it(facts: list[str], hot: bool) -> None:
    assert bool(febrile(told(PAIN, *facts), MONTH)) is hot


@pytest.mark.parametrize(
    ("facts", "raised"),
    [
        (["lab: 1988-5 = 11 mg/L on 2026-01-10"], True),
        (["lab: 1988-5 = 10 mg/L on 2026-01-10"], False),
        (["lab: 1988-5 = 11 mg/L on 2026-01-10", f"{REPLACED} 2025-11-29 completed right"], True),
        (["lab: 1988-5 = 11 mg/L on 2026-01-10", f"{REPLACED} 2025-11-30 completed right"], False),
        (["lab: 1988-5 = 11 mg/L on 2026-01-10", f"{REPLACED} 2025-11-30 completed left"], True),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = 20 mg/L on 2026-01-02",
             f"{REPLACED} 2025-12-20 completed right"],
            True,
        ),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = 20 mg/L on 2026-01-02",
             "lab: 1988-5 = 90 mg/L undated", f"{REPLACED} 2025-12-20 completed right"],
            True,
        ),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = 9 mg/L undated",
             f"{REPLACED} 2025-12-20 completed right"],
            False,
        ),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = negative on 2026-01-05",
             "lab: 1988-5 = 20 mg/L on 2026-01-02", f"{REPLACED} 2025-12-20 completed right"],
            True,
        ),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = 30 mg/L on 2026-01-02",
             f"{REPLACED} 2025-12-20 completed right"],
            False,
        ),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = 80 mg/L on 2026-01-02",
             "lab: 1988-5 = 20 mg/L on 2025-12-28", f"{REPLACED} 2025-12-20 completed right"],
            False,
        ),
        (
            ["lab: 1988-5 = 30 mg/L on 2026-01-10", "lab: 1988-5 = 2 mg/L on 2025-12-19",
             f"{REPLACED} 2025-12-20 completed right"],
            False,
        ),
    ],
)  # fmt: skip
def test_within_six_weeks_of_the_operation_only_a_rising_value_counts(facts: list[str], raised: bool) -> None:
    found = raised_since_healing(told(PAIN, *facts), CRP, Quantity.of(10, "mg/L"), MONTH)
    assert bool(found) is raised


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (["condition: dislocation of right hip prosthesis [icd T84.020A] from 2026-01-10 right"],
         {"dislocation or fracture at the implant coded"}),
        (["condition: dislocation of right hip prosthesis [icd T84.020A] undated"],
         {"dislocation or fracture at the implant coded"}),
        (["condition: dislocation of left hip prosthesis [icd T84.021A] from 2026-01-10 left"], set()),
        (["condition: dislocation of right hip prosthesis [icd T84.020A] from 2025-12-31 right"], set()),
        (["exam: leg-shortened-rotated = true undated"], {"leg length or rotation changed"}),
        (["exam: leg-shortened-rotated = true on 2026-01-10 right"], {"leg length or rotation changed"}),
        (["exam: leg-shortened-rotated = true on 2026-01-10 left"], set()),
        (["exam: leg-shortened-rotated = true on 2025-12-31 right"], set()),
    ],
)  # fmt: skip
def test_what_tells_of_a_failing_implant_is_of_this_side_and_of_this_time(facts: list[str], words: set[str]) -> None:
    assert set(gives_way(told(PAIN, PROSTHESIS, *facts), timedelta(days=14))) == words


UNABLE = "exam: unable-to-bear-weight = true on"


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ([f"{UNABLE} 2026-01-10"], True),
        ([f"{UNABLE} 2026-01-10", f"{REPLACED} 2025-12-10 completed right"], True),
        ([f"{UNABLE} 2026-01-10", f"{REPLACED} 2026-01-10 completed right"], False),
        ([f"{UNABLE} 2026-01-10", f"{UNABLE} 2025-12-31"], False),
        ([f"{UNABLE} 2026-01-10", f"{UNABLE} 2026-01-01"], True),
    ],
)
def test_weight_not_borne_counts_where_it_is_new_and_younger_than_the_operation(facts: list[str], counts: bool) -> None:
    found = gives_way(told(PAIN, PROSTHESIS, *facts), timedelta(days=14))
    assert ("cannot bear weight" in found) is counts


@pytest.mark.parametrize(
    ("fall", "pain", "operated", "counts"),
    [
        ("from 2026-01-10", "from 2026-01-10", None, True),
        ("from 2026-01-10", "from 2026-01-09", None, False),
        ("from 2026-01-10", "undated", None, True),
        ("undated", "from 2025-06-01", "2025-12-10", True),
        ("from 2026-01-10", "from 2026-01-10", "2026-01-10", False),
        ("from 2026-01-10", "from 2026-01-10", "2026-01-09", True),
    ],
)
def test_a_fall_counts_after_the_operation_and_for_pain_no_older(
    fall: str, pain: str, operated: str | None, counts: bool
) -> None:
    facts = [f"condition: fall on same level [icd W01.0XXA] {fall}", PROSTHESIS]
    facts += [f"{REPLACED} {operated} completed right"] if operated else []
    chart = told(f"condition: right buttock pain [sct 279043006] {pain} right", *facts)
    assert ("fall or injury" in gives_way(chart, timedelta(days=14))) is counts
