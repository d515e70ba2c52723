"""A FHIR server on this machine that answers as a check tells it to, and remembers who asked what with which token."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from cds_service.doctor.exchange import Json
from cds_service.doctor.options import BadOption
from cds_service.doctor.samples import operation_outcome, searchset

BASE_PATH = "/fhir"
_POLL_S = 0.01
FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class FhirCall:
    """One request at the stub. `path` is relative to the base, without its query."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def authorization(self) -> str:
        """The header, empty where there was none."""
        return self.headers.get("authorization", "")


@dataclass(frozen=True, slots=True)
class StubAnswer:
    """What the stub says, after so many seconds."""

    status: int = 200
    body: Json | bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    after: float = 0.0

    @property
    def content(self) -> bytes:
        """The body as bytes."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Script = Callable[[FhirCall], StubAnswer]


class StubFhirServer:
    """Listens from `start` to `stop`; what it answers is what the innermost `answering` says, else 404."""

    def __init__(self, host: str, port: int, public_base: str | None = None) -> None:
        self._address = (host, port)
        self._public_base = public_base.rstrip("/") if public_base else None
        self._lock = threading.Lock()
        self._script: Script = not_found
        self._calls: list[FhirCall] = []
        self.released = threading.Event()

    def start(self) -> None:
        """Raises BadOption when the port is taken, or is none."""
        try:
            self._listener = _Listener(self._address, _Handler)
        except (OSError, OverflowError) as error:
            why = error.strerror if isinstance(error, OSError) else "no port has this number"
            raise BadOption(
                f"the stub FHIR server cannot listen on {self._address[0]}:{self._address[1]} ({why}); "
                "choose another port with --fhir-port"
            ) from None
        self._listener.stub = self
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(_POLL_S,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let waiting answers go, and close the port."""
        self.released.set()
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()

    @property
    def origin(self) -> str:
        """Where it listens, as scheme://host:port."""
        return f"http://{self._address[0]}:{self._listener.server_address[1]}"

    @property
    def base(self) -> str:
        """The FHIR base as the service reaches it."""
        return self._public_base or self.origin + BASE_PATH

    @contextmanager
    def answering(self, script: Script) -> Iterator[list[FhirCall]]:
        """Answer so within the block; gives the calls, which grow while it runs."""
        calls: list[FhirCall] = []
        with self._lock:
            before = self._script, self._calls, self.released
            self._script, self._calls, self.released = script, calls, threading.Event()
        try:
            yield calls
        finally:
            self.released.set()
            with self._lock:
                self._script, self._calls, self.released = before

    def take(self, call: FhirCall) -> tuple[StubAnswer, threading.Event]:
        """Note the call, and tell how to answer it."""
        with self._lock:
            self._calls.append(call)
            script, released = self._script, self.released
        return script(call), released


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    stub: StubFhirServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True  # else head and body of an answer are 40 ms apart

    def do_GET(self) -> None:
        stub = cast(_Listener, self.server).stub
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, query = self.path.partition("?")
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = FhirCall(self.command, path.removeprefix(BASE_PATH).strip("/"), query, headers)
        answer, released = stub.take(call)
        released.wait(answer.after)
        content = answer.content
        self.send_response(answer.status)
        for name, value in {"Content-Type": FHIR_JSON, "Content-Length": str(len(content)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_HEAD = do_GET  # noqa: N815 - the names that the base class calls
    do_POST = do_GET  # noqa: N815
    do_PUT = do_GET  # noqa: N815
    do_PATCH = do_GET  # noqa: N815
    do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent."""


def not_found(_: FhirCall) -> StubAnswer:
    """404 to everything."""
    return StubAnswer(404, operation_outcome("error", "not-found"))


def holding(resources: Iterable[Json]) -> Script:
    """A server with these resources: reads by id; a search gives all of its type, whatever its parameters."""
    by_type: dict[str, list[Json]] = {}
    for one in resources:
        by_type.setdefault(str(one.get("resourceType")), []).append(one)

    def answer(call: FhirCall) -> StubAnswer:
        kind, _, resource_id = call.path.partition("/")
        if not resource_id or resource_id == "_search":
            return StubAnswer(body=searchset(by_type.get(kind, ())))
        found = next((one for one in by_type.get(kind, ()) if one.get("id") == resource_id), None)
        return StubAnswer(body=found) if found else not_found(call)

    return answer
