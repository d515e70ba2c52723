"""What breaks the protocol is not sent."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from cds_service.hooks.emitted import InvalidResponse, emitted

UUID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
RESOURCE = {"resourceType": "ServiceRequest", "status": "draft"}
CREATE = {"type": "create", "description": "Draft order: MRI", "resource": RESOURCE}
DELETE = {"type": "delete", "description": "Delete the draft", "resourceId": "ServiceRequest/1"}
SUGGESTION = {"label": "MRI", "uuid": UUID, "isRecommended": True, "actions": [CREATE]}
CARD: dict[str, Any] = {
    "uuid": UUID,
    "summary": "s" * 139,
    "detail": "Less than <40 mg/L\\<",
    "indicator": "info",
    "source": {"label": "ACR", "url": "https://acr.example/a?b#c", "topic": {"system": "urn:s", "code": "t"}},
    "suggestions": [SUGGESTION, SUGGESTION],
    "selectionBehavior": "any",
    "overrideReasons": [{"system": "urn:s", "code": "c", "display": "Known"}],
    "links": [{"label": "ACR", "url": "http://127.0.0.1:8000/rules/x", "type": "absolute"}],
    "extension": {"com.example": {"anything": [None, {}]}},
}
BODY: dict[str, Any] = {"cards": [CARD], "systemActions": [CREATE, DELETE], "extension": {"com.example": {}}}


def test_what_keeps_the_protocol_is_sent() -> None:
    assert emitted(BODY).startswith(b'{"cards":[{"uuid":"6f9619ff')
    assert emitted({"cards": []}) == b'{"cards":[]}'
    assert emitted({"cards": [], "systemActions": []}) == b'{"cards":[],"systemActions":[]}'


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("cards", None),
        ("cards", [CARD] * 4),
        ("card", {}),
        ("cards.0.uuid", "1"),
        ("cards.0.summary", ""),
        ("cards.0.summary", "s" * 140),
        ("cards.0.detail", None),
        ("cards.0.detail", "<b>bold</b>"),
        ("cards.0.detail", "<!-- -->"),
        ("cards.0.indicator", "hard-stop"),
        ("cards.0.unknown", 1),
        ("cards.0.source", {}),
        ("cards.0.source.url", "javascript:alert(1)"),
        ("cards.0.source.url", "https://"),
        ("cards.0.source.icon", "https://a b"),
        ("cards.0.source.topic", {"system": "urn:s"}),
        ("cards.0.suggestions", []),
        ("cards.0.suggestions.0.uuid", None),
        ("cards.0.suggestions.0.label", ""),
        ("cards.0.suggestions.0.actions", []),
        ("cards.0.suggestions.0.actions.0", {**CREATE, "type": "delete"}),
        ("cards.0.suggestions.0.actions.0", {**DELETE, "type": "update"}),
        ("cards.0.suggestions.0.actions.0", {**DELETE, "resourceId": "https://else.example/ServiceRequest/1"}),
        ("cards.0.suggestions.0.actions.0", {**DELETE, "resource": RESOURCE}),
        ("cards.0.suggestions.0.actions.0.resource", {"status": "draft"}),
        ("cards.0.selectionBehavior", "some"),
        ("cards.0.selectionBehavior", "at-most-one"),
        ("cards.0.overrideReasons", []),
        ("cards.0.overrideReasons.0", {"system": "urn:s", "code": "c"}),
        ("cards.0.links", []),
        ("cards.0.links.0.type", "relative"),
        ("cards.0.links.0.url", "/rules/x"),
        ("systemActions.0.description", None),
        ("extension", None),
    ],
)
def test_what_breaks_it_is_not(path: str, value: Any) -> None:
    broken: Any = deepcopy(BODY)
    *steps, last = path.split(".")
    place = broken
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    place[int(last) if last.isdigit() else last] = value
    with pytest.raises(InvalidResponse):
        emitted(broken)


@pytest.mark.parametrize("without", ["uuid", "summary", "indicator", "source", "suggestions", "selectionBehavior"])
def test_a_card_needs_its_members(without: str) -> None:
    card = {name: value for name, value in CARD.items() if name != without}
    with pytest.raises(InvalidResponse):
        emitted({"cards": [card]})


def test_what_is_refused_is_not_quoted() -> None:
    with pytest.raises(InvalidResponse) as refused:
        emitted({"cards": [{**CARD, "indicator": "Jane Doe", "source": {"label": "x", "url": "Jane Doe"}}]})
    assert str(refused.value) == "at $.cards[0].indicator"
