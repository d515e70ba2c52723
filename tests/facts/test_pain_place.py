"""Pain of the sitting bone or the sacroiliac joint alone: by the places recorded, else by the diagnoses."""

from __future__ import annotations

from datetime import date

import pytest

from cards.facts.pain_place import only_ischial_or_sacroiliac
from cards.section import Section
from tests.cards.charts import answer, chart
from tests.facts.told import told

SI = "condition: sacroiliac joint pain [icd M53.3] from 2025-11-15"


@pytest.mark.parametrize(
    ("facts", "only"),
    [
        (["exam: pain-location = ischial on 2026-01-10"], True),
        (["exam: pain-location = sacroiliac on 2026-01-10"], True),
        (["exam: pain-location = ischial on 2026-01-10", "exam: pain-location = sacroiliac on 2026-01-10"], True),
        (["exam: pain-location = ischial on 2026-01-10", "exam: pain-location = deep-buttock on 2026-01-10"], False),
        (["exam: pain-location = deep-buttock on 2026-01-10", SI], False),
        (["exam: pain-location = deep-buttock on 2025-12-03", SI], True),
        (["exam: pain-location = unknown on 2026-01-10", SI], True),
    ],
)
def test_the_places_recorded_in_six_weeks_decide(facts: list[str], only: bool) -> None:
    assert only_ischial_or_sacroiliac(told(*facts)) is only


@pytest.mark.parametrize(
    "words",
    [
        "sacroiliac joint dysfunction",
        "sacroiliitis",
        "ischial bursitis",
        "proximal hamstring tendinopathy",
        "coccydynia",
    ],
)
def test_without_a_place_a_local_diagnosis_decides(words: str) -> None:
    assert only_ischial_or_sacroiliac(told(f"condition: {words} from 2025-11-15"))
    for elsewhere in ("hip pain", "groin pain", "thigh pain", "trochanteric bursitis"):
        assert not only_ischial_or_sacroiliac(told(f"condition: {words}, {elsewhere} from 2025-11-15"))


def test_a_second_pain_without_such_a_diagnosis_is_elsewhere() -> None:
    assert not only_ischial_or_sacroiliac(told(SI, "condition: left buttock pain [sct 279043006] from 2025-11-15"))


@pytest.mark.parametrize(("since", "gaps"), [(date(2025, 12, 3), 0), (date(2025, 12, 5), 1)])
def test_answers_missing_from_the_last_six_weeks_leave_it_open_and_older_ones_do_not(since: date, gaps: int) -> None:
    known = (answer("pain-location", "ischial", "2026-01-10"),)
    cut = Section("observations", known, missing="only the newest were supplied", since=since)
    found, noted = chart(sections=[cut], posterior=True).gaps_of(only_ischial_or_sacroiliac)
    assert (found, len(noted)) == (True, gaps)
