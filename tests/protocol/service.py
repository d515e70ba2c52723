"""The real service, started by its command line on loopback, and requests that may be sent to it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
PATIENT_VIEW = "posterior-hip-patient-view"
ORDER_SELECT = "posterior-hip-order-select"
ORDER_SIGN = "posterior-hip-order-sign"
ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def call(self, service_id: str, body: Any, **options: Any) -> requests.Response:
        """POST a call."""
        return self.send("POST", f"/cds-services/{service_id}", json=body, **options)

    def feedback(self, service_id: str, items: Any, **options: Any) -> requests.Response:
        """POST feedback items."""
        return self.send("POST", f"/cds-services/{service_id}/feedback", json={"feedback": items}, **options)

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Any request, never following a redirect."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, timeout=30, allow_redirects=False, **options)


@contextmanager
def running_service(
    folder: Path, environment: Mapping[str, str], *, workers: int = 2, module: str = "cds_service.cli"
) -> Iterator[Service]:
    """`posterior-hip-cds serve` with this environment; its database and its log lie in `folder`.

    `module` is the command line, or a test's own that breaks something before it runs it.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / f"service-{uuid4().hex[:6]}.log"
    settings = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "CDS_PUBLIC_BASE_URL": url,
        "CDS_DATABASE_URL": f"sqlite:///{folder / 'store.sqlite'}",
        **environment,
    }
    command = [sys.executable, "-m", module, "serve", "--port", str(port), "--workers", str(workers)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=settings, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
        try:
            service = Service(url, process, log)
            _wait(service)
            yield service
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(service: Service) -> None:
    give_up = time.monotonic() + 40
    while time.monotonic() < give_up:
        if service.process.poll() is not None:
            break
        try:
            service.send("GET", "/healthz")
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError(f"the service did not start:\n{service.log.read_text()}")


def patient(patient_id: str = "p1") -> dict[str, Any]:
    """A middle-aged patient without a name."""
    return {"resourceType": "Patient", "id": patient_id, "gender": "female", "birthDate": "1980-05-05"}


def condition(code: str, text: str, patient_id: str = "p1", **members: Any) -> dict[str, Any]:
    """An active problem, coded in ICD-10-CM."""
    return {
        "resourceType": "Condition",
        "id": f"c-{code.replace('.', '-')}",
        "clinicalStatus": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
        },
        "code": {"coding": [{"system": ICD10CM, "code": code}], "text": text},
        "subject": {"reference": f"Patient/{patient_id}"},
        **members,
    }


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    """A searchset."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "entry": [{"resource": r} for r in resources],
    }


def view(**members: Any) -> dict[str, Any]:
    """A patient-view request about sciatica with urinary retention and saddle numbness, which deserves a card."""
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "context": {"userId": "Practitioner/u1", "patientId": "p1"},
        "prefetch": {
            "patient": patient(),
            "conditions": bundle(
                condition("M54.31", "Sciatica, right side"), condition("R33.9", "Retention of urine, unspecified")
            ),
        },
        **members,
    }


def order_call(hook: str, *resources: Any, **members: Any) -> dict[str, Any]:
    """An order hook's request with these draft orders."""
    body = view(**members)
    drafts = {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}
    extra: dict[str, Any] = {"draftOrders": drafts}
    if hook == "order-select":
        extra["selections"] = [f"{r['resourceType']}/{r['id']}" for r in resources if isinstance(r, dict) and "id" in r]
    return {**body, "hook": hook, "context": {**body["context"], **extra}}


def empties(value: Any, path: str = "$") -> list[str]:
    """Paths of null, "", [] and {}; `cards: []` at the top is legal."""
    if value is None or value in ("", [], {}):
        return [] if path == "$.cards" and value == [] else [path]
    if isinstance(value, dict):
        return [found for key, inner in value.items() for found in empties(inner, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for at, inner in enumerate(value) for found in empties(inner, f"{path}[{at}]")]
    return []
