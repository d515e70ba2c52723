"""What the worker takes from gunicorn's inside, so that an update that moves it is noticed here and not by a client."""

from __future__ import annotations

import inspect

import pytest
from gunicorn.http.message import Request
from gunicorn.http.parser import Parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from cds_service.worker import Worker

OWN = {"_most_unread"}
OVERRIDDEN = sorted(name for name, one in vars(Worker).items() if inspect.isfunction(one) and name not in OWN)
USED = {
    "ThreadWorker.__init__ sets sockets": ("self.sockets", ThreadWorker.__mro__[1].__init__),
    "handle drains through _keepalive_after": (
        "self._keepalive_after(conn, self.handle_request(req, conn))",
        ThreadWorker.handle,
    ),
    "run looks for what is overdue": ("self.murder_pending()", ThreadWorker.run),
    "new connections are queued": ("self.enqueue_req(conn)", ThreadWorker),
    "a broken request is answered": ("self.handle_error(req, conn.sock, conn.client, e)", ThreadWorker.handle),
    "connections are accepted or not": ("self.set_accept_enabled(", ThreadWorker.run),
    "a connection has its socket and parser": ("self.parser = None", TConn.__init__),
}


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_what_the_worker_overrides_is_there_with_the_same_parameters(name: str) -> None:
    theirs = getattr(ThreadWorker, name, None)
    assert theirs is not None, f"gunicorn has no ThreadWorker.{name} any more: cds_service.worker overrides nothing"
    if name != "__init__":
        assert len(inspect.signature(theirs).parameters) == len(inspect.signature(getattr(Worker, name)).parameters)


@pytest.mark.parametrize(("text", "where"), USED.values(), ids=USED.keys())
def test_gunicorn_still_calls_what_the_worker_overrides(text: str, where: object) -> None:
    assert text in inspect.getsource(where), f"gunicorn no longer says '{text}': read cds_service.worker against it"


def test_a_body_can_be_read_away_within_limits_and_a_connection_be_ended() -> None:
    assert {"deadline", "max_bytes"} <= inspect.signature(Parser.finish_body).parameters.keys()
    assert callable(Request.force_close)
