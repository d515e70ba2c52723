"""A FHIR server that misbehaves costs a call its deadline at most, and never more than what it was asked for.

The real service, started by its command line, in front of one misbehaving server for each way of misbehaving.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from tests.end_to_end.calls import EXTENSION
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.protocol.service import PATIENT_VIEW, Service, empties, running_service
from tests.real_conditions.asking import CHART, PATIENT_ID, TOKEN, Json, access, request

DEADLINE_MS = 800
SLACK_S = 1.0  # the aim is 0.2 s; a shared machine may be slow
ELSEWHERE = "http://127.0.0.2:9/fhir/Observation"
WAYS: dict[str, hostile.Behaviour] = {
    "hangs": hostile.hangs(),
    "drips the status line": hostile.drips(where="status"),
    "drips headers": hostile.drips(where="headers"),
    "drips the body": hostile.drips(where="body"),
    "drips a chunk": hostile.drips(where="chunk"),
    "100 Continue for ever": hostile.continues_forever(),
    "gzip that decodes to nothing": hostile.silent_gzip(),
    "500": hostile.html(500),
    "503 and wait": hostile.asks_to_wait("1"),
    "HTML with 200": hostile.html(),
    "JSON list": hostile.answers(b"[]"),
    "empty body": hostile.answers(b""),
    "truncated JSON": hostile.truncated(),
    "fewer bytes than declared": hostile.cut_short(),
    "hangs up": hostile.hangs_up(),
    "not HTTP": hostile.not_http(),
    "endless pages": hostile.endless_pages(),
    "a page that leads to itself": hostile.self_loop(),
    "a next link elsewhere": hostile.answers(hostile.searchset(hostile.condition(1), next_link=ELSEWHERE)),
    "redirect elsewhere": hostile.redirects(ELSEWHERE),
    "permanent redirect elsewhere": hostile.redirects(ELSEWHERE, 308),
    "200 MB declared": hostile.huge(200, declared=True),
    "200 MB undeclared": hostile.huge(200, declared=False),
    "gzip bomb": hostile.gzip_bomb(),
    "gzip in gzip": hostile.nested_gzip(),
    "nested without end": hostile.answers(b'{"resourceType":"Bundle","entry":[' + b'{"a":' * 200_000),
}


@dataclass(frozen=True)
class World:
    """The service, a misbehaving server for each way, and another origin where nothing may arrive."""

    service: Service
    servers: dict[str, HostileServer]
    trap: HostileServer


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        trap = stack.enter_context(HostileServer(host="127.0.0.2"))
        servers = {way: stack.enter_context(HostileServer()) for way in WAYS}
        settings = {
            "CDS_AUTH": "open",
            "CDS_DEADLINE_MS": str(DEADLINE_MS),
            "CDS_FHIR_SERVERS": ",".join(server.base for server in servers.values()),
        }
        folder = tmp_path_factory.mktemp("hostile")
        service = stack.enter_context(running_service(folder, settings, workers=1))
        service.call(PATIENT_VIEW, request())  # a worker's first call sets it up; what follows is measured
        yield World(service, servers, trap)
        nobody_else_was_asked_and_nothing_was_written_down(World(service, servers, trap))


def nobody_else_was_asked_and_nothing_was_written_down(world: World) -> None:
    """After all the calls of this process."""
    assert world.trap.received == []
    left = b"".join(path.read_bytes() for path in world.service.log.parent.iterdir() if path.is_file())
    for secret in (TOKEN, PATIENT_ID, "127.0.0.2"):
        assert secret.encode() not in left


def call(world: World, server: HostileServer, body: Json) -> tuple[int, Json]:
    """One call that has to be answered in time, in JSON, without the token."""
    started = time.monotonic()
    answer = world.service.call(PATIENT_VIEW, body | access(server.base))
    assert time.monotonic() - started < DEADLINE_MS / 1000 + SLACK_S
    assert TOKEN not in answer.text
    assert ELSEWHERE not in answer.text
    assert empties(answer.json()) == []
    return answer.status_code, answer.json()


def bad_for(world: World, way: str, *kinds: str) -> HostileServer:
    """The server of this way, which misbehaves for these resource types only."""
    server = world.servers[way]
    for kind in kinds:
        server.on(kind, WAYS[way])
    return server


@pytest.mark.parametrize("way", WAYS)
def test_what_a_server_withholds_is_named_and_the_rest_is_judged(world: World, way: str) -> None:
    server = bad_for(world, way, "Observation")
    whole = request()
    prefetch = {key: whole["prefetch"][key] for key in ("patient", "conditions")}
    status, body = call(world, server, whole | {"prefetch": prefetch})
    assert status == 200
    missing = {key for n in body["extension"][EXTENSION]["notAssessed"] for key in n["missing"]}
    assert missing == {"observations"}
    assert any(card["source"]["topic"]["code"] == "not-assessed" for card in body["cards"])


@pytest.mark.parametrize("way", WAYS)
def test_a_red_flag_in_what_was_supplied_still_speaks(world: World, way: str) -> None:
    server = bad_for(world, way, "Observation")
    whole = request((*CHART, "condition: numbness of saddle area [sct 449813001] undated"))
    del whole["prefetch"]["observations"]
    status, body = call(world, server, whole)
    assert status == 200
    assert body["cards"][0]["indicator"] == "critical"


@pytest.mark.parametrize("way", WAYS)
def test_without_the_patient_the_call_is_refused_and_says_what_to_enable(world: World, way: str) -> None:
    server = bad_for(world, way, "Patient")
    status, body = call(world, server, request() | {"prefetch": {}})
    assert status == 412
    (issue,) = body["issue"]
    assert issue["expression"] == ["$.prefetch.patient"]
    for said in ("key: patient", "query: Patient/{{context.patientId}}", "cause: ", "to do: "):
        assert said in issue["diagnostics"]
