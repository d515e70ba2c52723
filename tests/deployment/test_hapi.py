"""The service, the fixture loader and the demonstration against a FHIR server with HAPI's habits, set up as compose
does it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from cds_service.demo.fhir_server import load
from cds_service.demo.fixtures import today
from cds_service.fhir.prefetch import queries, templates
from fhir_fixtures import ANCHOR, bundle, bundles, expectations, names
from tests.deployment import compose
from tests.deployment.hapi import Hapi
from tests.deployment.hapi_server import running_hapi
from tests.end_to_end.calls import EXTENSION, cards_for, service, shown, with_prefetch, with_server
from tests.protocol.service import PATIENT_VIEW, Service, running_service

NAMES = sorted(expectations())
INSIDE = "http://hapi-fhir.internal:8080/fhir"
COMMAND = [sys.executable, "-m", "cds_service.cli"]


def loaded(**settings: Any) -> Hapi:
    """A server that holds every fixture, as on their own day."""
    hapi = Hapi(**settings)
    for chart in bundles(ANCHOR).values():
        hapi.transaction(chart)
    return hapi


@pytest.fixture(scope="module")
def hapi() -> Hapi:
    return loaded()


@pytest.fixture(scope="module")
def base(hapi: Hapi) -> Iterator[str]:
    with running_hapi(hapi) as running:
        yield running


def load_fixtures(*options: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(compose.ROOT), **settings}
    return subprocess.run([*COMMAND, *options], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("key", templates())
def test_each_template_of_discovery_is_a_search_that_it_takes(base: str, key: str) -> None:
    answer = requests.get(f"{base}/{queries('hp-v28', [key])[key]}", timeout=10)
    assert answer.status_code == 200, answer.text
    assert answer.json()["resourceType"] == ("Patient" if key == "patient" else "Bundle")


def test_a_parameter_that_r4_does_not_know_is_refused(base: str) -> None:
    answer = requests.get(f"{base}/Condition?patient=hp-v28&_maxresults=5", timeout=10)
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")


@pytest.mark.parametrize("name", NAMES)
def test_it_leads_to_the_same_cards_as_prefetch(base: str, name: str) -> None:
    fetched = cards_for(service(fhir_servers=(base,)), with_server(name, base))
    assert shown(fetched) == shown(cards_for(service(), with_prefetch(name)))


@pytest.mark.parametrize(("name", "page"), [("V14", 3), ("V15", 5)])
def test_pages_behind_opaque_links_are_read_to_the_end(name: str, page: int) -> None:
    hapi = loaded(max_page_size=page)
    with running_hapi(hapi) as base:
        fetched = cards_for(service(fhir_servers=(base,)), with_server(name, base))
    assert [asked for asked in hapi.asked if "_getpages=" in asked]
    assert shown(fetched) == shown(cards_for(service(), with_prefetch(name)))


def test_a_server_that_calls_itself_by_an_inner_name_is_read_as_far_as_its_first_pages() -> None:
    hapi = loaded(server_address=INSIDE)
    with running_hapi(hapi) as base:
        fetched = cards_for(service(fhir_servers=(base,)), with_server("V28", base))
        assert shown(fetched) == shown(cards_for(service(), with_prefetch("V28")))
        hapi.max_page_size = 1
        app = service(fhir_servers=(base,))
        answer = app.test_client().post(f"/cds-services/{PATIENT_VIEW}", json=with_server("V15", base)).get_json()
    assert not [asked for asked in hapi.asked if "_getpages=" in asked]
    whys = {one["why"] for one in answer["extension"][EXTENSION]["notAssessed"]}
    assert any("next link to another origin not followed" in why for why in whys)
    assert "not-assessed" in str(answer["cards"])


@pytest.mark.parametrize("patient", ["hp-none", "hp-deleted"])
def test_a_patient_who_is_unknown_or_deleted_is_a_412_that_says_so(hapi: Hapi, base: str, patient: str) -> None:
    hapi.records["Patient/hp-deleted"] = None
    context = {"userId": "Practitioner/p", "patientId": patient}
    asked = with_server("V28", base) | {"hook": "patient-view", "context": context}
    answer = service(fhir_servers=(base,)).test_client().post(f"/cds-services/{PATIENT_VIEW}", json=asked)
    assert answer.status_code == 412
    assert "no such resource" in answer.get_data(as_text=True)


def test_what_was_recorded_a_moment_ago_is_read_though_the_same_search_was_just_answered() -> None:
    hapi = Hapi()
    chart = bundle("V28", ANCHOR)
    numbness = [e for e in chart["entry"] if e["resource"]["id"] == "v28-saddle-numbness"]
    hapi.transaction({**chart, "entry": [e for e in chart["entry"] if e not in numbness]})
    with running_hapi(hapi) as base:
        app = service(fhir_servers=(base,))
        before = cards_for(app, with_server("V28", base))
        hapi.transaction({**chart, "entry": numbness})
        assert requests.get(f"{base}/Condition?patient=hp-v28&_count=200", timeout=10).json()
        after = cards_for(app, with_server("V28", base))
    assert "v28-saddle-numbness" not in str(before)
    assert "v28-saddle-numbness" in str(after)


def test_the_loader_fills_it_and_may_run_again() -> None:
    hapi = Hapi.of(compose.environment("fhir"))
    charts = bundles(today()).values()
    with running_hapi(hapi) as base:
        for _ in range(2):
            done = load_fixtures(*compose.command("fixtures", fhir=base))
            assert done.stdout == f"The FHIR server holds {len(charts)} synthetic patients.\n", done.stderr
    wanted = [entry["resource"] for chart in charts for entry in chart["entry"]]
    assert len(hapi.records) == len(wanted)
    for resource in wanted:
        assert hapi.read(f"{resource['resourceType']}/{resource['id']}").items() >= resource.items()


def test_the_loader_takes_the_server_of_the_settings_and_says_what_is_wrong(hapi: Hapi, base: str) -> None:
    assert load_fixtures("load-fixtures", CDS_FHIR_SERVERS=base).returncode == 0
    nobody = load_fixtures("load-fixtures", "--fhir-server", "http://127.0.0.1:9/fhir")
    assert (nobody.returncode, "No FHIR server answers at http://127.0.0.1:9/fhir" in nobody.stderr) == (1, True)
    assert load_fixtures("load-fixtures").returncode == 2


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The demonstration EHR as compose sets it up, but for its database."""
    hapi = Hapi.of(compose.environment("fhir"))
    with running_hapi(hapi) as base:
        hapi.server_address = base
        load(base, bundles(today()).values())
        settings = compose.environment("cds", fhir=base)
        for own in ("CDS_PUBLIC_BASE_URL", "CDS_DATABASE_URL"):
            settings.pop(own)
        with running_service(tmp_path_factory.mktemp("compose"), settings) as running:
            yield running


def test_the_demonstration_shows_its_patients_and_their_cards(demo: Service) -> None:
    listed = demo.send("GET", "/").text
    assert [name for name in names() if f"/ehr/hp-{name.lower()}" not in listed] == []
    assert "cauda equina" in demo.send("GET", "/ehr/hp-v28").text


def test_a_draft_taken_from_a_card_is_among_the_orders_at_once(demo: Service) -> None:
    answer = demo.call(PATIENT_VIEW, asked_in_the_demo(demo)).json()
    offers = [(card, offer) for card in answer["cards"] for offer in card["suggestions"]]
    card, offer = next(pair for pair in offers if pair[1]["actions"][0]["resource"]["resourceType"] == "ServiceRequest")
    what = offer["actions"][0]["resource"]["code"]["text"]
    assert what not in demo.send("GET", "/ehr/hp-v28/orders").text
    form = {"card": card["uuid"], "service": PATIENT_VIEW, "suggestion": offer["uuid"]}
    taken = demo.send("POST", "/ehr/hp-v28/accept", data={**form, "actions": json.dumps(offer["actions"])})
    assert "Draft order on the FHIR server" in taken.text
    assert "Feedback stored" in taken.text
    assert what in demo.send("GET", "/ehr/hp-v28/orders").text


def asked_in_the_demo(demo: Service) -> dict[str, Any]:
    """What the page for V28 sends, as far as it matters here."""
    chart = demo.send("GET", "/ehr/hp-v28").text
    fhir = re.search(r"http://127\.0\.0\.1:\d+/fhir", chart)
    assert fhir
    return {**with_server("V28", fhir[0], today()), "hook": "patient-view"}
