"""Calls about one patient, and what an answer says of each prefetch key."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from flask import Flask

from cds_service import create_app
from cds_service.config import Config
from tests.end_to_end.calls import EXTENSION, shown
from tests.vignettes.shorthand import PATIENT_ID, request_of

Json = dict[str, Any]
TODAY = date(2026, 1, 15)
TOKEN = "marked-access-token"
PATIENT = "patient: M 29"
PAIN = "condition: alternating buttock pain [sct 279043006] from 2025-06-01 both"
CHART = (
    PATIENT,
    PAIN,
    "exam: wakes-second-half-night = true on 2026-01-06",
    "exam: pain-better-with-movement = true on 2026-01-06",
    "med: ibuprofen [rx 5640] 400 mg daily from 2025-12-01",
    "procedure: Physiotherapy [sct 91251008] 2025-09-15..2025-10-01 completed (4 sessions)",
    "report: XR pelvis [loinc 37622-8] on 2025-10-02 normal",
    "order: Physiotherapy [sct 308447003] on 2025-09-02 completed",
    "allergy: penicillin high confirmed severe",
    "relative: father colon cancer",
    'encounter: 2026-02-14 reason "cough" planned',
    "careplan: smoking cessation 2025-07-01..",
)
"""A young man with features of spondyloarthritis, and something harmless under every key."""
UNTREATED = tuple(fact for fact in CHART if not fact.startswith("procedure"))
ORDER = (*CHART, "draft-med: naproxen [rx 7258] 500 mg twice daily")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: Json

    @property
    def cards(self) -> list[tuple[str, dict[str, str]]]:
        """Each card's indicator and rules."""
        return shown(self.body["cards"])

    @property
    def named(self) -> set[str]:
        """The keys said to be missing, on a card or in the response's extension."""
        places = [self.body, *self.body.get("cards", ())]
        return {
            key
            for place in places
            for entry in place.get("extension", {}).get(EXTENSION, {}).get("notAssessed", ())
            for key in entry.get("missing", ())
        }

    @property
    def refused_for(self) -> list[str]:
        """The members that a refusal names."""
        return [path for issue in self.body.get("issue", ()) for path in issue.get("expression", ())]


def service(*fhir_servers: str, deadline_ms: int = 10_000, today: date = TODAY) -> Flask:
    """The service in open mode on one day; by default a busy machine has all the time it wants."""
    config = Config(auth="open", fhir_servers=fhir_servers, deadline_ms=deadline_ms)
    return create_app(config, clock=lambda: today)


def request(facts: Iterable[str] = CHART, **members: Any) -> Json:
    """A complete request, to be changed at will; `members` take the place of its own."""
    return deepcopy(_request(tuple(facts))) | members


@cache
def _request(facts: tuple[str, ...]) -> Json:
    return request_of(facts, TODAY)


def access(server: str, **members: Any) -> Json:
    """`fhirServer` and a token for it."""
    authorization = {
        "access_token": TOKEN,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "cds-service",
        "patient": PATIENT_ID,
    }
    return {"fhirServer": server, "fhirAuthorization": authorization | members}


def ask(app: Flask, body: Json) -> Answer:
    """Send the call. No answer may repeat the token."""
    response = app.test_client().post(f"/cds-services/posterior-hip-{body['hook']}", json=body)
    assert TOKEN not in response.get_data(as_text=True)
    return Answer(response.status_code, response.get_json())


def resources(bundle: Json) -> list[Json]:
    """What a search result holds."""
    return [entry["resource"] for entry in bundle.get("entry", ())]


def searchset(held: list[Json], **members: Any) -> Json:
    """A search result."""
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": r} for r in held]} | members
