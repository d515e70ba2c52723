"""One example patient through the whole service: JSON in, JSON out, and what each rule answered on the way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask import Flask

from cards.advise import Advice
from cards.card import URGENCY
from cards.rule import Advise, CannotTell
from cds_service import create_app
from cds_service.config import Config
from cds_service.hooks.call import answer, read_call
from cds_service.hooks.problem import Problem
from cds_service.hooks.services import BY_ID
from tests.vignettes.line import Json
from tests.vignettes.shorthand import request_of
from tests.vignettes.table import Row

EXTENSION = "org.posterior-hip-cds"


@dataclass(frozen=True, slots=True)
class Result:
    """The answer over HTTP, and the advice that it was made of (None where the call was refused)."""

    status: int
    body: Json
    advice: Advice | None

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


def run(row: Row) -> Result:
    """Send one row through the service."""
    return send(request_of(row.facts, row.today, hook=row.hook, without=row.without), row.today)


def send(request: Json, today: date) -> Result:
    """Send a request through the service, and ask for the advice behind the answer."""
    app = service_on(today)
    service = f"posterior-hip-{request['hook']}"
    response = app.test_client().post(f"/cds-services/{service}", json=request)
    try:
        call = read_call(json.dumps(request).encode(), BY_ID[service])
        _, advice = answer(call, app.extensions["cds"].gatherer, today)
    except Problem:
        advice = None
    body: dict[str, Any] = response.get_json()
    return Result(response.status_code, body, advice)


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
