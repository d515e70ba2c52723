"""When a rule has to be reviewed again: a year after the last time, or because it has changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib import resources

import yaml

from cards.rule import Rule


def next_review(rule: Rule) -> date:
    """The day by which the next review is due: a year after the last; of 29 February the 28th."""
    last = rule.last_review
    leap_day = (last.month, last.day) == (2, 29)
    return last.replace(year=last.year + 1, day=28 if leap_day else last.day)


def review_due(rules: Iterable[Rule], today: date) -> tuple[Rule, ...]:
    """The rules whose last review is over a year old, the longest unreviewed first."""
    due = (rule for rule in rules if next_review(rule) < today)
    return tuple(sorted(due, key=lambda rule: (rule.last_review, rule.id)))


def unreviewed(rule: Rule) -> str:
    """Why the last review does not hold for the rule as it is, in words; empty where it does."""
    seen = _reviewed().get(rule.id)
    if seen == rule.version:
        return ""
    return f"changed since: that review saw {seen}" if seen else "which version that review saw is not on file"


@cache
def _reviewed() -> Mapping[str, str]:
    """The version that the last review saw, by rule id."""
    text = resources.files(__package__).joinpath("reviewed.yaml").read_text("utf-8")
    found: dict[str, str] = yaml.safe_load(text)
    return found
