"""Queries run side by side over connections that are kept."""

import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cds_service.fhir.client import Fetched, FhirClient
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer

SIX = {kind: f"{kind}?patient=p1" for kind in ("Condition", "Observation", "Procedure", "Encounter", "A", "B")}


def six(client: FhirClient, base: str, seconds: float = 3.0) -> list[bool]:
    outcomes = client.fetch(base, "t", SIX, deadline_seconds=seconds)
    return [isinstance(outcome, Fetched) for outcome in outcomes.values()]


def test_six_queries_of_200_ms_take_hardly_longer_than_one(server: HostileServer, client: FhirClient) -> None:
    """Aim: 1.2 x 200 + 50 ms. The bound leaves room for a busy machine; one after another is 1.2 s."""
    client.warm_up()
    server.on("*", hostile.answers(hostile.searchset(), after=0.2))
    started = time.monotonic()
    assert six(client, server.base) == [True] * 6
    assert time.monotonic() - started < 0.6


def test_eight_calls_of_six_queries_at_once_do_not_queue(server: HostileServer, client: FhirClient) -> None:
    """A pool of six threads would need 1.6 s."""
    client.warm_up()
    server.on("*", hostile.answers(hostile.searchset(), after=0.2))
    started = time.monotonic()
    with ThreadPoolExecutor(8) as callers:
        calls = [callers.submit(six, client, server.base) for _ in range(8)]
        assert [call.result() for call in calls] == [[True] * 6] * 8
    assert time.monotonic() - started < 1.0


def test_connections_are_kept_for_later_calls(server: HostileServer, client: FhirClient) -> None:
    for _ in range(5):
        assert isinstance(client.fetch(server.base, "t", {"k": "Patient/1"})["k"], Fetched)
    assert (len(server.received), server.connections) == (5, 1)


@pytest.mark.parametrize(
    "behaviour",
    [
        hostile.answers({"resourceType": "OperationOutcome"}, status=404),
        hostile.answers(b"", status=302, Location="/x"),
        hostile.answers(b""),
        hostile.compressed(hostile.searchset()),
        hostile.pages("Patient?page=2", "Patient?page=3", None),
    ],
    ids=["404", "redirect", "empty", "gzip", "pages"],
)
def test_a_short_answer_of_any_kind_keeps_its_connection(
    server: HostileServer, client: FhirClient, behaviour: hostile.Behaviour
) -> None:
    server.on("Patient", behaviour)
    for _ in range(3):
        client.fetch(server.base, "t", {"k": "Patient/1"})
    assert len(server.received) >= 3
    assert server.connections == 1


def test_a_connection_that_the_server_closed_meanwhile_is_replaced_unnoticed(
    server: HostileServer, client: FhirClient
) -> None:
    for _ in range(3):
        assert isinstance(client.fetch(server.base, "t", {"k": "Patient/1"})["k"], Fetched)
        server.hang_up()


def test_a_client_that_was_closed_starts_anew(server: HostileServer, client: FhirClient) -> None:
    client.fetch(server.base, "t", {"k": "Patient/1"})
    client.close()
    assert isinstance(client.fetch(server.base, "t", {"k": "Patient/1"})["k"], Fetched)
    assert server.connections == 2


def test_no_queries_need_no_connection(server: HostileServer, client: FhirClient) -> None:
    assert client.fetch(server.base, "t", {}) == {}
    assert server.connections == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this platform")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_worker_opens_its_own_threads_and_connections(server: HostileServer, client: FhirClient) -> None:
    """A web server may load the service before it forks its workers."""
    client.fetch(server.base, "t", {"k": "Patient/1"})
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()

    def worker() -> None:
        outcome = client.fetch(server.base, "t", {"k": "Patient/1"}, deadline_seconds=2.0)["k"]
        answers.put(isinstance(outcome, Fetched))

    child = context.Process(target=worker)
    child.start()
    child.join(10)
    assert child.exitcode == 0
    assert answers.get()
    assert server.connections == 2
