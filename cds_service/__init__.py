"""The service: HTTP, FHIR, trust and storage around the medicine of `cards`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Flask, Response, g, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from cds_service.config import Config
from cds_service.fhir.client import ClientSettings, FhirClient
from cds_service.fhir.gather import Gatherer
from cds_service.hooks import endpoints
from cds_service.hooks.problem import Problem, operation_outcome

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

__version__ = "0.1.0"
CORRELATION_ID = "X-Correlation-ID"
Clock = Callable[[], date]


def create_app(config: Config, *, clock: Clock | None = None) -> Flask:
    """The WSGI application. `clock` gives today's date; the default asks the system in the configured zone."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes
    app.json.sort_keys = False  # type: ignore[attr-defined]
    gatherer = Gatherer(FhirClient(ClientSettings()), config.fhir_servers, config.deadline_ms / 1000)
    app.extensions["cds"] = endpoints.Machine(config, gatherer, clock or _system_clock(config))
    app.wsgi_app = _plain_paths(app.wsgi_app)  # type: ignore[assignment, method-assign]
    app.before_request(_name_the_call)
    app.after_request(_finish)
    app.register_blueprint(endpoints.blueprint)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
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


def _problem(problem: Problem) -> Response:
    response = jsonify(problem.outcome())
    response.status_code = problem.status
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        code, text = "too-long", "The body is larger than this service takes (CDS_MAX_BODY_BYTES)."
    else:
        code, text = _HTTP.get(status, ("processing", error.name))
    response = jsonify(operation_outcome(code, text))
    response.status_code = status
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers[name] = value
    return response


_HTTP = {
    400: ("invalid", "The request could not be read."),
    404: ("not-found", "There is nothing at this address."),
    405: ("not-supported", "This method is not allowed here."),
}


def _unexpected(error: Exception) -> Response:
    log.error("unexpected", extra={"error": type(error).__name__, "correlation_id": g.get("correlation_id")})
    response = jsonify(operation_outcome("exception", "The service failed; this is not an all-clear."))
    response.status_code = 500
    return response
