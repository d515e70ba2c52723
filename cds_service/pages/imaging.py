"""The table of imaging appropriateness as rows that can be filtered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from cards.appropriateness import SCENARIOS, WORDS, Category, Contrast, Modality, Rating, Region, Scenario
from cds_service.rule_book.rule_page import KNOWN

STUDIES: Mapping[Modality, str] = MappingProxyType(
    {"xr": "X-ray", "mri": "MRI", "ct": "CT", "us": "Ultrasound", "nm": "Nuclear medicine", "dxa": "DXA"}
)
REGIONS: Mapping[Region, str] = MappingProxyType(
    {
        "hip": "hip",
        "pelvis": "pelvis",
        "sacroiliac": "sacroiliac joints",
        "lumbar": "lumbar spine",
        "thigh": "thigh",
        "plexus": "lumbosacral plexus",
        "body": "whole body",
    }
)
CONTRASTS: Mapping[Contrast, str] = MappingProxyType({"without": "without", "with": "with", "any": "with or without"})


@dataclass(frozen=True, slots=True)
class Row:
    """One study in one scenario."""

    scenario: Scenario
    rating: Rating

    @property
    def study(self) -> str:
        """Modality and regions in words."""
        regions = [words for name, words in REGIONS.items() if name in self.rating.regions]
        return f"{STUDIES[self.rating.modality]} of {', '.join(regions)}"

    @property
    def contrast(self) -> str:
        """With or without contrast medium, or either."""
        return CONTRASTS[self.rating.contrast]

    @property
    def words(self) -> str:
        """The rating in words."""
        return WORDS[self.rating.category]

    @property
    def known(self) -> str:
        """How the rating is known."""
        return KNOWN[self.rating.mark]

    @property
    def text(self) -> str:
        """All that a search looks through, in lower case."""
        parts = (self.scenario.row, self.scenario.title, self.study, self.contrast, self.words, self.scenario.citation)
        return " ".join(parts).lower()


@dataclass(frozen=True, slots=True)
class Filter:
    """What a reader asked for; an empty member asks for everything."""

    words: str = ""
    scenario: str = ""
    modality: str = ""
    region: str = ""
    category: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filter:
        """From the parameters of an address; what is unknown asks for nothing that exists, and finds nothing."""
        named = {name: asked.get(name, "").strip()[:100] for name in ("scenario", "modality", "region", "category")}
        return cls(words=asked.get("q", "").strip()[:100], **named)

    def takes(self, row: Row) -> bool:
        """The row has all that was asked for."""
        rating = row.rating
        return (
            self.scenario in ("", row.scenario.id)
            and self.modality in ("", rating.modality)
            and (not self.region or self.region in rating.regions)
            and self.category in ("", rating.category)
            and all(word in row.text for word in self.words.lower().split())
        )


@cache
def rows() -> tuple[Row, ...]:
    """Every rating, scenario by scenario, in the order of the table."""
    return tuple(Row(scenario, rating) for scenario in SCENARIOS.values() for rating in scenario.ratings)


def scenarios() -> Mapping[str, str]:
    """The title of each scenario by its id."""
    return {s.id: f"{s.row}: {s.title}" for s in SCENARIOS.values()}


def categories() -> Mapping[Category, str]:
    """The ratings in words."""
    return WORDS
