"""Whether monthly bleeding is to be expected, and whether pain has come with it for long enough."""

from __future__ import annotations

import pytest

from cards.facts.menstruation import cyclic_pain, menstruation_possible, past_bearing
from tests.facts.told import told

PAIN = "condition: buttock pain [sct 279043006] from 2025-10-17"
CYCLIC = "exam: pain-cyclic = true on 2026-01-10"


@pytest.mark.parametrize(
    ("facts", "possible"),
    [
        (["patient: F 55"], True),
        (["patient: F 56"], False),
        (["patient: F"], True),
        (["patient: X 30"], True),
        (["patient: M 30"], False),
        (["condition: hysterectomy from 2020"], False),
        (["condition: hysterectomy from 2020 resolved"], False),
        (["condition: menopause from 2020"], False),
        (["condition: menopause from 2020 provisional"], True),
        (["procedure: Laparoscopic hysterectomy 2020-03-01 completed"], False),
        (["procedure: Laparoscopic hysterectomy 2026-01-10 in-progress"], True),
    ],
)
def test_menstruation_is_possible_until_55_where_nothing_confirmed_rules_it_out(
    facts: list[str], possible: bool
) -> None:
    chart = told(PAIN, *facts)
    assert menstruation_possible(chart) is possible
    assert past_bearing(chart) is (not possible and not facts[0].startswith("patient"))


@pytest.mark.parametrize(
    ("facts", "counts"),
    [
        ([PAIN, CYCLIC], True),
        (["condition: buttock pain [sct 279043006] from 2025-10-18", CYCLIC], False),
        (["condition: buttock pain [sct 279043006] undated", CYCLIC], True),
        ([PAIN, "exam: pain-cyclic = true on 2025-07-17"], True),
        ([PAIN, "exam: pain-cyclic = true on 2025-07-16"], False),
        ([PAIN, "exam: pain-cyclic = false on 2026-01-10"], False),
        ([PAIN, CYCLIC, "patient: M 30"], False),
    ],
)
def test_pain_counts_as_cyclic_from_three_months_on(facts: list[str], counts: bool) -> None:
    assert bool(cyclic_pain(told(*facts))) is counts
