"""Alembic migrations, run by the service itself."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from cds_service.store.engine import allow_seconds

_LOCK = 7_204_815_131  # any number that no other program on the same database takes
_SECONDS = 60  # also for another process to be done with it


def upgrade(connection: Connection) -> None:
    """Bring the tables up to date inside the connection's transaction, one process at a time.

    PostgreSQL serialises by an advisory lock, SQLite by the write lock that every transaction here begins with.
    """
    allow_seconds(connection, _SECONDS)
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.attributes["connection"] = connection
    command.upgrade(settings, "head")
