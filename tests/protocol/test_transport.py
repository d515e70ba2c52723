"""What any HTTP client may send, and that each of it is answered in JSON, without redirects and without a 500."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from cds_service import __version__
from tests.protocol.conftest import ORIGIN
from tests.protocol.service import PATIENT_VIEW, Service, bundle, condition, empties, running_service, view

CALL = f"/cds-services/{PATIENT_VIEW}"
JSON = {"Content-Type": "application/json"}
GOOD = json.dumps(view()).encode()
LIMIT = 3 * 1024 * 1024


def outcome(answer: Any) -> dict[str, Any]:
    """The OperationOutcome of an error, with the correlation id in body and header."""
    assert answer.headers["Content-Type"] == "application/json"
    told: dict[str, Any] = answer.json()
    assert told["resourceType"] == "OperationOutcome"
    assert told["issue"][0]["severity"] == "error"
    assert told["issue"][0]["details"]["text"]
    assert told["id"] == answer.headers["X-Correlation-ID"]
    assert empties(told) == []
    return told


def test_discovery_is_exact(opened: Service) -> None:
    answer = opened.send("GET", "/cds-services")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    UUID(answer.headers["X-Correlation-ID"])
    body = answer.json()
    assert empties(body) == []
    assert {(s["id"], s["hook"]) for s in body["services"]} == {
        ("posterior-hip-patient-view", "patient-view"),
        ("posterior-hip-order-select", "order-select"),
        ("posterior-hip-order-sign", "order-sign"),
    }
    for service in body["services"]:
        assert {"id", "hook", "title", "description", "prefetch", "usageRequirements"} == set(service)
    assert body["extension"] == {"org.posterior-hip-cds": {"version": __version__}}
    again = opened.send("GET", "/cds-services", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_head_of_discovery_has_no_body(opened: Service) -> None:
    answer = opened.send("HEAD", "/cds-services")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "methods", "allow"),
    [
        ("/cds-services", ("POST", "PUT", "PATCH", "DELETE"), {"GET", "HEAD", "OPTIONS"}),
        (CALL, ("GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE"), {"POST", "OPTIONS"}),
        (f"{CALL}/feedback", ("GET", "PUT", "DELETE"), {"POST", "OPTIONS"}),
        ("/healthz", ("POST",), {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_a_wrong_method_is_405_and_the_right_ones_are_named(
    opened: Service, path: str, methods: tuple[str, ...], allow: set[str]
) -> None:
    for method in methods:
        answer = opened.send(method, path)
        assert answer.status_code == 405
        assert {word.strip() for word in answer.headers["Allow"].split(",")} == allow
        if method != "HEAD":
            assert outcome(answer)["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "", "json", "text/json"]
)
@pytest.mark.parametrize("path", [CALL, f"{CALL}/feedback"])
def test_a_body_that_is_not_json_by_its_type_is_415(opened: Service, path: str, content_type: str) -> None:
    answer = opened.send("POST", path, data=GOOD, headers={"Content-Type": content_type})
    assert answer.status_code == 415
    outcome(answer)


@pytest.mark.parametrize("content_type", ["application/json", "Application/JSON; charset=utf-8"])
def test_json_is_json_with_a_charset_too(opened: Service, content_type: str) -> None:
    assert opened.send("POST", CALL, data=GOOD, headers={"Content-Type": content_type}).status_code == 200


def test_text_that_was_cut_in_the_middle_of_an_emoji_is_read(opened: Service) -> None:
    cut = GOOD.replace(b"Retention", b"Retention \\uD83D\\ude00 \\ud83d")
    whole = opened.send("POST", CALL, data=cut, headers=JSON)
    assert whole.status_code == 200
    told = json.dumps(whole.json(), ensure_ascii=False)
    assert "Retention \U0001f600 \ufffd of urine" in told


def test_a_compressed_body_is_415(opened: Service) -> None:
    answer = opened.send("POST", CALL, data=GOOD, headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415


MALFORMED = {
    "empty": b"",
    "blank": b"  \n",
    "half": GOOD[:-30],
    "trailing": GOOD + b"x",
    "two": GOOD + GOOD,
    "NaN": GOOD[:-1] + b', "x": NaN}',
    "Infinity": GOOD[:-1] + b', "x": [-Infinity]}',
    "too large a number": GOOD[:-1] + b', "x": 1e999}',
    "thousands of digits": GOOD[:-1] + b', "x": ' + b"9" * 5_000 + b"}",
    "NaN in a resource": GOOD.replace(b'"p1", "gender"', b'"p1", "x": NaN, "gender"'),
    "a key twice": GOOD[:-1] + b', "hook": "patient-view"}',
    "a key twice, escaped": GOOD[:-1] + b', "\\u0068ook": "patient-view"}',
    "a key twice in the context": GOOD.replace(b'"context": {', b'"context": {"patientId": "p2", '),
    "a prefetch key twice": GOOD.replace(b'"prefetch": {', b'"prefetch": {"conditions": null, '),
    "prefetch twice": GOOD[:-1] + b', "prefetch": {}}',
    "trailing comma": GOOD[:-1] + b",}",
    "comment": b"/* */" + GOOD,
    "single quotes": b"{'hook': 'patient-view'}",
    "invalid UTF-8": GOOD.replace(b"Sciatica", b"Sci\xffatica"),
    "Latin-1": GOOD.replace(b"Sciatica", "Rückenschmerz".encode("latin-1")),
    "UTF-16": json.dumps(view()).encode("utf-16"),
    "control character": GOOD.replace(b"Practitioner/u1", b"Practi\x01tioner"),
    "array": b"[]",
    "array of a call": b"[" + GOOD + b"]",
    "null": b"null",
    "number": b"5",
    "text": b'"hook"',
    "bomb of arrays": b"[" * 100_000,
    "bomb of objects": b'{"a":' * 100_000,
    "closed bomb": b'{"hook":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "bomb in prefetch": GOOD.replace(
        b'"patient": {', b'"patient": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b', "x": {'
    ),
    "bomb in the drafts": GOOD.replace(
        b'"p1"}', b'"p1", "draftOrders": {"entry": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}"
    ),
}


@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
@pytest.mark.parametrize("path", [CALL, f"{CALL}/feedback"])
def test_what_is_no_json_object_is_400(opened: Service, path: str, body: bytes) -> None:
    answer = opened.send("POST", path, data=body, headers=JSON)
    assert answer.status_code == 400
    assert outcome(answer)["issue"][0]["code"] == "invalid"


@pytest.mark.parametrize("odd", [b"", b'"category": {"text": "x"}, '], ids=["usual", "odd"])
@pytest.mark.parametrize(("first", "last", "shown"), [("Headache", "Sciatica", True), ("Sciatica", "Headache", False)])
def test_of_a_key_twice_in_a_resource_the_last_counts(
    opened: Service, first: str, last: str, shown: bool, odd: bytes
) -> None:
    body = view()
    body["prefetch"]["conditions"] = bundle({**condition("M54.31", ""), "code": {"text": last}})
    once = b'"code": {"text": "%s"}' % last.encode()
    twice = b'%s"code": {"text": "%s"}, %s' % (odd, first.encode(), once)
    answer = opened.send("POST", CALL, data=json.dumps(body).encode().replace(once, twice), headers=JSON)
    assert bool(answer.json()["cards"]) is shown


@pytest.mark.parametrize("depth", [*range(880, 1_000, 6)])
@pytest.mark.parametrize("key", ["patient", "conditions"])
def test_nesting_just_below_what_the_parser_takes_is_no_500(opened: Service, key: str, depth: int) -> None:
    nested = b'{"resourceType": "Patient", "x": ' + b"[" * depth + b"]" * depth + b"}"
    body = json.dumps(view(prefetch={"patient": view()["prefetch"]["patient"], key: "HERE"})).encode()
    answer = opened.send("POST", CALL, data=body.replace(b'"HERE"', nested), headers=JSON)
    assert answer.status_code in (200, 400, 412)


def test_a_byte_order_mark_is_passed_over(opened: Service) -> None:
    assert opened.send("POST", CALL, data=b"\xef\xbb\xbf" + GOOD, headers=JSON).status_code == 200


def padded(size: int) -> bytes:
    return GOOD[:-1] + b', "padding": "' + b"x" * (size - len(GOOD) - 15) + b'"}'


def in_chunks(body: bytes) -> Iterator[bytes]:
    for at in range(0, len(body), 65_536):
        yield body[at : at + 65_536]


def test_a_body_of_just_the_limit_is_read_and_one_byte_more_is_413(opened: Service) -> None:
    assert len(padded(LIMIT)) == LIMIT
    assert opened.send("POST", CALL, data=padded(LIMIT), headers=JSON).status_code == 200
    assert opened.send("POST", CALL, data=in_chunks(padded(LIMIT)), headers=JSON).status_code == 200
    for body in (padded(LIMIT + 1), in_chunks(padded(LIMIT + 1))):
        answer = opened.send("POST", CALL, data=body, headers=JSON)
        assert answer.status_code == 413
        assert outcome(answer)["issue"][0]["code"] == "too-long"


@pytest.mark.parametrize("path", [CALL, f"{CALL}/feedback"])
def test_an_announced_gigabyte_is_413_before_any_of_it_is_sent(opened: Service, path: str) -> None:
    place = urlsplit(opened.url)
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=10) as wire:
        head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {2**30}\r\n\r\n"
        wire.sendall(head.encode())
        assert wire.recv(4_096).startswith(b"HTTP/1.1 413 ")


SPELLINGS = [
    "//cds-services/{0}",
    "/cds-services//{0}",
    "/cds-services/{0}/",
    "///cds-services///{0}//",
    "/cds-services%2F{0}",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_doubled_and_trailing_slashes_never_redirect(opened: Service, spelling: str) -> None:
    path = spelling.format(PATIENT_VIEW)
    assert opened.call(PATIENT_VIEW, view()).status_code == 200
    assert opened.send("POST", path, data=GOOD, headers=JSON).status_code == 200
    assert opened.send("GET", path).status_code == 405
    preflight = opened.send("OPTIONS", path, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.parametrize("path", ["/cds-services/", "//cds-services", "/cds-services//"])
def test_discovery_with_odd_slashes_is_discovery(opened: Service, path: str) -> None:
    assert opened.send("GET", path).status_code == 200
    assert opened.send("OPTIONS", path).status_code == 204


@pytest.mark.parametrize("path", ["/x", "/cds-services/a/b/c", "/cds-services/%ff", "/%00", "/.env"])
def test_anything_else_is_404_in_json(opened: Service, path: str) -> None:
    answer = opened.send("POST", path, data=GOOD, headers=JSON)
    assert answer.status_code == 404
    assert outcome(answer)["issue"][0]["code"] == "not-found"


@pytest.mark.parametrize(
    "path", ["/cds-services/unknown", "/cds-services/unknown/feedback", "/cds-services/Posterior-Hip-Patient-View"]
)
def test_an_unknown_service_is_404(opened: Service, path: str) -> None:
    answer = opened.send("POST", path, data=GOOD, headers=JSON)
    assert answer.status_code == 404
    outcome(answer)


@pytest.mark.parametrize("path", ["/cds-services", CALL, f"{CALL}/feedback"])
def test_a_preflight_from_a_registered_origin_says_what_is_allowed(opened: Service, path: str) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = opened.send("OPTIONS", path, headers=asked)
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"GET", "POST"} <= set(answer.headers["Access-Control-Allow-Methods"].replace(" ", "").split(","))
    allowed = answer.headers["Access-Control-Allow-Headers"].lower().replace(" ", "").split(",")
    assert {"authorization", "content-type", "accept"} <= set(allowed)
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://stranger.example", "null", "*", ORIGIN + ".evil.example", ORIGIN + ":8443"]
)
def test_other_origins_get_no_permission(opened: Service, origin: str) -> None:
    for answer in (
        opened.send("OPTIONS", CALL, headers={"Origin": origin}),
        opened.call(PATIENT_VIEW, view(), headers={"Origin": origin}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"]


def test_a_registered_origin_may_read_successes_and_errors(opened: Service) -> None:
    answers = [
        opened.send("GET", "/cds-services", headers={"Origin": ORIGIN}),
        opened.call(PATIENT_VIEW, view(), headers={"Origin": ORIGIN}),
        opened.call(PATIENT_VIEW, view(prefetch={}), headers={"Origin": ORIGIN}),
        opened.call(PATIENT_VIEW, 5, headers={"Origin": ORIGIN}),
        opened.call("unknown", view(), headers={"Origin": ORIGIN}),
        opened.send("PUT", CALL, headers={"Origin": ORIGIN}),
        opened.send("GET", "/nowhere", headers={"Origin": ORIGIN}),
    ]
    assert [a.status_code for a in answers] == [200, 200, 412, 400, 404, 405, 404]
    assert {a.headers.get("Access-Control-Allow-Origin") for a in answers} == {ORIGIN}
    assert all(a.headers["Access-Control-Expose-Headers"] == "X-Correlation-ID" for a in answers)


def test_every_answer_has_its_own_correlation_id(opened: Service) -> None:
    paths = ["/cds-services", "/healthz", "/readyz", "/nowhere"]
    ids = [opened.send("GET", path).headers["X-Correlation-ID"] for path in paths]
    assert len({UUID(found) for found in ids}) == len(paths)


def test_a_client_that_hangs_up_half_way_harms_nobody(opened: Service) -> None:
    place = urlsplit(opened.url)
    for _ in range(10):
        wire = http.client.http.client.HTTPConnection(str(place.hostname), place.port, timeout=5)
        wire.putrequest("POST", CALL)
        wire.putheader("Content-Type", "application/json")
        wire.putheader("Content-Length", "100000")
        wire.endheaders(GOOD[:100])
        wire.close()
    assert opened.call(PATIENT_VIEW, view()).status_code == 200


LENGTH = b"Content-Length: %d\r\n\r\n" % (len(GOOD) + 1)
NOT_AS_ANNOUNCED = {
    "shorter than announced, though whole JSON": LENGTH + GOOD,
    "a chunk without size": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + GOOD,
    "a chunk that ends early": b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + GOOD,
    "no last chunk": b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(GOOD), GOOD),
    "a trailer that is no header": b"Transfer-Encoding: chunked\r\n\r\n0\r\nmarked\r\n\r\n",
}


@pytest.mark.parametrize("rest", NOT_AS_ANNOUNCED.values(), ids=NOT_AS_ANNOUNCED.keys())
def test_a_body_that_does_not_arrive_as_announced_is_400(opened: Service, rest: bytes) -> None:
    place = urlsplit(opened.url)
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=10) as wire:
        wire.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n%s" % (CALL.encode(), rest))
        wire.shutdown(socket.SHUT_WR)
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        body = json.loads(answer.read())
    assert answer.status == 400
    assert body["resourceType"] == "OperationOutcome"


def test_requests_that_stop_half_way_do_not_occupy_the_threads_for_ever(tmp_path: Path) -> None:
    half = b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" % CALL.encode()
    with running_service(tmp_path, {"CDS_AUTH": "open"}, workers=1, module="tests.protocol.impatient") as service:
        place = urlsplit(service.url)
        with contextlib.ExitStack() as held:
            wires = [
                held.enter_context(socket.create_connection((str(place.hostname), place.port or 80), timeout=10))
                for _ in range(16)  # twice the threads
            ]
            for at, wire in enumerate(wires):
                wire.sendall(half if at % 2 else half + LENGTH + GOOD)
            assert service.call(PATIENT_VIEW, view()).status_code == 200
            assert wires[0].recv(12) == b"HTTP/1.1 400"
            assert wires[1].recv(12) == b""


def test_health_and_readiness_tell_no_more_than_they_must(opened: Service) -> None:
    assert opened.send("GET", "/healthz").json() == {"status": "ok"}
    ready = opened.send("GET", "/readyz").json()
    assert set(ready) == {"status", "version"}


NOT_HTTP = {
    "a long address": (b"GET /" + b"x" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a large header": (b"GET / HTTP/1.1\r\nHost: x\r\nX-Secret: " + b"marked" * 3_000 + b"\r\n\r\n", 431),
    "no request line": (b"marked\r\n\r\n", 400),
    "a method in lower case": (b"get / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "HTTP/9": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400),
    "a header without colon": (b"GET / HTTP/1.1\r\nmarked\r\n\r\n", 400),
    "a blank in a header's name": (b"GET / HTTP/1.1\r\nmarked : x\r\n\r\n", 400),
    "two lengths": (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    "a negative length": (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    "an unknown transfer coding": (b"POST / HTTP/1.1\r\nTransfer-Encoding: marked\r\n\r\n", 501),
    "a wrong expectation": (b"POST / HTTP/1.1\r\nHost: x\r\nExpect: marked\r\nContent-Length: 1\r\n\r\n", 417),
}


@pytest.mark.parametrize(("sent", "status"), NOT_HTTP.values(), ids=NOT_HTTP.keys())
def test_what_is_no_http_is_answered_in_json_too(opened: Service, sent: bytes, status: int) -> None:
    place = urlsplit(opened.url)
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=10) as wire:
        wire.sendall(sent)
        answer = http.client.HTTPResponse(wire)
        answer.begin()
        body = json.loads(answer.read())
    assert answer.status == status
    assert body["resourceType"] == "OperationOutcome"
    assert body["id"] == answer.headers["X-Correlation-ID"]
    assert "marked" not in json.dumps(body)
    assert "marked" not in opened.log.read_text()


@pytest.mark.parametrize(
    ("path", "size", "status"), [(CALL, LIMIT + 200_000, 413), ("/cds-services/no-such-service", LIMIT - 10, 404)]
)
def test_the_next_call_on_the_connection_is_answered_after_a_body_that_was_not_read(
    opened: Service, path: str, size: int, status: int
) -> None:
    place = urlsplit(opened.url)
    wire = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    with contextlib.closing(wire):
        wire.request("POST", path, padded(size), JSON)
        refused = wire.getresponse()
        refused.read()
        first = wire.sock
        wire.request("POST", CALL, GOOD, JSON)
        answer = wire.getresponse()
        assert (refused.status, answer.status) == (status, 200)
        assert wire.sock is first


def test_an_answer_to_a_body_that_will_not_be_read_says_that_the_connection_ends(opened: Service) -> None:
    place = urlsplit(opened.url)
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=10) as wire:
        head = f"POST {CALL} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {2**30}\r\n\r\n"
        wire.sendall(head.encode())
        assert b"\r\nconnection: close\r\n" in wire.recv(4_096).lower()
