"""Sends one request over and over on keep-alive connections, from a process of its own.

wrk does it where it is installed, else this module, which prints one line of JSON in the shape of `Load`:

    python -m bench.load PORT PATH BODY_FILE CONNECTIONS SECONDS
"""

from __future__ import annotations

import json
import selectors
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.processes import CLIENT_CORE, pinned

_WRK_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local file = io.open("{body}", "rb")
wrk.body = file:read("*a")
file:close()
function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('{{"requests": %d, "seconds": %f, "p50_ms": %f, "p95_ms": %f, "p99_ms": %f, "errors": %d}}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3,
    latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What one load told: answers, the seconds they took, latency percentiles, answers other than 2xx."""

    requests: int
    seconds: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    errors: int

    @property
    def per_second(self) -> float:
        """Requests answered in one second."""
        return self.requests / self.seconds


def generator() -> str:
    """Names what will send the requests."""
    return "wrk" if shutil.which("wrk") else "bench.load (Python)"


def measure(port: int, path: str, body: Path, connections: int, seconds: float) -> Load:
    """Loads http://127.0.0.1:port/path from the client's core and waits for the figures."""
    if wrk := shutil.which("wrk"):
        script = body.with_suffix(".lua")
        script.write_text(_WRK_SCRIPT.format(body=body))
        command = [
            wrk,
            "-t1",
            f"-c{connections}",
            f"-d{round(seconds)}s",
            "--timeout",
            "10s",
            "-s",
            str(script),
        ]
        command.append(f"http://127.0.0.1:{port}{path}")
    else:
        command = [sys.executable, "-m", "bench.load", str(port), path, str(body)]
        command += [str(connections), str(seconds)]
    done = subprocess.run(
        pinned(command, CLIENT_CORE), check=True, capture_output=True, text=True, timeout=seconds + 30
    )
    return Load(**json.loads(done.stdout.strip().splitlines()[-1]))


class _Connection:
    """One keep-alive connection with at most one request in flight."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.request = request
        self.sent_at = 0.0
        self.received = bytearray()

    def send(self) -> None:
        self.received.clear()
        self.sent_at = time.perf_counter()
        self.socket.sendall(self.request)

    def answered(self) -> int | None:
        """Reads what has come; the HTTP status once the whole answer is there."""
        chunk = self.socket.recv(1 << 18)
        if not chunk:
            raise ConnectionError("the server closed a keep-alive connection")
        self.received += chunk
        head, separator, rest = self.received.partition(b"\r\n\r\n")
        if not separator or len(rest) < _content_length(bytes(head)):
            return None
        return int(head.split(b" ", 2)[1])


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("an answer without Content-Length")


def load(port: int, path: str, body: bytes, connections: int, seconds: float) -> Load:
    """Keeps `connections` requests in flight for `seconds`, one thread for all of them."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    latencies: list[float] = []
    errors = 0
    with selectors.DefaultSelector() as selector:
        opened = [_Connection(port, request) for _ in range(connections)]
        for connection in opened:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send()
        start = time.perf_counter()
        while time.perf_counter() < start + seconds:
            for key, _ in selector.select(timeout=1):
                connection = key.data
                status = connection.answered()
                if status is None:
                    continue
                latencies.append(time.perf_counter() - connection.sent_at)
                errors += status // 100 != 2
                connection.send()
        took = time.perf_counter() - start
        for connection in opened:
            connection.socket.close()
    p50, p95, p99 = (percentile(latencies, at) for at in (50, 95, 99))
    return Load(len(latencies), took, p50, p95, p99, errors)


def percentile(latencies_s: list[float], percent: int) -> float:
    """The nearest-rank percentile in milliseconds of latencies in seconds; 0 when there are none."""
    ordered = sorted(latencies_s)
    rank = max(0, -(-len(ordered) * percent // 100) - 1)
    return 1000 * ordered[rank] if ordered else 0.0


if __name__ == "__main__":
    _, _port, _path, _body, _connections, _seconds = sys.argv
    print(json.dumps(asdict(load(int(_port), _path, Path(_body).read_bytes(), int(_connections), float(_seconds)))))
