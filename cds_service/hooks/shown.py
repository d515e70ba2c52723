"""What is kept of an answer: each card's rules, never the patient."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cds_service.hooks.response import EXTENSION
from cds_service.hooks.services import Service
from cds_service.store import Impression, Suggested


def impressions(body: dict[str, Any], service: Service, client: str, now: datetime) -> list[Impression]:
    """One for each card of the response as it leaves."""
    return [
        Impression(
            card=card["uuid"],
            service=service.id,
            hook=service.hook,
            client=client,
            indicator=card["indicator"],
            shown_at=now,
            rules=tuple((r["id"], r["version"], r["indicator"]) for r in card["extension"][EXTENSION]["rules"]),
            suggestions=tuple(_suggested(s) for s in card.get("suggestions", ())),
        )
        for card in body["cards"]
    ]


def _suggested(suggestion: dict[str, Any]) -> Suggested:
    actions = suggestion.get("actions", ())
    action: dict[str, Any] = actions[0] if actions else {"type": "none"}
    created: dict[str, Any] = action.get("resource", {}) if action["type"] == "create" else {}
    coding = next(iter(created.get("code", {}).get("coding", ())), None)
    return Suggested(suggestion["uuid"], action["type"], f"{coding['system']}|{coding['code']}" if coding else None)
