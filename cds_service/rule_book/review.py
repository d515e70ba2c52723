"""When a rule has to be reviewed again: a year after the last time."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

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
