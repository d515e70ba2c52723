"""One database, SQLite or PostgreSQL, its migrations, and what to do while it is down."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from cds_service.store.engine import durable, engine_for, is_memory
from cds_service.store.migrations import upgrade

_LEFT_ALONE_SECONDS = 2.0


class StoreDown(RuntimeError):
    """The database cannot be used for now. The message never holds a password."""


class Database:
    """Transactions on the database at `url`. Nothing is opened before the first one, so it may be made before a fork.

    The first transaction of a process brings the tables up to date, one process at a time. After a failure the
    database is left alone for two seconds, in which every transaction fails at once; `failed` is told of it. Raises
    BadDatabaseUrl.
    """

    def __init__(self, url: str, failed: Callable[[], None] = lambda: None) -> None:
        self._failed = failed
        self._engine = engine_for(url)
        self._migrated = threading.Event()
        self._migrating = threading.Lock()
        self._down_until = 0.0
        weakref.finalize(self, self._engine.dispose)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self, *, to_disk: bool = False) -> Iterator[Connection]:
        """A connection inside a transaction, committed at the end; with `to_disk`, kept through a loss of power.

        Raises StoreDown.
        """
        self._fail_while_down()
        try:
            self._bring_up_to_date()
            with (durable(self._engine) if to_disk else self._engine).begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise self._down(error) from None

    def prepare(self) -> None:
        """Create or update the tables and close every connection again. Raises StoreDown."""
        try:
            self._bring_up_to_date()
        finally:
            self.close()

    def reachable(self) -> bool:
        """Whether a query is answered and the tables are there."""
        try:
            with self.transaction() as connection:
                connection.execute(text("SELECT 1 FROM token WHERE 1 = 0"))
        except StoreDown:
            return False
        return True

    def close(self) -> None:
        """Close all connections; the next transaction opens new ones."""
        if not self.in_memory:
            self._engine.dispose()

    @property
    def in_memory(self) -> bool:
        return self.dialect == "sqlite" and is_memory(self._engine.url)

    def _bring_up_to_date(self) -> None:
        if self._migrated.is_set():
            return
        with self._migrating:
            if self._migrated.is_set():
                return
            self._fail_while_down()
            try:
                with self._engine.begin() as connection:
                    upgrade(connection)
            except (SQLAlchemyError, CommandError) as error:
                raise self._down(error) from None
            self._migrated.set()

    def _fail_while_down(self) -> None:
        if time.monotonic() < self._down_until:
            raise StoreDown("the database failed a moment ago")

    def _down(self, error: Exception) -> StoreDown:
        self._down_until = time.monotonic() + _LEFT_ALONE_SECONDS
        self._failed()
        return StoreDown(_why(error))


def _why(error: Exception) -> str:
    """The kind of failure; of a connection that failed, also why, in the words that follow the address."""
    kind = type(error).__name__
    if not isinstance(error, OperationalError) or error.statement is not None:
        return kind
    return f"{kind}: {' '.join(str(error.orig).rpartition(' failed: ')[2].split())}"
