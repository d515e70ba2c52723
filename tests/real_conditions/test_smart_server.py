"""A real FHIR server that asks for a token: what the token does not open is named, the rest is judged."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES
from tests.end_to_end.calls import EXTENSION
from tests.real_conditions.asking import UNTREATED, Json, access, ask, request, resources, service
from tests.servers import RunningFhirServer, running_sekmet

FACTS = {"allergies": (*UNTREATED, "draft-med: naproxen [rx 7258] 500 mg twice daily")}
ALL = " ".join(f"system/{types[0]}.read" for types in RESOURCE_TYPES.values())


def chart() -> Json:
    """The patient as a transaction."""
    held = [r for value in request(UNTREATED)["prefetch"].values() for r in resources(value) or [value]]
    made = [r for r in held if r["resourceType"] != "Bundle"]
    entries = [{"resource": r, "request": {"method": "PUT", "url": f"{r['resourceType']}/{r['id']}"}} for r in made]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningFhirServer]:
    with running_sekmet([chart()], smart=True) as running:
        yield running


@pytest.fixture(scope="module")
def app(server: RunningFhirServer) -> Flask:
    return service(server.base)


def asking(base: str, token: str, key: str = "") -> Json:
    """Nothing prefetched, a token to fetch it all."""
    body = request(FACTS.get(key, UNTREATED)) | access(base, access_token=token)
    del body["prefetch"]
    return body


def test_a_token_for_everything_gives_what_full_prefetch_gives(app: Flask, server: RunningFhirServer) -> None:
    answer = ask(app, asking(server.base, server.access_token(ALL)))
    assert (answer.cards, answer.named) == (ask(app, request(UNTREATED)).cards, set())


@pytest.mark.parametrize("key", KEYS)
def test_what_the_scope_leaves_out_is_named_and_the_rest_is_judged(
    app: Flask, server: RunningFhirServer, key: str
) -> None:
    scope = ALL.replace(f"system/{RESOURCE_TYPES[key][0]}.read", "").strip()
    answer = ask(app, asking(server.base, server.access_token(scope), key))
    if key in ("patient", "conditions"):
        assert (answer.status, answer.refused_for) == (412, [f"$.prefetch.{key}"])
        assert "the access token does not allow it" in answer.body["issue"][0]["diagnostics"]
        return
    without = request(FACTS.get(key, UNTREATED))
    del without["prefetch"][key]
    assert (answer.status, answer.named) == (200, {key})
    assert answer.cards == ask(app, without).cards
    assert "the access token does not allow it" in str(answer.body)


def test_prefetch_and_token_complete_each_other(app: Flask, server: RunningFhirServer) -> None:
    """What the token does not open was prefetched, and the other way round."""
    body = request(UNTREATED) | access(server.base, access_token=server.access_token("system/Observation.read"))
    del body["prefetch"]["observations"]
    answer = ask(app, body)
    assert (answer.cards, answer.named) == (ask(app, request(UNTREATED)).cards, set())


@pytest.mark.parametrize("token", ["nonsense", "a.b.c"])
def test_a_token_that_the_server_does_not_know_is_412(app: Flask, server: RunningFhirServer, token: str) -> None:
    answer = ask(app, asking(server.base, token))
    assert (answer.status, answer.refused_for) == (412, ["$.prefetch.patient"])
    assert "the FHIR server refused the access token" in answer.body["issue"][0]["diagnostics"]
    assert token not in str(answer.body)


def test_a_token_that_has_run_out_is_412_and_what_was_prefetched_counts_without_it() -> None:
    with running_sekmet([], smart=True, token_lifetime_s=0) as server:
        app = service(server.base)
        expired = access(server.base, access_token=server.access_token(ALL))
        refused = ask(app, request(UNTREATED) | expired | {"prefetch": {}})
        assert (refused.status, refused.refused_for) == (412, ["$.prefetch.patient"])
        body = request(UNTREATED) | expired
        del body["prefetch"]["observations"]
        answer = ask(app, body)
    assert (answer.status, answer.named) == (200, {"observations"})
    told = answer.body["extension"][EXTENSION]["notAssessed"]
    assert all("the FHIR server refused the access token" in n["why"] for n in told if "observations" in n["missing"])


@pytest.mark.parametrize("seconds", [0, -1, -3600])
def test_a_token_said_to_have_run_out_is_not_sent(app: Flask, server: RunningFhirServer, seconds: int) -> None:
    body = request(UNTREATED) | access(server.base, access_token=server.access_token(ALL), expires_in=seconds)
    del body["prefetch"]["observations"]
    assert ask(app, body).named == {"observations"}
