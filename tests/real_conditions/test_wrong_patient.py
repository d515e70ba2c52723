"""Nothing of one patient ever tells of another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from cds_service.fhir.prefetch import KEYS
from tests.end_to_end.calls import EXTENSION
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.real_conditions.asking import CHART, PATIENT_ID, access, ask, request, resources, searchset, service

SERVER = "https://ehr.example/fhir"
STRANGER = {"reference": "Patient/somebody-else"}
SADDLE = {"coding": [{"system": "http://snomed.info/sct", "code": "449813001"}], "text": "numb saddle area"}


@pytest.fixture(scope="module")
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


@pytest.fixture(scope="module")
def app(server: HostileServer) -> Flask:
    return service(server.base)


def numb_saddle(**members: Any) -> dict[str, Any]:
    """A finding that would be an emergency, were it this patient's."""
    status = {"clinicalStatus": {"coding": [{"code": "active"}]}, "onsetDateTime": "2026-01-14"}
    return {"resourceType": "Condition", "id": "stray", "code": SADDLE} | status | members


@pytest.mark.parametrize("wrap", [lambda p: p, lambda p: searchset([p])], ids=["as such", "in a Bundle"])
def test_another_prefetched_patient_refuses_the_call(app: Flask, wrap: Any) -> None:
    whole = request()
    whole["prefetch"]["patient"] = wrap(whole["prefetch"]["patient"] | {"id": "somebody-else"})
    answer = ask(app, whole)
    assert (answer.status, answer.refused_for) == (400, ["$.prefetch.patient"])
    assert "somebody-else" not in str(answer.body)


def test_one_patient_among_others_refuses_the_call(app: Flask) -> None:
    whole = request()
    mine = whole["prefetch"]["patient"]
    whole["prefetch"]["patient"] = searchset([mine, mine | {"id": "somebody-else"}])
    assert ask(app, whole).status == 400


def test_another_fetched_patient_refuses_the_call(app: Flask, server: HostileServer) -> None:
    whole = request()
    server.on("Patient", hostile.answers(whole["prefetch"].pop("patient") | {"id": "somebody-else"}))
    answer = ask(app, whole | access(server.base))
    assert answer.status in (400, 412)
    assert "somebody-else" not in str(answer.body)


@pytest.mark.parametrize("patient", ["somebody-else", "Patient/somebody-else", "", "Patient/"])
@pytest.mark.parametrize("left_out", KEYS)
def test_a_token_of_another_patient_is_not_used(app: Flask, server: HostileServer, patient: str, left_out: str) -> None:
    server.received.clear()
    whole = request()
    del whole["prefetch"][left_out]
    told = ask(app, whole | access(server.base, patient=patient))
    assert server.received == []
    assert (told.status, told.named) == (ask(app, whole).status, ask(app, whole).named)


@pytest.mark.parametrize("patient", [PATIENT_ID, f"Patient/{PATIENT_ID}", None])
def test_a_token_of_this_patient_or_of_any_is_used(app: Flask, server: HostileServer, patient: str | None) -> None:
    server.received.clear()
    whole = request()
    server.on("Observation", hostile.answers(whole["prefetch"].pop("observations")))
    assert ask(app, whole | access(server.base, patient=patient)).cards == ask(app, request()).cards
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "subject",
    [
        STRANGER,
        {"reference": f"Patient/{PATIENT_ID}0"},
        {"reference": f"Patient/0{PATIENT_ID}"},
        {"reference": f"https://elsewhere.example/fhir/Patient/{PATIENT_ID}"},
        {"reference": f"Group/{PATIENT_ID}"},
        {"reference": f"Patient/{PATIENT_ID}#contained"},
        {"reference": "#contained"},
        {"reference": "urn:uuid:5f0c8c5e-0000-4000-8000-000000000009"},
        {"reference": PATIENT_ID},
        {"reference": ""},
        {"identifier": {"value": PATIENT_ID}, "display": "this patient"},
        {},
        None,
    ],
    ids=str,
)
def test_a_stray_record_is_set_aside_and_counted(app: Flask, subject: Any) -> None:
    whole = request(fhirServer=SERVER)
    entries = whole["prefetch"]["conditions"]["entry"]
    entries.append({"resource": numb_saddle(subject=subject), "fullUrl": f"{SERVER}/Condition/stray"})
    answer = ask(app, whole)
    assert answer.cards == ask(app, request()).cards
    assert answer.body["extension"][EXTENSION]["setAside"] == 1


@pytest.mark.parametrize(
    "reference",
    [
        f"Patient/{PATIENT_ID}",
        f"Patient/{PATIENT_ID}/_history/3",
        f"{SERVER}/Patient/{PATIENT_ID}",
        f"{SERVER}/Patient/{PATIENT_ID}/_history/3",
        f"https://archive.example/r4/Patient/{PATIENT_ID}",
    ],
)
def test_a_record_of_this_patient_counts_however_the_reference_is_written(app: Flask, reference: str) -> None:
    whole = request(fhirServer=SERVER)
    entry = {"resource": numb_saddle(subject={"reference": reference})}
    whole["prefetch"]["conditions"]["entry"].append(entry | {"fullUrl": "https://archive.example/r4/Condition/stray"})
    answer = ask(app, whole)
    assert answer.cards[0][0] == "critical"
    assert "setAside" not in answer.body["extension"][EXTENSION]


@pytest.mark.parametrize("key", [key for key in KEYS if key != "patient"])
def test_a_section_of_another_patient_is_as_good_as_none(app: Flask, key: str) -> None:
    """Also where the whole search result is the wrong one: nothing of it is used, all of it is counted."""
    whole, none = request(), request()
    held = resources(whole["prefetch"][key])
    for resource in held:
        resource["patient" if "patient" in resource else "subject"] = STRANGER
    none["prefetch"][key] = None
    answer = ask(app, whole)
    assert answer.cards == ask(app, none).cards
    assert answer.body["extension"][EXTENSION]["setAside"] == len(held)


def test_a_draft_about_another_patient_is_not_judged(app: Flask) -> None:
    whole = request((*CHART, "draft: MRI pelvis [loinc 30673-8]"))
    whole["context"]["draftOrders"]["entry"][0]["resource"]["subject"] = STRANGER
    answer = ask(app, whole)
    assert "imaging-order-appropriateness" not in {rule for _, rules in answer.cards for rule in rules}
    assert answer.body["extension"][EXTENSION]["setAside"] == 1
