"""The small service over HTTP."""

from __future__ import annotations

import json
import logging
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import make_server

from tests.doctor.advice import Json, Refused
from tests.doctor.gate import Gate
from tests.doctor.service import (
    HOOKS,
    MOST_BYTES,
    ORIGIN,
    Nothing,
    answer,
    discovery,
    fault,
    read,
    require_call,
    shared,
    take_feedback,
)

BASE = "/<any(open, signed):mode>/<fault>/cds-services"


def make_app(gate: Gate) -> Flask:
    """The application. `gate` keeps the door of /signed."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False

    @app.get(BASE, provide_automatic_options=False)
    def discover(mode: str, fault: str) -> Response:
        if fault == "discovery-404":
            raise Refused(404, "nothing")
        kind = "text/html" if fault == "discovery-html" else "application/json"
        return Response(json.dumps(discovery()), content_type=kind)

    @app.post(f"{BASE}/<service>", provide_automatic_options=False)
    def call(mode: str, fault: str, service: str) -> Response:
        return _called(gate, mode, service)

    @app.post(f"{BASE}/<service>/feedback", provide_automatic_options=False)
    def feedback(mode: str, fault: str, service: str) -> Response:
        if mode == "signed" and fault != "open-feedback":
            gate.admit(request.headers.get("Authorization"), request.base_url, fault)
        take_feedback(read(request.get_data()))
        return Response(status=204)

    for path in (BASE, f"{BASE}/<service>", f"{BASE}/<service>/feedback"):
        app.add_url_rule(path, f"preflight{path}", _preflight, methods=["OPTIONS"])

    @app.before_request
    def slash() -> Response | None:
        if not request.path.endswith("/"):
            return None
        if fault() in ("redirects", "redirects-slashes", "redirects-errors"):
            return redirect(request.path.rstrip("/"), 308)  # type: ignore[return-value]
        raise Refused(404, "nothing")

    app.register_error_handler(Exception, _error)
    app.after_request(_finish)
    return app


def _called(gate: Gate, mode: str, service: str) -> Response:
    if mode == "signed":
        gate.admit(request.headers.get("Authorization"), request.base_url, fault())
    if service not in HOOKS and fault() == "unknown-is-empty":
        return Response('{"cards": []}', content_type="application/json")
    if service not in HOOKS:
        raise Refused(404, "no such service")
    if fault() == "always-500":
        raise RuntimeError
    _require_type()
    body = read(request.get_data())
    try:
        require_call(body, service) if body or fault() not in ("malformed-is-empty", "malformed-object") else None
        told = answer(body) if body else {"cards": []}
    except Nothing:
        told = {"cards": []}
    shared.setdefault("cards", set()).update(str(card.get("uuid")) for card in told.get("cards", ()))
    kind = "text/plain" if fault() == "response-text" else "application/json"
    return Response(json.dumps(told), content_type=kind)


def _require_type() -> None:
    if request.mimetype != "application/json" and fault() != "any-media-type":
        raise Refused(415, "JSON")
    if fault() == "no-charset" and request.content_type != "application/json":
        raise Refused(415, "JSON")
    if (request.content_length or 0) > MOST_BYTES and fault() != "waits-for-body":
        raise Refused(413, "too large")


def _preflight(**_: str) -> Response:
    if fault() == "preflight-405":
        raise Refused(405, "method")
    response = Response(status=204)
    response.headers["Access-Control-Allow-Methods"] = "GET, POST"
    response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
    return response


def _error(error: Exception) -> Response:
    status = error.status if isinstance(error, Refused) else 500
    if isinstance(error, HTTPException):
        status = error.code or 500
        if status == 405 and request.method == "GET" and fault() == "get-is-call":
            return Response('{"cards": []}', content_type="application/json")
    words = str(error) if isinstance(error, Refused) else "Error"
    if fault() == "traceback" and status == 400:
        words = "".join(traceback.format_exception(error))
    if fault() == "silent-412" and status == 412:
        words = "Precondition Failed"
    outcome: Json = {"resourceType": "OperationOutcome"}
    outcome["issue"] = [{"severity": "error", "code": "processing", "diagnostics": words}]
    response = Response(json.dumps(outcome), status, content_type="application/json")
    if fault() == "html-errors":
        response = Response("<h1>Error</h1>", status, content_type="text/html")
    if fault() == "plain-errors":
        response = Response(json.dumps({"error": words}), status, content_type="application/json")
    if status == 401 and fault() != "no-challenge":
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == 405 and fault() != "no-allow":
        response.headers["Allow"] = "POST, OPTIONS"
    return response


def _finish(response: Response) -> Response:
    asks = request.headers.get("Origin")
    told = response.status_code < 400 or fault() != "no-origin-on-errors"
    if asks == ORIGIN and fault() != "no-origin" and told:
        response.headers["Access-Control-Allow-Origin"] = ORIGIN
    if asks and fault() == "every-origin":
        response.headers["Access-Control-Allow-Origin"] = asks
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


@contextmanager
def running(gate: Gate) -> Iterator[str]:
    """The service in a thread of this process; gives scheme, host and port."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    server = make_server("127.0.0.1", 0, make_app(gate), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
