"""Tiny made-up rules, to see how advice is merged, suppressed and capped."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import cards.advise as advise_module
from cards.card import Indicator, Suggestion
from cards.compose import Voice
from cards.orders import Kind, Orderable
from cards.rule import STANDARD_REASONS, Advise, Decide, Evidence, Family, Rule
from cards.suggest import suggest

STUDY = Evidence("A made-up guideline, 2025", "https://example.org/guideline", "grade A")


def made_rule(rule_id: str, decide: Decide, family: Family = "red_flags", **members: Any) -> Rule:
    """An active rule that runs everywhere."""
    given: dict[str, Any] = {
        "short": "X-00",
        "title": rule_id.replace("-", " ").capitalize(),
        "version": "1.2.3",
        "status": "active",
        "hooks": ("patient-view", "order-select", "order-sign"),
        "evidence": (STUDY,),
        "last_review": date(2026, 1, 1),
        "places": ("posterior",),
        "pathway": rule_id,
        "rank": 0,
        "yields_to": (),
        "arranged_by": (),
        "result_decides": False,
        "override_reasons": STANDARD_REASONS,
    }
    return Rule(id=rule_id, family=family, decide=decide, **(given | members))


def advice(indicator: Indicator = "warning", summary: str = "Something was found.", **members: Any) -> Advise:
    """Advice of one line."""
    return Advise(indicator, summary, members.pop("do", "do something about it."), **members)


def saying(rule_id: str, indicator: Indicator = "warning", family: Family = "red_flags", **members: Any) -> Rule:
    """A rule that always gives the same advice, whose summary is its id."""
    of_rule = {
        "places",
        "pathway",
        "rank",
        "yields_to",
        "arranged_by",
        "result_decides",
        "hooks",
        "status",
        "evidence",
        "title",
    }
    told = advice(indicator, rule_id, **{k: v for k, v in members.items() if k not in of_rule})
    return made_rule(rule_id, lambda chart: told, family, **{k: v for k, v in members.items() if k in of_rule})


def voice(rule_id: str, indicator: Indicator = "warning", family: Family = "red_flags", **members: Any) -> Voice:
    """What such a rule says, as precedence sees it."""
    rule = saying(rule_id, indicator, family, **members)
    told = rule.decide(None)  # type: ignore[arg-type]
    assert isinstance(told, Advise)
    return rule, told, ()


def order(text: str, kind: Kind = "imaging", *, recommended: bool = True) -> Suggestion:
    """A suggestion of one made-up order."""
    return suggest(Orderable(text, kind), recommended=recommended)


def only_these(patch: pytest.MonkeyPatch, *rules: Rule) -> None:
    """Let the engine know these rules and no others."""
    patch.setattr(advise_module, "all_rules", lambda: rules)
