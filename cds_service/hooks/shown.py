"""What is kept and what is told of an answer: each card's rules, never the patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cds_service.hooks.response import EXTENSION
from cds_service.hooks.services import Service
from cds_service.store import Impression, Suggested
from cds_service.telemetry import Note


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


def told(note: Note, body: dict[str, Any], shown: Sequence[Impression]) -> None:
    """Take down which rules spoke, could not tell or broke."""
    extension = body["extension"][EXTENSION]
    silent = extension.get("notAssessed", ())
    note.cards = tuple(one.indicator for one in shown)
    note.rules = tuple(dict.fromkeys(fired for one in shown for fired in one.rules))
    note.not_assessed = tuple(one["rule"] for one in silent)
    note.failed = tuple(one["rule"] for one in silent if "rules" in one.get("missing", ()))
    note.set_aside = extension.get("setAside", 0)


def _suggested(suggestion: dict[str, Any]) -> Suggested:
    actions = suggestion.get("actions", ())
    action: dict[str, Any] = actions[0] if actions else {"type": "none"}
    created: dict[str, Any] = action.get("resource", {}) if action["type"] == "create" else {}
    coding = next(iter(created.get("code", {}).get("coding", ())), None)
    return Suggested(suggestion["uuid"], action["type"], f"{coding['system']}|{coding['code']}" if coding else None)
