"""Which card was shown: its rules, never its patient."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert

from cds_service.store.database import Database, StoreDown
from cds_service.store.tables import card, card_rule, card_suggestion

log = logging.getLogger(__name__)

_WAIT_SECONDS = 0.05
_MOST_WAITING = 500
_THREADS = 2


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

    A database that is down costs the impressions, never the answer; that is logged, without the cards.
    """

    database: Database
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _pool: ThreadPoolExecutor | None = None
    _process: int = 0
    _waiting: set[Future[None]] = field(default_factory=set)

    def record(self, shown: Sequence[Impression]) -> None:
        """Write them, or see to it that they are written soon."""
        if not shown:
            return
        with self._lock:
            self._after_a_fork()
            self._waiting = {future for future in self._waiting if not future.done()}
            if len(self._waiting) >= _MOST_WAITING or self._pool is None:
                log.warning("impressions dropped", extra={"cards": len(shown), "cause": "too many waiting"})
                return
            future = self._pool.submit(self._keep, tuple(shown))
            self._waiting.add(future)
        wait([future], timeout=_WAIT_SECONDS)

    def _keep(self, shown: tuple[Impression, ...]) -> None:
        try:
            keep_impressions(self.database, shown)
        except StoreDown as down:
            log.warning("impressions dropped", extra={"cards": len(shown), "cause": str(down)})

    def _after_a_fork(self) -> None:
        if self._process != os.getpid():
            self._process = os.getpid()
            self._waiting = set()
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="impressions")
