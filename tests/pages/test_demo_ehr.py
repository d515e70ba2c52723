"""The demonstration EHR over HTTP: only where it is switched on, only for its own forms, only drafts of its patient."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service import create_app
from cds_service.config import BadSetting, Config
from cds_service.demo.guide import PATIENTS, Addresses, sandbox_link
from cds_service.pages import demo_fhir_servers
from cds_service.pages.ehr import record
from cds_service.pages.ehr.drafts import drafts_for, grouped
from tests.pages.demo_server import Demo

TODAY = date(2026, 1, 15)
DEMO_PATHS = ("/", "/ehr/hp-v28", "/ehr/hp-v28/orders", "/ehr/slow-fhir/Patient/1")
DEMO_FORMS = ("/ehr/hp-v28/call", "/ehr/hp-v28/accept", "/ehr/hp-v28/override")
CARD = {"service": "posterior-hip-patient-view", "card": "7e3c5c0a-6a4a-4b63-9b0e-0d6f0c0f0b11", "suggestion": "s1"}


def test_without_the_switch_there_is_no_demonstration() -> None:
    app = create_app(Config(auth="open"))
    client = app.test_client()
    assert [client.get(path).status_code for path in DEMO_PATHS] == [404] * len(DEMO_PATHS)
    assert [client.post(path).status_code for path in DEMO_FORMS] == [404] * len(DEMO_FORMS)
    assert not [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("ehr.")]
    assert "Demo EHR" not in client.get("/rules").get_data(as_text=True)
    assert demo_fhir_servers(Config()) == ()


def test_the_demonstration_cannot_be_opened_where_callers_need_a_token() -> None:
    with pytest.raises(BadSetting, match="CDS_AUTH=open"):
        create_app(Config(auth="required", demo=True))


@pytest.mark.parametrize(
    ("environment", "server"),
    [
        ({}, None),
        ({"CDS_FHIR_SERVERS": "https://a.example/r4,https://b.example/r4"}, "https://a.example/r4"),
        (
            {"CDS_FHIR_SERVERS": "https://a.example/r4", "CDS_DEMO_FHIR_SERVER": "https://c.example/"},
            "https://c.example",
        ),
    ],
)
def test_the_patients_come_from_the_server_that_is_named(environment: dict[str, str], server: str | None) -> None:
    assert Config.from_environment(environment).demo_fhir_server == server


def test_without_a_fhir_server_the_page_says_what_to_set() -> None:
    answer = create_app(Config(auth="open", demo=True)).test_client().get("/")
    assert answer.status_code == 502
    assert "CDS_FHIR_SERVERS" in answer.get_data(as_text=True)


def test_every_page_of_the_demonstration_is_protected(demo: Demo) -> None:
    for path in ("/", "/ehr/hp-v28", "/ehr/nobody"):
        answer = demo.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"


def test_an_unknown_patient_is_not_found(demo: Demo) -> None:
    assert demo.get("/ehr/nobody").status_code == 404


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}])
def test_another_sites_form_is_refused(demo: Demo, headers: dict[str, str]) -> None:
    for path in DEMO_FORMS:
        assert demo.post(path, {"hook": "patient-view", **CARD}, headers=headers).status_code == 403


def order(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "code": {"text": "X-ray pelvis"},
        "subject": {"reference": "Patient/hp-n02"},
        **members,
    }


@pytest.mark.parametrize(
    "actions",
    [
        [{"type": "create", "resource": order(status="active")}],
        [{"type": "create", "resource": order(subject={"reference": "Patient/hp-v28"})}],
        [{"type": "create", "resource": order(resourceType="Patient")}],
        [{"type": "destroy", "resource": order()}],
        [{"type": "delete"}],
        [{"type": "create", "resource": "a draft"}],
        ["create"],
    ],
)
def test_nothing_but_drafts_for_this_patient_is_written(demo: Demo, actions: list[dict[str, Any]]) -> None:
    before = demo.get(f"{demo.fhir}/ServiceRequest?_summary=count").json()["total"]
    form = {**CARD, "actions": json.dumps(actions)}
    assert demo.post("/ehr/hp-n02/accept", form).status_code == 400
    assert demo.get(f"{demo.fhir}/ServiceRequest?_summary=count").json()["total"] == before


def test_a_form_without_a_card_is_refused(demo: Demo) -> None:
    assert demo.post("/ehr/hp-n02/override", {"service": "x/../y", "card": "c"}).status_code == 400
    for actions in ("no JSON", "[" * 100_000):
        assert demo.post("/ehr/hp-n02/accept", {**CARD, "actions": actions}).status_code == 400


def test_a_form_without_a_suggestion_is_refused_before_anything_is_written(demo: Demo) -> None:
    before = demo.get(f"{demo.fhir}/ServiceRequest?_summary=count").json()["total"]
    accepted = json.dumps([{"type": "create", "resource": order(subject={"reference": "Patient/hp-n02"})}])
    form = {"service": CARD["service"], "card": CARD["card"], "actions": accepted}
    assert demo.post("/ehr/hp-n02/accept", form).status_code == 400
    assert demo.get(f"{demo.fhir}/ServiceRequest?_summary=count").json()["total"] == before


def test_each_patient_has_a_link_that_opens_the_public_sandbox_on_it(demo: Demo) -> None:
    page = demo.get("/").text
    service = demo.service.replace(":", "%3A").replace("/", "%2F")
    assert f"serviceDiscoveryURL={service}%2Fcds-services&amp;patientId=hp-v28" in page
    assert page.count("https://sandbox.cds-hooks.org/?fhirServiceUrl=") == page.count('href="/ehr/')


def test_the_readme_links_to_the_sandbox_as_the_demo_does() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    at = Addresses(service="http://127.0.0.1:8000", fhir="http://127.0.0.1:8081/fhir")
    for patient, what in PATIENTS:
        assert f"[{what}]({sandbox_link(at, patient)})" in readme


# -- the pad, the chart in brief -----------------------------------------------------------------------------------


def test_an_examples_own_drafts_stand_first_and_all_are_about_the_patient() -> None:
    drafts = drafts_for("hp-v39", TODAY)
    assert [title for title, _ in grouped(drafts)] == ["Drafted in this example", "Imaging", "Injection", "Medicine"]
    assert drafts[0].reference == "MedicationRequest/v39-naproxen"
    assert {d.resource["subject"]["reference"] for d in drafts} == {"Patient/hp-v39"}
    assert {d.resource["id"] for d in drafts} == {d.id for d in drafts}
    assert len({d.id for d in drafts}) == len({d.label for d in drafts}) == len(drafts)


def measured(value: float, day: str, unit: str = "mg/L") -> dict[str, Any]:
    return {
        "resource": {
            "resourceType": "Observation",
            "status": "final",
            "code": {"text": "CRP"},
            "effectiveDateTime": day,
            "valueQuantity": {"value": value, "unit": unit},
        }
    }


def test_a_measurement_shows_its_trend_newest_first() -> None:
    entries = [measured(12, "2026-01-10"), measured(142, "2026-01-14"), measured(30, "2026-01-12")]
    (crp,) = record.brief({"observations": {"entry": entries}}).measurements
    assert (crp.newest, crp.date, crp.way) == ("142 mg/L", "2026-01-14", "up")
    assert crp.earlier == ("30 mg/L on 2026-01-12", "12 mg/L on 2026-01-10")
    heights = [float(point.split(",")[1]) for point in crp.points.split()]
    assert heights == sorted(heights, reverse=True)
    assert len(heights) == 3


def test_values_in_different_units_are_not_drawn_as_one_line() -> None:
    entries = [measured(12, "2026-01-10"), measured(1.4, "2026-01-14", "mg/dL")]
    (crp,) = record.brief({"observations": {"entry": entries}}).measurements
    assert (crp.points, crp.way) == ("", "")


@pytest.mark.parametrize("told", [{}, {"conditions": {}}, {"conditions": {"entry": [None, {}, {"resource": {}}]}}])
def test_a_chart_with_next_to_nothing_in_it_can_be_shown(told: dict[str, Any]) -> None:
    assert record.brief(told).medicines == ()


@pytest.mark.parametrize(
    ("dose", "note"), [("Naproxen 500 mg, twice a day", ""), ("one with each meal", "one with each meal")]
)
def test_a_dose_that_only_repeats_the_name_of_the_medicine_is_told_once(dose: str, note: str) -> None:
    told = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "medicationCodeableConcept": {"text": "Naproxen 500 mg, twice a day"},
        "dosageInstruction": [{"text": dose}],
    }
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": told}]}
    (line,) = record.brief({"medications": bundle}).medicines
    assert (line.text, line.note) == ("Naproxen 500 mg, twice a day", note)
