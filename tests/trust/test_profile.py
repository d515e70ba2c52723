"""A profile changes the form of an answer for one kind of EHR, never its advice."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from cds_service.hooks.emitted import emitted
from cds_service.trust.client import PROFILES, Client, Profile
from cds_service.trust.profile import applied

SITE = "urn:com.epic.cdshooks.action.code.system.preference-list-item"


def suggestion(number: int, *actions: dict[str, Any]) -> dict[str, Any]:
    return {"label": f"S{number}", "uuid": f"00000000-0000-4000-8000-00000000000{number}", "actions": list(actions)}


def create(text: str, code: str | None = None) -> dict[str, Any]:
    concept: dict[str, Any] = {"text": text}
    if code:
        concept["coding"] = [{"system": "http://loinc.org", "code": code}]
    resource = {"resourceType": "ServiceRequest", "status": "draft", "intent": "order", "code": concept}
    return {"type": "create", "description": f"Order {text}", "resource": resource}


DELETE = {"type": "delete", "description": "Remove the draft", "resourceId": "ServiceRequest/d1"}
UPDATE = {
    "type": "update",
    "description": "Change the draft",
    "resource": {"resourceType": "ServiceRequest", "id": "d1", "intent": "plan"},
}
CARD = {
    "uuid": "10000000-0000-4000-8000-000000000000",
    "summary": "A summary",
    "indicator": "warning",
    "detail": r"[ACR](https://acr.example/a?b=1) and [WHO](https://who.example/x), \[not\](https://acr.example) one.",
    "source": {"label": "ACR", "topic": {"system": "urn:s", "code": "malignancy"}},
    "suggestions": [
        suggestion(1, create("MRI", "30679-5")),
        suggestion(2, DELETE, create("Blood count")),
        suggestion(3, UPDATE),
    ],
    "selectionBehavior": "at-most-one",
    "links": [
        {"label": "ACR", "url": "https://acr.example/a", "type": "absolute"},
        {"label": "App", "url": "https://app.example/launch", "type": "smart", "appContext": "x"},
    ],
}
BODY: dict[str, Any] = {"cards": [CARD]}


def shaped(profile: Profile = "generic", hook: str = "patient-view", **members: Any) -> dict[str, Any]:
    before = deepcopy(BODY)
    body = applied(BODY, Client("c", "i", profile=profile, **members), hook)
    assert before == BODY
    emitted(body)
    return body


def kinds(body: dict[str, Any]) -> list[list[str]]:
    return [[a["type"] for a in s["actions"]] for s in body["cards"][0].get("suggestions", ())]


def test_generic_changes_nothing() -> None:
    assert shaped() == BODY


@pytest.mark.parametrize("profile", PROFILES)
def test_no_profile_touches_what_is_advised(profile: Profile) -> None:
    card = shaped(profile)["cards"][0]
    for member in ("uuid", "summary", "indicator", "source"):
        assert card[member] == CARD[member]


def test_epic_gets_one_action_a_suggestion_any_of_them_and_no_updates() -> None:
    body = shaped("epic")
    assert kinds(body) == [["create"], ["delete"], ["create"]]
    card = body["cards"][0]
    assert card["selectionBehavior"] == "any"
    assert len({s["uuid"] for s in card["suggestions"]}) == 3
    assert [s["label"] for s in card["suggestions"]] == ["S1", "Remove the draft", "Order Blood count"]


def test_orders_carry_the_sites_own_code_first_where_the_site_has_one() -> None:
    body = shaped("epic", order_codes={"http://loinc.org|30679-5": f"{SITE}|4711", "Blood count": f"{SITE}|12"})
    codes = [
        s["actions"][0]["resource"]["code"] for s in body["cards"][0]["suggestions"] if "resource" in s["actions"][0]
    ]
    assert codes[0]["coding"] == [{"system": SITE, "code": "4711"}, {"system": "http://loinc.org", "code": "30679-5"}]
    assert codes[1] == {"text": "Blood count", "coding": [{"system": SITE, "code": "12"}]}


def test_a_proposal_is_suggested_where_the_site_wants_proposals_and_drafts_stay_as_they_were() -> None:
    actions = [a for s in shaped(intent="proposal")["cards"][0]["suggestions"] for a in s["actions"]]
    assert [a["resource"]["intent"] for a in actions if "resource" in a] == ["proposal", "proposal", "plan"]


def test_oracle_gets_allowed_links_only_without_context() -> None:
    card = shaped("oracle", links_allowed=("https://acr.example", "https://app.example/"))["cards"][0]
    assert [link["url"] for link in card["links"]] == ["https://acr.example/a", "https://app.example/launch"]
    assert all("appContext" not in link for link in card["links"])
    assert card["detail"] == CARD["detail"].replace("[WHO](https://who.example/x)", "WHO")  # type: ignore[attr-defined]


def test_oracle_without_a_list_gets_no_links() -> None:
    card = shaped("oracle")["cards"][0]
    assert "links" not in card
    assert card["detail"] == r"ACR and WHO, \[not\](https://acr.example) one."


@pytest.mark.parametrize(
    ("prefix", "allowed"),
    [
        ("https://acr.example", True),
        ("https://acr.example/", True),
        ("https://acr.example/a", True),
        ("https://acr.exam", False),
        ("https://acr.example/b", False),
        ("http://acr.example", False),
    ],
)
def test_a_link_prefix_ends_at_a_boundary(prefix: str, allowed: bool) -> None:
    card = shaped("oracle", links_allowed=(prefix,))["cards"][0]
    assert ("links" in card) is allowed


def test_the_sandbox_gets_no_updates_because_its_page_breaks_on_them() -> None:
    assert kinds(shaped("sandbox")) == [["create"], ["delete", "create"]]


def test_a_card_that_loses_its_only_suggestion_loses_the_selection_too() -> None:
    body = {"cards": [{**CARD, "suggestions": [suggestion(3, UPDATE)]}]}
    card = applied(body, Client("c", "i", profile="epic"), "order-sign")["cards"][0]
    assert "suggestions" not in card
    assert "selectionBehavior" not in card


def test_a_changed_draft_carries_the_sites_own_code_first_too() -> None:
    change = {"type": "update", "description": "Change", "resource": create("MRI", "30679-5")["resource"]}
    body = {"cards": [{**CARD, "suggestions": [suggestion(3, change)]}]}
    client = Client("c", "i", order_codes={"http://loinc.org|30679-5": f"{SITE}|4711"}, intent="proposal")
    resource = applied(body, client, "order-sign")["cards"][0]["suggestions"][0]["actions"][0]["resource"]
    assert resource["code"]["coding"][0] == {"system": SITE, "code": "4711"}
    assert resource["intent"] == "order"


@pytest.mark.parametrize("hook", ["patient-view", "order-select", "order-sign"])
def test_crd_gets_empty_system_actions_when_orders_are_signed(hook: str) -> None:
    assert ("systemActions" in shaped("crd", hook)) is (hook == "order-sign")
    assert shaped("crd", "order-sign")["systemActions"] == []
    assert "systemActions" not in shaped("generic", "order-sign")


def test_crd_gets_each_link_of_the_text_among_the_links() -> None:
    urls = [(link["label"], link["url"]) for link in shaped("crd")["cards"][0]["links"]]
    assert urls == [
        ("ACR", "https://acr.example/a"),
        ("App", "https://app.example/launch"),
        ("ACR", "https://acr.example/a?b=1"),
        ("WHO", "https://who.example/x"),
    ]
