"""What public conformance kits assert of any CDS Hooks server, held against the answers to all synthetic patients.

Assertions about coverage, payers and US profiles are left out: they concern other services.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B import get_fhir_model_class

from cds_service.trust.client import PROFILES, Client, Profile
from cds_service.trust.profile import applied
from fhir_fixtures import ANCHOR, expectations
from tests.end_to_end.calls import Json, service, with_prefetch
from tests.protocol.service import empties

NAMES = sorted(expectations())
SYSTEM_ACTIONS_EXPECTED = ("order-sign",)


@cache
def answer_to(name: str) -> Json:
    request = with_prefetch(name, ANCHOR)
    response = service().test_client().post(f"/cds-services/posterior-hip-{request['hook']}", json=request)
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    body: Json = response.get_json()
    return body


def each(name: str, profile: Profile) -> tuple[Json, Json]:
    request = with_prefetch(name, ANCHOR)
    return request, applied(answer_to(name), Client("c", "i", profile=profile), request["hook"])


def texts(told: Json, *names: str) -> bool:
    return all(isinstance(told.get(name), str) and told[name] for name in names)


def test_discovery_is_a_list_of_services_each_with_hook_description_and_id() -> None:
    response = service().test_client().get("/cds-services", headers={"Accept": "application/json"})
    assert response.status_code == 200
    services = response.get_json()["services"]
    assert isinstance(services, list)
    assert services
    for one in services:
        assert texts(one, "hook", "description", "id")
    assert empties(response.get_json()) == []


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_made_as_any_client_may_expect(name: str, profile: Profile) -> None:
    request, body = each(name, profile)
    assert isinstance(body["cards"], list)
    for card in body["cards"]:
        the_card_is_whole(card)
        the_choices_are_whole(card)
        for suggestion in card.get("suggestions", ()):
            for action in suggestion["actions"]:
                the_action_is_whole(action, request)
    actions = body.get("systemActions")
    assert isinstance(actions, list) is (profile == "crd" and request["hook"] in SYSTEM_ACTIONS_EXPECTED)
    assert [path for path in empties(body) if path != "$.systemActions"] == []


def the_card_is_whole(card: Json) -> None:
    assert texts(card, "uuid", "summary", "detail", "indicator")
    assert UUID(card["uuid"]).version == 4
    assert len(card["summary"]) < 140
    assert card["indicator"] in ("info", "warning", "critical")
    assert texts(card["source"], "label")
    assert texts(card["source"]["topic"], "code", "system")


def the_choices_are_whole(card: Json) -> None:
    suggestions = card.get("suggestions")
    if suggestions is None:
        assert "selectionBehavior" not in card
    else:
        assert card["selectionBehavior"] in ("at-most-one", "any")
        assert all(texts(one, "label", "uuid") and one["actions"] for one in suggestions)
    assert all(texts(one, "code", "system", "display") for one in card.get("overrideReasons", ()))
    for link in card.get("links", ()):
        assert texts(link, "label", "type", "url")
        assert link["url"].startswith(("https://", "http://"))
        assert link["type"] in ("absolute", "smart")
        assert link["type"] == "smart" or "appContext" not in link


def the_action_is_whole(action: Json, request: Json) -> None:
    assert texts(action, "type", "description")
    if action["type"] == "delete":
        assert "resource" not in action
        assert action["resourceId"] in drafts_of(request)
        return
    resource = action["resource"]
    get_fhir_model_class(resource["resourceType"]).model_validate(resource)
    if action["type"] == "update":
        assert f"{resource['resourceType']}/{resource['id']}" in drafts_of(request)
    else:
        assert action["type"] == "create"
        assert "id" not in resource
        assert resource["status"] == "draft"
        assert resource["subject"]["reference"] == f"Patient/{request['context']['patientId']}"


def drafts_of(request: Json) -> set[str]:
    entries: list[Any] = request["context"].get("draftOrders", {}).get("entry", [])
    return {f"{e['resource']['resourceType']}/{e['resource']['id']}" for e in entries}


@pytest.mark.parametrize("name", NAMES)
def test_the_crd_profile_repeats_no_link_and_lists_those_of_the_text(name: str) -> None:
    _, body = each(name, "crd")
    for card in body["cards"]:
        urls = [link["url"] for link in card["links"]]
        assert len(urls) == len(set(urls))
        assert all(url in urls for url in linked(card["detail"]))


def linked(detail: str) -> list[str]:
    return [piece.split(")", 1)[0] for piece in detail.split("](")[1:]]
