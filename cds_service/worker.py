"""A gunicorn worker that answers what is no HTTP as everything else is answered: in JSON, repeating nothing of it."""

from __future__ import annotations

import contextlib
import json
import logging
from typing import Any
from uuid import uuid4

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.http import errors  # type: ignore[import-untyped]
from gunicorn.util import write_nonblock  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

from cds_service.hooks.problem import operation_outcome

log = logging.getLogger(__name__)

_KINDS: tuple[tuple[type[Exception], int, str, str], ...] = (
    (errors.LimitRequestLine, 414, "URI Too Long", "The address is too long."),
    (errors.LimitRequestHeaders, 431, "Request Header Fields Too Large", "The headers are too large."),
    (errors.ExpectationFailed, 417, "Expectation Failed", "The Expect header cannot be met."),
    (errors.UnsupportedTransferCoding, 501, "Not Implemented", "This Transfer-Encoding is not supported."),
    (errors.ParseException, 400, "Bad Request", "The request is not HTTP."),
    (OSError, 400, "Bad Request", "The request is not HTTP."),
)


class Log(Logger):  # type: ignore[misc]
    """gunicorn's own messages go where all others go."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn sets it up, but without handlers of its own."""
        super().setup(cfg)
        for each in (self.error_log, self.access_log):
            each.handlers.clear()
            each.propagate = True


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker with its error page exchanged, and without a queue at a closed door."""

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept connections, or no more.

        A worker that stops closes its listening sockets at once. gunicorn leaves them open until the last call is
        finished; who connects meanwhile would wait for that, only to be cut off, instead of trying elsewhere.
        """
        super().set_accept_enabled(enabled)
        if not enabled and not self.alive:
            for listener in self.sockets:
                listener.close()

    def handle_error(self, _req: object, client: Any, _addr: object, exc: Exception) -> None:
        """Answer a request that did not reach the application, then hang up."""
        found = next((kind for kind in _KINDS if isinstance(exc, kind[0])), None)
        _, status, reason, text = found or (Exception, 500, "Internal Server Error", "The service failed.")
        correlation_id = str(uuid4())
        self.wsgi.extensions["cds"].watch.not_read(status)
        log.log(
            logging.WARNING if found else logging.ERROR,
            "request not read",
            extra={"error": type(exc).__name__, "status": status, "correlation_id": correlation_id},
        )
        outcome = operation_outcome("invalid" if found else "exception", text)
        body = json.dumps({"resourceType": outcome["resourceType"], "id": correlation_id, **outcome}).encode()
        head = (
            f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
            f"X-Correlation-ID: {correlation_id}\r\nCache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        with contextlib.suppress(OSError):
            write_nonblock(client, head.encode("ascii") + body)
