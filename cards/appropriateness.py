"""How appropriate a study is in a scenario: the table `cards/imaging/appropriateness.yaml`, read once and checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, get_args

import yaml

from cards.rule import Evidence, Mark

Category = Literal["UA", "MBA", "UNA"]
Contrast = Literal["without", "with", "any"]
Modality = Literal["xr", "mri", "ct", "us", "nm", "dxa"]
Region = Literal["hip", "pelvis", "sacroiliac", "lumbar", "thigh", "plexus", "body"]

WORDS: Mapping[Category, str] = {
    "UA": "usually appropriate",
    "MBA": "may be appropriate",
    "UNA": "usually not appropriate",
}
RADIATION = ("none", "under 0.1 mSv", "0.1 to 1 mSv", "1 to 10 mSv", "10 to 30 mSv")
MOST_RADIATION = len(RADIATION) - 1


class BadTable(ValueError):
    """The table of ratings breaks its own format; found when the package is imported."""


@dataclass(frozen=True, slots=True)
class Rating:
    """How one study is rated. `radiation` is the adult dose level 0 to 4, None where it was not seen."""

    modality: Modality
    regions: frozenset[Region]
    contrast: Contrast
    category: Category
    radiation: int | None
    mark: Mark

    @property
    def dose(self) -> str:
        """The dose level in words."""
        return "not recorded" if self.radiation is None else RADIATION[self.radiation]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A clinical situation with its ratings. `variant` is False where the organisation has none for it."""

    id: str
    row: str
    title: str
    organisation: str
    topic: str
    year: int | None
    mark: Mark
    variant: bool
    url: str | None
    ratings: tuple[Rating, ...]

    @property
    def citation(self) -> str:
        """Organisation, topic and edition; says so where it has no variant for this, or was not opened."""
        edition = f" {self.year}" if self.year else ""
        source = f"{self.organisation}, {self.topic}{edition}"
        if not self.variant and self.year:
            return f"mapped from {source}: no {self.organisation} variant exists"
        return source + (" (unverified)" if self.mark == "MEMORY" else "")

    @property
    def evidence(self) -> Evidence:
        """As a rule cites it."""
        return Evidence(self.citation, self.url, "appropriateness criteria", self.mark)

    def rating(self, modality: Modality, regions: Collection[Region], *, contrast: bool) -> Rating | None:
        """The rating of a study; None where the source was not seen to rate it."""
        wanted = ("any", "with" if contrast else "without")
        return next(
            (
                r
                for r in self.ratings
                if r.modality == modality and not r.regions.isdisjoint(regions) and r.contrast in wanted
            ),
            None,
        )


def _chosen(value: Any, allowed: Any, where: str) -> Any:
    if value not in get_args(allowed):
        raise BadTable(f"{where}: {value!r}")
    return value


def _rating(raw: Mapping[str, Any], mark: Mark, where: str) -> Rating:
    extra = set(raw) - {"modality", "regions", "contrast", "category", "radiation", "mark"}
    radiation = raw.get("radiation")
    if extra or not raw.get("regions") or radiation not in (None, *range(MOST_RADIATION + 1)):
        raise BadTable(f"{where}: {dict(raw)}")
    return Rating(
        _chosen(raw.get("modality"), Modality, where),
        frozenset(_chosen(region, Region, where) for region in raw["regions"]),
        _chosen(raw.get("contrast", "any"), Contrast, where),
        _chosen(raw.get("category"), Category, where),
        radiation,
        _chosen(raw.get("mark", mark), Mark, where),
    )


def _scenario(raw: Mapping[str, Any]) -> Scenario:
    where = str(raw.get("id"))
    mark: Mark = _chosen(raw.get("mark"), Mark, where)
    return Scenario(
        id=where,
        row=str(raw["row"]),
        title=str(raw["title"]),
        organisation=str(raw["organisation"]),
        topic=str(raw["topic"]),
        year=raw.get("year"),
        mark=mark,
        variant=bool(raw.get("variant", True)),
        url=raw.get("url"),
        ratings=tuple(_rating(r, mark, where) for r in raw["ratings"]),
    )


def read(text: str) -> Mapping[str, Scenario]:
    """The scenarios of a table, by id. Raises BadTable."""
    scenarios = [_scenario(raw) for raw in yaml.safe_load(text)["scenarios"]]
    found = {s.id: s for s in scenarios}
    if len(found) != len(scenarios):
        raise BadTable("two scenarios of one id")
    return found


SCENARIOS: Mapping[str, Scenario] = read(
    resources.files("cards").joinpath("imaging", "appropriateness.yaml").read_text("utf-8")
)


def scenario(name: str) -> Scenario:
    """The scenario of that id. Raises KeyError: a typing error must not reach a patient."""
    return SCENARIOS[name]
