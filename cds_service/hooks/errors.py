"""Every failure as an OperationOutcome in JSON, whether this code, Flask or Werkzeug found it."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from cds_service.hooks.problem import Problem, operation_outcome
from cds_service.telemetry.logs import where

log = logging.getLogger(__name__)

_HTTP = {
    400: ("invalid", "The request could not be read."),
    404: ("not-found", "There is nothing at this address."),
    405: ("not-supported", "This method is not allowed here; the Allow header names those that are."),
    413: ("too-long", "The body is larger than this service takes (CDS_MAX_BODY_BYTES)."),
}


def register(app: Flask) -> None:
    """Let the application answer each failure in this shape."""
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _answer(status: int, outcome: dict[str, Any]) -> Response:
    """The correlation id is the outcome's id; a 401 is the same for everybody and has it in the header only."""
    if "note" in g:
        g.note.problem = outcome["issue"][0]["code"]
    if status != HTTPStatus.UNAUTHORIZED and "correlation_id" in g:
        outcome = {"resourceType": outcome["resourceType"], "id": g.correlation_id, **outcome}
    response = jsonify(outcome)
    response.status_code = status
    return response


def _problem(problem: Problem) -> Response:
    response = _answer(problem.status, problem.outcome())
    response.headers.update(problem.headers)
    return response


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code, text = _HTTP.get(status, ("processing", error.name))
    response = _answer(status, operation_outcome(code, text))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _unexpected(error: Exception) -> Response:
    told = {"error": type(error).__name__, "where": where(error.__traceback__)}
    log.error("unexpected", extra={**told, "correlation_id": g.get("correlation_id")})
    return _answer(500, operation_outcome("exception", "The service failed; this is not an all-clear."))
