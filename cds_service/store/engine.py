"""What SQLAlchemy has to know of SQLite and of PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import QueuePool

_SQLITE_WAIT_MS = 5_000
_POSTGRES_WAIT_MS = 3_000
_CONNECT_SECONDS = 2
_PROBED = {"keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 2}
"""Seconds, seconds, times. A server that vanished after it had the query sends nothing more, its time-out included; the
system's own probes come after two hours."""
_BEGIN = "BEGIN IMMEDIATE"
_DURABLE = "cds_durable"


class BadDatabaseUrl(ValueError):
    """CDS_DATABASE_URL is not an address of a database that this service can use."""


def is_memory(url: URL) -> bool:
    """Whether it is gone with the process."""
    return url.database in (None, "", ":memory:")


def engine_for(address: str) -> Engine:
    """Connections to the database at this address; none is opened yet. Raises BadDatabaseUrl."""
    url = _parsed(address)
    try:
        return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    except (ModuleNotFoundError, NoSuchModuleError) as error:
        missing = getattr(error, "name", None) or url.drivername
        raise BadDatabaseUrl(
            f"its driver is not installed ({missing}); PostgreSQL needs the extra 'postgres'"
        ) from None


def _parsed(address: str) -> URL:
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # ValueError: what stands in the place of the port is no number
        raise BadDatabaseUrl(
            "it is no database address such as sqlite:////path/to/file or postgresql://user:secret@host/name; "
            "@ and : in a secret are written %40 and %3A"
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise BadDatabaseUrl("it takes sqlite:///… or postgresql://…")
    return url


def durable(engine: Engine) -> Engine:
    """The same connections, but a commit waits until the disk itself has it, as PostgreSQL's always does."""
    return engine.execution_options(**{_DURABLE: True})


def _sqlite(url: URL) -> Engine:
    """Write-ahead logging; every transaction asks for the write lock at once and so cannot fail half-way.

    What is committed outlives the process; a loss of power only where the engine is `durable`, since it costs each
    commit the milliseconds that a disk takes.
    """
    memory = is_memory(url)
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
        for pragma in ("journal_mode=WAL", "foreign_keys=ON"):
            _patiently(connection, f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        level = "FULL" if connection.get_execution_options().get(_DURABLE) else "NORMAL"
        try:
            _patiently(connection.connection.dbapi_connection, f"PRAGMA synchronous={level}")
            _patiently(connection.connection.dbapi_connection, _BEGIN)
        except sqlite3.Error as error:  # SQLAlchemy gives its own kinds to failures of statements, not of this hook
            raise OperationalError(_BEGIN, None, error) from None

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
            **_PROBED,
            "client_encoding": "utf8",
        },
    )

    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        try:
            connection.execute(f"SET statement_timeout = {_POSTGRES_WAIT_MS}")
            connection.commit()
        except Exception:
            connection.close()  # the pool has not taken it over yet
            raise

    return engine


def allow_seconds(connection: Connection, seconds: int) -> None:
    """Let each statement of this transaction take so long: more than a call may wait. SQLite sets no limit."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL statement_timeout = '{seconds}s'"))
