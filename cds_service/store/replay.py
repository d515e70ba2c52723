"""Tokens that were used: each once, until it expires, over all workers and restarts."""

from __future__ import annotations

import hashlib
import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import delete

from cds_service.store.database import Database, StoreDown
from cds_service.store.insert import insert_new
from cds_service.store.tables import token

log = logging.getLogger(__name__)

_SWEEP_EVERY = timedelta(minutes=5)


@dataclass(slots=True)
class SeenTokens:
    """Remembers (issuer, jti) in the database and in this process.

    While the database is down only this process's memory is asked: calls go on being answered, and a replay at
    another worker is not noticed. That is logged.
    """

    database: Database
    _here: dict[str, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _swept: datetime | None = None

    def first_use(self, issuer: str, jti: str, expires_at: datetime, now: datetime) -> bool:
        """Whether this token was not seen before; from now on it was. It is kept until a minute past its end."""
        key = hashlib.sha256(f"{issuer}\x1f{jti}".encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            if key in self._here:
                return False
            sweep = self._swept is None or now - self._swept > _SWEEP_EVERY
            if sweep:
                self._swept = now
                self._here = {k: end for k, end in self._here.items() if end > now}
            self._here[key] = expires_at + timedelta(minutes=1)
        return self._first_anywhere(key, expires_at + timedelta(minutes=1), now, sweep=sweep)

    def _first_anywhere(self, key: str, until: datetime, now: datetime, *, sweep: bool) -> bool:
        try:
            with self.database.transaction() as connection:
                if sweep:
                    connection.execute(delete(token).where(token.c.expires_at < now))
                new = insert_new(connection, token).values(key=key, expires_at=until).returning(token.c.key)
                return connection.scalar(new) is not None
        except StoreDown as down:
            log.warning("replay checked in this process only", extra={"cause": str(down)})
            return True
