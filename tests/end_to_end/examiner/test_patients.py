"""A blind examination: patients written from the clinical content alone, judged by the whole answer."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from cards.rulebook import all_rules
from tests.vignettes.run import Result, marks_of, send, suggestions_of, text_of
from tests.vignettes.shorthand import request_of

Json = dict[str, Any]
PAPER: Json = yaml.safe_load(Path(__file__).with_name("patients.yaml").read_text("utf-8"))
PATIENTS: list[Json] = PAPER["patients"]
TODAY = date.fromisoformat(PAPER["today"])
KEYS = {
    "name",
    "because",
    "hook",
    "with",
    "given",
    "without",
    "cards",
    "unassessed",
    "never",
    "says",
    "offers",
    "joined",
    "single",
}
FAMILY = {rule.id: rule.family for rule in all_rules()}

every_patient = pytest.mark.parametrize("patient", PATIENTS, ids=[p["name"] for p in PATIENTS])


def answer_to(patient: Json) -> Result:
    """What the service says of one patient."""
    facts = [fact for name in patient.get("with", ()) for fact in PAPER["sets"][name]]
    request = request_of(
        (*facts, *patient["given"]), TODAY, hook=patient.get("hook"), without=patient.get("without", ())
    )
    result = send(request, TODAY)
    assert result.status == 200, result.body
    return result


def speakers(result: Result) -> set[str]:
    """Every rule on any card."""
    return {rule for card in result.cards for rule in marks_of(card)}


def hidden(result: Result, name: str) -> set[str]:
    """The rules on the cards that `name` means: a rule, or a family as "red_flags/*"."""
    return {r for r in speakers(result) if name in (r, f"{FAMILY.get(r)}/*")}


def test_the_paper_keeps_its_format() -> None:
    assert [p["name"] for p in PATIENTS if not {"name", "because", "given", "cards"} <= set(p) <= KEYS] == []
    assert len({p["name"] for p in PATIENTS}) == len(PATIENTS)
    named = {r for p in PATIENTS for k in ("cards", "says", "offers", "joined", "single") for r in p.get(k, ())}
    families = {f"{f}/*" for f in FAMILY.values()}
    assert named - set(FAMILY) == set()
    assert {n for p in PATIENTS for n in p.get("never", ())} - set(FAMILY) - families == set()
    assert {n for p in PATIENTS for n in p.get("with", ())} <= set(PAPER["sets"])


@every_patient
def test_the_rules_that_must_speak_do_so_on_cards_as_urgent_as_they_are(patient: Json) -> None:
    result = answer_to(patient)
    told = [(card["indicator"], marks_of(card)) for card in result.cards]
    if not patient["cards"]:
        assert told == []
    for rule, indicator in patient["cards"].items():
        assert any(shown == indicator and marks.get(rule) == indicator for shown, marks in told), told
    assert {name: found for name in patient.get("never", ()) if (found := hidden(result, name))} == {}
    assert ("not-assessed" in speakers(result)) or not patient.get("unassessed")


@every_patient
def test_the_cards_say_and_offer_what_is_needed(patient: Json) -> None:
    result = answer_to(patient)
    for rule, pattern in patient.get("says", {}).items():
        said = "\n".join(text_of(card) for card in result.cards if rule in marks_of(card))
        assert re.search(pattern, said, re.IGNORECASE), (rule, said)
    for rule, patterns in patient.get("offers", {}).items():
        offered = suggestions_of(result.card_of(rule) or {})
        assert [p for p in patterns if not any(re.search(p, o, re.IGNORECASE) for o in offered)] == [], offered
    joined = set(patient.get("joined", ()))
    assert any(joined <= set(marks_of(card)) for card in result.cards) or not joined, speakers(result)
    often = {r: sum(r in marks_of(card) for card in result.cards) for r in patient.get("single", ())}
    assert set(often.values()) <= {1}, often
