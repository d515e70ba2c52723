"""Draft orders as EHRs send them, and the service as a registered EHR meets it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from cds_service import create_app
from cds_service.config import Config
from tests.trust.signing import Draft, key_set
from tests.vignettes.shorthand import Fact, request_of

Json = dict[str, Any]
TODAY = date(2026, 1, 15)
CPT = "http://www.ama-assn.org/go/cpt"
SNOMED = "http://snomed.info/sct"
BASE = "http://127.0.0.1:8000"
BUTTOCK_PAIN: Json = {"system": SNOMED, "code": "279043006", "display": "Pain in buttock (finding)"}
SCIATICA: Json = {"system": SNOMED, "code": "23056005", "display": "Sciatica (disorder)"}
CAUDA_EQUINA: Json = {"system": SNOMED, "code": "192970008", "display": "Cauda equina syndrome (disorder)"}


@dataclass(frozen=True, slots=True)
class Ehr:
    """A registered EHR and the service that it calls."""

    app: Flask
    issuer: str

    def send(self, request: Json | bytes, hook: str) -> TestResponse:
        """The answer to a call signed by this EHR, which is a 200."""
        path = f"/cds-services/posterior-hip-{hook}"
        raw = request if isinstance(request, bytes) else json.dumps(request).encode()
        token = Draft(BASE + path, claims={"iss": self.issuer}).signed()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        response = self.app.test_client().post(path, data=raw, headers=headers)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response

    def ask(self, request: Json) -> Json:
        """The same as JSON."""
        body: Json = self.send(request, request["hook"]).get_json()
        return body


def registered(folder: Path, *clients: str, today: date = TODAY) -> list[Ehr]:
    """The service with these clients, each given as further lines of its registry entry ("profile: epic")."""
    (folder / "keys.json").write_text(json.dumps(key_set()))
    entries = [
        f"  - name: ehr {n}\n    issuer: https://ehr-{n}.example\n    jwks: keys.json\n" + lines
        for n, lines in enumerate(clients)
    ]
    registry = folder / "clients.yaml"
    registry.write_text("clients:\n" + "\n".join(entries))
    config = Config(auth="required", clients=registry, public_base_url=BASE, database_url="sqlite://")
    app = create_app(config, clock=lambda: today)
    return [Ehr(app, f"https://ehr-{n}.example") for n in range(len(clients))]


def imaging_screen(study: Json | None, reasons: Sequence[Json], facts: Sequence[Fact] = ("patient: F 60",)) -> Json:
    """The order-select call of the CDS Hooks Sandbox's imaging page: no Bundle type, `{}` where nothing is chosen."""
    chart = request_of(facts, TODAY)
    patient = chart["prefetch"]["patient"]["id"]
    code: Json = {"coding": [study or {}]}
    if study and "display" in study:
        code["text"] = study["display"]
    draft = {
        "resourceType": "ServiceRequest",
        "id": "example-request-id",
        "status": "draft",
        "intent": "plan",
        "code": code,
        "subject": {"reference": f"Patient/{patient}"},
        "reasonCode": [{"coding": [reason], "text": reason.get("display")} for reason in reasons],
    }
    return {
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "hook": "order-select",
        "fhirServer": "http://127.0.0.1:9/fhir",
        "context": {
            "patientId": patient,
            "userId": "Practitioner/COREPRACTITIONER1",
            "selections": ["ServiceRequest/example-request-id"],
            "draftOrders": {"resourceType": "Bundle", "entry": [{"resource": draft}]},
        },
        "prefetch": chart["prefetch"],
    }


def cpt(code: str) -> Json:
    """A bare code as the page sends it, with words of our own for the display."""
    return {"system": CPT, "code": code, "display": f"Study {code}"}
