"""The imaging page of the CDS Hooks Sandbox: its own request bodies, from the empty page to each study and reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from tests.end_to_end.calls import marks, service
from tests.end_to_end.ordering import BUTTOCK_PAIN, CAUDA_EQUINA, SCIATICA, Ehr, cpt, imaging_screen, registered

Json = dict[str, Any]
LITTLE = ("patient: F 60",)
PAIN = (*LITTLE, "condition: buttock pain [sct 279043006] from 2026-01-01")
RULE = "imaging-order-appropriateness"
STIFF = {"system": "http://snomed.info/sct", "code": "249914008", "display": "Hip stiff (finding)"}
HEADACHE = {"system": "http://snomed.info/sct", "code": "25064002", "display": "Headache (finding)"}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Ehr:
    lines = '    profile: sandbox\n    pama_ratings: "G0000"\n'
    return registered(tmp_path_factory.mktemp("sandbox"), lines)[0]


def seen(body: Json) -> dict[str, str]:
    return {rule: mark for card in body["cards"] for rule, mark in marks(card).items()}


def rating(body: Json) -> str | None:
    actions = body["extension"].get("systemActions", ())
    found = [e for a in actions for e in a["resource"]["extension"] if e["url"].endswith("/pama-rating")]
    return found[0]["valueCodeableConcept"]["coding"][0]["code"] if found else None


@pytest.mark.parametrize("facts", [LITTLE, PAIN])
def test_nothing_chosen_says_nothing_of_an_order(facts: tuple[str, ...], sandbox: Ehr) -> None:
    body = sandbox.ask(imaging_screen(None, [], facts))
    assert RULE not in seen(body)
    assert rating(body) is None


@pytest.mark.parametrize("facts", [LITTLE, PAIN])
@pytest.mark.parametrize("reasons", [[BUTTOCK_PAIN], [SCIATICA], [BUTTOCK_PAIN, SCIATICA]])
@pytest.mark.parametrize(
    ("study", "says"),
    [
        ("72195", "MRI pelvis"),
        ("72196", "MRI pelvis with contrast"),
        ("72197", "MRI pelvis with contrast"),
        ("73721", "MRI hip"),
        ("73722", "MRI hip with contrast"),
        ("73723", "MRI hip with contrast"),
        ("72192", "CT pelvis"),
        ("72193", "CT pelvis with contrast"),
        ("72194", "CT pelvis with contrast"),
        ("73700", "CT hip"),
        ("73701", "CT hip with contrast"),
        ("73702", "CT hip with contrast"),
    ],
)
def test_an_x_ray_comes_first_and_one_click_orders_it(
    study: str, says: str, reasons: list[Json], facts: tuple[str, ...], sandbox: Ehr
) -> None:
    body = sandbox.ask(imaging_screen(cpt(study), reasons, facts))
    (card,) = [c for c in body["cards"] if RULE in marks(c)]
    assert card["indicator"] == "info"
    assert card["summary"].startswith(f"{says}: usually not appropriate yet")
    assert rating(body) == "not-appropriate"
    (change,) = [s for s in card["suggestions"] if s["actions"][0]["type"] == "update"]
    assert change["label"] == f"Change {says} to X-ray pelvis and hip, AP and lateral"


@pytest.mark.parametrize(("odd", "changes"), [(None, 0), ({}, 0), ([1], 1), ([{"url": 5}], 1)])
def test_a_change_is_offered_where_odd_extensions_leave_room_for_its_rating(
    odd: Any, changes: int, sandbox: Ehr
) -> None:
    asked = imaging_screen(cpt("72195"), [BUTTOCK_PAIN], PAIN)
    asked["context"]["draftOrders"]["entry"][0]["resource"]["extension"] = odd
    (card,) = [c for c in sandbox.ask(asked)["cards"] if RULE in marks(c)]
    assert [s["actions"][0]["type"] for s in card["suggestions"]].count("update") == changes


@pytest.mark.parametrize("reasons", [[BUTTOCK_PAIN], [SCIATICA]])
@pytest.mark.parametrize("facts", [LITTLE, PAIN])
def test_a_lumbar_study_is_too_early_whatever_is_chosen(
    reasons: list[Json], facts: tuple[str, ...], sandbox: Ehr
) -> None:
    body = sandbox.ask(imaging_screen(cpt("72148"), reasons, facts))
    assert seen(body)[RULE] == "info"
    assert rating(body) == "not-appropriate"


@pytest.mark.parametrize(
    ("study", "word"),
    [("72148", "appropriate"), ("72149", "appropriate"), ("72195", "not-appropriate"), ("73721", "not-appropriate")],
)
def test_cauda_equina_as_the_reason_brings_the_emergency_first(study: str, word: str, sandbox: Ehr) -> None:
    body = sandbox.ask(imaging_screen(cpt(study), [BUTTOCK_PAIN, CAUDA_EQUINA]))
    assert body["cards"][0]["indicator"] == "critical"
    assert "cauda-equina" in marks(body["cards"][0])
    assert (RULE in seen(body)) is (word == "not-appropriate")
    assert rating(body) == word


def test_a_change_into_the_emergency_study_is_as_urgent(sandbox: Ehr) -> None:
    body = sandbox.ask(imaging_screen(cpt("73721"), [BUTTOCK_PAIN, CAUDA_EQUINA]))
    (resource,) = [
        a["resource"]
        for c in body["cards"]
        for s in c.get("suggestions", ())
        for a in s["actions"]
        if a["type"] == "update"
    ]
    assert resource["priority"] == "stat"
    assert "lumbar" in resource["code"]["text"]


@pytest.mark.parametrize("facts", [LITTLE, PAIN])
@pytest.mark.parametrize("reasons", [[], [HEADACHE]])
def test_a_study_of_any_joint_without_a_place_is_not_guessed_at(
    reasons: list[Json], facts: tuple[str, ...], sandbox: Ehr
) -> None:
    body = sandbox.ask(imaging_screen(cpt("73721"), reasons, facts))
    assert RULE not in seen(body)
    assert rating(body) is None


@pytest.mark.parametrize("reasons", [[], [HEADACHE], [STIFF]])
def test_without_posterior_hip_pain_there_is_no_card(reasons: list[Json], sandbox: Ehr) -> None:
    assert RULE not in seen(sandbox.ask(imaging_screen(cpt("72196"), reasons, LITTLE)))


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        {"resourceType": "Bundle"},
        {"resourceType": "Bundle", "entry": []},
        {"resourceType": "Bundle", "entry": [{}]},
        {"resourceType": "Bundle", "entry": [{"resource": None}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest", "code": {}}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest", "code": "72195"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest", "reasonCode": [{}]}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "MedicationRequest", "id": "request-123"}}]},
        {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "NutritionOrder", "id": "n"}}]},
    ],
)
def test_an_odd_bundle_of_drafts_is_no_error(bundle: Json, sandbox: Ehr) -> None:
    request = imaging_screen(cpt("72195"), [BUTTOCK_PAIN], PAIN)
    request["context"]["draftOrders"] = bundle
    assert RULE not in seen(sandbox.ask(request))


def test_in_open_mode_the_sandbox_is_known_by_what_its_token_says() -> None:
    claims = {"iss": "https://sandbox.cds-hooks.org", "aud": "anything", "jti": "x"}
    token = jwt.encode(claims, "a made-up secret of sufficient length", algorithm="HS256")
    client, request = service().test_client(), imaging_screen(cpt("72195"), [BUTTOCK_PAIN])
    path = "/cds-services/posterior-hip-order-select"
    as_sandbox = client.post(path, json=request, headers={"Authorization": f"Bearer {token}"}).get_json()
    anyone = client.post(path, json=request, headers={"Authorization": "Bearer not-a-token"}).get_json()
    assert rating(as_sandbox) == "not-appropriate"
    assert "pama" not in json.dumps(anyone)


def test_where_tokens_are_required_a_made_up_one_opens_nothing(tmp_path: Path) -> None:
    (ehr,) = registered(tmp_path, "    profile: sandbox\n")
    token = jwt.encode(
        {"iss": "https://sandbox.cds-hooks.org"}, "a made-up secret of sufficient length", algorithm="HS256"
    )
    response = ehr.app.test_client().post(
        "/cds-services/posterior-hip-order-select",
        json=imaging_screen(cpt("72195"), [BUTTOCK_PAIN]),
        headers={"Authorization": f"Bearer {token}"},
    )
    assert response.status_code == 401
