"""Where metrics can be read: `/metrics` on a port of their own, and nothing else there.

The port of the service knows no such address, so that whatever proxy publishes the service does not publish them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from cds_service.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def with_metrics(app: WSGIApplication, metrics: Metrics, port: int) -> WSGIApplication:
    """The application on every port but `port`. gunicorn tells the port from the socket, not from what is asked."""

    def parted(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("SERVER_PORT") == str(port):
            return _answer(environ, start_response, metrics)
        return app(environ, start_response)

    return parted


def _answer(environ: WSGIEnvironment, start_response: StartResponse, metrics: Metrics) -> Iterable[bytes]:
    found = environ.get("PATH_INFO") == "/metrics" and environ.get("REQUEST_METHOD") in ("GET", "HEAD")
    status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
    body = exposition(metrics) if found else b""
    kind = CONTENT_TYPE_LATEST if found else "text/plain"
    headers = [("Content-Type", kind), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(f"{status.value} {status.phrase}", headers)
    return [] if environ.get("REQUEST_METHOD") == "HEAD" else [body]


def exposition(metrics: Metrics) -> bytes:
    """All metrics in Prometheus' text format: of all processes where they share a folder, else of this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(metrics.registry)
    everywhere = CollectorRegistry()
    MultiProcessCollector(everywhere)  # type: ignore[no-untyped-call]
    return generate_latest(everywhere)
