"""However a server misbehaves, the call ends in time and says what happened."""

import threading
import time
from collections.abc import Callable

import pytest

from cds_service.fhir.client import Fetched, FhirClient, NotFetched
from tests.fhir_client import hostile
from tests.fhir_client.hostile import DrippingPort, HostileServer

DEADLINE = 0.4
SLACK = 0.6
TOKEN = "secret-access-token"


def fetch_one(client: FhirClient, base: str, query: str = "Condition?patient=p1") -> Fetched | NotFetched:
    started = time.monotonic()
    outcome = client.fetch(base, TOKEN, {"key": query}, deadline_seconds=DEADLINE)["key"]
    assert time.monotonic() - started < DEADLINE + SLACK
    assert TOKEN not in repr(outcome)
    assert not isinstance(outcome, NotFetched) or "p1" not in outcome.detail
    return outcome


def fetching() -> set[threading.Thread]:
    """The threads of FHIR clients: of this test's, and of any that an earlier test left to the garbage collector."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("fhir-fetch")}


@pytest.fixture
def idle_again() -> Callable[[], bool]:
    """No thread of this test's client is stuck in an exchange: the guards let them all go."""
    before = fetching()
    return lambda: fetching() <= before


HOSTILE: dict[str, tuple[hostile.Behaviour, str, int | None]] = {
    "hangs": (hostile.hangs(), "timeout", None),
    "drips the status line": (hostile.drips(where="status"), "timeout", None),
    "drips a header": (hostile.drips(where="headers"), "timeout", None),
    "drips the body": (hostile.drips(where="body"), "timeout", None),
    "drips a chunk size": (hostile.drips(where="chunk"), "timeout", None),
    "drips the body of a 500": (hostile.drips(where="failure"), "server-error", 500),
    "never sends the body of a 403": (hostile.withholds_body(403), "forbidden", 403),
    "100 Continue for ever": (hostile.continues_forever(), "timeout", None),
    "gzip that decodes to nothing": (hostile.silent_gzip(), "timeout", None),
    "HTML with 200": (hostile.html(), "bad-content", 200),
    "HTML with 500": (hostile.html(500), "server-error", 500),
    "401": (hostile.answers({}, status=401), "unauthorized", 401),
    "403": (hostile.answers({}, status=403), "forbidden", 403),
    "404": (hostile.answers({}, status=404), "not-found", 404),
    "410": (hostile.answers({}, status=410), "not-found", 410),
    "400": (hostile.answers({}, status=400), "client-error", 400),
    "429": (hostile.answers({}, status=429), "rate-limited", 429),
    "503": (hostile.answers({}, status=503), "server-error", 503),
    "304": (hostile.answers(b"", status=304), "redirect", 304),
    "empty body": (hostile.answers(b""), "bad-content", 200),
    "blank body": (hostile.answers(b"   \n "), "bad-content", 200),
    "JSON list": (hostile.answers(b"[]"), "bad-content", 200),
    "JSON and more": (hostile.answers(b'{"a":1} trailing'), "bad-content", 200),
    "JSON without end of nesting": (hostile.answers(b'{"a":' * 200_000), "bad-content", 200),
    "truncated JSON": (hostile.truncated(), "bad-content", 200),
    "fewer bytes than declared": (hostile.cut_short(), "bad-content", None),
    "not HTTP": (hostile.not_http(), "bad-content", None),
    "hangs up": (hostile.hangs_up(), "unreachable", None),
    "200 MB declared": (hostile.huge(200, declared=True), "too-large", 200),
    "200 MB undeclared": (hostile.huge(200, declared=False), "too-large", 200),
    "gzip bomb": (hostile.gzip_bomb(), "too-large", 200),
    "gzip bomb in a redirect": (hostile.gzip_bomb(status=302, location="/fhir/Patient/1"), "redirect", 302),
    "gzip bomb in a 500": (hostile.gzip_bomb(status=500), "server-error", 500),
    "gzip in gzip": (hostile.nested_gzip(), "bad-content", 200),
    "gzip in name only": (hostile.answers(b"{}", Content_Encoding="gzip"), "bad-content", None),
    "a coding not asked for": (hostile.answers(b"{}", Content_Encoding="br"), "bad-content", 200),
    "redirect": (hostile.redirects("/fhir/Patient/1"), "redirect", 302),
}


@pytest.mark.parametrize(("behaviour", "cause", "status"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_is_named_and_ends_in_time(
    server: HostileServer,
    client: FhirClient,
    behaviour: hostile.Behaviour,
    cause: str,
    status: int | None,
    idle_again: Callable[[], bool],
) -> None:
    server.on("Condition", behaviour)
    outcome = fetch_one(client, server.base)
    assert isinstance(outcome, NotFetched)
    assert (outcome.cause, outcome.status) == (cause, status)
    client.close()
    assert hostile.until(idle_again)


@pytest.mark.parametrize("where", ["status", "headers", "body", "chunk"])
def test_a_server_that_drips_holds_no_thread_after_the_deadline(
    server: HostileServer, make_client: Callable[..., FhirClient], where: str
) -> None:
    """With one thread only, the next call can be served only if the first one let go of it."""
    client = make_client(max_threads=1)
    server.on("Condition", hostile.drips(where=where, every=0.1))
    fetch_one(client, server.base)
    assert isinstance(fetch_one(client, server.base, "Patient/p1"), Fetched)


def test_a_tls_handshake_that_drips_ends_at_the_deadline(
    make_client: Callable[..., FhirClient], idle_again: Callable[[], bool]
) -> None:
    client = make_client(max_threads=1, connect_timeout_seconds=5.0)
    with DrippingPort() as port:
        outcome = fetch_one(client, port.base)
    assert isinstance(outcome, NotFetched)
    assert outcome.cause == "timeout"
    client.close()
    assert hostile.until(idle_again)


def test_a_port_where_nobody_listens_is_unreachable(client: FhirClient) -> None:
    with HostileServer() as gone:
        base = gone.base
    outcome = fetch_one(client, base)
    assert isinstance(outcome, NotFetched)
    assert outcome.cause == "unreachable"


def test_one_hostile_answer_spoils_no_other(server: HostileServer, client: FhirClient) -> None:
    server.on("Condition", hostile.hangs())
    server.on("Observation", hostile.html())
    outcomes = client.fetch(
        server.base,
        TOKEN,
        {"patient": "Patient/p1", "conditions": "Condition?patient=p1", "observations": "Observation?x=1"},
        deadline_seconds=DEADLINE,
    )
    assert isinstance(outcomes["patient"], Fetched)
    assert [getattr(outcomes[key], "cause", None) for key in ("conditions", "observations")] == [
        "timeout",
        "bad-content",
    ]


def test_all_queries_together_stay_below_the_byte_cap(
    server: HostileServer, make_client: Callable[..., FhirClient]
) -> None:
    client = make_client(max_total_bytes=25_000)
    server.on("*", hostile.answers(b'{"a":"' + b"z" * 10_000 + b'"}'))
    outcomes = client.fetch(server.base, TOKEN, {str(n): f"Condition?n={n}" for n in range(4)}, deadline_seconds=2.0)
    kept = [outcome for outcome in outcomes.values() if isinstance(outcome, Fetched)]
    lost = [outcome.cause for outcome in outcomes.values() if isinstance(outcome, NotFetched)]
    assert 1 <= len(kept) <= 2
    assert set(lost) == {"too-large"}


@pytest.mark.parametrize("send", [hostile.answers, hostile.compressed])
def test_a_page_as_large_as_the_limit_is_kept_and_one_byte_more_is_not(
    server: HostileServer,
    make_client: Callable[..., FhirClient],
    send: Callable[[bytes], hostile.Behaviour],
) -> None:
    client = make_client(max_page_bytes=1_000)
    server.on("Patient", send(b'{"a":"' + b"z" * 992 + b'"}'))
    server.on("Condition", send(b'{"a":"' + b"z" * 993 + b'"}'))
    assert isinstance(fetch_one(client, server.base, "Patient/p1"), Fetched)
    outcome = fetch_one(client, server.base)
    assert isinstance(outcome, NotFetched)
    assert outcome.cause == "too-large"


def test_no_time_left_means_nothing_is_sent(server: HostileServer, client: FhirClient) -> None:
    outcome = client.fetch(server.base, TOKEN, {"key": "Patient/p1"}, deadline_seconds=0.0)["key"]
    assert isinstance(outcome, NotFetched)
    assert outcome.cause == "timeout"
    assert server.received == []


def test_a_query_that_gets_no_thread_is_a_timeout_of_our_own_making(
    server: HostileServer, make_client: Callable[..., FhirClient]
) -> None:
    client = make_client(max_threads=1, breaker_threshold=1)
    server.on("Condition", hostile.answers(hostile.searchset(), after=0.35))
    outcomes = client.fetch(
        server.base, TOKEN, {str(n): f"Condition?n={n}" for n in range(3)}, deadline_seconds=DEADLINE
    )
    assert isinstance(outcomes["0"], Fetched)
    last = outcomes["2"]
    assert isinstance(last, NotFetched)
    assert last.detail == "not begun before the deadline: too many queries at once"
