"""Every way that a token can be wrong is told apart, and every way that it may look right is taken."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from cds_service.store import Database, SeenTokens
from cds_service.trust.client import Client
from cds_service.trust.gate import Gate
from cds_service.trust.token import TokenRefused, bearer
from tests.trust.signing import ATTACKS, ISSUER, TAKEN, Draft, jwk, key_set

NOW = 1_768_480_215.4
URL = "https://cds.example/cds-services/posterior-hip-patient-view"


@pytest.fixture
def client(tmp_path: Path) -> Client:
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(key_set()))
    return Client("ehr", ISSUER, jwks=keys, audiences=("urn:our-cds",))


def gate_of(*clients: Client, now: float = NOW, database: Database | None = None) -> Gate:
    made = Gate.of(clients, SeenTokens(database or Database("sqlite://")), None)
    return Gate(made.clients, made.keys, made.seen, None, clock=lambda: now)


@pytest.mark.parametrize(("test", "attack"), [a[1:] for a in ATTACKS], ids=[a[0] for a in ATTACKS])
def test_a_bad_token_is_refused_by_the_test_that_it_fails(
    client: Client, test: str, attack: Callable[[Draft], str]
) -> None:
    gate = gate_of(client)
    with pytest.raises(TokenRefused) as refused:
        gate.admit(f"Bearer {attack(Draft(URL, NOW))}", {URL})
    assert refused.value.test == test


@pytest.mark.parametrize("make", [t[1] for t in TAKEN], ids=[t[0] for t in TAKEN])
def test_a_good_token_is_taken(client: Client, make: Callable[[Draft], str]) -> None:
    assert gate_of(client).admit(f"Bearer {make(Draft(URL, NOW))}", {URL}) == client


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic abc", "Token x", "bearerx"])
def test_a_request_without_bearer_token_is_refused(header: str | None) -> None:
    with pytest.raises(TokenRefused) as refused:
        bearer(header)
    assert refused.value.test == "header"


def test_the_word_bearer_may_be_written_in_any_case() -> None:
    assert bearer("bEARER  abc") == "abc"


def test_a_token_counts_once(client: Client) -> None:
    token = Draft(URL, NOW).signed()
    gate = gate_of(client)
    gate.admit(f"Bearer {token}", {URL})
    with pytest.raises(TokenRefused) as refused:
        gate.admit(f"Bearer {token}", {URL})
    assert refused.value.test == "jti"


def test_a_refused_token_does_not_use_up_its_jti(client: Client) -> None:
    gate = gate_of(client)
    with pytest.raises(TokenRefused):
        gate.admit(f"Bearer {Draft(URL, NOW, claims={'jti': 'j', 'aud': 'x'}).signed()}", {URL})
    assert gate.admit(f"Bearer {Draft(URL, NOW, claims={'jti': 'j'}).signed()}", {URL}) == client


def test_with_replay_off_a_token_counts_until_it_expires(client: Client) -> None:
    lenient = Client("ehr", ISSUER, jwks=client.jwks, strict_replay=False)
    token = Draft(URL, NOW).signed()
    gate = gate_of(lenient)
    assert [gate.admit(f"Bearer {token}", {URL}) for _ in range(3)] == [lenient] * 3


@pytest.mark.parametrize(("tenant", "taken"), [("a", True), ("b", True), ("c", False), (None, False), (["a"], False)])
def test_a_client_with_tenants_must_name_one_of_them(client: Client, tenant: object, taken: bool) -> None:
    gate = gate_of(Client("ehr", ISSUER, jwks=client.jwks, tenants=("a", "b")))
    authorization = f"Bearer {Draft(URL, NOW, claims={'tenant': tenant}).signed()}"
    if taken:
        assert gate.check(authorization, {URL}).tenant == tenant
    else:
        with pytest.raises(TokenRefused, match="tenant"):
            gate.check(authorization, {URL})


def test_one_clients_key_does_not_sign_for_another(client: Client, tmp_path: Path) -> None:
    other_keys = tmp_path / "other.json"
    other_keys.write_text(json.dumps({"keys": [jwk("P-384", "ec/1+a=", 5)]}))
    other = Client("other", "https://other.example", jwks=other_keys)
    with pytest.raises(TokenRefused) as refused:
        gate_of(client, other).admit(f"Bearer {Draft(URL, NOW, number=5).signed()}", {URL})
    assert (refused.value.test, refused.value.client) == ("signature", client)


def test_an_algorithm_that_the_client_opted_into_is_taken(client: Client) -> None:
    willing = Client("ehr", ISSUER, jwks=client.jwks, algorithms=("ES256",))
    draft = Draft(URL, NOW, kind="P-256", algorithm="ES256", header={"kid": "p256"})
    assert gate_of(willing).admit(f"Bearer {draft.signed()}", {URL}) == willing


def test_the_token_never_stands_in_the_reason(client: Client) -> None:
    token = Draft(URL, NOW, number=3).signed()
    with pytest.raises(TokenRefused) as refused:
        gate_of(client).admit(f"Bearer {token}", {URL})
    assert token not in str(refused.value)
    assert token.split(".")[1] not in str(refused.value)
