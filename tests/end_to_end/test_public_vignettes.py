"""Every synthetic patient through the whole service, from prefetch and from a real FHIR server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from pyrofile_validator import Validator

from cards.rulebook import all_rules
from fhir_fixtures import ANCHOR, bundles, expectations
from tests.end_to_end.calls import cards_for, marks, service, shown, with_prefetch, with_server
from tests.servers import RunningFhirServer, running_sekmet

NAMES = sorted(expectations())
ANOTHER_DAY = date(2027, 2, 28)
WITHOUT_HIP_PAIN = ("N01", "N02")
KNOWN_FALSE_POSITIVES = {
    "reference.unresolved": "it looks for the Patient beside a resource that has an id, and finds it alone",
}
"""Codes of pyrofile-validator's complaints that are wrong about a resource by itself, each with the reason."""


@pytest.fixture(scope="module")
def fhir_server() -> Iterator[RunningFhirServer]:
    with running_sekmet(bundles(ANCHOR).values()) as running:
        yield running


@cache
def cards_of(name: str, today: date = ANCHOR) -> list[dict[str, Any]]:
    return cards_for(service(today), with_prefetch(name, today))


@pytest.mark.parametrize("name", NAMES)
def test_each_rule_that_is_due_speaks_with_its_indicator(name: str) -> None:
    said = {rule: indicator for card in cards_of(name) for rule, indicator in marks(card).items()}
    expected = expectations()[name].cards
    assert {rule: said.get(rule) for rule in expected} == expected


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_speaks_that_must_not(name: str) -> None:
    said = {rule for card in cards_of(name) for rule in marks(card)}
    silent = {rule for pattern in expectations()[name].absent for rule in rules_like(pattern)}
    assert not said & silent
    if expectations()[name].only:
        assert said == set(expectations()[name].cards)


@pytest.mark.parametrize("name", [name for name in NAMES if expectations()[name].same_card])
def test_rules_of_one_pathway_share_a_card(name: str) -> None:
    for group in expectations()[name].same_card:
        assert any(set(group) <= set(marks(card)) for card in cards_of(name))


@pytest.mark.parametrize("name", WITHOUT_HIP_PAIN)
def test_patients_without_hip_pain_give_no_card(name: str) -> None:
    assert cards_of(name) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_fetched_from_a_fhir_server_gives_the_same_cards(name: str, fhir_server: RunningFhirServer) -> None:
    app = service(fhir_servers=(fhir_server.base,))
    assert shown(cards_for(app, with_server(name, fhir_server.base))) == shown(cards_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_patient_as_ill_on_another_day_gets_the_same_cards(name: str) -> None:
    assert shown(cards_of(name, ANOTHER_DAY)) == shown(cards_of(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_suggested_resource_is_valid_r4_to_two_validators(name: str) -> None:
    for resource in suggested(cards_of(name)):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert complaints(resource) == []


def test_the_second_validator_can_complain() -> None:
    order = {"resourceType": "ServiceRequest", "status": "banana", "intent": "order", "subject": {"display": "x"}}
    assert complaints(order)


def test_some_vignette_suggests_something_to_validate() -> None:
    assert any(suggested(cards_of(name)) for name in NAMES)


def rules_like(pattern: str) -> set[str]:
    """`family/*` names all rules of a family, anything else one rule."""
    family, star, _ = pattern.partition("/*")
    return {r.id for r in all_rules() if r.family == family} if star else {pattern}


def suggested(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    actions = [a for c in cards for s in c.get("suggestions", ()) for a in s["actions"]]
    return [a["resource"] for a in actions if "resource" in a]


def complaints(resource: dict[str, Any]) -> list[str]:
    found = validator().validate_resource(resource).issues
    return [f"{i.code}: {i.message}" for i in found if i.code not in KNOWN_FALSE_POSITIVES]


@cache
def validator() -> Validator:
    return Validator()
