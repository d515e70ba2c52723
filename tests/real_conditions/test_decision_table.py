"""What is sent for a prefetch key decides three things: whether it is asked for, what is judged, and what is said.

Every key in every situation, with a token and without, over HTTP, beside a FHIR server that counts its requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import pytest
from flask import Flask

from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.real_conditions.asking import (
    CHART,
    ORDER,
    UNTREATED,
    Answer,
    Json,
    access,
    ask,
    request,
    resources,
    searchset,
    service,
)

Known = Literal["whole", "empty", "partial", "unknown", "warned"]
REQUIRED = ("patient", "conditions")
FACTS = {"allergies": ORDER, "carePlans": UNTREATED}
"""Charts in which some rule needs the key; CHART for all others."""


@dataclass(frozen=True)
class World:
    """The service, the EHR's FHIR server, and another origin where nothing may arrive."""

    app: Flask
    server: HostileServer
    elsewhere: HostileServer


Value = Callable[[World, str, Json], Any]
LEFT_OUT = object()


@dataclass(frozen=True)
class Situation:
    """`value` is what is sent; what is then known of the key without a token, and with one after `queries`."""

    value: Value
    without: Known
    queries: int
    with_token: Known
    server: hostile.Behaviour | None = None


def always(value: Any) -> Value:
    return lambda *_: value


def outcome(code: str, severity: str = "error") -> Json:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": code}]}


def as_outcome(code: str, severity: str = "error") -> Json:
    return {"resource": outcome(code, severity), "search": {"mode": "outcome"}}


def entries(bundle: Json) -> list[Json]:
    return [{"resource": r} for r in resources(bundle)]


def page(link: Callable[[World], str]) -> Value:
    """The first half of what there is, and a link to the rest."""

    def value(world: World, _: str, whole: Json) -> Json:
        first = entries(whole)[: max(1, len(entries(whole)) // 2)]
        return whole | {"entry": first, "link": [{"relation": "next", "url": link(world)}]}

    return value


def of_another_type(_: World, key: str, __: Json) -> Json:
    return {"resourceType": "Patient" if key == "conditions" else "Condition", "id": "x", "code": {"text": "cough"}}


EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
EPIC = EMPTY | {"entry": [as_outcome("processing", "warning")]}
FORBIDDEN = hostile.answers(outcome("forbidden"), status=403)
AN_EMPTY_FIRST_PAGE = hostile.answers(hostile.searchset(next_link="held?page=2"))
SITUATIONS: dict[str, Situation] = {
    "sent": Situation(lambda w, k, whole: whole, "whole", 0, "whole"),
    "sent as a collection": Situation(lambda w, k, whole: whole | {"type": "collection"}, "whole", 0, "whole"),
    "sent with a total of 0": Situation(lambda w, k, whole: whole | {"total": 0}, "whole", 0, "whole"),
    "left out": Situation(always(LEFT_OUT), "unknown", 1, "whole"),
    "left out, and refused": Situation(always(LEFT_OUT), "unknown", 1, "unknown", FORBIDDEN),
    "left out, and fetched in pages": Situation(
        always(LEFT_OUT), "unknown", 2, "whole", AN_EMPTY_FIRST_PAGE
    ),
    "null": Situation(always(None), "empty", 0, "empty"),
    "an empty Bundle": Situation(always(EMPTY), "empty", 0, "empty"),
    "an empty list of entries": Situation(always(EMPTY | {"entry": []}), "empty", 0, "empty"),
    "empty with a total of 7": Situation(always(EMPTY | {"total": 7}), "empty", 0, "empty"),
    "empty with a warning entry": Situation(always(EPIC), "empty", 0, "empty"),
    "empty with an error entry": Situation(
        always(EMPTY | {"entry": [as_outcome("forbidden")]}), "unknown", 0, "unknown"
    ),
    "a warning for data": Situation(always(outcome("processing", "warning")), "warned", 0, "warned"),
    "outcome security": Situation(always(outcome("security")), "unknown", 0, "unknown"),
    "outcome forbidden": Situation(always(outcome("forbidden")), "unknown", 0, "unknown"),
    "outcome not-found": Situation(always(outcome("not-found")), "unknown", 0, "unknown"),
    "outcome without issue": Situation(always({"resourceType": "OperationOutcome"}), "unknown", 0, "unknown"),
    "outcome timeout": Situation(always(outcome("timeout")), "unknown", 1, "whole"),
    "outcome transient": Situation(always(outcome("transient", "fatal")), "unknown", 1, "whole"),
    "outcome transient, and refused": Situation(always(outcome("transient")), "unknown", 1, "unknown", FORBIDDEN),
    "with a warning entry": Situation(
        lambda w, k, whole: whole | {"entry": [*entries(whole), as_outcome("processing", "warning")]},
        "whole", 0, "whole",
    ),
    "with an error entry": Situation(
        lambda w, k, whole: whole | {"entry": [*entries(whole), as_outcome("processing")]}, "partial", 0, "partial"
    ),
    "with a transient error entry": Situation(
        lambda w, k, whole: whole | {"entry": [*entries(whole)[:1], as_outcome("timeout")]}, "partial", 1, "whole"
    ),
    "first page": Situation(page(lambda w: f"{w.server.base}/rest?page=2"), "partial", 1, "whole"),
    "first page, relative link": Situation(page(lambda w: "rest?page=2"), "partial", 1, "whole"),
    "first page, link elsewhere": Situation(page(lambda w: f"{w.elsewhere.base}/rest"), "partial", 1, "whole"),
    "first page, rest refused": Situation(
        page(lambda w: f"{w.server.base}/refused?page=2"), "partial", 1, "partial"
    ),
    "another type": Situation(of_another_type, "unknown", 1, "whole"),
    "a Bundle of another type": Situation(
        lambda *about: searchset([of_another_type(*about)]), "unknown", 1, "whole"
    ),
    "an HTML page": Situation(always("<html><h1>HTTP Status 500</h1>"), "unknown", 1, "whole"),
    "a number": Situation(always(42), "unknown", 1, "whole"),
    "true": Situation(always(True), "unknown", 1, "whole"),
    "a list": Situation(always([]), "unknown", 1, "whole"),
    "an empty object": Situation(always({}), "unknown", 1, "whole"),
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with HostileServer() as server, HostileServer(host="127.0.0.2") as elsewhere:
        yield World(service(server.base), server, elsewhere)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_without_a_token_nothing_is_asked_and_what_is_not_known_is_said(
    world: World, situation: Situation, key: str
) -> None:
    world.server.received.clear()
    answer = ask(world.app, _request(world, situation, key) | {"fhirServer": world.server.base})
    assert world.server.received == world.elsewhere.received == []
    check(world.app, answer, key, situation.without)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_with_a_token_only_what_may_help_is_asked_and_only_where_it_is_held(
    world: World, situation: Situation, key: str
) -> None:
    world.server.received.clear()
    _hold(world.server, key, situation.server)
    answer = ask(world.app, _request(world, situation, key) | access(world.server.base))
    assert world.elsewhere.received == []
    assert len(world.server.received) == situation.queries
    check(world.app, answer, key, situation.with_token)


@pytest.mark.parametrize("key", KEYS)
def test_a_server_that_is_not_listed_is_not_asked(world: World, key: str) -> None:
    answer = ask(world.app, _request(world, SITUATIONS["left out"], key) | access(world.elsewhere.base))
    assert world.elsewhere.received == []
    check(world.app, answer, key, "unknown")


@pytest.mark.parametrize("value", [None, 5, "<html>", {"resourceType": "Bundle"}, outcome("forbidden")], ids=str)
def test_a_key_that_is_not_ours_is_passed_over(world: World, value: Any) -> None:
    whole = request()
    answer = ask(world.app, whole | {"prefetch": whole["prefetch"] | {"theirs": value, "Patient": value}})
    assert (answer.status, answer.cards) == (200, _cards(CHART, "patient", "whole"))


def check(app: Flask, answer: Answer, key: str, known: Known) -> None:
    """The status, the cards and what is named, as far as the key is known."""
    facts = FACTS.get(key, CHART)
    if known == "unknown" and key in REQUIRED:
        assert (answer.status, answer.refused_for) == (412, [f"$.prefetch.{key}"])
        return
    assert answer.status == 200, answer.body
    if key == "patient" and known in ("empty", "warned"):
        assert (answer.cards, answer.named) == ([], {"patient"})
    elif key == "patient":
        assert (answer.cards, answer.named) == (_cards(facts, key, "whole"), set())
    elif known in ("whole", "empty"):
        assert (answer.cards, answer.named) == (_cards(facts, key, known), set())
    else:
        assert answer.named == {key}


@cache
def _cards(facts: tuple[str, ...], key: str, known: Literal["whole", "empty"]) -> list[tuple[str, dict[str, str]]]:
    """The cards where everything is there, or everything but this."""
    whole = request(facts)
    if known == "empty":
        whole["prefetch"][key] = None
    return ask(service(), whole).cards


def _request(world: World, situation: Situation, key: str) -> Json:
    whole = request(FACTS.get(key, CHART))
    held = whole["prefetch"][key]
    value = situation.value(world, key, searchset([held]) if key == "patient" else held)
    if value is LEFT_OUT:
        del whole["prefetch"][key]
    else:
        whole["prefetch"][key] = value
    return whole


def _hold(server: HostileServer, key: str, behaviour: hostile.Behaviour | None) -> None:
    """Let the server hold what the key is about; the link of a first page leads to the rest of it."""
    held = request(FACTS.get(key, CHART))["prefetch"][key]
    rest = searchset([] if key == "patient" else resources(held)[max(1, len(resources(held)) // 2) :])
    server.on(RESOURCE_TYPES[key][0], behaviour or hostile.answers(held))
    server.on("held", hostile.answers(searchset([held]) if key == "patient" else held))
    server.on("rest", hostile.answers(rest))
    server.on("refused", FORBIDDEN)
