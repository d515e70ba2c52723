"""The addresses of the protocol."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import msgspec
from flask import Blueprint, Request, Response, current_app, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from cds_service.config import Config
from cds_service.fhir.gather import Gatherer
from cds_service.hooks.body import too_deep
from cds_service.hooks.call import answer, read_call
from cds_service.hooks.problem import NotFound, WrongType
from cds_service.hooks.services import Service, discovery, services_of

blueprint = Blueprint("hooks", __name__)
_DISCOVERY_SECONDS = 300
_PREFLIGHT_SECONDS = "600"
_METHODS = "GET, POST, OPTIONS"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Machine:
    """What an endpoint needs of the application: settings, FHIR access and the calendar."""

    config: Config
    gatherer: Gatherer
    today: Callable[[], date]


def machine() -> Machine:
    """The machine of the current application."""
    found: Machine = current_app.extensions["cds"]
    return found


@cache
def _discovery() -> bytes:
    return json.dumps(discovery(), separators=(",", ":")).encode()


@blueprint.get("/cds-services", provide_automatic_options=False)
def discover() -> Response:
    """Discovery."""
    response = Response(_discovery(), mimetype=JSON)
    response.headers["Cache-Control"] = f"public, max-age={_DISCOVERY_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.post("/cds-services/<service_id>", provide_automatic_options=False)
def call(service_id: str) -> Response:
    """One call of a service."""
    services = _services(service_id)
    at = machine()
    try:
        asked = read_call(body_of(request, at.config.max_body_bytes), services)
        body, _ = answer(asked, at.gatherer, at.today())
        return _json(body)
    except RecursionError:
        raise too_deep() from None


def _json(body: dict[str, Any]) -> Response:
    """A body that may hold undecoded parts of the request: a changed draft keeps its numbers as written."""
    return Response(msgspec.json.encode(body), mimetype=JSON)


@blueprint.route("/cds-services", methods=["OPTIONS"])
@blueprint.route("/cds-services/<service_id>", methods=["OPTIONS"])
@blueprint.route("/cds-services/<service_id>/feedback", methods=["OPTIONS"])
def preflight(service_id: str | None = None) -> Response:  # noqa: ARG001 - any service answers alike
    """CORS preflight; the Allow-Origin header is added where the origin is allowed."""
    response = Response(status=204)
    response.headers["Allow"] = _METHODS
    response.headers["Access-Control-Allow-Methods"] = _METHODS
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept"
    response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


@blueprint.get("/healthz")
def healthy() -> Response:
    """The process answers."""
    return jsonify(status="ok")


def body_of(sent: Request, most: int) -> bytes:
    """The body's bytes. Raises WrongType, or Werkzeug's 413 when there are more than `most`, read or announced."""
    if sent.mimetype != JSON:
        raise WrongType("The body must be JSON: send Content-Type application/json.")
    if sent.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongType("The body must not be compressed.")
    raw = sent.get_data(cache=False) if (sent.content_length or 0) <= most else None
    if raw is None or len(raw) > most:
        raise RequestEntityTooLarge
    return raw


def _services(service_id: str) -> tuple[Service, ...]:
    found = services_of(service_id)
    if not found:
        raise NotFound("There is no such service; GET /cds-services lists them.")
    return found
