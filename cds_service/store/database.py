"""One database, SQLite or PostgreSQL, its migrations, and what to do while it is down."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from cds_service.store.migrations import upgrade

_LEFT_ALONE_SECONDS = 2.0
_SQLITE_WAIT_MS = 5_000
_POSTGRES_WAIT_MS = 3_000
_CONNECT_SECONDS = 2


class StoreDown(RuntimeError):
    """The database cannot be used for now. The message never holds its address."""


class BadDatabaseUrl(ValueError):
    """CDS_DATABASE_URL is not an address of a database that this service can use."""


class Database:
    """Transactions on the database at `url`. Nothing is opened before the first one, so it may be made before a fork.

    The first transaction of a process brings the tables up to date, one process at a time. After a failure the
    database is left alone for two seconds, in which every transaction fails at once; `failed` is told of it. Raises
    BadDatabaseUrl.
    """

    def __init__(self, url: str, failed: Callable[[], None] = lambda: None) -> None:
        self._failed = failed
        self._engine = _engine(_parsed(url))
        self._migrated = threading.Event()
        self._migrating = threading.Lock()
        self._down_until = 0.0
        weakref.finalize(self, self._engine.dispose)

    @property
    def dialect(self) -> str:
        """ "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection inside a transaction, committed at the end. Raises StoreDown."""
        self._fail_while_down()
        try:
            self._bring_up_to_date()
            with self._engine.begin() as connection:
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
        return self.dialect == "sqlite" and _is_memory(self._engine.url)

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
        return StoreDown(type(error).__name__)


def _is_memory(url: URL) -> bool:
    return url.database in (None, "", ":memory:")


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise BadDatabaseUrl("it is no database address such as sqlite:////path/to/file") from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise BadDatabaseUrl("it takes sqlite:///… or postgresql://…")
    return url


def _engine(url: URL) -> Engine:
    try:
        return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        missing = getattr(error, "name", None) or url.drivername
        raise BadDatabaseUrl(
            f"its driver is not installed ({missing}); PostgreSQL needs the extra 'postgres'"
        ) from None


def _sqlite(url: URL) -> Engine:
    """Write-ahead logging; every transaction asks for the write lock at once and so cannot fail half-way."""
    memory = _is_memory(url)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=1 if memory else 5,
        max_overflow=0 if memory else 20,
        connect_args={"check_same_thread": False, "timeout": _SQLITE_WAIT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
            _patiently(connection, f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        _patiently(connection.connection.dbapi_connection, "BEGIN IMMEDIATE")

    return engine


def _patiently(connection: Any, statement: str) -> None:
    """Opening and closing a write-ahead log takes locks for which SQLite itself does not wait."""
    give_up = time.monotonic() + _SQLITE_WAIT_MS / 1000
    while True:
        try:
            connection.execute(statement).close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url,
        pool_size=5,
        max_overflow=20,
        pool_timeout=_CONNECT_SECONDS,
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": _CONNECT_SECONDS,
            "tcp_user_timeout": _POSTGRES_WAIT_MS,
            "client_encoding": "utf8",
        },
    )

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {_POSTGRES_WAIT_MS}")
        connection.commit()

    return engine
