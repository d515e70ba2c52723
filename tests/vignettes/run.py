"""One example patient through the whole service: JSON in, JSON out, and what each rule answered on the way."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache

import pytest
from flask import Flask

import cds_service.hooks.call as call_module
from cards.advise import Advice, advise
from cards.card import URGENCY
from cards.chart import Chart
from cards.rule import Advise, CannotTell, Hook
from cds_service import create_app
from cds_service.config import Config
from tests.vignettes.line import Json
from tests.vignettes.shorthand import request_of
from tests.vignettes.table import Row

EXTENSION = "org.posterior-hip-cds"
TELLS_OF_AN_ABSENCE = frozenset(
    {"imaging-order-appropriateness", "imaging-safety", "injection-safety", "procedure-prerequisites"}
)
"""Rules whose card may rest on nothing but the drafted order: no X-ray, no talk, no test is on file."""


@dataclass(frozen=True, slots=True)
class Result:
    """The answer over HTTP, and the chart and the advice that it was made of (None where nothing was judged)."""

    status: int
    body: Json
    advice: Advice | None
    chart: Chart | None = None
    hook: Hook | None = None

    @property
    def cards(self) -> list[Json]:
        """The cards as sent."""
        cards: list[Json] = self.body.get("cards", [])
        return cards

    def card_of(self, rule: str) -> Json | None:
        """The card on which the rule speaks."""
        return next((c for c in self.cards if rule in marks_of(c)), None)

    def answer_of(self, rule: str) -> str:
        """The rule's own answer: as shown on a card, else as it answered though nothing is shown."""
        card = self.card_of(rule)
        if card is not None:
            return marks_of(card)[rule]
        if rule in {n["rule"] for n in self.body["extension"][EXTENSION].get("notAssessed", ())}:
            return "cannot tell"
        answers = self.advice.answers if self.advice else ()
        return next((said(a.outcome) for a in answers if a.rule.id == rule), "silent")


def marks_of(card: Json) -> dict[str, str]:
    """Each rule that speaks on a card, with its own indicator."""
    return {mark["id"]: mark["indicator"] for mark in card["extension"][EXTENSION]["rules"]}


def said(outcome: object) -> str:
    """An outcome in the words of the tables; of several advices the most urgent."""
    if isinstance(outcome, CannotTell):
        return "cannot tell"
    advices = [outcome] if isinstance(outcome, Advise) else outcome if isinstance(outcome, tuple) else []
    return min((a.indicator for a in advices), key=URGENCY.__getitem__, default="silent")


def check(row: Row, result: Result) -> None:
    """Assert that the row gets the answer that it expects."""
    if isinstance(row.expect, int):
        assert result.status == row.expect, result.body
        return
    assert result.status == 200, result.body
    assert result.answer_of(row.rule) == row.expect, _told(row, result)
    assert {rule: result.answer_of(rule) for rule in row.also} == row.also
    card = result.card_of(row.rule)
    if row.shown is not None:
        assert (card is not None) is row.shown, _told(row, result)
    if card is not None and row.rule not in TELLS_OF_AN_ABSENCE:
        assert card["extension"][EXTENSION]["facts"], f"the card does not say what was found: {text_of(card)}"
    if row.contains or row.suggests:
        assert card is not None, f"{row.rule} is on no card"
        assert re.search(row.contains or "", text_of(card), re.IGNORECASE), text_of(card)
        offered = suggestions_of(card)
        missing = [s for s in row.suggests if not any(re.search(s, o, re.IGNORECASE) for o in offered)]
        assert not missing, offered


def _told(row: Row, result: Result) -> str:
    cards = [f"[{c['indicator']}] {c['summary']}" for c in result.cards]
    answers = result.advice.answers if result.advice else ()
    own = next((a for a in answers if a.rule.id == row.rule), "not asked here")
    where = result.advice.scope.place if result.advice else "?"
    return f"place: {where}; cards: {cards}; {row.rule}: {own}"


@cache
def run(row: Row) -> Result:
    """Send one row through the service: once a process, so whoever reads the result leaves it as it is."""
    return send(request_of(row.facts, row.today, hook=row.hook, without=row.without), row.today)


def send(request: Json, today: date) -> Result:
    """Send a request through the service over HTTP, and listen to what its rules answer on the way."""
    heard: list[tuple[Chart, Hook, Advice]] = []

    def listening(chart: Chart, hook: Hook) -> Advice:
        heard.append((chart, hook, advise(chart, hook)))
        return heard[-1][2]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(call_module, "advise", listening)
        path = f"/cds-services/posterior-hip-{request['hook']}"
        response = service_on(today).test_client().post(path, json=request)
    chart, hook, advice = heard[-1] if heard else (None, None, None)
    return Result(response.status_code, response.get_json(), advice, chart, hook)


@cache
def service_on(today: date) -> Flask:
    """The service on that day."""
    return create_app(Config(auth="open"), clock=lambda: today)


def text_of(card: Json) -> str:
    """All that a clinician reads on a card."""
    labels = [s["label"] for s in card.get("suggestions", ())]
    return "\n".join([card["summary"], card.get("detail", ""), *labels])


def suggestions_of(card: Json) -> list[str]:
    """For each suggestion its label with words and codes of what it orders."""
    told = []
    for suggestion in card.get("suggestions", ()):
        resources = [a.get("resource", {}) for a in suggestion.get("actions", ())]
        codes = [r.get("code", {}) | {"priority": r.get("priority")} for r in resources]
        told.append(f"{suggestion['label']} {json.dumps(codes, ensure_ascii=False)}")
    return told
