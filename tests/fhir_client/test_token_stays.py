"""The token reaches the origin of fhirServer and nothing else: no other host, no log, no error text."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from cds_service.fhir.client import Fetched, FhirClient, NotFetched
from tests.certificates import self_signed
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer

TOKEN = "marked-access-token"
QUERY = {"key": "Condition?patient=marked-patient"}


def fetch_one(client: FhirClient, base: str, token: str = TOKEN) -> Fetched | NotFetched:
    return client.fetch(base, token, QUERY, deadline_seconds=1.0)["key"]


def test_the_token_is_sent_as_bearer_with_every_page(server: HostileServer, client: FhirClient) -> None:
    server.on("Condition", hostile.pages("Condition?page=2", None))
    fetch_one(client, server.base)
    assert [received.headers["authorization"] for received in server.received] == [f"Bearer {TOKEN}"] * 2


def test_a_next_link_to_another_origin_is_not_followed(
    server: HostileServer, trap: HostileServer, client: FhirClient
) -> None:
    port = trap.origin.rpartition(":")[2]
    for link in (
        f"{trap.base}?_getpages=x",
        f"//127.0.0.2:{port}/x",
        f"http://127.0.0.1:80@127.0.0.2:{port}/x",
    ):
        server.on("Condition", hostile.answers(hostile.searchset(next_link=link)))
        outcome = fetch_one(client, server.base)
        assert isinstance(outcome, Fetched)
        assert (outcome.complete, outcome.why_partial) == (False, "next link to another origin not followed")
    assert trap.received == []


def test_a_next_link_to_another_port_of_the_same_host_is_not_followed(
    server: HostileServer, client: FhirClient
) -> None:
    with HostileServer() as neighbour:
        server.on("Condition", hostile.answers(hostile.searchset(next_link=f"{neighbour.base}?page=2")))
        outcome = fetch_one(client, server.base)
        assert isinstance(outcome, Fetched)
        assert not outcome.complete
        assert neighbour.received == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(
    server: HostileServer, trap: HostileServer, client: FhirClient, status: int
) -> None:
    server.on("Condition", hostile.redirects(f"{trap.base}/Condition", status))
    outcome = fetch_one(client, server.base)
    assert isinstance(outcome, NotFetched)
    assert (outcome.cause, outcome.status) == ("redirect", status)
    server.on("Condition", hostile.redirects("/fhir/Patient/1", status))
    fetch_one(client, server.base)
    assert trap.received == []
    assert len(server.received) == 2


def test_the_environment_names_no_proxy_and_no_other_credentials(
    server: HostileServer,
    trap: HostileServer,
    client: FhirClient,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, trap.origin)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert isinstance(fetch_one(client, server.base), Fetched)
    assert trap.received == []
    assert server.received[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_a_cookie_of_one_call_does_not_turn_up_in_the_next(server: HostileServer, client: FhirClient) -> None:
    server.on("Condition", hostile.answers(hostile.searchset(), Set_Cookie="session=of-another-user"))
    fetch_one(client, server.base)
    fetch_one(client, server.base, "another-token")
    assert "cookie" not in server.received[1].headers


@pytest.mark.parametrize("token", ["", " ", "a b", "a\r\nX-Evil: 1", "tök", "a\x00"])
def test_without_a_usable_token_nothing_is_sent(server: HostileServer, client: FhirClient, token: str) -> None:
    outcome = fetch_one(client, server.base, token)
    assert outcome == NotFetched("unauthorized", None, "there is no usable access token")
    assert server.received == []


@pytest.mark.parametrize(
    "query", ["../admin", "/admin", "http://127.0.0.2/x", "Patient/..", "Patient/1\r\nX: y", "Patient/1#x"]
)
def test_a_query_that_would_leave_the_base_is_not_sent(server: HostileServer, client: FhirClient, query: str) -> None:
    outcome = client.fetch(server.base, TOKEN, {"key": query}, deadline_seconds=1.0)["key"]
    assert outcome == NotFetched("client-error", None, "the query is not relative to the FHIR base")
    assert server.received == []


@pytest.mark.parametrize("base", ["http://ehr.example/fhir", "ftp://127.0.0.1/fhir", "nonsense", ""])
def test_a_server_without_https_is_not_asked(client: FhirClient, base: str) -> None:
    outcome = fetch_one(client, base)
    assert isinstance(outcome, NotFetched)
    assert (outcome.cause, outcome.status) == ("client-error", None)


@pytest.mark.parametrize(
    "behaviour",
    [
        hostile.answers(hostile.searchset(hostile.condition(1))),
        hostile.hangs(),
        hostile.hangs_up(),
        hostile.not_http(),
        hostile.redirects("http://127.0.0.2/?patient=marked-patient"),
        hostile.answers({"issue": "marked-patient marked-access-token"}, status=403),
        lambda exchange: exchange.raw(b"HTTP/1.1 200 OK\r\nbroken header marked-patient\r\n\r\n{}"),
        lambda exchange: exchange.raw(
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        ),
    ],
    ids=["fine", "hangs", "hangs up", "not HTTP", "redirect", "403", "broken header", "two lengths"],
)
def test_no_log_at_any_level_and_no_outcome_names_patient_token_or_server(
    server: HostileServer,
    client: FhirClient,
    caplog: pytest.LogCaptureFixture,
    behaviour: hostile.Behaviour,
) -> None:
    caplog.set_level(logging.DEBUG)
    server.on("Condition", behaviour)
    outcome = client.fetch(server.base, TOKEN, QUERY, deadline_seconds=0.3)["key"]
    client.close()
    assert server.received
    told = caplog.text + repr(outcome)
    assert "marked" not in told
    assert "127.0.0.1" not in told


def test_another_users_urllib3_records_are_left_alone(
    server: HostileServer, client: FhirClient, caplog: pytest.LogCaptureFixture
) -> None:
    client.warm_up()
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").debug("from elsewhere")
    assert "from elsewhere" in caplog.text


def test_an_untrusted_certificate_gets_no_token(client: FhirClient, tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path, "127.0.0.1")
    with HostileServer(tls=context) as server:
        outcome = fetch_one(client, server.base)
        assert server.received == []
    assert outcome == NotFetched("unreachable", None, "no trusted TLS connection to the FHIR server")


def test_a_certificate_for_another_name_gets_no_token(make_client: Callable[..., FhirClient], tmp_path: Path) -> None:
    context, pem = self_signed(tmp_path, "127.0.0.9")
    with HostileServer(tls=context) as server:
        outcome = fetch_one(make_client(ca_bundle=str(pem)), server.base)
        assert server.received == []
    assert isinstance(outcome, NotFetched)
    assert outcome.cause == "unreachable"


def test_a_certificate_of_the_given_authority_is_trusted_and_its_connection_kept(
    make_client: Callable[..., FhirClient], tmp_path: Path
) -> None:
    context, pem = self_signed(tmp_path, "127.0.0.1")
    client = make_client(ca_bundle=str(pem))
    with HostileServer(tls=context) as server:
        assert isinstance(fetch_one(client, server.base), Fetched)
        assert isinstance(fetch_one(client, server.base), Fetched)
        assert server.connections == 1
