"""The service: HTTP, FHIR, trust and storage around the medicine of `cards`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask, Response, g, request

from cards.not_assessed import TOPIC as NOT_ASSESSED
from cards.not_assessed import VERSION as NOT_ASSESSED_VERSION
from cards.rulebook import all_rules
from cds_service import pages
from cds_service.config import BadSetting, Config
from cds_service.fhir.client import ClientSettings, FhirClient
from cds_service.fhir.gather import Gatherer
from cds_service.fhir.prefetch import KEYS
from cds_service.hooks import endpoints, errors
from cds_service.hooks.admission import PATH_AS_CALLED
from cds_service.hooks.services import SERVICES
from cds_service.store import BadDatabaseUrl, Database, Recorder, SeenTokens
from cds_service.telemetry import Note, Watch
from cds_service.trust.client import Client, open_client
from cds_service.trust.gate import Gate
from cds_service.trust.registry import read_registry

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from cds_service.telemetry.metrics import Metrics

__version__ = "0.1.0"
CORRELATION_ID = "X-Correlation-ID"
Clock = Callable[[], date]


def create_app(config: Config, *, clock: Clock | None = None) -> Flask:
    """The WSGI application. `clock` gives today's date; the default asks the system in the configured zone.

    Raises BadSetting when the client registry or the database address cannot be used. The database itself is first
    opened when it is needed.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes + 1  # Werkzeug cuts a chunked body off here, silently
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["cds"] = _machine(config, clock or _system_clock(config))
    app.wsgi_app = _wrapped(app, config)  # type: ignore[assignment, method-assign]
    app.before_request(_name_the_call)
    app.after_request(_finish)
    app.register_blueprint(endpoints.blueprint)
    pages.register(app, config)
    errors.register(app)
    return app


def _wrapped(app: Flask, config: Config) -> WSGIApplication:
    machine: endpoints.Machine = app.extensions["cds"]
    plain = _plain_paths(app.wsgi_app)
    if machine.watch.metrics is None or config.metrics_port is None:
        return plain
    from cds_service.telemetry.exposed import with_metrics  # noqa: PLC0415 - loaded only where it is used

    return with_metrics(plain, machine.watch.metrics, config.metrics_port)


def _machine(config: Config, clock: Clock) -> endpoints.Machine:
    clients = registered_clients(config)
    watch = Watch(_metrics(config, clients))
    try:
        database = Database(config.database_url, failed=watch.database_failed)
    except BadDatabaseUrl as bad:
        raise BadSetting(f"CDS_DATABASE_URL: {bad}") from None
    gate = Gate.of(
        clients,
        SeenTokens(database),
        open_client(config.fhir_servers + pages.demo_fhir_servers(config), config.origins)
        if config.auth == "open"
        else None,
        config.ca_bundle,
    )
    return endpoints.Machine(
        config=config,
        gatherer=Gatherer(FhirClient(ClientSettings(ca_bundle=config.ca_bundle)), (), config.deadline_ms / 1000),
        today=clock,
        gate=gate,
        database=database,
        recorder=Recorder(database, watch),
        watch=watch,
        version=__version__,
    )


def _metrics(config: Config, clients: tuple[Client, ...]) -> Metrics | None:
    if config.metrics_port is None:
        return None
    from cds_service.telemetry.metrics import Known, Metrics  # noqa: PLC0415 - loaded only where it is used

    return Metrics(
        Known(
            services=[service.id for service in SERVICES],
            clients=[client.name for client in clients] if config.auth == "required" else ["open"],
            rules=[*((rule.id, rule.version) for rule in all_rules()), (NOT_ASSESSED, NOT_ASSESSED_VERSION)],
            keys=KEYS,
            version=__version__,
        )
    )


def registered_clients(config: Config) -> tuple[Client, ...]:
    """The clients of the registry that the settings name; none without one. Raises BadRegistry."""
    if config.clients is None:
        return ()
    return read_registry(config.clients, services=[s.id for s in SERVICES], prefetch_keys=KEYS)


def _system_clock(config: Config) -> Clock:
    return lambda: datetime.now(config.timezone).date()


def _plain_paths(app: WSGIApplication) -> WSGIApplication:
    """Fold doubled and trailing slashes before routing, so that nothing is ever redirected."""

    def folded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        environ[PATH_AS_CALLED] = path
        if "//" in path or (len(path) > 1 and path.endswith("/")):
            environ["PATH_INFO"] = "/" + "/".join(part for part in path.split("/") if part)
        return app(environ, start_response)

    return folded


def _name_the_call() -> None:
    g.correlation_id = str(uuid4())
    g.note = Note(g.correlation_id)


def _finish(response: Response) -> Response:
    response.headers[CORRELATION_ID] = g.get("correlation_id") or str(uuid4())
    response.headers["Cache-Control"] = response.headers.get("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    origin = request.headers.get("Origin", "")
    if origin and origin.lower() in endpoints.machine().gate.origins(g.get("client")):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = CORRELATION_ID
    response.headers.add("Vary", "Origin")
    endpoints.machine().watch.finished(g.note, response.status_code)
    return response
