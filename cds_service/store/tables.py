"""The tables, as the newest migration leaves them (a test compares the two)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, DateTime, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no offset, so every value is turned to UTC before and marked so after."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC; a moment without offset is a programming error."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its offset")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """With its offset."""
        if value is None:
            return None
        found: datetime = value
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


card = Table(
    "card",
    metadata,
    Column("uuid", String(36), primary_key=True),
    Column("service", String(100), nullable=False),
    Column("hook", String(40), nullable=False),
    Column("client", String(200), nullable=False),
    Column("indicator", String(10), nullable=False),
    Column("shown_at", Instant, nullable=False),
    Index("card_shown_at", "shown_at"),
)
"""A card that was sent. `client` is the name in the registry, "open" without one."""

card_rule = Table(
    "card_rule",
    metadata,
    Column("card", String(36), ForeignKey("card.uuid", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("rule", String(100), nullable=False),
    Column("version", String(40), nullable=False),
    Column("indicator", String(10), nullable=False),
    Index("card_rule_rule", "rule"),
)
"""A rule that speaks on a card; the one at place 0 leads it."""

card_suggestion = Table(
    "card_suggestion",
    metadata,
    Column("uuid", String(36), primary_key=True),
    Column("card", String(36), ForeignKey("card.uuid", ondelete="CASCADE"), nullable=False),
    Column("action", String(10), nullable=False),
    Column("code", String(300)),
    Index("card_suggestion_card", "card"),
)
"""What a card offered to do: create, update or delete, and system|code of the order where it has one."""

feedback = Table(
    "feedback",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("card", String(100), nullable=False),
    Column("matched", Boolean, nullable=False),
    Column("service", String(100), nullable=False),
    Column("client", String(200), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("outcome_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("suggestions", JSON, nullable=False),
    Column("reason_system", String(300)),
    Column("reason_code", String(200)),
    Column("reason_display", String(300)),
    Column("comment", Text),
    Index("feedback_card", "card"),
    Index("feedback_received_at", "received_at"),
)
"""What a clinician made of a card. `matched`: the card is known to have been shown to this client."""

token = Table(
    "token",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("expires_at", Instant, nullable=False),
    Index("token_expires_at", "expires_at"),
)
"""Tokens used and not yet expired, as SHA-256 of issuer and jti."""
