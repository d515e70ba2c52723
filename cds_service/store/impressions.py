"""Which card was shown: its rules, never its patient."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import insert

from cds_service.store.database import Database, StoreDown
from cds_service.store.matching import match
from cds_service.store.tables import card, card_rule, card_suggestion
from cds_service.telemetry import Watch

log = logging.getLogger(__name__)

_GATHER_SECONDS = 0.25
_MOST_WAITING = 5_000


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
    """Write these cards in one transaction, then match feedback that came before them. Raises StoreDown."""
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
    for client in {one.client for one in shown}:
        match(database, [one.card for one in shown if one.client == client], client)


@dataclass(slots=True)
class Recorder:
    """Writes impressions behind the answers: all cards of a quarter of a second in one transaction.

    No answer waits for it. A worker that is killed loses at most that quarter of a second of impressions (feedback
    is another matter: it is on disk before it is acknowledged); one that is stopped writes what waits. A database
    that is down costs the impressions, never the answer; that is logged and counted, without the cards.
    """

    database: Database
    watch: Watch = field(default_factory=Watch)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _writer: ThreadPoolExecutor | None = None
    _process: int = 0
    _waiting: list[Impression] = field(default_factory=list)
    _waiting_since: float = 0.0
    _scheduled: bool = False

    def record(self, shown: Sequence[Impression]) -> None:
        """See to it that they are written soon."""
        if not shown or self.database.in_memory:  # which is gone with the process, and belongs to one thread
            return
        with self._lock:
            writer = self._writer_of_this_process()
            if len(self._waiting) + len(shown) > _MOST_WAITING:
                self._dropped(len(shown), "too many waiting")
                return
            self._waiting_since = self._waiting_since if self._waiting else time.monotonic()
            self._waiting.extend(shown)
            if not self._scheduled:
                self._scheduled = True
                writer.submit(self._write_soon)

    def flush(self) -> None:
        """Write all that waits, now: before feedback on a card is looked up, and when the process ends."""
        with self._lock:
            shown, since, self._waiting = self._waiting, self._waiting_since, []
            self._scheduled = False
        if not shown:
            return
        try:
            keep_impressions(self.database, shown)
        except StoreDown as down:
            self._dropped(len(shown), str(down))
        else:
            self.watch.recorded(len(shown), time.monotonic() - since)

    def close(self) -> None:
        """Write all that waits, and end the thread that writes; a later `record` starts another."""
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None and self._process == os.getpid():
            writer.shutdown()
        self.flush()

    def _dropped(self, cards: int, cause: str) -> None:
        log.warning("impressions dropped", extra={"cards": cards, "cause": cause})
        self.watch.dropped(cards)

    def _write_soon(self) -> None:
        time.sleep(_GATHER_SECONDS)
        self.flush()

    def _writer_of_this_process(self) -> ThreadPoolExecutor:
        """Threads do not survive a fork, so each worker process has its own. It ends its work before the process."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._writer, self._waiting, self._scheduled = None, [], False
        if self._writer is None:
            self._writer = ThreadPoolExecutor(1, thread_name_prefix="impressions")
        return self._writer
