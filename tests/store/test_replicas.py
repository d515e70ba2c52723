"""Two service processes on one PostgreSQL are one service: what one has seen, the other knows."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
import requests

from tests.protocol.service import PATIENT_VIEW, Service, running_service, view
from tests.store.postgres import Cluster
from tests.trust.signing import ISSUER, Draft, key_set

pytestmark = pytest.mark.postgres

PUBLIC = "https://cds.example"  # what a load balancer in front of both is called
CALL = f"{PUBLIC}/cds-services/{PATIENT_VIEW}"


@pytest.fixture(scope="module")
def address(cluster: Cluster) -> str:
    return cluster.url()


@pytest.fixture(scope="module")
def replicas(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    folder = tmp_path_factory.mktemp("replicas")
    (folder / "keys.json").write_text(json.dumps(key_set()))
    registry = folder / "clients.yaml"
    registry.write_text(json.dumps({"clients": [{"name": "Hospital", "issuer": ISSUER, "jwks": "keys.json"}]}))
    settings = {"CDS_PUBLIC_BASE_URL": PUBLIC, "CDS_DATABASE_URL": address, "CDS_CLIENTS": str(registry)}
    with running_service(folder, settings, workers=1) as first, running_service(folder, settings, workers=1) as second:
        yield first, second


def called(replica: Service, token: str) -> requests.Response:
    return replica.call(PATIENT_VIEW, view(), headers={"Authorization": f"Bearer {token}"})


def said(replica: Service, card: str) -> None:
    item = {"card": card, "outcome": "overridden", "outcomeTimestamp": "2026-01-15T12:30:00Z"}
    token = {"Authorization": f"Bearer {Draft(f'{CALL}/feedback').signed()}"}
    assert replica.feedback(PATIENT_VIEW, [item], headers=token).json() == {"stored": 1}


def rules_of_feedback(address: str, card: str) -> list[tuple[str, bool]]:
    """The rules that feedback on this card counts for, once the card is written, which takes a quarter of a second."""
    query = """SELECT card_rule.rule, feedback.matched FROM feedback JOIN card_rule ON card_rule.card = feedback.card
               WHERE feedback.card = %s ORDER BY card_rule.place"""
    give_up = time.monotonic() + 5
    while True:
        with psycopg.connect(address) as connection:
            found: list[tuple[str, bool]] = connection.execute(query, [card]).fetchall()
        if (found and all(matched for _, matched in found)) or time.monotonic() > give_up:
            return found
        time.sleep(0.05)


def test_a_token_used_at_one_is_refused_at_the_other(replicas: tuple[Service, Service]) -> None:
    first, second = replicas
    token = Draft(CALL).signed()
    assert called(first, token).status_code == 200
    assert called(second, token).status_code == 401
    assert called(second, Draft(CALL).signed()).status_code == 200


def test_of_many_uses_of_a_token_at_both_at_once_one_is_answered(replicas: tuple[Service, Service]) -> None:
    token = Draft(CALL).signed()
    with ThreadPoolExecutor(16) as pool:
        statuses = list(pool.map(lambda n: called(replicas[n % 2], token).status_code, range(32)))
    assert sorted(statuses) == [200] + 31 * [401]


@pytest.mark.parametrize("seconds", [0.0, 0.5], ids=["at once", "once it is written"])
def test_feedback_at_one_counts_for_the_rules_of_a_card_that_the_other_showed(
    replicas: tuple[Service, Service], address: str, seconds: float
) -> None:
    first, second = replicas
    card = called(first, Draft(CALL).signed()).json()["cards"][0]
    time.sleep(seconds)
    said(second, card["uuid"])
    shown = [(rule["id"], True) for rule in card["extension"]["org.posterior-hip-cds"]["rules"]]
    assert rules_of_feedback(address, card["uuid"]) == shown != []


def test_a_replica_that_starts_later_finds_what_the_others_left(
    replicas: tuple[Service, Service], address: str, tmp_path: Path
) -> None:
    """As after a rolling update: nothing that counts lives in a process or on its disk."""
    card = called(replicas[0], Draft(CALL).signed()).json()["cards"][0]["uuid"]
    registry = replicas[0].log.parent / "clients.yaml"
    settings = {"CDS_PUBLIC_BASE_URL": PUBLIC, "CDS_DATABASE_URL": address, "CDS_CLIENTS": str(registry)}
    used = Draft(CALL).signed()
    assert called(replicas[1], used).status_code == 200
    with running_service(tmp_path, settings, workers=1) as third:
        assert called(third, used).status_code == 401
        said(third, card)
    assert rules_of_feedback(address, card)
    assert [path.name for path in tmp_path.iterdir()] == [third.log.name]
