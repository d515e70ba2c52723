"""A gunicorn worker that answers what is no HTTP as everything else is answered: in JSON, repeating nothing of it."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import time
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
_READ_SECONDS = 10.0  # for a request to arrive, from when its connection is ready to be read


class Log(Logger):  # type: ignore[misc]
    """gunicorn's own messages go where all others go."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn sets it up, but without handlers of its own."""
        super().setup(cfg)
        for each in (self.error_log, self.access_log):
            each.handlers.clear()
            each.propagate = True


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's threaded worker with its error page exchanged, without a queue at a closed door, and with an end to
    requests that arrive by drops.

    A thread reads the whole request and waits for each byte of it, so a few clients that stop half-way would
    occupy all threads for ever.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._begun: dict[Any, float] = {}

    def enqueue_req(self, conn: Any) -> None:
        """The time in the queue counts, or those that wait behind slow ones would be slow in their turn."""
        self._begun[conn] = time.monotonic()
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """One request of a connection, in a thread."""
        try:
            return super().handle(conn)
        finally:
            self._begun.pop(conn, None)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """An answer to a body that will not be read says that the connection ends with it."""
        announced = dict(req.headers).get("CONTENT-LENGTH", "0")
        if int(announced) > self._most_unread():
            req.force_close()
        return super().handle_request(req, conn)

    def _keepalive_after(self, conn: Any, keepalive: Any) -> bool:
        """What the application left of a body is read away, so that the next call on the connection is answered.

        gunicorn gives up after 64 KiB, behind an answer that has not told so: a client that was refused with a chart
        in its hands lost its next call.
        """
        until = time.monotonic() + _READ_SECONDS
        return bool(keepalive and conn.parser.finish_body(deadline=until, max_bytes=self._most_unread()))

    def _most_unread(self) -> int:
        most: int = self.wsgi.extensions["cds"].config.max_body_bytes
        return 2 * most

    def murder_pending(self) -> None:
        """Every second: what has not arrived by now has ended. What has is still read and answered."""
        super().murder_pending()
        now = time.monotonic()
        for conn, begun in self._begun.copy().items():
            if now - begun > _READ_SECONDS:
                with contextlib.suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)

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
