"""Which feedback belongs to a card that was shown."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from sqlalchemy import select, update

from cds_service.store.database import Database, StoreDown
from cds_service.store.tables import card, feedback

_AT_ONCE = 1_000  # parameters of one query; PostgreSQL takes 65,535


def match(database: Database, cards: Sequence[str], client: str) -> None:
    """Mark this client's feedback on those of these cards that it was shown.

    Both who wrote a card and who wrote feedback call it after their own commit: of two replicas that write in the
    same moment neither sees the other's rows before, but the later one sees all. Where the database goes down in
    between, the feedback is kept and stays unmarked.
    """
    with contextlib.suppress(StoreDown):
        for at in range(0, len(cards), _AT_ONCE):
            shown = select(card.c.uuid).where(card.c.uuid.in_(cards[at : at + _AT_ONCE]), card.c.client == client)
            late = feedback.c.card.in_(shown) & (feedback.c.client == client) & feedback.c.matched.is_(False)
            with database.transaction() as connection:
                connection.execute(update(feedback).where(late).values(matched=True))
