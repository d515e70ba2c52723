"""A draft rule is asked and counted at every call, and neither clinician nor any other rule ever hears of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import cards.advise as advise_module
from cards.advise import Advice, advise
from cards.chart import Chart
from cards.finding import Gap
from cards.rule import Advise, CannotTell, Outcome, Rule, Silent, Status
from cards.rulebook import all_rules
from tests.cards.charts import answer, chart
from tests.end_to_end.calls import EXTENSION, cards_for, service, with_prefetch

PATTERN = next(rule for rule in all_rules() if rule.id == "cauda-equina")
LOUD = Advise("critical", "A draft rule speaks: do not show this.", "nothing.")
BLIND = CannotTell((Gap("observations", "not supplied"),))


def asked(monkeypatch: pytest.MonkeyPatch, outcome: Outcome, status: Status, **header: Any) -> Advice:
    """The advice for a saddle sign, with one more red-flag rule of that status that answers so."""
    return _with(monkeypatch, fake(outcome, status, **header))


def fake(outcome: Outcome, status: Status, **header: Any) -> Rule:
    header = {"id": "a-draft", "pathway": "a-draft", "arranged_by": (), "version": "0.1.0"} | header
    return replace(PATTERN, status=status, decide=lambda _: outcome, **header)


def _with(monkeypatch: pytest.MonkeyPatch, *rules: Rule) -> Advice:
    monkeypatch.setattr(advise_module, "all_rules", lambda: (*all_rules(), *rules))
    return advise(saddle_numbness(), "patient-view")


def saddle_numbness() -> Chart:
    return chart(answer("saddle-sensation", "reduced"), posterior=True)


def shown(advice: Advice) -> set[str]:
    """All rules that any card names."""
    spoken = {mark.id for card in advice.cards for mark in card.rules}
    return spoken | {entry.rule for card in advice.cards for entry in card.not_assessed}


def test_a_draft_rule_is_evaluated_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    before = advise(saddle_numbness(), "patient-view")
    after = asked(monkeypatch, LOUD, "draft")
    assert len(after.answers) == len(before.answers) + 1
    assert next(a for a in after.answers if a.rule.id == "a-draft").outcome == LOUD


@pytest.mark.parametrize("outcome", [LOUD, BLIND, (LOUD, LOUD), Silent("nothing")])
def test_a_draft_rule_changes_no_card(monkeypatch: pytest.MonkeyPatch, outcome: Outcome) -> None:
    before = advise(saddle_numbness(), "patient-view")
    after = asked(monkeypatch, outcome, "draft")
    assert before.cards
    assert after.cards == before.cards
    assert after.not_assessed == before.not_assessed


def test_the_same_rule_made_active_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "a-draft" in shown(asked(monkeypatch, LOUD, "active"))
    assert "a-draft" in shown(asked(monkeypatch, BLIND, "active"))


def test_a_rule_that_yields_to_a_draft_is_still_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = fake(LOUD, "draft")
    polite = fake(LOUD, "active", id="polite", pathway="polite", yields_to=("a-draft",))
    assert "polite" in shown(_with(monkeypatch, draft, polite))


def test_later_rules_are_told_of_no_draft_red_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[set[str]] = []

    def listens(told: Chart) -> Outcome:
        heard.append(set(told.red_flags))
        return Silent("listening")

    listener = replace(fake(LOUD, "active"), id="listener", family="workup", decide=listens)
    _with(monkeypatch, fake(LOUD, "draft"), listener)
    assert heard == [{"cauda-equina"}]


def test_a_draft_that_breaks_is_no_concern_of_the_clinician(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: Chart) -> Outcome:
        raise ZeroDivisionError

    before = advise(saddle_numbness(), "patient-view")
    after = _with(monkeypatch, replace(fake(LOUD, "draft"), decide=breaks))
    assert after.cards == before.cards


def test_over_http_a_draft_is_counted_and_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    app, request = service(), with_prefetch("V14")
    before = app.test_client().post("/cds-services/posterior-hip-patient-view", json=request).get_json()
    monkeypatch.setattr(advise_module, "all_rules", lambda: (*all_rules(), fake(BLIND, "draft"), fake(LOUD, "draft")))
    after = app.test_client().post("/cds-services/posterior-hip-patient-view", json=request).get_json()
    assert after["extension"][EXTENSION]["evaluated"] == before["extension"][EXTENSION]["evaluated"] + 2
    assert after["extension"][EXTENSION].get("notAssessed") == before["extension"][EXTENSION].get("notAssessed")
    assert [card["summary"] for card in after["cards"]] == [card["summary"] for card in before["cards"]]
    assert cards_for(app, request)
    assert "a-draft" not in str(after)
