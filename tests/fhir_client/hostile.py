"""A FHIR server on loopback that misbehaves as told.

    with HostileServer() as server:
        server.on("Condition", endless_pages())
        server.on("Patient", answers({"resourceType": "Patient", "id": "1"}, after=0.2))
        ...  # ask server.base, then read server.received

What a behaviour is not set for answers an empty searchset. Every behaviour ends when the server stops.
"""

import gzip
import json
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any, Self, cast
from urllib.parse import urlsplit

FHIR_JSON = "application/fhir+json"
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One request as it arrived; `connection` numbers the TCP connections of this server."""

    method: str
    target: str
    headers: dict[str, str] = field(repr=False)
    body: bytes
    connection: int


class Exchange(BaseHTTPRequestHandler):
    """One request and the means to answer it badly."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True  # headers and body are two writes; a delayed ACK would add 40 ms
    received: Received

    @property
    def hostile(self) -> "HostileServer":
        return cast("_Listener", self.server).hostile

    def setup(self) -> None:
        super().setup()
        self.number = self.hostile.connected(self.connection)

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.received = Received(self.command, self.path, headers, body, self.number)
        self.hostile.received.append(self.received)
        try:
            self.hostile.behaviour_for(self.path)(self)
        except OSError:  # the client hung up, as it should
            self.close_connection = True

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """A well-formed answer; `Content_Encoding="gzip"` names a header."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if "Content_Type" not in headers:
            self.send_header("Content-Type", FHIR_JSON)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def raw(self, data: bytes) -> None:
        self.close_connection = True
        self.wfile.write(data)
        self.wfile.flush()

    def pause(self, seconds: float) -> bool:
        """False when the server stops meanwhile."""
        return not self.hostile.stopping.wait(seconds)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Silent."""


Behaviour = Callable[[Exchange], None]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256
    hostile: "HostileServer"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no error here."""


class HostileServer:
    """`base` is the FHIR base; `received` what was asked."""

    def __init__(self, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self._listener = _Listener((host, 0), Exchange)
        self._listener.hostile = self
        if tls is not None:
            self._listener.socket = tls.wrap_socket(
                self._listener.socket, server_side=True, do_handshake_on_connect=False
            )
        self.origin = f"{'https' if tls else 'http'}://{host}:{self._listener.server_address[1]}"
        self.base = f"{self.origin}/fhir"
        self.received: list[Received] = []
        self.stopping = threading.Event()
        self._behaviours: dict[str, Behaviour] = {}
        self._numbers = count(1)
        self._sockets: list[socket.socket] = []

    def on(self, resource_type: str, behaviour: Behaviour) -> None:
        """Every request whose path has `resource_type` as a segment; "*" for all others."""
        self._behaviours[resource_type] = behaviour

    def behaviour_for(self, target: str) -> Behaviour:
        for segment in urlsplit(target).path.split("/"):
            if segment in self._behaviours:
                return self._behaviours[segment]
        return self._behaviours.get("*", answers(searchset()))

    def connected(self, sock: socket.socket) -> int:
        self._sockets.append(sock)
        return next(self._numbers)

    @property
    def connections(self) -> int:
        """How many TCP connections carried at least one request."""
        return len({received.connection for received in self.received})

    def hang_up(self) -> None:
        """Close every open connection, as a server does with idle ones."""
        for sock in self._sockets:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def __enter__(self) -> Self:
        threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self.hang_up()
        self._listener.shutdown()
        self._listener.server_close()


def searchset(*resources: dict[str, Any], next_link: str | None = None) -> dict[str, Any]:
    bundle: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "entry": [{"resource": resource} for resource in resources],
    }
    if next_link is not None:
        bundle["link"] = [{"relation": "self", "url": "x"}, {"relation": "next", "url": next_link}]
    return bundle


def condition(number: int) -> dict[str, Any]:
    return {"resourceType": "Condition", "id": str(number)}


# Well behaved


def answers(content: dict[str, Any] | bytes, *, status: int = 200, after: float = 0.0, **headers: str) -> Behaviour:
    """`content` as JSON, or bytes as they are, `after` so many seconds."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def behave(exchange: Exchange) -> None:
        if after == 0.0 or exchange.pause(after):
            exchange.answer(status, body, **headers)

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first request meets the first behaviour, and so on; the last one stays."""
    left = list(behaviours)
    lock = threading.Lock()

    def behave(exchange: Exchange) -> None:
        with lock:
            turn = left.pop(0) if len(left) > 1 else left[0]
        turn(exchange)

    return behave


def pages(*links: str | None) -> Behaviour:
    """One page per link, in turn; each holds one Condition and points to its link."""
    return in_turn(*(answers(searchset(condition(n), next_link=link)) for n, link in enumerate(links)))


def compressed(content: dict[str, Any] | bytes) -> Behaviour:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return answers(gzip.compress(body), Content_Encoding="gzip")


def asks_to_wait(retry_after: str, status: int = 503) -> Behaviour:
    return answers({"resourceType": "OperationOutcome"}, status=status, Retry_After=retry_after)


# Slow


def hangs() -> Behaviour:
    """Takes the request and never answers."""

    def behave(exchange: Exchange) -> None:
        exchange.hostile.stopping.wait()
        exchange.close_connection = True

    return behave


def drips(*, where: str, every: float = 0.05) -> Behaviour:
    """One byte at a time, for ever: in the "status", the "headers", the "body", a "chunk" or a "failure"."""
    heads = {
        "status": b"HTTP/1.1 200 ",
        "headers": b"HTTP/1.1 200 OK\r\nX-Slow: ",
        "body": b'HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n{"a":"',
        "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=",
        "failure": b"HTTP/1.1 500 Oh\r\nContent-Length: 9999\r\n\r\n",
    }

    def behave(exchange: Exchange) -> None:
        exchange.raw(heads[where])
        while exchange.pause(every):
            exchange.raw(b"z")

    return behave


def withholds_body(status: int) -> Behaviour:
    """Headers that promise a short body, then nothing."""

    def behave(exchange: Exchange) -> None:
        exchange.raw(f"HTTP/1.1 {status} Oh\r\nContent-Length: 99\r\n\r\n".encode())
        exchange.hostile.stopping.wait()

    return behave


def continues_forever() -> Behaviour:
    """An endless run of 100 Continue."""

    def behave(exchange: Exchange) -> None:
        while exchange.pause(0.001):
            exchange.raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 10)

    return behave


# Too much


def huge(megabytes: int, *, declared: bool) -> Behaviour:
    """A valid JSON object with one very long string."""
    size = megabytes * MEGABYTE
    length = f"Content-Length: {size + 8}\r\n" if declared else "Connection: close\r\n"

    def behave(exchange: Exchange) -> None:
        exchange.raw(f'HTTP/1.1 200 OK\r\n{length}\r\n{{"a":"'.encode())
        for _ in range(size // 65536):
            exchange.raw(b"z" * 65536)
        exchange.raw(b'"}')

    return behave


@cache
def _spaces(megabytes: int) -> bytes:
    packer = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    parts = [packer.compress(b'{"a":"')]
    parts += [packer.compress(b" " * MEGABYTE) for _ in range(megabytes)]
    return b"".join([*parts, packer.compress(b'"}'), packer.flush()])


def gzip_bomb(megabytes: int = 200, *, status: int = 200, location: str | None = None) -> Behaviour:
    """A JSON object of so many MB of spaces, about a thousandth of that on the wire."""
    body = _spaces(megabytes)
    headers = {"Location": location} if location else {}
    return lambda exchange: exchange.answer(status, body, Content_Encoding="gzip", **headers)


def nested_gzip() -> Behaviour:
    """A bomb within a bomb."""
    return answers(gzip.compress(_spaces(200)), Content_Encoding="gzip, gzip")


def silent_gzip() -> Behaviour:
    """Compressed blocks without content, for ever: bytes on the wire that decode to nothing."""
    start = gzip.compress(b"")[:10]

    def behave(exchange: Exchange) -> None:
        exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n" + start)
        while exchange.pause(0.001):
            exchange.raw(b"\x00\x00\x00\xff\xff" * 1000)

    return behave


def endless_pages() -> Behaviour:
    """Each page points to a fresh one on the same origin."""
    numbers: Iterator[int] = count(1)

    def behave(exchange: Exchange) -> None:
        link = f"{exchange.hostile.base}/Condition?page={next(numbers)}"
        answers(searchset(condition(1), next_link=link))(exchange)

    return behave


def self_loop() -> Behaviour:
    """The next link is the page itself."""

    def behave(exchange: Exchange) -> None:
        link = exchange.hostile.origin + exchange.received.target
        answers(searchset(condition(1), next_link=link))(exchange)

    return behave


# Wrong


def html(status: int = 200) -> Behaviour:
    return answers(b"<!doctype html><h1>Login</h1>", status=status, Content_Type="text/html")


def truncated() -> Behaviour:
    """Honest about its length, but not whole JSON."""
    return answers(b'{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Cond')


def cut_short() -> Behaviour:
    """Promises more bytes than it sends."""
    return lambda exchange: exchange.raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"resourceType":')


def hangs_up() -> Behaviour:
    """Closes the connection without a word."""

    def behave(exchange: Exchange) -> None:
        exchange.close_connection = True

    return behave


def not_http() -> Behaviour:
    return lambda exchange: exchange.raw(b"220 ready for mail\r\n")


def redirects(location: str, status: int = 302) -> Behaviour:
    return answers(b"", status=status, Location=location)


class DrippingPort:
    """Accepts TCP connections and drips what looks like a TLS record, so that a handshake never ends."""

    def __enter__(self) -> Self:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.base = f"https://127.0.0.1:{self._socket.getsockname()[1]}/fhir"
        self._stopping = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._drip, args=(client,), daemon=True).start()

    def _drip(self, client: socket.socket) -> None:
        record = iter(b"\x16\x03\x03\x40\x00" + b"\x02" * 16384)
        with client:
            for byte in record:
                try:
                    client.send(bytes([byte]))
                except OSError:
                    return
                if self._stopping.wait(0.05):
                    return


def until(true: Callable[[], bool], within: float = 2.0) -> bool:
    """Wait for something another thread does; False when it has not come `within` so many seconds."""
    ends = time.monotonic() + within
    while not true():
        if time.monotonic() > ends:
            return False
        time.sleep(0.01)
    return True
