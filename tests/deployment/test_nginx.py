"""The nginx site of `deploy/`, word for word but for its addresses, before a service that asks for tokens."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.certificates import self_signed
from tests.protocol.service import PATIENT_VIEW, ROOT, Service, running_service, view
from tests.servers import HOST, free_port
from tests.telemetry.watched import until
from tests.trust.signing import ISSUER, Draft, key_set

SITE = ROOT / "deploy/nginx/posterior-hip-cds.conf"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
PATH = f"/cds-services/{PATIENT_VIEW}"
NAME = "Ravensworth"

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="no nginx is installed here (Debian: apt-get install nginx-light)"
)


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def authority(self) -> str:
        return str(self.folder / "certificate.pem")

    def send(self, body: bytes, token: str | None = None) -> requests.Response:
        """A call, with a token of its own."""
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {token or Draft(self.url + PATH).signed()}",
        }
        with requests.Session() as session:
            session.trust_env = False
            return session.post(self.url + PATH, data=body, headers=headers, verify=self.authority, timeout=8)

    def connected(self) -> ssl.SSLSocket:
        """A connection, to send half of something."""
        trusting = ssl.create_default_context(cafile=self.authority)
        return trusting.wrap_socket(socket.create_connection((HOST, self.port), timeout=10), server_hostname=HOST)


@contextmanager
def running_nginx(folder: Path, port: int, service: str) -> Iterator[Proxy]:
    """nginx on `port`, before the service at this address."""
    self_signed(folder, HOST)
    configuration = folder / "nginx.conf"
    configuration.write_text(wrapped(site(port, service, folder), folder))
    command = [str(NGINX), "-p", str(folder), "-c", str(configuration), "-e", str(folder / "error.log")]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        until((folder / "pid").exists)
        yield Proxy(port, folder)
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def service_and_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, int]]:
    """The service, and where nginx is to listen for it."""
    folder, port = tmp_path_factory.mktemp("service"), free_port()
    (folder / "keys.json").write_text(json.dumps(key_set()))
    (folder / "clients.yaml").write_text(f"clients: [{{name: Hospital, issuer: '{ISSUER}', jwks: keys.json}}]")
    settings = {"CDS_CLIENTS": str(folder / "clients.yaml"), "CDS_PUBLIC_BASE_URL": f"https://{HOST}:{port}"}
    with running_service(folder, settings, workers=1) as service:
        yield service, port


@pytest.fixture(scope="module")
def service(service_and_port: tuple[Service, int]) -> Service:
    return service_and_port[0]


@pytest.fixture(scope="module")
def proxy(service_and_port: tuple[Service, int], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    service, port = service_and_port
    with running_nginx(tmp_path_factory.mktemp("nginx"), port, service.url) as running:
        yield running


def site(port: int, service: str, folder: Path) -> str:
    text = SITE.read_text()
    for shipped, here in (
        ("listen 443 ssl", f"listen {HOST}:{port} ssl"),
        ("server 127.0.0.1:8000;", f"server {service.removeprefix('http://')};"),
        ("/etc/ssl/certs/cds.hospital.example.pem", str(folder / "certificate.pem")),
        ("/etc/ssl/private/cds.hospital.example.key", str(folder / "key.pem")),
    ):
        assert text.count(shipped) == 1
        text = text.replace(shipped, here)
    return text


def wrapped(site: str, folder: Path) -> str:
    """What the distribution's own nginx.conf is around it; everything that nginx writes lies in `folder`."""
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    return f"{user} pid {folder}/pid; worker_processes 1; events {{}} http {{ {places}\n{site}\n}}"


def body() -> bytes:
    return json.dumps(view()).encode()


def test_a_token_for_the_public_address_is_taken_and_the_answer_comes_through(proxy: Proxy, service: Service) -> None:
    answer = proxy.send(body())
    assert answer.status_code == 200
    assert answer.json()["cards"][0]["indicator"] == "critical"
    assert answer.headers["X-Correlation-ID"]
    assert "nginx/" not in answer.headers["Server"]
    assert proxy.send(body(), Draft(service.url + PATH).signed()).status_code == 401


def test_half_sent_requests_hold_no_thread_of_the_service(proxy: Proxy, service: Service) -> None:
    start = f"POST {PATH} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{"
    with ExitStack() as stack:
        for _ in range(24):  # a service of one worker has eight threads
            stack.enter_context(proxy.connected()).sendall(start.encode())
        for _ in range(20):
            assert proxy.send(body()).status_code == 200
        place = urlsplit(service.url)
        for _ in range(24):
            stack.enter_context(socket.create_connection((HOST, place.port or 80))).sendall(start.encode())
        with pytest.raises(requests.Timeout):
            requests.get(f"{service.url}/healthz", timeout=1)


def test_a_body_of_nearly_eight_megabytes_passes_without_a_file_and_a_larger_one_is_told_so(proxy: Proxy) -> None:
    room = 8 * 1024 * 1024 - len(body()) - 100
    odd = view()
    odd["prefetch"]["conditions"]["entry"][0]["resource"]["note"] = [{"text": NAME + "x" * room}]
    assert proxy.send(json.dumps(odd).encode()).status_code == 200
    refused = proxy.send(json.dumps(odd).encode() + b" " * 200)
    assert refused.status_code == 413
    assert refused.json()["issue"][0]["code"] == "too-long"
    kept = [path for path in proxy.folder.rglob("*") if path.is_file() and NAME.encode() in path.read_bytes()]
    assert kept == []
    assert "buffered to a temporary file" not in (proxy.folder / "error.log").read_text()


def test_an_ehr_is_told_in_its_own_language_that_the_service_is_down(tmp_path: Path) -> None:
    with running_nginx(tmp_path, free_port(), f"http://{HOST}:{free_port()}") as alone:
        answer = alone.send(body())
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["issue"][0]["code"] == "transient"
