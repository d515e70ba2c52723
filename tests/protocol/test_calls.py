"""The shapes that a legal, an odd and an illegal call may have, and what every answer keeps."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from cds_service.hooks.emitted import emitted
from tests.protocol.service import (
    ORDER_SELECT,
    ORDER_SIGN,
    PATIENT_VIEW,
    Service,
    bundle,
    condition,
    empties,
    order_call,
    patient,
    view,
)

MRI = {
    "resourceType": "ServiceRequest",
    "id": "draft-1",
    "status": "draft",
    "intent": "order",
    "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72195"}]},
    "subject": {"reference": "Patient/p1"},
}


def sound(answer: Any) -> dict[str, Any]:
    """A successful answer that keeps every rule of the protocol."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = answer.json()
    emitted(body)
    assert empties(body) == []
    uuids = [c["uuid"] for c in body["cards"]]
    uuids += [s["uuid"] for c in body["cards"] for s in c.get("suggestions", ())]
    assert len({str(UUID(u)) for u in uuids}) == len(uuids)
    for card in body["cards"]:
        assert 0 < len(card["summary"]) <= 139
        assert len(card["summary"].encode("utf-16-le")) // 2 <= 139
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert all(set(r) >= {"code", "system", "display"} for r in card.get("overrideReasons", ()))
        assert not re.search(r"<[A-Za-z/!?]", card.get("detail", ""))
    return body


def test_a_card_comes_with_its_rules_source_and_reasons(opened: Service) -> None:
    body = sound(opened.call(PATIENT_VIEW, view()))
    card = body["cards"][0]
    assert card["indicator"] == "critical"
    assert card["source"]["topic"]["code"] == "cauda-equina"
    assert card["extension"]["org.posterior-hip-cds"]["rules"][0]["id"] == "cauda-equina"


def test_a_patient_without_hip_pain_gets_no_card(opened: Service) -> None:
    prefetch = {"patient": patient(), "conditions": bundle(condition("J45.909", "Asthma"))}
    assert sound(opened.call(PATIENT_VIEW, view(prefetch=prefetch)))["cards"] == []


LENIENT: dict[str, dict[str, Any]] = {
    "unknown keys": {"x": 1, "com.vendor.y": {"z": [None, {}]}},
    "extension of any content": {"extension": {"com.epic.cdshooks.request.fhir-version": "R4", "n": None}},
    "null for every optional member": dict.fromkeys(("fhirServer", "fhirAuthorization", "extension")),
    "empty authorization": {"fhirAuthorization": {}},
    "partial authorization": {"fhirAuthorization": {"access_token": "t", "expires_in": 300}},
    "vendor scope": {
        "fhirServer": "https://ehr.example/fhir",
        "fhirAuthorization": {
            "access_token": "t",
            "token_type": "Bearer",
            "expires_in": 1,
            "scope": "a (b) c.$%",
            "subject": "s",
        },
    },
    "authorization without server": {
        "fhirAuthorization": {
            "access_token": "t",
            "token_type": "bearer",
            "expires_in": 300,
            "scope": "x",
            "subject": "y",
            "patient": None,
        }
    },
    "expired token": {
        "fhirServer": "https://ehr.example/fhir",
        "fhirAuthorization": {"access_token": "t", "expires_in": -1},
    },
    "token of another patient": {
        "fhirServer": "https://ehr.example/fhir",
        "fhirAuthorization": {"access_token": "t", "expires_in": 60, "patient": "p2"},
    },
    "server that may not be asked": {
        "fhirServer": "http://169.254.169.254/latest",
        "fhirAuthorization": {"access_token": "t", "expires_in": 60},
    },
    "server with underscore": {"fhirServer": "http://fhir_server:8080/fhir"},
    "hookInstance with urn": {"hookInstance": "urn:uuid:D0AC7BC4-29D6-4F5D-8E33-6A0BF3E54C9A"},
    "hookInstance that is no uuid": {"hookInstance": "x"},
    "long hookInstance": {"hookInstance": "h" * 5_000},
    "context with more": {
        "context": {"userId": "Practitioner/u1", "patientId": "p1", "encounterId": None, "more": {"a": []}}
    },
    "patient id as a reference": {"context": {"userId": "Practitioner/u1", "patientId": "Patient/p1"}},
    "any user": {"context": {"userId": "urn:whoever", "patientId": "p1"}},
    "unknown prefetch keys": {"prefetch": {**view()["prefetch"], "mine": 5, "yours": None, "theirs": "<html>"}},
}


@pytest.mark.parametrize("members", LENIENT.values(), ids=LENIENT.keys())
def test_what_the_specification_leaves_open_is_accepted(opened: Service, members: dict[str, Any]) -> None:
    assert sound(opened.call(PATIENT_VIEW, {**view(), **members}))["cards"]


@pytest.mark.parametrize(
    ("user", "visit", "requester", "encounter"),
    [
        ("Practitioner/u1", "e1", "Practitioner/u1", "Encounter/e1"),
        ("PractitionerRole/u-1.2", "Encounter/e1", "PractitionerRole/u-1.2", "Encounter/e1"),
        ("urn:whoever", None, None, None),
        ("Practitioner/", "", None, None),
        ("Practitioner/u 1", "e 1", None, None),
        ("Practitioner/u1/_history/2", "https://ehr.example/fhir/Encounter/e1", None, None),
    ],
)
def test_a_suggested_order_refers_to_user_and_visit_only_as_references_are_written(
    opened: Service, user: str, visit: str | None, requester: str | None, encounter: str | None
) -> None:
    context = {"userId": user, "patientId": "p1", "encounterId": visit}
    card = opened.call(PATIENT_VIEW, view(context=context)).json()["cards"][0]
    order = card["suggestions"][0]["actions"][0]["resource"]
    assert order.get("requester") == (requester and {"reference": requester})
    assert order.get("encounter") == (encounter and {"reference": encounter})


REQUIRED = {
    ("hook", "$.hook"): ["", 5, None, [], {}],
    ("hookInstance", "$.hookInstance"): ["", 5, None, [], {}],
    ("context", "$.context"): ["", 5, None, []],
}
OPTIONAL = {
    ("fhirServer", "$.fhirServer"): [5, [], {}, True, "ehr.example", "ftp://ehr.example", "javascript:x"],
    ("fhirAuthorization", "$.fhirAuthorization"): [5, [], "t", True],
    ("prefetch", "$.prefetch"): [5, [], "t", True],
    ("extension", "$.extension"): [5, [], "t", True],
}
WRONG = [(name, path, value) for (name, path), values in {**REQUIRED, **OPTIONAL}.items() for value in values]


@pytest.mark.parametrize(("name", "path", "value"), WRONG, ids=[f"{n}-{v!r}" for n, _, v in WRONG])
def test_an_ill_typed_member_is_400_and_named(opened: Service, name: str, path: str, value: Any) -> None:
    answer = opened.call(PATIENT_VIEW, {**view(), name: value})
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [path]


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("context", {"patientId": "p1"}, "$.context.userId"),
        ("context", {"userId": "Practitioner/u1"}, "$.context.patientId"),
        ("context", {"userId": None, "patientId": "p1"}, "$.context.userId"),
        ("context", {"userId": "Practitioner/u1", "patientId": 5}, "$.context.patientId"),
        ("context", {"userId": "Practitioner/u1", "patientId": "../../x"}, "$.context.patientId"),
        ("context", {"userId": "Practitioner/u1", "patientId": "p1", "encounterId": 5}, "$.context.encounterId"),
        ("fhirAuthorization", {"access_token": 5}, "$.fhirAuthorization.access_token"),
        ("fhirAuthorization", {"access_token": "t", "expires_in": "soon"}, "$.fhirAuthorization.expires_in"),
        ("fhirAuthorization", {"access_token": "t", "patient": []}, "$.fhirAuthorization.patient"),
    ],
)
def test_a_wrong_member_inside_is_400_and_named(opened: Service, member: str, value: Any, path: str) -> None:
    answer = opened.call(PATIENT_VIEW, {**view(), member: value})
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [path]


@pytest.mark.parametrize("member", ["hook", "hookInstance", "context"])
def test_a_required_member_left_out_is_400_and_named(opened: Service, member: str) -> None:
    body = view()
    del body[member]
    answer = opened.call(PATIENT_VIEW, body)
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == [f"$.{member}"]


def test_the_hook_must_be_the_one_of_the_service(opened: Service) -> None:
    answer = opened.call(ORDER_SIGN, view())
    assert answer.status_code == 400
    assert answer.json()["issue"][0]["expression"] == ["$.hook"]


def test_order_hooks_need_their_own_context(opened: Service) -> None:
    bare = view()["context"]
    for service, hook, context, path in (
        (ORDER_SIGN, "order-sign", bare, "$.context.draftOrders"),
        (ORDER_SIGN, "order-sign", {**bare, "draftOrders": []}, "$.context.draftOrders"),
        (ORDER_SELECT, "order-select", {**bare, "draftOrders": {}}, "$.context.selections"),
        (ORDER_SELECT, "order-select", {**bare, "draftOrders": {}, "selections": [5]}, "$.context.selections[0]"),
    ):
        answer = opened.call(service, view(hook=hook, context=context))
        assert answer.status_code == 400
        assert answer.json()["issue"][0]["expression"] == [path]


ODD_DRAFTS: list[Any] = [
    {},
    {"resourceType": "Bundle"},
    {"resourceType": "Bundle", "entry": None},
    {"resourceType": "Bundle", "entry": {}},
    {"resourceType": "Bundle", "entry": [None, 5, "x", [], {}, {"resource": None}, {"resource": 5}, {"resource": {}}]},
    {"resourceType": "Parameters", "entry": [{"resource": MRI}]},
    {"entry": [{"resource": {**MRI, "code": None}}]},
    {"entry": [{"resource": {**MRI, "code": {"coding": [{}]}, "reasonCode": []}}]},
    {"entry": [{"resource": {**MRI, "code": {"coding": {}}}}]},
    {"entry": [{"resource": {**MRI, "code": "72195"}}]},
    {"entry": [{"resource": {**MRI, "id": 5, "subject": "Patient/p1"}}]},
    {"entry": [{"resource": {k: v for k, v in MRI.items() if k != "id"}}]},
    {"entry": [{"resource": {**MRI, "subject": {"reference": "Patient/p2"}}}]},
    {
        "entry": [
            {"resource": {**MRI, "category": {"text": "x"}, "bodySite": {}, "note": "x", "occurrenceDateTime": "x"}}
        ]
    },
    {"entry": [{"resource": {"resourceType": "MedicationRequest", "id": "request-123"}}]},
    {
        "entry": [
            {
                "resource": {
                    "resourceType": "MedicationRequest",
                    "id": "m",
                    "medicationCodeableConcept": {"coding": []},
                    "dosageInstruction": {},
                }
            }
        ]
    },
    {"entry": [{"resource": {"resourceType": "ProcedureRequest", "id": "p", "code": {"text": "MRI"}}}]},
    {"entry": [{"resource": {"resourceType": "Nonsense", "id": "p", "x": [[[]]]}}]},
    {"entry": [{"resource": MRI}] * 500},
]


@pytest.mark.parametrize("drafts", ODD_DRAFTS, ids=range(len(ODD_DRAFTS)))
@pytest.mark.parametrize(("service", "hook"), [(ORDER_SIGN, "order-sign"), (ORDER_SELECT, "order-select")])
def test_odd_draft_orders_are_no_500(opened: Service, service: str, hook: str, drafts: Any) -> None:
    body = order_call(hook)
    body["context"]["draftOrders"] = drafts
    if hook == "order-select":
        body["context"]["selections"] = [
            "ServiceRequest/draft-1",
            "",
            "x",
            "https://ehr.example/ServiceRequest/draft-1",
        ]
    sound(opened.call(service, body))


def test_an_imaging_order_is_judged(opened: Service) -> None:
    assert sound(opened.call(ORDER_SIGN, order_call("order-sign", MRI)))["cards"]


UNREADABLE: list[Any] = [5, "x", [], True, {}, {"resourceType": 5}, {"resourceType": "Bundle", "entry": 5}, "<html>"]


@pytest.mark.parametrize("value", UNREADABLE, ids=repr)
@pytest.mark.parametrize("key", ["patient", "conditions", "observations", "medications", "serviceRequests"])
def test_an_unreadable_prefetch_value_is_no_500(opened: Service, key: str, value: Any) -> None:
    answer = opened.call(PATIENT_VIEW, view(prefetch={**view()["prefetch"], key: value}))
    assert answer.status_code in (200, 412)
    assert empties(answer.json()) == []


@pytest.mark.parametrize(
    ("left_out", "key"),
    [(("patient",), "patient"), (("conditions",), "conditions"), (("patient", "conditions"), "patient")],
)
def test_a_required_key_left_out_is_412_and_named(opened: Service, left_out: tuple[str, ...], key: str) -> None:
    prefetch = {k: v for k, v in view()["prefetch"].items() if k not in left_out}
    answer = opened.call(PATIENT_VIEW, view(prefetch=prefetch))
    assert answer.status_code == 412
    issue = answer.json()["issue"][0]
    assert (issue["severity"], issue["code"], issue["expression"]) == ("error", "processing", [f"$.prefetch.{key}"])
    assert key in issue["details"]["text"]
    assert f"key: {key}" in issue["diagnostics"]


TOKEN = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "y"}
SERVER = "https://not-listed.example/fhir"


@pytest.mark.parametrize(
    ("members", "advice"),
    [
        ({}, "fhirServer is missing"),
        ({"fhirServer": SERVER}, "fhirAuthorization with an access_token is missing"),
        ({"fhirServer": SERVER, "fhirAuthorization": {"expires_in": 300}}, "an access_token is missing"),
        ({"fhirServer": SERVER, "fhirAuthorization": TOKEN | {"expires_in": 0}}, "fhirAuthorization has expired"),
        ({"fhirServer": SERVER, "fhirAuthorization": TOKEN | {"patient": "other"}}, "is for another patient"),
        ({"fhirServer": SERVER, "fhirAuthorization": TOKEN}, "in fhir_servers of the client"),
        ({"prefetch": {"patient": json.dumps(patient())}}, "as a JSON object: not as a text"),
        ({"prefetch": {"patient": {"resource": patient()}}}, "as a JSON object: not as a text"),
        ({"prefetch": {"patient": patient(), "conditions": [condition("M54.3", "Sciatica")]}}, "in a list"),
    ],
)
def test_a_412_says_what_to_send_otherwise(opened: Service, members: dict[str, Any], advice: str) -> None:
    answer = opened.call(PATIENT_VIEW, view(**{"prefetch": {}, **members}))
    assert answer.status_code == 412
    assert advice in answer.json()["issue"][0]["diagnostics"].partition("to do: ")[2]


def test_a_patient_known_not_to_exist_is_no_error(opened: Service) -> None:
    assert sound(opened.call(PATIENT_VIEW, view(prefetch={"patient": None})))["cards"] == []


def test_errors_repeat_nothing_out_of_the_request(opened: Service) -> None:
    secret = "Zaphod-Beeblebrox-1952"
    for body in (
        view(hook=secret),
        view(context={"userId": secret, "patientId": f"{secret}!"}),
        view(fhirServer=secret, fhirAuthorization={"access_token": secret}),
        view(prefetch={secret: {"name": secret}}),
        view(fhirAuthorization={"access_token": [secret]}),
    ):
        answer = opened.call(PATIENT_VIEW, body)
        assert answer.status_code in (400, 412)
        assert secret not in answer.text
    assert secret not in opened.log.read_text()


def test_markup_in_a_chart_reaches_no_card_as_markup(opened: Service) -> None:
    text = 'Sciatica <img src=x onerror="alert(1)"> [x](javascript:alert(1)) **bold** | a | `c`'
    prefetch = {"patient": patient(), "conditions": bundle(condition("M54.31", text), condition("R33.9", text))}
    for card in sound(opened.call(PATIENT_VIEW, view(prefetch=prefetch)))["cards"]:
        assert "<img" not in card.get("detail", "")
        assert not re.search(r"(?<!\\)\]\(javascript:", card.get("detail", ""))


def test_equal_calls_have_equal_answers_but_for_the_uuids(opened: Service) -> None:
    def plain(body: Any) -> Any:
        if isinstance(body, dict):
            return {k: plain(v) for k, v in body.items() if k != "uuid"}
        return [plain(v) for v in body] if isinstance(body, list) else body

    body = view()
    first, second = (sound(opened.call(PATIENT_VIEW, body)) for _ in range(2))
    assert plain(first) == plain(second)


def test_two_hundred_calls_at_once_are_answered_each_with_its_own_patient(opened: Service) -> None:
    def call(number: int) -> tuple[int, str]:
        name = f"p{number}"
        conditions = bundle(
            condition("M54.31", "Sciatica", name), {**condition("R33.9", "Retention", name), "id": f"own-{number}"}
        )
        context = {"userId": "Practitioner/u1", "patientId": name}
        body = view(context=context, prefetch={"patient": patient(name), "conditions": conditions})
        return number, json.dumps(sound(opened.call(PATIENT_VIEW, body)))

    with ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(call, range(200)))
    assert len(answers) == 200
    for number, text in answers:
        assert f'"Condition/own-{number}"' in text
        assert text.count("Condition/own-") == text.count(f'"Condition/own-{number}"')
        assert f'"Patient/p{number}"' in text
