"""The addresses of the protocol."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache

from flask import Blueprint, Request, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from cards.rulebook import all_rules
from cds_service.config import Config
from cds_service.fhir.gather import Gatherer
from cds_service.hooks.admission import admitted, noted, services_called
from cds_service.hooks.body import too_deep
from cds_service.hooks.call import answer
from cds_service.hooks.emitted import emitted
from cds_service.hooks.feedback import read_feedback
from cds_service.hooks.incoming import read_call
from cds_service.hooks.openapi import openapi
from cds_service.hooks.problem import BadRequest, Unavailable, WrongType
from cds_service.hooks.services import discovery
from cds_service.hooks.shown import impressions, told
from cds_service.store import Database, Recorder, StoreDown, keep_feedback
from cds_service.telemetry import Watch
from cds_service.trust.gate import Gate
from cds_service.trust.profile import applied

log = logging.getLogger(__name__)

blueprint = Blueprint("hooks", __name__)
_DISCOVERY_SECONDS = 300
_PREFLIGHT_SECONDS = "600"
_METHODS = "GET, POST, OPTIONS"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Machine:
    """What an endpoint needs of the application."""

    config: Config
    gatherer: Gatherer
    today: Callable[[], date]
    gate: Gate
    database: Database
    recorder: Recorder
    watch: Watch
    version: str


def machine() -> Machine:
    """The machine of the current application."""
    found: Machine = current_app.extensions["cds"]
    return found


@cache
def _discovery(version: str) -> bytes:
    return json.dumps(discovery(version), separators=(",", ":")).encode()


@blueprint.get("/cds-services", provide_automatic_options=False)
def discover() -> Response:
    """Discovery."""
    response = Response(_discovery(machine().version), mimetype=JSON)
    response.headers["Cache-Control"] = f"public, max-age={_DISCOVERY_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.post("/cds-services/<service_id>", provide_automatic_options=False)
def call(service_id: str) -> Response:
    """One call of a service."""
    at = machine()
    note = noted(at, "call")
    services = services_called(service_id)
    client = admitted(at, service_id)
    try:
        raw = body_of(request, at.config.max_body_bytes)
        asked = read_call(raw, services, client.prefetch_aliases, client.order_codes)
        note.hook = asked.service.hook
        note.mark("read")
        gatherer = replace(at.gatherer, allowed=client.fhir_servers)
        base_url = at.config.public_base_url
        plain, _ = answer(asked, gatherer, at.today(), base_url=base_url, mechanism=client.pama_ratings, note=note)
        body = applied(plain, client, asked.service.hook)
        response = Response(emitted(body), mimetype=JSON)
    except RecursionError:
        raise too_deep() from None
    shown = impressions(body, asked.service, client.name, datetime.now(UTC))
    at.recorder.record(shown)
    told(note, body, shown)
    note.mark("respond")
    return response


@blueprint.post("/cds-services/<service_id>/feedback", provide_automatic_options=False)
def feedback(service_id: str) -> Response:
    """Feedback on cards. It is on disk before it is acknowledged."""
    at = machine()
    note = noted(at, "feedback")
    services_called(service_id)
    client = admitted(at, service_id)
    items, rejected = read_feedback(body_of(request, at.config.max_body_bytes))
    note.mark("read")
    at.recorder.flush()
    try:
        note.feedback = keep_feedback(
            at.database, items, service=service_id, client=client.name, received_at=datetime.now(UTC)
        )
    except StoreDown as down:
        log.error("feedback not stored", extra={"items": len(items), "cause": str(down)})
        raise Unavailable("Feedback cannot be stored for now; send it again later.") from None
    note.mark("store")
    receipt: dict[str, object] = {"stored": len(items)}
    if rejected:
        receipt["rejected"] = [one.json() for one in rejected]
    return jsonify(receipt)


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


@blueprint.get("/openapi.json")
def described() -> Response:
    """The OpenAPI document of these endpoints."""
    at = machine()
    response = jsonify(openapi(at.version, at.config.public_base_url, token_required=at.config.auth == "required"))
    response.headers["Cache-Control"] = f"public, max-age={_DISCOVERY_SECONDS}"
    return response


@blueprint.get("/healthz")
def healthy() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def ready() -> Response:
    """Calls can be answered and what they leave can be kept."""
    at = machine()
    if not all_rules():
        raise Unavailable("Not ready: no rules.")
    if not at.database.reachable():
        raise Unavailable("Not ready: database.")
    return jsonify(status="ready", version=at.version)


def body_of(sent: Request, most: int) -> bytes:
    """The body's bytes. Raises WrongType, BadRequest for a body that does not arrive as announced, or Werkzeug's 413
    when there are more than `most` bytes, read or announced."""
    if sent.mimetype != JSON:
        raise WrongType("The body must be JSON: send Content-Type application/json.")
    if sent.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongType("The body must not be compressed.")
    announced = sent.content_length or 0
    if announced > most:
        raise RequestEntityTooLarge
    raw = _read(sent)
    if len(raw) > most:
        raise RequestEntityTooLarge
    if len(raw) < announced:
        raise BadRequest("The body ended before its announced length.", path="$")
    return raw


def _read(sent: Request) -> bytes:
    try:
        return sent.get_data(cache=False)
    except HTTPException:
        raise
    except Exception:  # noqa: BLE001 - each server has its own for a broken chunk; all are the client's fault
        raise BadRequest("The body could not be read to its end.", path="$") from None
