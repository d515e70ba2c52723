"""The example patients of a rule, as its table of tests names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


class BadExamples(ValueError):
    """A table of example patients cannot be read; the message names the file."""


@dataclass(frozen=True, slots=True)
class Example:
    """One patient in a sentence, and what the rule answers."""

    name: str
    expected: str


def examples(tables: Path, rule_id: str) -> tuple[Example, ...]:
    """The rows of the rule's table, in its order; none where there is no table. Raises BadExamples."""
    path = tables / f"{rule_id}.yaml"
    if not path.is_file():
        return ()
    try:
        rows = yaml.safe_load(path.read_text("utf-8"))["rows"]
        return tuple(Example(str(row["name"]), str(row["expect"])) for row in rows)
    except (yaml.YAMLError, KeyError, TypeError) as broken:
        raise BadExamples(f"{path.name} is no table of example patients ({type(broken).__name__})") from broken
