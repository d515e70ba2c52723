"""The table of imaging ratings: its format, and what it says of a study."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from cards.appropriateness import SCENARIOS, BadTable, Scenario, read, scenario
from cards.imaging.imaging_order_appropriateness import imaging_order_appropriateness
from cards.rule import Advise
from tests.facts.told import told

ROW = """
scenarios:
  - {id: one, row: C1, title: t, organisation: ACR, topic: Hip, year: 2016, mark: SEEN,
     ratings: [{modality: mri, regions: [hip], category: UA, radiation: 0}]}
"""


def test_every_scenario_has_a_row_a_source_and_a_rating() -> None:
    assert all(s.row and s.title and s.topic and s.ratings for s in SCENARIOS.values())


def test_every_seen_or_quoted_row_tells_its_edition() -> None:
    assert [s.id for s in SCENARIOS.values() if s.mark.startswith("SEEN") and s.year is None] == []


def test_a_row_from_memory_says_that_it_is_unverified() -> None:
    remembered = [s for s in SCENARIOS.values() if s.mark == "MEMORY"]
    assert remembered
    assert all("unverified" in s.citation for s in remembered)


def test_a_deep_gluteal_syndrome_says_that_no_variant_exists() -> None:
    assert "no ACR variant exists" in scenario("deep-gluteal-after-xray").citation


@pytest.mark.parametrize(
    ("name", "modality", "region", "contrast", "category"),
    [
        ("chronic-hip-first", "xr", "pelvis", False, "UA"),
        ("chronic-hip-first", "mri", "hip", False, "UNA"),
        ("soft-tissue-after-xray", "mri", "hip", False, "UA"),
        ("soft-tissue-after-xray", "mri", "hip", True, "UNA"),
        ("soft-tissue-after-xray", "ct", "pelvis", False, "UNA"),
        ("low-back-acute", "mri", "lumbar", False, "UNA"),
        ("low-back-after-care", "mri", "lumbar", False, "UA"),
        ("low-back-after-care", "mri", "lumbar", True, "MBA"),
        ("cauda-equina", "mri", "lumbar", False, "UA"),
        ("spondyloarthritis-first", "xr", "sacroiliac", False, "UA"),
        ("spondyloarthritis-first", "mri", "sacroiliac", False, "UNA"),
        ("plexopathy", "mri", "plexus", False, "UA"),
        ("hip-prosthesis-first", "xr", "hip", False, "UA"),
    ],
)
def test_a_study_has_the_rating_of_its_row(
    name: str, modality: str, region: str, contrast: bool, category: str
) -> None:
    rating = scenario(name).rating(modality, {region}, contrast=contrast)  # type: ignore[arg-type]
    assert rating is not None
    assert rating.category == category


def test_a_study_that_no_source_rates_has_no_rating() -> None:
    assert scenario("cauda-equina").rating("us", {"hip"}, contrast=False) is None


def test_the_dose_is_told_in_words() -> None:
    rating = scenario("chronic-hip-first").rating("xr", {"hip"}, contrast=False)
    assert rating is not None
    assert rating.dose == "1 to 10 mSv"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("category: UA", "category: good"),
        ("modality: mri", "modality: magnet"),
        ("regions: [hip]", "regions: []"),
        ("regions: [hip]", "regions: [knee]"),
        ("radiation: 0", "radiation: 5"),
        ("radiation: 0", "radiation: 0, dose: 1"),
        ("mark: SEEN", "mark: HEARD"),
    ],
)
def test_a_table_that_breaks_its_format_is_refused(old: str, new: str) -> None:
    read(ROW)
    with pytest.raises(BadTable):
        read(ROW.replace(old, new, 1))


def test_two_scenarios_of_one_id_are_refused() -> None:
    with pytest.raises(BadTable):
        read(ROW + ROW.split("scenarios:")[1])


@pytest.mark.parametrize(("mark", "indicator"), [("SEEN", "warning"), ("MEMORY", "info")])
def test_a_rating_from_memory_never_warns_and_the_card_calls_it_unverified(
    mark: str, indicator: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = scenario("low-back-no-care")
    ratings = tuple(replace(r, mark=mark) for r in row.ratings)  # type: ignore[arg-type]
    monkeypatch.setitem(cast("dict[str, Scenario]", SCENARIOS), row.id, replace(row, ratings=ratings))
    pain = "condition: left buttock pain [sct 279043006] from 2025-10-01 left"
    advice = imaging_order_appropriateness.decide(told(pain, "draft: CT lumbar spine with contrast"))
    assert isinstance(advice, Advise)
    assert advice.indicator == indicator
    assert ("unverified" in advice.more[0]) is (mark == "MEMORY")
