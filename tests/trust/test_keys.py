"""Keys from a registered address: fetched once, again for an unknown key id, never too often, never elsewhere."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cds_service.trust import keys as module
from cds_service.trust.client import Client
from cds_service.trust.keys import Keys
from tests.fhir_client.hostile import HostileServer, drips
from tests.servers import STOP_WITHIN_S
from tests.trust.signing import ISSUER, jwk


@dataclass
class KeyServer:
    """A server on loopback that publishes `body` with `status`, and counts who asked."""

    port: int = 0
    status: int = 200
    body: bytes = b""
    location: str | None = None
    asked: list[str] = field(default_factory=list)

    def publish(self, *kids: str) -> None:
        self.body = json.dumps({"keys": [jwk("P-384", kid) for kid in kids]}).encode()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/jwks.json"


@pytest.fixture
def server() -> Iterator[KeyServer]:
    told = KeyServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append(self.path)
            self.send_response(told.status)
            if told.location:
                self.send_header("Location", told.location)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        def log_message(self, *_: object) -> None:
            """Silence."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = running.server_address[1]
    thread = threading.Thread(target=running.serve_forever, args=(STOP_WITHIN_S,))
    thread.start()
    yield told
    running.shutdown()
    running.server_close()
    thread.join()


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def keys_at(server: KeyServer, clock: Callable[[], float]) -> Keys:
    return Keys(Client("ehr", ISSUER, jwks_url=server.url), clock=clock)


def test_keys_are_fetched_when_first_needed_and_then_kept(server: KeyServer) -> None:
    server.publish("a")
    keys = keys_at(server, Clock())
    assert server.asked == []
    assert [len(keys.find("a")) for _ in range(5)] == [1] * 5
    assert server.asked == ["/jwks.json"]


def test_an_unknown_key_id_fetches_again_but_not_more_than_every_thirty_seconds(server: KeyServer) -> None:
    server.publish("a")
    clock = Clock()
    keys = keys_at(server, clock)
    assert keys.find("a")
    server.publish("a", "b")
    assert not keys.find("b")
    clock.now += 31
    assert keys.find("b")
    for guess in range(50):
        assert not keys.find(f"guess-{guess}")
    assert len(server.asked) == 2
    clock.now += 31
    assert not keys.find("guess")
    assert len(server.asked) == 3


def test_a_key_that_was_withdrawn_is_refused_after_an_hour(server: KeyServer) -> None:
    server.publish("a", "b")
    clock = Clock()
    keys = keys_at(server, clock)
    assert keys.find("a")
    server.publish("b")
    clock.now += 3_601
    assert not keys.find("a")
    assert keys.find("b")


@pytest.mark.parametrize("status", [500, 404, 302])
def test_while_the_address_fails_known_keys_stay_valid(server: KeyServer, status: int) -> None:
    server.publish("a")
    clock = Clock()
    keys = keys_at(server, clock)
    assert keys.find("a")
    server.status, server.body = status, b""
    clock.now += 4_000
    assert keys.find("a")
    assert not keys.find("b")


def test_a_redirect_is_not_followed(server: KeyServer) -> None:
    server.status, server.location = 302, f"http://127.0.0.1:{server.port}/elsewhere"
    assert not keys_at(server, Clock()).find("a")
    assert server.asked == ["/jwks.json"]


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b'{"keys": 5}', b"x" * 300_000])
def test_an_answer_that_is_no_key_set_gives_no_key(server: KeyServer, body: bytes) -> None:
    server.body = body
    assert not keys_at(server, Clock()).find("a")


def test_an_address_where_nobody_listens_gives_no_key(server: KeyServer) -> None:
    keys = Keys(Client("ehr", ISSUER, jwks_url="http://127.0.0.1:1/jwks.json"))
    assert not keys.find("a")


@pytest.mark.parametrize("where", ["status", "headers", "body"])
def test_a_server_that_drips_is_left_after_three_seconds(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TIMEOUT_SECONDS", (0.2, 0.3))
    with HostileServer() as slow:
        slow.on("jwks.json", drips(where=where))
        began = time.monotonic()
        assert Keys(Client("EHR", ISSUER, jwks_url=f"{slow.base}/jwks.json")).find("a") == ()
        assert time.monotonic() - began < 3


def test_who_has_keys_does_not_wait_long_for_those_that_another_call_fetches(server: KeyServer) -> None:
    server.publish("a")
    known = keys_at(server, Clock())
    assert known.find("a")
    with known._lock, ThreadPoolExecutor(1) as other:  # held as by a fetch that takes three seconds
        assert other.submit(known.find, "b").result(timeout=2) == ()


def test_many_calls_at_once_fetch_once(server: KeyServer) -> None:
    server.publish("a")
    keys = keys_at(server, Clock())
    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(lambda _: bool(keys.find("a")), range(64)))
    assert len(server.asked) == 1
