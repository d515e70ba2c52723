"""Order hooks as the reference client really sends them: drafts without id, without code, without intent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.calls import cards_for, marks, service, with_prefetch

Json = dict[str, Any]
NOTHING_CHOSEN: Json = {
    "resourceType": "ServiceRequest",
    "id": "example-request-id",
    "status": "draft",
    "intent": "plan",
    "code": {"coding": [{}]},
    "subject": {"reference": "Patient/hp-v02"},
    "reasonCode": [],
}


def ordering(hook: str, *drafts: Json) -> Json:
    request = with_prefetch("V02") | {"hook": hook}
    context = request["context"] | {
        "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": d} for d in drafts]}
    }
    if hook == "order-select":
        context["selections"] = ["ServiceRequest/example-request-id"]
    return request | {"context": context}


BOTH = {"ServiceRequest/v02-mri-lumbar", "ServiceRequest/v02-mri-hip"}


def deleted_by(request: Json) -> set[str]:
    """The drafts that some card offers to delete."""
    actions = [a for c in cards_for(service(), request) for s in c.get("suggestions", ()) for a in s["actions"]]
    return {a["resourceId"] for a in actions if a["type"] == "delete"}


@pytest.mark.parametrize("hook", ["order-select", "order-sign"])
@pytest.mark.parametrize(
    "draft",
    [
        NOTHING_CHOSEN,
        {"resourceType": "MedicationRequest", "id": "request-123", "status": "draft"},
        {"resourceType": "MedicationRequest"},
        {},
    ],
)
def test_a_draft_in_which_nothing_is_chosen_is_no_imaging_and_no_medicine(hook: str, draft: Json) -> None:
    spoken = {rule for card in cards_for(service(), ordering(hook, draft)) for rule in marks(card)}
    assert not spoken & {"imaging-order-appropriateness", "nsaid-safety", "duplicate-imaging", "imaging-safety"}


@pytest.mark.parametrize("bad_id", [None, "", "not an id", "x" * 65, "under_score", 5])
def test_a_draft_without_a_usable_id_is_judged_but_not_offered_for_deletion(bad_id: object) -> None:
    request = with_prefetch("V02")
    for entry in request["context"]["draftOrders"]["entry"]:
        entry["resource"]["id"] = bad_id
    cards = cards_for(service(), request)
    assert any("imaging-order-appropriateness" in marks(card) for card in cards)
    actions = [a for card in cards for s in card.get("suggestions", ()) for a in s["actions"]]
    assert not [a for a in actions if a["type"] == "delete"]


def test_a_draft_without_a_usable_id_is_not_changed_and_its_alternative_offered_once() -> None:
    request = with_prefetch("V02")
    (entry, _) = request["context"]["draftOrders"]["entry"]
    request["context"]["draftOrders"]["entry"] = [entry]
    entry["resource"] |= {"id": "not an id", "code": {"text": "MRI pelvis"}}
    suggestions = [s for card in cards_for(service(), request) for s in card.get("suggestions", ())]
    assert not [s for s in suggestions if s["actions"][0]["type"] != "create"]
    assert len([s for s in suggestions if "X-ray" in s["label"]]) == 1


def test_drafts_that_share_an_id_are_judged_but_neither_is_offered_for_deletion_or_change() -> None:
    request = with_prefetch("V02")
    for entry in request["context"]["draftOrders"]["entry"]:
        entry["resource"]["id"] = "one"
    cards = cards_for(service(), request)
    assert any("imaging-order-appropriateness" in marks(card) for card in cards)
    assert {a["type"] for card in cards for s in card.get("suggestions", ()) for a in s["actions"]} <= {"create"}


def test_an_odd_entry_among_the_drafts_costs_no_other_its_deletion() -> None:
    request = with_prefetch("V02")
    request["context"]["draftOrders"]["entry"].append(5)
    assert deleted_by(request) == BOTH


def test_a_draft_with_an_id_is_offered_for_deletion() -> None:
    assert deleted_by(with_prefetch("V02")) == BOTH
