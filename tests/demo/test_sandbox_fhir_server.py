"""The sandbox FHIR server, started for real and asked what an EHR page and the service ask."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests

from cds_service.demo.errors import DemoError
from cds_service.demo.fhir_server import load
from fhir_fixtures import bundle, bundles, names
from tests.servers import STATIC_TOKEN, RunningFhirServer, running_sekmet

TODAY = date(2026, 11, 21)
AS_THE_PAGE_ASKS = {"Accept": "application/json+fhir", "Origin": "https://sandbox.cds-hooks.org"}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningFhirServer]:
    with running_sekmet(bundles(TODAY).values()) as running:
        yield running


@pytest.fixture(scope="module")
def guarded() -> Iterator[RunningFhirServer]:
    with running_sekmet([bundle("V28", TODAY)], smart=True) as running:
        yield running


def matches(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def test_it_holds_every_fixture_with_its_dates_shifted(server: RunningFhirServer) -> None:
    assert server.get("Patient?_summary=count").json()["total"] == len(names())
    residual = matches(server.get("Observation?patient=hp-v28"))
    assert [(found["effectiveDateTime"], found["valueQuantity"]["value"]) for found in residual] == [
        ("2026-11-21", 380)
    ]


@pytest.mark.parametrize("name", names())
def test_every_patient_has_problems_to_list(server: RunningFhirServer, name: str) -> None:
    answer = server.get(f"Condition?patient=hp-{name.lower()}", headers=AS_THE_PAGE_ASKS).json()
    types = [entry["resource"]["resourceType"] for entry in bundle(name, TODAY)["entry"]]
    assert answer["total"] == types.count("Condition") > 0


def test_loading_a_patient_twice_adds_nothing(server: RunningFhirServer) -> None:
    before = server.get("Condition?_summary=count").json()["total"]
    load(server.base, [bundle("V14", TODAY)])
    assert server.get("Condition?_summary=count").json()["total"] == before


def test_family_history_is_that_of_the_patient_asked_for(server: RunningFhirServer) -> None:
    assert [found["id"] for found in matches(server.get("FamilyMemberHistory?patient=hp-n01"))] == ["n01-father"]
    assert matches(server.get("FamilyMemberHistory?patient=hp-v28")) == []


def test_a_page_from_a_public_address_may_read_it(server: RunningFhirServer) -> None:
    asked = {
        "Origin": AS_THE_PAGE_ASKS["Origin"],
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
        "Access-Control-Request-Private-Network": "true",
    }
    preflight = requests.options(f"{server.base}/Patient/hp-v28", headers=asked, timeout=10)
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Private-Network"] == "true"
    read = server.get("Patient/hp-v28", headers={"Origin": asked["Origin"], "Accept": "application/json+fhir"})
    assert (read.status_code, read.headers["Access-Control-Allow-Origin"]) == (200, "*")


def test_pages_are_linked_within_its_own_base(server: RunningFhirServer) -> None:
    page = server.get("Observation?patient=hp-v15&_sort=-date&_count=15").json()
    following = next(link["url"] for link in page["link"] if link["relation"] == "next")
    assert following.startswith(f"{server.base}/Observation?")
    first, second = (
        matches(server.get("Observation?patient=hp-v15&_sort=-date&_count=15")),
        matches(requests.get(following, timeout=10)),
    )
    assert len(first) == len(second) == 15
    assert not {found["id"] for found in first} & {found["id"] for found in second}


def test_a_guarded_server_wants_a_token_with_the_right_scope(guarded: RunningFhirServer) -> None:
    def status(path: str, token: str | None) -> int:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return guarded.get(path, headers=headers).status_code

    demographics_only = guarded.access_token("system/Patient.read")
    assert status("Patient/hp-v28", None) == 401
    assert status("Patient/hp-v28", "made-up") == 401
    assert status("Patient/hp-v28", demographics_only) == 200
    assert status("Condition?patient=hp-v28", demographics_only) == 403
    assert status("Condition?patient=hp-v28", guarded.access_token("patient/*.rs")) == 200
    assert status("Condition?patient=hp-v28", STATIC_TOKEN) == 200


def test_a_guarded_server_refuses_a_token_past_its_life() -> None:
    with running_sekmet([], smart=True, token_lifetime_s=0) as running:
        answer = running.get("Patient", headers={"Authorization": f"Bearer {running.access_token()}"})
    assert answer.status_code == 401
    assert answer.json()["issue"][0]["code"] == "expired"


def test_a_refused_bundle_is_an_error_that_names_it(server: RunningFhirServer) -> None:
    with pytest.raises(DemoError, match=r"refused Bundle broken: .*OperationOutcome"):
        load(server.base, [{"resourceType": "Bundle", "id": "broken", "type": "searchset"}])
