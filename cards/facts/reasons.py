"""Reasons that add up: several findings that bear on one drafted order, the most urgent of which leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from cards.card import URGENCY, Indicator
from cards.compose import capital, escaped
from cards.finding import Look
from cards.rule import Evidence


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks against an order, or that it needs.

    words: a few, for the summary ("eGFR 27"). do: what it asks for, a clause in lower case. source: where it
    comes from, when the rule has several. ask: the same as `do` in a few words, for a summary.
    """

    indicator: Indicator
    words: str
    do: str
    because: tuple[Look, ...] = ()
    source: Evidence | None = None
    ask: str = ""


def sorted_reasons(reasons: Iterable[Reason | None]) -> tuple[Reason, ...]:
    """Those that apply, the most urgent first, otherwise in the order given."""
    return tuple(sorted((r for r in reasons if r), key=lambda r: URGENCY[r.indicator]))


def resting_on(source: Evidence, *reasons: Reason | None) -> tuple[Reason, ...]:
    """Those that apply, with where they come from."""
    return tuple(replace(r, source=source) for r in reasons if r)


def worst(reasons: tuple[Reason, ...]) -> Indicator:
    """The indicator of them together; there is at least one."""
    return reasons[0].indicator


def leading(reasons: tuple[Reason, ...]) -> tuple[Reason, ...]:
    """Those that are as urgent as the worst."""
    return tuple(r for r in reasons if r.indicator == reasons[0].indicator)


def said(reasons: tuple[Reason, ...], room: int = 62) -> str:
    """The words of as many as have room in a summary, and how many more there are."""
    words = [reasons[0].words[:room]]
    for reason in reasons[1:]:
        if sum(map(len, words)) + len(reason.words) > room:
            return f"{', '.join(words)} and {len(reasons) - len(words)} more"
        words.append(reason.words)
    return ", ".join(words)


def because(reasons: Iterable[Reason]) -> tuple[Look, ...]:
    """What was found, in the order of the reasons."""
    return tuple(look for r in reasons for look in r.because)


def sources(reasons: Iterable[Reason]) -> tuple[Evidence, ...]:
    """Where they come from, each once, that of the leading one first."""
    return tuple(dict.fromkeys(r.source for r in reasons if r.source))


def to_do(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """What they ask for, each once, as lines of a card."""
    return tuple(f"**{escaped(capital(r.words))}:** {r.do}" for r in dict.fromkeys(reasons))
