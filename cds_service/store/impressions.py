"""Which card was shown: its rules, never its patient."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert

from cds_service.store.database import Database, StoreDown
from cds_service.store.tables import card, card_rule, card_suggestion

log = logging.getLogger(__name__)

_WAIT_SECONDS = 0.05
_MOST_WAITING = 2_000


@dataclass(frozen=True, slots=True)
class Suggested:
    """A suggestion's uuid, its action, and system|code of the order that it creates, where it has a code."""

    uuid: str
    action: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Impression:
    """A card as it was sent. `rules` are (id, version, indicator), the leading one first."""

    card: str
    service: str
    hook: str
    client: str
    indicator: str
    shown_at: datetime
    rules: tuple[tuple[str, str, str], ...]
    suggestions: tuple[Suggested, ...] = ()


def keep_impressions(database: Database, shown: Sequence[Impression]) -> None:
    """Write the cards of one call, in one transaction. Raises StoreDown."""
    cards = [
        {
            "uuid": one.card,
            "service": one.service,
            "hook": one.hook,
            "client": one.client,
            "indicator": one.indicator,
            "shown_at": one.shown_at,
        }
        for one in shown
    ]
    rules = [
        {"card": one.card, "place": place, "rule": rule, "version": version, "indicator": indicator}
        for one in shown
        for place, (rule, version, indicator) in enumerate(one.rules)
    ]
    suggestions = [
        {"uuid": s.uuid, "card": one.card, "action": s.action, "code": s.code and s.code[:300]}
        for one in shown
        for s in one.suggestions
    ]
    with database.transaction() as connection:
        for table, rows in ((card, cards), (card_rule, rules), (card_suggestion, suggestions)):
            if rows:
                connection.execute(insert(table), rows)


@dataclass(slots=True)
class Recorder:
    """Writes impressions without holding up an answer: it waits 50 ms at most, what takes longer goes on behind.

    One thread writes; what gathers while it is at it shares the next transaction. A database that is down costs the
    impressions, never the answer; that is logged, without the cards.
    """

    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _writer: ThreadPoolExecutor | None = None
    _process: int = 0
    _waiting: list[Impression] = field(default_factory=list)

    def record(self, shown: Sequence[Impression]) -> None:
        """Write them, or see to it that they are written soon."""
        if not shown:
            return
        with self._lock:
            writer = self._writer_of_this_process()
            if len(self._waiting) + len(shown) > _MOST_WAITING:
                log.warning("impressions dropped", extra={"cards": len(shown), "cause": "too many waiting"})
                return
            self._waiting.extend(shown)
        wait([writer.submit(self._write)], timeout=_WAIT_SECONDS)

    def _write(self) -> None:
        """Write all that waits; a later turn of the same writer may then find nothing left to do."""
        with self._lock:
            shown, self._waiting = self._waiting, []
        if not shown:
            return
        try:
            keep_impressions(self.database, shown)
        except StoreDown as down:
            log.warning("impressions dropped", extra={"cards": len(shown), "cause": str(down)})

    def _writer_of_this_process(self) -> ThreadPoolExecutor:
        """Threads do not survive a fork, so each worker process has its own."""
        if self._writer is None or self._process != os.getpid():
            self._process = os.getpid()
            self._waiting = []
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="impressions")
        return self._writer
