"""A chart told in another order, or with noise in it, is the same chart; one told in part is not a better one."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cards.rulebook import all_rules
from fhir_fixtures import ANCHOR, expectations
from tests.end_to_end.calls import EXTENSION, service, shown, with_prefetch

Json = dict[str, Any]
NAMES = sorted(expectations())
IN_PAIN = [name for name in NAMES if not name.startswith("N")]
small = settings(max_examples=25, deadline=None, derandomize=True)
names = st.sampled_from(NAMES)
chance = st.randoms(use_true_random=False)
FAMILY = {rule.id: rule.family for rule in all_rules()}


@small
@given(names, chance)
def test_the_order_of_entries_and_of_codings_means_nothing(name: str, random: Random) -> None:
    request = request_of(name)
    for entries in entries_of(request).values():
        random.shuffle(entries)
    for codings in codings_in(request["prefetch"]):
        random.shuffle(codings)
    assert seen(request) == as_written(name)


@small
@given(names, st.integers(1, 3))
def test_a_record_sent_twice_is_one_record(name: str, times: int) -> None:
    request = request_of(name)
    for entries in entries_of(request).values():
        entries.extend(deepcopy(entries) * times)
    assert seen(request) == as_written(name)


@small
@given(names, chance)
def test_hundreds_of_observations_that_no_rule_reads_change_nothing(name: str, random: Random) -> None:
    request = request_of(name)
    patient = request["context"]["patientId"]
    observations = entries_of(request)["observations"]
    for number in range(300):
        observations.insert(random.randrange(len(observations) + 1), {"resource": irrelevant(number, patient)})
    assert seen(request) == as_written(name)


@small
@given(names, st.sampled_from(IN_PAIN))
def test_another_patients_records_change_nothing(name: str, other: str) -> None:
    request = request_of(name)
    strangers = entries_of(request_of(other))
    for key, entries in entries_of(request).items():
        for number, entry in enumerate(strangers[key]):
            stranger = deepcopy(entry["resource"]) | {"id": f"stranger-{number}"}
            for member in {"subject", "patient"} & set(stranger):
                stranger[member] = {"reference": "Patient/somebody-else"}
            entries.append({"resource": stranger})
    assert seen(request) == as_written(name)


@small
@given(names, chance)
def test_a_malformed_record_of_no_interest_changes_nothing(name: str, random: Random) -> None:
    request = request_of(name)
    patient = request["context"]["patientId"]
    odd: list[Json] = [
        {"valueQuantity": "high"},
        {"status": 7},
        {"effectiveDateTime": ["2026"]},
        {"valueQuantity": {"value": "9"}},
    ]
    entries_of(request)["observations"].append({"resource": irrelevant(0, patient) | random.choice(odd)})
    assert seen(request) == as_written(name)


@small
@given(st.sampled_from(IN_PAIN), chance)
def test_a_record_that_cannot_be_read_at_all_costs_nothing_urgent(name: str, random: Random) -> None:
    request = request_of(name)
    entries = entries_of(request)
    junk: list[Any] = [None, 3, "text", [], {}, {"resourceType": None}, {"resourceType": "Observation", "code": 5}]
    entries[random.choice(sorted(entries))].append({"resource": random.choice(junk)})
    body = answered(request)
    before = urgent(as_written(name))
    assert before <= urgent(shown(body["cards"]))


ALL_SPEAK_ALREADY = {"V40"}  # the one rule for children speaks without any Observation


@pytest.mark.parametrize("key", ["observations", "conditions", "medications", "procedures", "diagnosticReports"])
@pytest.mark.parametrize("name", IN_PAIN)
def test_leaving_data_out_never_looks_reassuring(name: str, key: str) -> None:
    request = request_of(name)
    had = bool(entries_of(request)[key])
    del request["prefetch"][key]
    response = service(ANCHOR).test_client().post(path(request), json=request)
    if key == "conditions":
        assert response.status_code in (200, 412)
        if response.status_code == 412:
            return
    body = response.get_json()
    told = body["extension"][EXTENSION]
    lost = urgent(as_written(name)) - urgent(shown(body["cards"]))
    assert not lost or told.get("notAssessed")
    if key == "observations" and had and name not in ALL_SPEAK_ALREADY:
        assert told["notAssessed"]
        assert any(c["extension"][EXTENSION].get("notAssessed") for c in body["cards"])


def urgent(cards: list[tuple[str, dict[str, str]]]) -> set[str]:
    """The red flags that speak as a warning or worse."""
    return {
        rule
        for _, rules in cards
        for rule, indicator in rules.items()
        if indicator != "info" and FAMILY.get(rule) == "red_flags"
    }


def irrelevant(number: int, patient: str) -> Json:
    """An Observation of vitamin D."""
    return {
        "resourceType": "Observation",
        "id": f"noise-{number}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "1989-3"}], "text": "Vitamin D"},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": "2026-01-14",
        "valueQuantity": {"value": 30 + number, "code": "ng/mL"},
    }


def request_of(name: str) -> Json:
    return deepcopy(_request(name))


@cache
def _request(name: str) -> Json:
    return with_prefetch(name, ANCHOR)


def entries_of(request: Json) -> dict[str, list[Json]]:
    """The entries of each search, to be changed in place."""
    return {key: bundle.setdefault("entry", []) for key, bundle in request["prefetch"].items() if key != "patient"}


def codings_in(node: Any) -> list[list[Json]]:
    """Every list of codings below a node."""
    found = []
    if isinstance(node, dict):
        found += [v for k, v in node.items() if k == "coding" and isinstance(v, list)]
        found += [c for v in node.values() for c in codings_in(v)]
    elif isinstance(node, list):
        found += [c for v in node for c in codings_in(v)]
    return found


def path(request: Json) -> str:
    return f"/cds-services/posterior-hip-{request['hook']}"


def answered(request: Json) -> Json:
    response = (
        service(ANCHOR).test_client().post(path(request), data=json.dumps(request), content_type="application/json")
    )
    assert response.status_code == 200, response.get_data(as_text=True)
    body: Json = response.get_json()
    return body


def seen(request: Json) -> list[tuple[str, dict[str, str]]]:
    return shown(answered(request)["cards"])


@cache
def as_written(name: str) -> list[tuple[str, dict[str, str]]]:
    return seen(request_of(name))
