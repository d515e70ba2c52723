"""What clinicians made of cards: an append-only log."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import Connection, select

from cds_service.store.database import Database
from cds_service.store.insert import insert_new
from cds_service.store.matching import match
from cds_service.store.tables import card, card_rule, feedback

_AT_ONCE = 1_000  # parameters of one query; PostgreSQL takes 65,535


@dataclass(frozen=True, slots=True)
class FeedbackItem:
    """One outcome of one card. The comment is a clinician's free text."""

    card: str
    outcome: Literal["accepted", "overridden"]
    outcome_at: datetime
    suggestions: tuple[str, ...] = ()
    reason_system: str | None = None
    reason_code: str | None = None
    reason_display: str | None = None
    comment: str | None = None

    def key(self, client: str) -> str:
        """The same for the same report: client, card, outcome, suggestions and moment."""
        parts = (
            client,
            self.card,
            self.outcome,
            *sorted(self.suggestions),
            self.outcome_at.astimezone(UTC).isoformat(),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def keep_feedback(
    database: Database, items: Sequence[FeedbackItem], *, service: str, client: str, received_at: datetime
) -> list[tuple[str | None, str]]:
    """Write the items to disk, all or none; one that is known already stays as it is. Raises StoreDown.

    Returns the rule that led the card (None where the card is not known) and the outcome of each that is new.
    """
    if not items:
        return []
    with database.transaction(to_disk=True) as connection:
        shown = _shown(connection, sorted({item.card for item in items}), client)
        rows = {
            item.key(client): {
                "key": item.key(client),
                "card": item.card,
                "matched": item.card in shown,
                "service": service,
                "client": client,
                "outcome": item.outcome,
                "outcome_at": item.outcome_at,
                "received_at": received_at,
                "suggestions": list(item.suggestions),
                "reason_system": item.reason_system,
                "reason_code": item.reason_code,
                "reason_display": item.reason_display,
                "comment": item.comment,
            }
            for item in items
        }
        written = insert_new(connection, feedback).returning(feedback.c.card, feedback.c.outcome)
        new = [(shown.get(card), outcome) for card, outcome in connection.execute(written, list(rows.values()))]
    match(database, sorted({item.card for item in items} - shown.keys()), client)
    return new


def _shown(connection: Connection, ids: Sequence[str], client: str) -> dict[str, str | None]:
    """The cards that are known to have been shown to this client, with the rule that led each."""
    led = card.outerjoin(card_rule, (card_rule.c.card == card.c.uuid) & (card_rule.c.place == 0))
    found: dict[str, str | None] = {}
    for at in range(0, len(ids), _AT_ONCE):
        known = card.c.uuid.in_(ids[at : at + _AT_ONCE]) & (card.c.client == client)
        rows = connection.execute(select(card.c.uuid, card_rule.c.rule).select_from(led).where(known))
        found.update((uuid, rule) for uuid, rule in rows)
    return found
