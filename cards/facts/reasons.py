"""Reasons that add up: several findings that bear on one drafted order, the most urgent of which leads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cards.card import URGENCY, Indicator
from cards.compose import escaped
from cards.finding import Look


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that speaks against an order, or that it needs.

    words: a few, for the summary ("eGFR 27"). do: what it asks for, a clause in lower case.
    """

    indicator: Indicator
    words: str
    do: str
    because: tuple[Look, ...] = ()


def sorted_reasons(reasons: Iterable[Reason | None]) -> tuple[Reason, ...]:
    """Those that apply, the most urgent first, otherwise in the order given."""
    return tuple(sorted((r for r in reasons if r), key=lambda r: URGENCY[r.indicator]))


def worst(reasons: tuple[Reason, ...]) -> Indicator:
    """The indicator of them together; there is at least one."""
    return reasons[0].indicator


def said(reasons: tuple[Reason, ...], most: int = 4) -> str:
    """The words of the first few, as a summary lists them."""
    more = f" +{len(reasons) - most}" if len(reasons) > most else ""
    return ", ".join(r.words for r in reasons[:most]) + more


def because(reasons: Iterable[Reason]) -> tuple[Look, ...]:
    """What was found, in the order of the reasons."""
    return tuple(look for r in reasons for look in r.because)


def to_do(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """What they ask for, each once, as lines of a card."""
    return tuple(f"**{escaped(r.words[0].upper() + r.words[1:])}:** {r.do}" for r in dict.fromkeys(reasons))
