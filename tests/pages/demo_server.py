"""The demonstration as its user starts it: FHIR sandbox and service, both real, both on loopback."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.servers import free_port

PATIENCE_S = 90.0


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demonstration."""

    service: str
    fhir: str

    def get(self, url: str, **options: object) -> requests.Response:
        """GET an absolute address, or a path of the service."""
        with _session() as session:
            return session.get(url if "://" in url else self.service + url, timeout=30, **options)  # type: ignore[arg-type]

    def post(self, path: str, form: dict[str, object], **options: object) -> requests.Response:
        """POST a form to the service."""
        with _session() as session:
            return session.post(self.service + path, data=form, timeout=30, **options)  # type: ignore[arg-type]


@contextmanager
def running_demo() -> Iterator[Demo]:
    """`posterior-hip-cds demo`, ready, on two free ports."""
    service_port, fhir_port = free_port(), free_port()
    command = [sys.executable, "-m", "cds_service.cli", "demo"]
    command += ["--service-port", str(service_port), "--fhir-port", str(fhir_port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        watchdog = threading.Timer(PATIENCE_S, process.kill)
        watchdog.start()
        try:
            assert process.stdout is not None
            printed: list[str] = []
            for line in process.stdout:
                printed.append(line)
                if "Ctrl-C stops" in line:
                    break
            else:
                raise RuntimeError(f"the demo did not start:\n{''.join(printed)}")
            watchdog.cancel()
            yield Demo(f"http://127.0.0.1:{service_port}", f"http://127.0.0.1:{fhir_port}/fhir")
        finally:
            watchdog.cancel()
            process.terminate()
            process.communicate(timeout=30)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
