"""Order hooks fire again and again: the same draft gets the same answer, and what was accepted is not asked again."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fhir_fixtures import draft_request_names
from tests.end_to_end.calls import cards_for, marks, service, shown, with_prefetch
from tests.end_to_end.golden import answer_to
from tests.end_to_end.ordering import TODAY
from tests.vignettes.run import send
from tests.vignettes.shorthand import request_of

Json = dict[str, Any]
NAMES = draft_request_names()
RULE = "imaging-order-appropriateness"
BASE = (
    "patient: M 45",
    "condition: left buttock pain [sct 279043006] from 2025-10-10 left site buttock",
)


def on(hook: str, name: str) -> Json:
    request = with_prefetch(name) | {"hook": hook}
    context = dict(request["context"])
    context.pop("selections", None)
    if hook == "order-select":
        drafts = [entry["resource"] for entry in context["draftOrders"]["entry"]]
        context["selections"] = [f"{d['resourceType']}/{d['id']}" for d in drafts]
    return request | {"context": context}


@pytest.mark.parametrize("name", NAMES)
def test_asked_again_the_answer_differs_in_nothing_but_its_uuids(name: str) -> None:
    assert answer_to(name) == answer_to(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_was_selected_is_told_the_same_when_it_is_signed(name: str) -> None:
    """The topic of a card is how a client replaces it: the same ones, each once."""
    selected, signed = (cards_for(service(), on(hook, name)) for hook in ("order-select", "order-sign"))
    about_orders = [
        [(topic(card), card["indicator"], card["summary"]) for card in cards if orders(card)]
        for cards in (selected, signed)
    ]
    assert about_orders[0] == about_orders[1]
    assert len({(topic(c), c["summary"]) for c in signed}) == len(signed)


@pytest.mark.parametrize("name", NAMES)
def test_a_draft_that_stands_twice_in_the_bundle_is_told_once(name: str) -> None:
    once, twice = with_prefetch(name), with_prefetch(name)
    twice["context"]["draftOrders"]["entry"] *= 2
    assert shown(cards_for(service(), twice)) == shown(cards_for(service(), once))


def topic(card: Json) -> str:
    code: str = card["source"]["topic"]["code"]
    return code


def orders(card: Json) -> bool:
    rules = {"imaging-order-appropriateness", "duplicate-imaging", "imaging-safety", "nsaid-safety"}
    return bool(rules & set(marks(card)))


@pytest.mark.parametrize(
    "facts",
    [
        ("draft: MRI pelvis [loinc 30673-8] [cpt 72195]",),
        ("draft: MRI left hip [loinc 36488-5] left",),
        ("draft: CT pelvis [cpt 72192]", "report: XR pelvis [loinc 28561-9] on 2026-01-02 normal"),
        ("draft: MRI pelvis [cpt 72197]", "report: XR pelvis [loinc 28561-9] on 2026-01-02 normal"),
        ("draft: MRI left hip [loinc 36488-5] left", "exam: saddle-sensation = reduced on 2026-01-14"),
        ('draft: MRI pelvis [cpt 72195] reason "cauda equina syndrome" [sct 192970008]',),
    ],
)
def test_a_change_that_was_accepted_settles_the_order(facts: tuple[str, ...]) -> None:
    care = "procedure: Physiotherapy [sct 91251008] 2025-10-20..2025-12-28 completed (9 sessions)"
    request = request_of((*BASE, care, *facts), TODAY)
    card = send(request, TODAY).card_of(RULE)
    assert card is not None
    (change,) = [s for s in card["suggestions"] if s["actions"][0]["type"] == "update"]
    assert re.match(r"Change .+ to ", change["label"])
    request["context"]["draftOrders"]["entry"][0]["resource"] = change["actions"][0]["resource"]
    assert send(request, TODAY).card_of(RULE) is None


def test_an_x_ray_that_was_accepted_is_not_offered_again() -> None:
    facts = (*BASE, "draft: MRI pelvis [loinc 30673-8]", "draft: X-ray pelvis and hip [loinc 36705-2] background")
    card = send(request_of(facts, TODAY, hook="order-select"), TODAY).card_of(RULE)
    assert card is not None
    assert not [s for s in card["suggestions"] if "X-ray" in s["label"]]
