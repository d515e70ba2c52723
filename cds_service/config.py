"""Every setting, read once from CDS_* variables at start-up."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cds_service.fhir.client.origin import insecure, parse_base

Auth = Literal["required", "open"]
LogLevel = Literal["debug", "info", "warning", "error"]
LogFormat = Literal["auto", "json", "text"]
AUTH: tuple[Auth, ...] = ("required", "open")
LOG_LEVELS: tuple[LogLevel, ...] = ("debug", "info", "warning", "error")
LOG_FORMATS: tuple[LogFormat, ...] = ("auto", "json", "text")
Choice = TypeVar("Choice", bound=str)
_COLLECTOR = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_HIGHEST_PORT = 65_535
_ALIKE = 0.85  # of difflib's ratio, our own choice: a letter lost, doubled or swapped, a plural
SETTINGS = (
    "CDS_AUTH", "CDS_CA_BUNDLE", "CDS_CLIENTS", "CDS_COMMENT_RETENTION_DAYS", "CDS_DATABASE_URL", "CDS_DEADLINE_MS",
    "CDS_DEMO", "CDS_DEMO_FHIR_SERVER", "CDS_FHIR_SERVERS", "CDS_LOG_FORMAT", "CDS_LOG_LEVEL", "CDS_MAX_BODY_BYTES",
    "CDS_METRICS_HOST", "CDS_METRICS_PORT", "CDS_ORIGINS", "CDS_PUBLIC_BASE_URL", "CDS_RETENTION_DAYS", "CDS_TIMEZONE",
    "CDS_TRACE_FHIR",
)  # fmt: skip
"""The names that `Config.from_environment` reads."""


class BadSetting(ValueError):
    """A CDS_* variable does not hold what it should; the message names it and says what it takes."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings of one service process.

    public_base_url: under which clients reach the service, without trailing slash; JWT audiences and links are
    built on it. auth: "required" unless set to "open". fhir_servers and origins: what open mode allows. ca_bundle: PEM
    file of the authorities whose certificates FHIR servers and key sets may show, instead of the public ones.
    max_body_bytes: larger requests are answered 413. deadline_ms: for all FHIR fetching of one call.
    timezone: where "today" is. database_url: the default keeps everything in memory; the environment's default is
    a file. demo_fhir_server: whose patients the demonstration shows. retention_days, comment_retention_days: what
    `purge` leaves of feedback, and of comments in it. log_level, log_format: of the lines on standard output.
    metrics_port, metrics_host: where /metrics is served; nowhere without a port. traces: whether a collector of
    OpenTelemetry is named and the whole of it is not switched off. trace_fhir: whether FHIR servers are told the id
    of the trace.
    """

    public_base_url: str = "http://127.0.0.1:8000"
    auth: Auth = "required"
    clients: Path | None = None
    fhir_servers: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    ca_bundle: str | None = None
    database_url: str = "sqlite://"
    max_body_bytes: int = 8 * 1024 * 1024
    deadline_ms: int = 800
    retention_days: int = 730
    comment_retention_days: int = 90
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    demo: bool = False
    demo_fhir_server: str | None = None
    log_level: LogLevel = "info"
    log_format: LogFormat = "auto"
    metrics_host: str = "127.0.0.1"
    metrics_port: int | None = None
    traces: bool = False
    trace_fhir: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Config:
        """Read the CDS_* variables; raises BadSetting."""
        get = environment.get
        return cls(
            public_base_url=_base_url(get("CDS_PUBLIC_BASE_URL", "http://127.0.0.1:8000")),
            auth=_one_of("CDS_AUTH", get("CDS_AUTH", "required"), AUTH),
            clients=Path(path) if (path := get("CDS_CLIENTS", "")) else None,
            fhir_servers=_fhir_servers(get("CDS_FHIR_SERVERS", "")),
            origins=_origins(get("CDS_ORIGINS", "")),
            ca_bundle=_bundle(get("CDS_CA_BUNDLE", "")),
            database_url=get("CDS_DATABASE_URL") or "sqlite:///posterior-hip-cds.sqlite3",
            max_body_bytes=_whole("CDS_MAX_BODY_BYTES", get("CDS_MAX_BODY_BYTES", "8388608"), 3 * 1024 * 1024),
            deadline_ms=_whole("CDS_DEADLINE_MS", get("CDS_DEADLINE_MS", "800"), 50),
            retention_days=_whole("CDS_RETENTION_DAYS", get("CDS_RETENTION_DAYS", "730"), 1),
            comment_retention_days=_whole("CDS_COMMENT_RETENTION_DAYS", get("CDS_COMMENT_RETENTION_DAYS", "90"), 0),
            timezone=_zone(get("CDS_TIMEZONE") or "UTC"),
            demo=_on(get("CDS_DEMO", "")),
            demo_fhir_server=next(iter(_listed(get("CDS_DEMO_FHIR_SERVER") or get("CDS_FHIR_SERVERS", ""))), None),
            log_level=_one_of("CDS_LOG_LEVEL", get("CDS_LOG_LEVEL") or "info", LOG_LEVELS),
            log_format=_one_of("CDS_LOG_FORMAT", get("CDS_LOG_FORMAT") or "auto", LOG_FORMATS),
            metrics_host=get("CDS_METRICS_HOST") or "127.0.0.1",
            metrics_port=_port("CDS_METRICS_PORT", get("CDS_METRICS_PORT", "")),
            traces=any(get(name) for name in _COLLECTOR) and get("OTEL_SDK_DISABLED", "").lower() != "true",
            trace_fhir=_on(get("CDS_TRACE_FHIR", "")),
        )


def misspelt(environment: Mapping[str, str]) -> dict[str, str]:
    """Each CDS_* variable that is no setting but looks like one → that setting.

    Others are let be: an orchestrator may set names of its own, as Kubernetes does for a Service called cds.
    """
    unknown = (name for name in environment if name.startswith("CDS_") and name not in SETTINGS)
    alike = {name: get_close_matches(name, SETTINGS, 1, _ALIKE) for name in unknown}
    return {name: found[0] for name, found in alike.items() if found}


def _one_of(name: str, value: str, choices: tuple[Choice, ...]) -> Choice:
    for choice in choices:
        if value == choice:
            return choice
    raise BadSetting(f"{name} is '{value}'; it takes {' or '.join(repr(choice) for choice in choices)}")


def _on(value: str) -> bool:
    return value.lower() in ("1", "on", "true", "yes")


def _port(name: str, value: str) -> int | None:
    if not value:
        return None
    number = _whole(name, value, 1)
    if number > _HIGHEST_PORT:
        raise BadSetting(f"{name} is {number}; the highest port is {_HIGHEST_PORT}")
    return number


def _bundle(path: str) -> str | None:
    if not path:
        return None
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:  # an SSLError is one
        raise BadSetting(
            f"CDS_CA_BUNDLE is '{path}'; it takes a PEM file of certificates ({error.strerror or type(error).__name__})"
        ) from None
    return path


def _listed(value: str) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in value.split(",") if part.strip())


def _fhir_servers(value: str) -> tuple[str, ...]:
    for server in (listed := _listed(value)):
        base = parse_base(server)
        if base is None or insecure(base):
            raise BadSetting(
                f"CDS_FHIR_SERVERS holds '{server.rpartition('@')[2]}'; it takes https addresses without a password, "
                "comma-separated, and http ones of loopback"
            )
    return listed


def _origins(value: str) -> tuple[str, ...]:
    for origin in (listed := _listed(value)):
        if not is_origin(origin):
            raise BadSetting(f"CDS_ORIGINS holds '{origin}'; an origin is scheme://host[:port], '*' is not possible")
    return listed


def is_origin(text: str) -> bool:
    """What a browser sends as Origin: scheme, host and port, nothing behind them."""
    parts = parts_of(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and text == f"{parts.scheme}://{parts.netloc}"


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
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of them, a name too long for a file
        raise BadSetting(f"CDS_TIMEZONE is '{value}'; it takes an IANA name such as Europe/Berlin") from None


def _base_url(value: str) -> str:
    parts = parts_of(value)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise BadSetting(f"CDS_PUBLIC_BASE_URL is '{value}'; it takes an absolute http(s) address")
    loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if parts.scheme == "http" and not loopback:
        raise BadSetting("CDS_PUBLIC_BASE_URL must be https, but for loopback addresses")
    return value.rstrip("/")


def parts_of(address: str) -> SplitResult:
    """Scheme, host and the rest; all empty where it cannot be an address at all ("https://[x")."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
