"""What the two source articles state, and which rule answers to it: `statements.yaml`, read once and checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

FILE = "statements.yaml"
Article = Literal["S", "P"]
ARTICLES: Mapping[Article, str] = {
    "S": "Clinical guide to deep gluteal syndrome",
    "P": "Posterior hip pain as a label",
}
_KEYS = {"says", "rules", "where", "why"}


class BadStatements(ValueError):
    """The matrix breaks its own format; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. Where `rules` is empty, `where` names the part of the code that holds it, or `why` says
    why there is none; both may also stand beside rules.
    """

    id: str
    says: str
    rules: tuple[str, ...]
    where: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """All statements, and the rules that go beyond them with the reason of each."""

    statements: tuple[Statement, ...]
    beyond: Mapping[str, str]

    def of_rule(self, rule_id: str) -> tuple[str, ...]:
        """The statements that name the rule."""
        return tuple(s.id for s in self.statements if rule_id in s.rules)

    def of_article(self, article: str) -> tuple[Statement, ...]:
        """The statements of one article."""
        return tuple(s for s in self.statements if s.id[0] == article)


@cache
def matrix() -> Matrix:
    """The table as it is shipped. Raises BadStatements."""
    raw = yaml.safe_load(resources.files("cds_service.rule_book").joinpath(FILE).read_text("utf-8"))
    if not isinstance(raw, dict) or set(raw) != {"statements", "beyond"}:
        raise BadStatements(f"{FILE} holds statements and beyond")
    return Matrix(tuple(_statement(key, entry) for key, entry in raw["statements"].items()), raw["beyond"])


def _statement(key: str, entry: Any) -> Statement:
    if not isinstance(entry, dict) or not {"says"} <= set(entry) <= _KEYS:
        raise BadStatements(f"{key}: takes {', '.join(sorted(_KEYS))}")
    found = Statement(
        key, entry["says"], tuple(entry.get("rules", ())), tuple(entry.get("where", ())), entry.get("why", "")
    )
    if not (found.rules or found.where or found.why):
        raise BadStatements(f"{key}: names no rule and no place, and does not say why")
    return found
