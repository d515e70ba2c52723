"""How each kind of EHR wants its answer: the last step, after the rules have spoken.

A profile changes the form of a card or takes away what the EHR cannot do. It never adds or alters advice.

- generic: as the specification says.
- epic: one action a suggestion, any number of suggestions, orders in the site's own codes, no updates.
- oracle: only links that the site has allowed.
- sandbox: the public CDS Hooks Sandbox, whose imaging page breaks on an update without rating, study code or
  coded reasons, and reads ratings in the old place, `extension.systemActions`.
- crd: an empty `systemActions` when orders are signed, as the Da Vinci CRD test kit expects, and each link of the
  text among the card's links, as the CRD guide asks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from cds_service.fhir.pama import sandbox_page_takes
from cds_service.trust.client import Client

_MARKDOWN_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\((https?://[^\s()]*)\)")


def applied(body: dict[str, Any], client: Client, hook: str) -> dict[str, Any]:
    """The response in the client's form. `body` is not changed."""
    cards = [_card(card, client) for card in body["cards"]]
    shaped = {**body, "cards": cards}
    if client.profile == "crd" and hook == "order-sign":
        shaped.setdefault("systemActions", [])
    if client.profile == "sandbox" and "systemActions" in shaped:
        shaped["extension"] = {**shaped["extension"], "systemActions": shaped.pop("systemActions")}
    return shaped


def _card(card: Mapping[str, Any], client: Client) -> dict[str, Any]:
    shaped = dict(card)
    suggestions = [_ordered(s, client) for s in shaped.pop("suggestions", ())]
    shaped.pop("selectionBehavior", None)
    suggestions = [s for s in suggestions if all(_is_understood(a, client) for a in s.get("actions", ()))]
    if client.profile == "epic":
        suggestions = [one for s in suggestions for one in _one_action_each(s)]
    if suggestions:
        shaped["suggestions"] = suggestions
        behaviour = card.get("selectionBehavior", "any")
        shaped["selectionBehavior"] = "any" if client.profile == "epic" else behaviour
    if client.profile == "crd":
        _links_of_the_text_too(shaped)
    if client.profile == "oracle" or client.links_allowed:
        _only_allowed_links(shaped, client)
    return shaped


def _is_understood(action: Mapping[str, Any], client: Client) -> bool:
    if action["type"] != "update":
        return True
    if client.profile == "sandbox":
        return sandbox_page_takes(action["resource"])
    return client.profile != "epic"


def _links_of_the_text_too(card: dict[str, Any]) -> None:
    links = {link["url"]: link for link in card.get("links", ())}
    for label, url in _MARKDOWN_LINK.findall(card.get("detail", "")):
        links.setdefault(url, {"label": label.replace("\\", ""), "url": url, "type": "absolute"})
    if links:
        card["links"] = list(links.values())


def _only_allowed_links(card: dict[str, Any], client: Client) -> None:
    links = [
        {k: v for k, v in link.items() if k != "appContext" or client.profile != "oracle"}
        for link in card.pop("links", ())
        if _allowed(link["url"], client)
    ]
    if links:
        card["links"] = links
    if "detail" in card:
        card["detail"] = _MARKDOWN_LINK.sub(lambda m: m[0] if _allowed(m[2], client) else m[1], card["detail"])


def _allowed(url: str, client: Client) -> bool:
    """A prefix ends at a boundary: https://a.example/x allows …/x, …/x/y and …/x?y, not …/xy or a.example.com."""
    for prefix in client.links_allowed:
        rest = url.removeprefix(prefix) if url.startswith(prefix) else None
        if rest is not None and (not rest or prefix.endswith("/") or rest[0] in "/?#"):
            return True
    return False


def _one_action_each(suggestion: dict[str, Any]) -> list[dict[str, Any]]:
    actions = suggestion.get("actions", [])
    if len(actions) <= 1:
        return [suggestion]
    first, *others = ({**suggestion, "label": a["description"], "actions": [a]} for a in actions)
    return [first, *({**other, "uuid": str(uuid4())} for other in others)]


def _ordered(suggestion: Mapping[str, Any], client: Client) -> dict[str, Any]:
    shaped = dict(suggestion)
    if "actions" in shaped:
        shaped["actions"] = [_action(action, client) for action in shaped["actions"]]
    return shaped


def _action(action: Mapping[str, Any], client: Client) -> dict[str, Any]:
    resource = action.get("resource")
    if not isinstance(resource, dict):
        return dict(action)
    shaped = dict(resource)
    if action["type"] == "create" and "intent" in resource:
        shaped["intent"] = client.intent
    code = shaped.get("code")
    if client.order_codes and isinstance(code, dict):
        shaped["code"] = _site_code(code, client.order_codes)
    return {**action, "resource": shaped}


def _site_code(code: dict[str, Any], order_codes: Mapping[str, str]) -> dict[str, Any]:
    """The concept with the site's coding in first place; as it was where the site has none for it."""
    codings = code.get("coding", [])
    names = [f"{c.get('system')}|{c.get('code')}" for c in codings] + [code.get("text", "")]
    own = next((order_codes[name] for name in names if name in order_codes), None)
    if own is None:
        return code
    system, _, value = own.rpartition("|")
    return {**code, "coding": [{"system": system, "code": value}, *codings]}
