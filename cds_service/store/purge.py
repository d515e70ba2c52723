"""Retention: what is older than it may be is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update

from cds_service.store.database import Database
from cds_service.store.engine import allow_seconds
from cds_service.store.tables import card, feedback, token

_SECONDS = 120  # for each statement; a first purge may find years: our own choice


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows went, and how many comments were emptied."""

    cards: int
    feedback: int
    comments: int
    tokens: int


def purge(database: Database, *, now: datetime, before: datetime, comments_before: datetime) -> Purged:
    """Delete cards and feedback older than `before`, comments older than `comments_before`, and expired tokens.

    Raises StoreDown.
    """
    old_comments = feedback.c.comment.is_not(None) & (feedback.c.received_at < comments_before)
    with database.transaction() as connection:
        allow_seconds(connection, _SECONDS)
        return Purged(
            comments=connection.execute(update(feedback).where(old_comments).values(comment=None)).rowcount,
            feedback=connection.execute(delete(feedback).where(feedback.c.received_at < before)).rowcount,
            cards=connection.execute(delete(card).where(card.c.shown_at < before)).rowcount,
            tokens=connection.execute(delete(token).where(token.c.expires_at < now)).rowcount,
        )
