"""The FHIR server of `hapi` on the wire. Headers beyond 8 KB are refused in HTML, as Tomcat does it.

`python -m tests.deployment.hapi_server` serves on SERVER_PORT, set up as the image is, by `hapi.fhir.*` variables.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tests.deployment.hapi import Hapi, Json, Refused

FHIR_JSON = "application/fhir+json;charset=UTF-8"
_MOST_HEADER_BYTES = 8192


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answered(self._get)

    def do_POST(self) -> None:
        self._answered(self._post)

    def do_DELETE(self) -> None:
        self._answered(self._delete)

    def _answered(self, way: Callable[[], tuple[int, Json]]) -> None:
        self._body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.hapi.asked.append(f"{self.command} {self.path}")
        if len(self.requestline) + len(str(self.headers)) > _MOST_HEADER_BYTES:
            self._send(400, b"<!doctype html><h1>HTTP Status 400: Bad Request</h1>", "text/html")
            return
        try:
            with self.server.one_at_a_time:
                status, told = way()
        except Refused as refused:
            status, told = refused.status, refused.outcome
        self._send(status, json.dumps(told, indent=2).encode(), FHIR_JSON, told)

    def _get(self) -> tuple[int, Json]:
        base, path, query = self._asked()
        if path == "metadata":
            return 200, {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "format": ["json"]}
        if not path:
            return 200, self.server.hapi.page(query, base, f"{base}?{urlsplit(self.path).query}")
        if "/" in path:
            return 200, self.server.hapi.read(path)
        return 200, self.server.hapi.search(path, query, base, fresh=self._fresh())

    def _post(self) -> tuple[int, Json]:
        base, path, query = self._asked()
        if path.endswith("/_search"):
            form = parse_qs(self._body.decode(), keep_blank_values=True)
            kind = path.removesuffix("/_search")
            return 200, self.server.hapi.search(kind, {**query, **form}, base, fresh=self._fresh())
        sent = json.loads(self._body)
        if not path:
            return 200, self.server.hapi.transaction(sent)
        return 201, self.server.hapi.write({**sent, "resourceType": path}, new_id=True)

    def _delete(self) -> tuple[int, Json]:
        _, path, _ = self._asked()
        self.server.hapi.read(path)
        self.server.hapi.records[path] = None
        return 200, {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "information", "code": "informational"}],
        }

    def _asked(self) -> tuple[str, str, dict[str, list[str]]]:
        """The server's idea of its base, the path below it, the query."""
        parts = urlsplit(self.path)
        base = self.server.hapi.server_address or f"http://{self.headers.get('Host')}/fhir"
        return base, parts.path.removeprefix("/fhir").strip("/"), parse_qs(parts.query, keep_blank_values=True)

    def _fresh(self) -> bool:
        return "no-cache" in self.headers.get("Cache-Control", "")

    def _send(self, status: int, body: bytes, content_type: str, told: Json | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Powered-By", "HAPI FHIR REST Server (FHIR Server; FHIR 4.0.1/R4)")
        version = ((told or {}).get("meta") or {}).get("versionId")
        if version:
            self.send_header("ETag", f'W/"{version}"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True

    def __init__(self, hapi: Hapi, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Exchange)
        self.hapi = hapi
        self.one_at_a_time = threading.Lock()


@contextmanager
def running_hapi(hapi: Hapi) -> Iterator[str]:
    """The base at which it answers, gone with the `with` block."""
    with _Server(hapi, 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/fhir"
        finally:
            server.shutdown()
            thread.join()


if __name__ == "__main__":
    with _Server(Hapi.of(os.environ), int(os.environ["SERVER_PORT"])) as forever:
        forever.serve_forever()
