"""Suggestions as rules write them, and what every suggested order takes from the chart."""

from __future__ import annotations

import re
from dataclasses import replace

from cards.card import Suggestion
from cards.chart import Chart
from cards.facts.pain import pain
from cards.finding import Finding
from cards.orders import DraftOrder, Orderable, Priority
from cards.rule import Advise
from cards.side import Side

_REASON = re.compile(r"(?:Condition|Observation|DiagnosticReport)/[A-Za-z0-9.-]{1,64}")
_MOST_REASONS = 3


def suggest(
    orderable: Orderable,
    priority: Priority = "routine",
    *,
    recommended: bool = False,
    side: Side = Side.UNKNOWN,
    note: str = "",
    label: str | None = None,
) -> Suggestion:
    """One order to be drafted with one click. Its reasons, and its side where none is given, come from the chart."""
    words = label or (orderable.text if priority == "routine" else f"{orderable.text} ({_WORDS[priority]})")
    return Suggestion(words, create=DraftOrder(orderable, priority, side, (), note), recommended=recommended)


def completed(advice: Advise, chart: Chart) -> Advise:
    """The same advice, its orders pointing at what called for them and at the painful side."""
    if not advice.suggestions:
        return advice
    reasons = _reasons(advice, chart)
    return replace(advice, suggestions=tuple(_complete(s, reasons, chart) for s in advice.suggestions))


def _complete(suggestion: Suggestion, reasons: tuple[str, ...], chart: Chart) -> Suggestion:
    order = suggestion.create
    if order is None:
        return suggestion
    side = order.side
    if side is Side.UNKNOWN and (order.orderable.sided or order.orderable.body_site):
        side = pain(chart).side
    return replace(suggestion, create=replace(order, reasons=order.reasons or reasons, side=side))


def _reasons(advice: Advise, chart: Chart) -> tuple[str, ...]:
    found = [f.reference for f in advice.because if isinstance(f, Finding) and _REASON.fullmatch(f.reference)]
    conditions = [r for r in found if r.startswith("Condition/")]
    if not conditions:
        known = (f.reference for f in pain(chart).evidence if f.reference.startswith("Condition/"))
        conditions = [r for r in known if _REASON.fullmatch(r)][:1]
    return tuple(dict.fromkeys(conditions + found))[:_MOST_REASONS]


_WORDS = {"urgent": "urgent", "asap": "as soon as possible", "stat": "emergency"}
