"""The addresses of the protocol."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, current_app, jsonify, request

from cds_service.config import Config
from cds_service.fhir.gather import Gatherer
from cds_service.hooks.call import answer, read_call
from cds_service.hooks.problem import NotFound, WrongType
from cds_service.hooks.services import BY_ID, Service, discovery

blueprint = Blueprint("hooks", __name__)
_DISCOVERY_SECONDS = 300
_PREFLIGHT_SECONDS = "600"


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


@blueprint.get("/cds-services")
def discover() -> Response:
    """Discovery."""
    response = jsonify(discovery())
    response.headers["Cache-Control"] = f"public, max-age={_DISCOVERY_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """One call of a service."""
    service = _service(service_id)
    if request.mimetype != "application/json":
        raise WrongType("The body must be JSON: send Content-Type application/json.")
    at = machine()
    body, _ = answer(read_call(request.get_data(cache=False), service), at.gatherer, at.today())
    return jsonify(body)


@blueprint.route("/cds-services", methods=["OPTIONS"])
@blueprint.route("/cds-services/<service_id>", methods=["OPTIONS"])
@blueprint.route("/cds-services/<service_id>/feedback", methods=["OPTIONS"])
def preflight(service_id: str | None = None) -> Response:  # noqa: ARG001 - any service answers alike
    """CORS preflight; the Allow-Origin header is added where the origin is allowed."""
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type, Accept"
    response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    return response


@blueprint.get("/healthz")
def healthy() -> Response:
    """The process answers."""
    return jsonify(status="ok")


def _service(service_id: str) -> Service:
    service = BY_ID.get(service_id)
    if service is None:
        raise NotFound("There is no such service; GET /cds-services lists them.")
    return service
