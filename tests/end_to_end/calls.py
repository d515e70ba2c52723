"""Calls for the synthetic patients: with everything prefetched, or with nothing but a FHIR server to ask."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Flask

from cds_service import create_app
from cds_service.config import Config
from fhir_fixtures import ANCHOR, bundle, draft_request, draft_request_names, expectation

Json = dict[str, Any]
EXTENSION = "org.posterior-hip-cds"
PATIENT_DEADLINE_MS = 10_000  # a shared machine may be slow; what is fetched is tested here, not how fast
KEY_OF = {
    "Condition": "conditions",
    "Observation": "observations",
    "MedicationRequest": "medications",
    "MedicationStatement": "medications",
    "Procedure": "procedures",
    "ServiceRequest": "serviceRequests",
    "DiagnosticReport": "diagnosticReports",
    "AllergyIntolerance": "allergies",
    "FamilyMemberHistory": "familyHistory",
    "Encounter": "encounters",
    "CarePlan": "carePlans",
}


def service(today: date = ANCHOR, fhir_servers: tuple[str, ...] = ()) -> Flask:
    """The service in open mode on one day."""
    config = Config(auth="open", fhir_servers=fhir_servers, deadline_ms=PATIENT_DEADLINE_MS)
    return create_app(config, clock=lambda: today)


def request_of(name: str, today: date = ANCHOR) -> Json:
    """The request of a vignette without prefetch."""
    if name in draft_request_names():
        return draft_request(name, today)
    expected = expectation(name)
    return {
        "hook": expected.hook,
        "hookInstance": "8f4cdd46-1f0a-4d5e-9f5e-5d7a4f9c2b11",
        "context": {"userId": "Practitioner/example-clinician", "patientId": expected.patient},
    }


def with_prefetch(name: str, today: date = ANCHOR) -> Json:
    """The same with every key prefetched; an empty one as an empty search."""
    patient = expectation(name).patient
    chart = bundle(patient.removeprefix("hp-").upper(), today)
    found: dict[str, list[Json]] = {key: [] for key in KEY_OF.values()}
    prefetch: Json = {}
    for entry in chart["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            prefetch["patient"] = resource
        else:
            found[KEY_OF[resource["resourceType"]]].append(resource)
    return request_of(name, today) | {"prefetch": prefetch | {k: searchset(v) for k, v in found.items()}}


def with_server(name: str, base: str, today: date = ANCHOR) -> Json:
    """The same with nothing prefetched, but a FHIR server and a token for it."""
    authorization = {
        "access_token": "a-made-up-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "cds-service",
    }
    return request_of(name, today) | {"fhirServer": base, "fhirAuthorization": authorization}


def searchset(resources: list[Json]) -> Json:
    """A complete search result."""
    base: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(resources)}
    entries = [{"resource": r, "search": {"mode": "match"}} for r in resources]
    return base | {"entry": entries} if entries else base


def cards_for(app: Flask, request: Json) -> list[Json]:
    """The cards of the answer, which must be a 200."""
    response = app.test_client().post(f"/cds-services/posterior-hip-{request['hook']}", json=request)
    assert response.status_code == 200, response.get_data(as_text=True)
    cards: list[Json] = response.get_json()["cards"]
    return cards


def marks(card: Json) -> dict[str, str]:
    """Each rule that speaks on a card with its own indicator."""
    return {m["id"]: m["indicator"] for m in card["extension"][EXTENSION]["rules"]}


def shown(cards: list[Json]) -> list[tuple[str, dict[str, str]]]:
    """What is compared between two answers: each card's indicator and its rules."""
    return [(card["indicator"], marks(card)) for card in cards]
