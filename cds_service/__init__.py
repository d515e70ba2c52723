"""The service: HTTP, FHIR, trust and storage around the medicine of `cards`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask, Response, g, request

from cds_service.config import Config
from cds_service.fhir.client import ClientSettings, FhirClient
from cds_service.fhir.gather import Gatherer
from cds_service.hooks import endpoints, errors

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__version__ = "0.1.0"
CORRELATION_ID = "X-Correlation-ID"
Clock = Callable[[], date]


def create_app(config: Config, *, clock: Clock | None = None) -> Flask:
    """The WSGI application. `clock` gives today's date; the default asks the system in the configured zone."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes + 1  # Werkzeug cuts a chunked body off here, silently
    app.json.sort_keys = False  # type: ignore[attr-defined]
    gatherer = Gatherer(FhirClient(ClientSettings()), config.fhir_servers, config.deadline_ms / 1000)
    app.extensions["cds"] = endpoints.Machine(config, gatherer, clock or _system_clock(config))
    app.wsgi_app = _plain_paths(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.before_request(_name_the_call)
    app.after_request(_finish)
    app.register_blueprint(endpoints.blueprint)
    errors.register(app)
    return app


def _system_clock(config: Config) -> Clock:
    return lambda: datetime.now(config.timezone).date()


def _plain_paths(app: WSGIApplication) -> WSGIApplication:
    """Fold doubled and trailing slashes before routing, so that nothing is ever redirected."""

    def folded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        if "//" in path or (len(path) > 1 and path.endswith("/")):
            environ["PATH_INFO"] = "/" + "/".join(part for part in path.split("/") if part)
        return app(environ, start_response)

    return folded


def _name_the_call() -> None:
    g.correlation_id = str(uuid4())


def _finish(response: Response) -> Response:
    response.headers[CORRELATION_ID] = g.get("correlation_id") or str(uuid4())
    response.headers["Cache-Control"] = response.headers.get("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    machine: endpoints.Machine = request_machine()
    origin = request.headers.get("Origin")
    if origin and origin in machine.config.origins:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = CORRELATION_ID
    response.vary.add("Origin")
    return response


def request_machine() -> endpoints.Machine:
    """The machine of the application that answers this request."""
    return endpoints.machine()
