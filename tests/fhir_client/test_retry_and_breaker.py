"""When the client tries again, and when it stops trying."""

import socket
import time
from collections.abc import Callable

import pytest

from cds_service.fhir.client import Fetched, FhirClient, NotFetched
from cds_service.fhir.client.breaker import Breaker
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer

FINE = hostile.answers({"resourceType": "Patient", "id": "1"})


def cause(client: FhirClient, base: str, seconds: float = 0.4) -> str:
    outcome = client.fetch(base, "t", {"k": "Patient/1"}, deadline_seconds=seconds)["k"]
    return outcome.cause if isinstance(outcome, NotFetched) else "fetched"


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_honoured_when_it_fits(server: HostileServer, client: FhirClient, status: int) -> None:
    server.on("Patient", hostile.in_turn(hostile.asks_to_wait("1", status), FINE))
    started = time.monotonic()
    assert cause(client, server.base, seconds=3.0) == "fetched"
    assert 1.0 <= time.monotonic() - started < 2.5
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "retry_after",
    ["1", "3600", "9" * 500, "-1", "0.1", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", ""],
)
def test_retry_after_that_does_not_fit_or_is_no_number_of_seconds_is_not_waited_for(
    server: HostileServer, client: FhirClient, retry_after: str
) -> None:
    server.on("Patient", hostile.in_turn(hostile.asks_to_wait(retry_after, 429), FINE))
    started = time.monotonic()
    assert cause(client, server.base) == "rate-limited"
    assert time.monotonic() - started < 0.9
    assert len(server.received) == 1


def test_a_server_that_always_asks_to_wait_is_asked_twice(server: HostileServer, client: FhirClient) -> None:
    server.on("Patient", hostile.asks_to_wait("0", 429))
    assert cause(client, server.base) == "rate-limited"
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "behaviour",
    [
        hostile.answers({}, status=500, Retry_After="0"),
        hostile.answers({}, status=404, Retry_After="0"),
        hostile.answers({}, status=401, Retry_After="0"),
        hostile.answers({}, status=503),
        hostile.truncated(),
        hostile.cut_short(),
        hostile.not_http(),
    ],
    ids=["500", "404", "401", "503 without Retry-After", "truncated", "cut short", "not HTTP"],
)
def test_nothing_else_is_asked_again(server: HostileServer, client: FhirClient, behaviour: hostile.Behaviour) -> None:
    server.on("Patient", behaviour)
    assert cause(client, server.base) != "fetched"
    assert len(server.received) == 1


def test_a_connection_lost_before_any_answer_is_tried_once_more(server: HostileServer, client: FhirClient) -> None:
    server.on("Patient", hostile.in_turn(hostile.hangs_up(), FINE))
    assert cause(client, server.base) == "fetched"


def resolving(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> list[str]:
    """No resolver is asked in a test: each name looked up is noted, and `fault` raised."""
    asked: list[str] = []

    def look_up(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise fault

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def test_a_name_that_does_not_resolve_is_unreachable_and_tried_twice(
    client: FhirClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, socket.gaierror("no such name"))
    assert cause(client, "https://ehr.example/fhir") == "unreachable"
    assert asked == ["ehr.example"] * 2


def test_an_unforeseen_exception_becomes_an_outcome_and_a_log_line_without_its_text(
    client: FhirClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolving(monkeypatch, ZeroDivisionError("Patient/1"))
    assert cause(client, "https://ehr.example/fhir") == "client-error"
    assert "ZeroDivisionError" in caplog.text
    assert "Patient/1" not in caplog.text


class Clock:
    """Monotonic seconds that pass when told, on top of the real ones."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@pytest.mark.parametrize(
    "fault",
    [hostile.answers({}, status=500), hostile.hangs(), hostile.hangs_up()],
    ids=["500", "hangs", "hangs up"],
)
def test_the_circuit_opens_after_repeated_faults_and_closes_again(
    server: HostileServer, make_client: Callable[..., FhirClient], fault: hostile.Behaviour
) -> None:
    clock = Clock()
    client = make_client(breaker_threshold=2, breaker_cool_down_seconds=10.0, clock=clock)
    server.on("Patient", fault)
    assert "circuit-open" not in (cause(client, server.base, 0.2), cause(client, server.base, 0.2))
    asked = len(server.received)
    server.on("Patient", FINE)
    assert cause(client, server.base) == "circuit-open"
    clock.ahead = 9.0
    assert cause(client, server.base) == "circuit-open"
    assert len(server.received) == asked
    clock.ahead = 11.0
    assert cause(client, server.base) == "fetched"
    assert cause(client, server.base) == "fetched"


def test_a_failed_trial_opens_the_circuit_for_another_cool_down(
    server: HostileServer, make_client: Callable[..., FhirClient]
) -> None:
    clock = Clock()
    client = make_client(breaker_threshold=2, breaker_cool_down_seconds=10.0, clock=clock)
    server.on("Patient", hostile.answers({}, status=500))
    assert [cause(client, server.base) for _ in range(3)] == ["server-error", "server-error", "circuit-open"]
    clock.ahead = 11.0
    assert [cause(client, server.base) for _ in range(2)] == ["server-error", "circuit-open"]
    clock.ahead = 22.0
    assert cause(client, server.base) == "server-error"


def test_only_one_call_at_a_time_tries_a_server_that_was_down() -> None:
    clock = Clock()
    breaker = Breaker(1, 10.0, clock)
    assert breaker.admit("server")
    breaker.record("server", healthy=False)
    clock.ahead = 11.0
    assert [breaker.admit("server") for _ in range(3)] == [True, False, False]
    breaker.record("server", healthy=None)
    assert [breaker.admit("server") for _ in range(2)] == [True, False]
    breaker.record("server", healthy=True)
    assert [breaker.admit("server") for _ in range(2)] == [True, True]


def test_only_consecutive_faults_count(server: HostileServer, make_client: Callable[..., FhirClient]) -> None:
    client = make_client(breaker_threshold=2)
    server.on("Patient", hostile.in_turn(*[hostile.answers({}, status=500), FINE] * 3))
    assert "circuit-open" not in [cause(client, server.base) for _ in range(6)]


@pytest.mark.parametrize("status", [401, 403, 404, 429])
def test_a_refusal_is_not_a_fault_of_the_server(
    server: HostileServer, make_client: Callable[..., FhirClient], status: int
) -> None:
    client = make_client(breaker_threshold=1)
    server.on("Patient", hostile.answers({}, status=status))
    assert "circuit-open" not in [cause(client, server.base) for _ in range(3)]


def test_one_answer_among_faults_shows_that_the_server_lives(
    server: HostileServer, make_client: Callable[..., FhirClient]
) -> None:
    client = make_client(breaker_threshold=1)
    server.on("Condition", hostile.answers({}, status=500))
    queries = {"patient": "Patient/1", "conditions": "Condition?patient=1"}
    for _ in range(3):
        outcomes = client.fetch(server.base, "t", queries, deadline_seconds=0.4)
        assert isinstance(outcomes["patient"], Fetched)


def test_each_server_has_its_own_circuit(
    server: HostileServer, trap: HostileServer, make_client: Callable[..., FhirClient]
) -> None:
    client = make_client(breaker_threshold=1)
    server.on("Patient", hostile.answers({}, status=500))
    trap.on("Patient", FINE)
    assert [cause(client, server.base), cause(client, server.base)] == ["server-error", "circuit-open"]
    assert cause(client, trap.base) == "fetched"


def test_a_mistake_on_our_side_says_nothing_about_the_server(
    server: HostileServer, make_client: Callable[..., FhirClient]
) -> None:
    client = make_client(breaker_threshold=1)
    server.on("Patient", FINE)
    client.fetch(server.base, "t", {"k": "../admin"})
    client.fetch(server.base, "t", {"k": "Patient/1"}, deadline_seconds=0.0)
    assert cause(client, server.base) == "fetched"
