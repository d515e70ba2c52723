"""The card that says what could not be checked: silence is never an all-clear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from cards.card import SUMMARY_LIMIT, Card, Indicator, NotAssessed, RuleMark, Source
from cards.compose import escaped
from cards.finding import Gap, in_words
from cards.precedence import MOST_CARDS
from cards.rule import Rule

TOPIC = "not-assessed"
VERSION = "1.0.0"
_CLAIM = re.compile(r"^(?:possible|suspected) | not excluded$")  # what a title says beyond naming the problem
_MOST_WORDS = 500  # characters of reasons shown; all of them stand in the card's extension


def with_not_assessed(
    cards: Sequence[Card], blind: Sequence[tuple[Rule, tuple[Gap, ...]]], *, no_flag_judged: bool
) -> tuple[Card, ...]:
    """Add what could not be checked: as a card of its own, or on the last card where three are shown already.

    `blind` are the red-flag rules that could not tell, with what they missed. The card is a warning when no red
    flag at all could be judged. It takes no other card's place.
    """
    missing = tuple(NotAssessed(rule.id, gaps) for rule, gaps in blind)
    names = ", ".join(_CLAIM.sub("", rule.title.lower()) for rule, _ in blind)
    if len(cards) >= MOST_CARDS:
        last = cards[-1]
        detail = f"{last.detail}\n\n**Not assessed:** {names}: {_why(missing)}."
        return (*cards[:-1], replace(last, detail=detail, not_assessed=last.not_assessed + missing))
    if no_flag_judged:
        card = _card("warning", "No red flag could be checked", names, missing)
        before = [c for c in cards if c.indicator == "critical"]
    else:
        card = _card("info", f"{_checks(len(missing))} could not be completed", names, missing)
        before = [c for c in cards if c.indicator != "info"]
    return (*before, card, *(c for c in cards if c not in before))


def unknown_scope_card(gaps: tuple[Gap, ...]) -> Card:
    """For a patient of whom it could not even be told whether there is posterior hip pain."""
    card = _card("info", "", "whether there is posterior hip pain", (NotAssessed(TOPIC, gaps),))
    words = "Posterior hip pain: not assessed, a record could not be read. This is not an all-clear."
    return replace(card, summary=words)


def _card(indicator: Indicator, what: str, names: str, missing: tuple[NotAssessed, ...]) -> Card:
    keys = tuple(dict.fromkeys(key for n in missing for key in n.missing))
    single = all(gap.reference for n in missing for gap in n.gaps)
    return Card(
        indicator=indicator,
        summary=_summary(what, keys, "records could not be used" if single else "data missing"),
        detail=f"**Not assessed:** {names}.\n\n**Why:** {_why(missing)}.\n\n"
        "**Do:** check these by history and examination; the record alone cannot rule them out.",
        source=Source("Posterior Hip CDS: what could not be checked", TOPIC, "Not assessed"),
        rules=(RuleMark(TOPIC, VERSION, indicator),),
        not_assessed=missing,
    )


def _checks(number: int) -> str:
    return f"{number} red-flag check{'' if number == 1 else 's'}"


def _summary(what: str, keys: Sequence[str], lack: str) -> str:
    """Names as many of the missing keys as leave room for the end, which matters most."""
    for named in range(len(keys), 0, -1):
        left = len(keys) - named
        more = f" and {left} more" if left else ""
        words = f"{what}: {lack} ({', '.join(map(in_words, keys[:named]))}{more}). This is not an all-clear."
        if len(words) <= SUMMARY_LIMIT:
            return words
    return f"{what}: {lack}. This is not an all-clear."


def _why(missing: tuple[NotAssessed, ...]) -> str:
    return escaped("; ".join(dict.fromkeys(str(gap) for n in missing for gap in n.gaps)), _MOST_WORDS)
