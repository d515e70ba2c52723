"""Every setting, read once from CDS_* variables at start-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class BadSetting(ValueError):
    """A CDS_* variable does not hold what it should; the message names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one service process.

    public_base_url: under which clients reach the service, without trailing slash; JWT audiences and links are
    built on it. auth: "required" unless set to "open". fhir_servers and origins: what open mode allows.
    max_body_bytes: larger requests are answered 413. deadline_ms: for all FHIR fetching of one call.
    timezone: where "today" is. database_url: the default keeps everything in memory; the environment's default is
    a file. demo_fhir_server: whose patients the demonstration shows. retention_days, comment_retention_days: what
    `purge` leaves of feedback, and of comments in it.
    """

    public_base_url: str = "http://127.0.0.1:8000"
    auth: Literal["required", "open"] = "required"
    clients: Path | None = None
    fhir_servers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    database_url: str = "sqlite://"
    max_body_bytes: int = 8 * 1024 * 1024
    deadline_ms: int = 800
    retention_days: int = 730
    comment_retention_days: int = 90
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    demo: bool = False
    demo_fhir_server: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read the CDS_* variables; raises BadSetting."""
        get = environment.get
        return cls(
            public_base_url=_base_url(get("CDS_PUBLIC_BASE_URL", "http://127.0.0.1:8000")),
            auth=_auth(get("CDS_AUTH", "required")),
            clients=Path(path) if (path := get("CDS_CLIENTS", "")) else None,
            fhir_servers=_listed(get("CDS_FHIR_SERVERS", "")),
            origins=_listed(get("CDS_ORIGINS", "")),
            database_url=get("CDS_DATABASE_URL") or "sqlite:///posterior-hip-cds.sqlite3",
            max_body_bytes=_whole("CDS_MAX_BODY_BYTES", get("CDS_MAX_BODY_BYTES", "8388608"), 3 * 1024 * 1024),
            deadline_ms=_whole("CDS_DEADLINE_MS", get("CDS_DEADLINE_MS", "800"), 50),
            retention_days=_whole("CDS_RETENTION_DAYS", get("CDS_RETENTION_DAYS", "730"), 1),
            comment_retention_days=_whole("CDS_COMMENT_RETENTION_DAYS", get("CDS_COMMENT_RETENTION_DAYS", "90"), 0),
            timezone=_zone(get("CDS_TIMEZONE") or "UTC"),
            demo=get("CDS_DEMO", "").lower() in ("1", "on", "true", "yes"),
            demo_fhir_server=next(iter(_listed(get("CDS_DEMO_FHIR_SERVER") or get("CDS_FHIR_SERVERS", ""))), None),
        )


def _auth(value: str) -> Literal["required", "open"]:
    if value == "open":
        return "open"
    if value == "required":
        return "required"
    raise BadSetting(f"CDS_AUTH is '{value}'; it takes 'required' or 'open'")


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())


def _whole(name: str, value: str, least: int) -> int:
    try:
        number = int(value)
    except ValueError:
        raise BadSetting(f"{name} is '{value}'; it takes a whole number") from None
    if number < least:
        raise BadSetting(f"{name} is {number}; the least is {least}")
    return number


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSetting(f"CDS_TIMEZONE is '{value}'; it takes an IANA name such as Europe/Berlin") from None


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadSetting(f"CDS_PUBLIC_BASE_URL is '{value}'; it takes an absolute http(s) address")
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "http" and not loopback:
        raise BadSetting("CDS_PUBLIC_BASE_URL must be https, but for loopback addresses")
    return value.rstrip("/")
