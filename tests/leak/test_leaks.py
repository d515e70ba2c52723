"""Names, numbers, words, ids and tokens are planted wherever a request can carry them, and looked for in everything
that the service leaves behind: its log at the most talkative, metrics, answers to what failed, traces, the database."""

from __future__ import annotations

import io
import json
import logging
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from tests.fhir_client import hostile
from tests.fhir_client.hostile import Exchange, HostileServer
from tests.leak import planted
from tests.leak.broken import BREAKS_ALL, BROKEN_RULE
from tests.leak.planted import PLANTS, TEXT, found_in
from tests.protocol.service import ORDER_SELECT, ORDER_SIGN, PATIENT_VIEW, Service, running_service
from tests.servers import free_port
from tests.telemetry.watched import Watched, logging_as_served, until
from tests.trust.signing import ATTACKS, ISSUER, Draft, key_set

SERVICES = {"patient-view": PATIENT_VIEW, "order-select": ORDER_SELECT, "order-sign": ORDER_SIGN}


def echo(status: int) -> hostile.Behaviour:
    """Answers with all that it was told, and more."""

    def behave(exchange: Exchange) -> None:
        asked = exchange.received
        told = f"{asked.target} {asked.headers} {' '.join(PLANTS.values())}"
        outcome = {
            "resourceType": "OperationOutcome",
            "issue": [{"severity": "error", "code": TEXT, "diagnostics": told}],
        }
        exchange.answer(status, json.dumps(outcome).encode(), X_Told=PLANTS["header"])

    return behave


FHIR: dict[str, hostile.Behaviour] = {
    "Condition": hostile.answers(planted.chart()["conditions"]),
    "Observation": echo(500),
    "MedicationRequest": echo(403),
    "Procedure": echo(200),
    "ServiceRequest": hostile.answers(f'{{"resourceType": "Bundle", "entry": [{TEXT}'.encode()),
    "DiagnosticReport": hostile.answers(f"<html>{TEXT}".encode()),
    "AllergyIntolerance": hostile.redirects(f"https://elsewhere.example/{planted.PATIENT_ID}"),
    "FamilyMemberHistory": hostile.answers(hostile.searchset({"resourceType": TEXT, "id": TEXT})),
    "Encounter": hostile.answers(b"\x1f\x8b" + TEXT.encode(), Content_Encoding="gzip"),
    "CarePlan": hostile.hangs_up(),
    "Patient": hostile.answers(planted.patient()),
}


@dataclass
class Run:
    """A service that was sent everything, and what it left."""

    watched: Watched
    fhir: HostileServer
    collector: HostileServer
    folder: Path
    sent: list[bytes] = field(default_factory=list)
    answers: list[requests.Response] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    @property
    def service(self) -> Service:
        return self.watched.service

    def token(self, path: str) -> str:
        """Good, and with plants among its claims."""
        draft = Draft(self.service.url + path)
        draft.claims = {"sub": planted.USER_ID, "patient": planted.PATIENT_ID, "name": PLANTS["family name"]}
        return draft.signed()

    def post(self, path: str, body: Any, token: str | None = None) -> requests.Response:
        """Send a body with planted headers and query, and keep both sides."""
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        signed = token or self.token(path)
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {signed}",
            "User-Agent": PLANTS["header"],
            "Referer": f"https://ehr.example/{planted.PATIENT_ID}",
            "X-Correlation-ID": PLANTS["header"],
            "tracestate": f"ehr={planted.PATIENT_ID}",
            "baggage": f"patient={planted.PATIENT_ID}",
            "traceparent": PLANTS["header"] if len(self.answers) % 2 else "00-" + "a" * 32 + "-" + "b" * 16 + "-01",
            "Cookie": PLANTS["cookie"],
        }
        answer = self.service.send("POST", f"{path}?{PLANTS['query']}", data=raw, headers=headers)
        self.sent.append(raw + str(headers).encode() + path.encode() + PLANTS["query"].encode())
        self.answers.append(answer)
        return answer

    def call(self, hook: str, **members: Any) -> requests.Response:
        return self.post(f"/cds-services/{SERVICES[hook]}", planted.call(hook, **members))

    def wire(self, data: bytes) -> None:
        """Something that is no HTTP."""
        place = urlsplit(self.service.url)
        with socket.create_connection((str(place.hostname), place.port or 80), timeout=10) as wire:
            wire.sendall(data)
            self.raw.append(wire.recv(65_536))
        self.sent.append(data)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("leak")
    (folder / "keys.json").write_text(json.dumps(key_set()))
    port = free_port()
    with HostileServer() as fhir, HostileServer() as collector:
        for kind, behaviour in FHIR.items():
            fhir.on(kind, behaviour)
        registry = f"clients: [{{name: Hospital, issuer: '{ISSUER}', jwks: keys.json, fhir_servers: ['{fhir.base}']}}]"
        (folder / "clients.yaml").write_text(registry)
        settings = {
            "CDS_CLIENTS": str(folder / "clients.yaml"),
            "CDS_LOG_LEVEL": "debug",
            "CDS_METRICS_PORT": str(port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.origin,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
            "CDS_TRACE_FHIR": "on",
            "PLANTED": " ".join(PLANTS.values()),
        }
        (folder / "run").mkdir()
        with running_service(folder / "run", settings, module="tests.leak.broken") as service:
            made = Run(Watched(service, f"http://127.0.0.1:{port}"), fhir, collector, folder / "run")
            send_everything(made)
            until(lambda: collector.received)
            yield made


def send_everything(run: Run) -> None:
    for hook in SERVICES:
        assert run.call(hook).status_code == 200
        assert run.call(hook, prefetch={}, **planted.access(run.fhir.base)).status_code == 200
        assert run.call(hook, **planted.access(f"https://{planted.PATIENT_ID}.example/fhir")).status_code == 200
    drafts = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "ServiceRequest", "id": BREAKS_ALL}}]}
    broken = run.call("order-sign", context=planted.context(draftOrders=drafts))
    assert broken.status_code == 500
    path = f"/cds-services/{PATIENT_VIEW}"
    for body in planted.bad_calls():
        assert run.post(path, body).status_code < 500
    for _, _, attack in ATTACKS[::6]:
        assert run.post(path, planted.call(), attack(Draft(run.service.url + path))).status_code == 401
    used = run.token(path)
    assert [run.post(path, planted.call(), used).status_code for _ in range(2)] == [200, 401]
    for odd in (f"/cds-services/{planted.PATIENT_ID}", f"/{planted.PATIENT_ID}", f"{path}/{TEXT}"):
        assert run.post(odd, planted.call()).status_code == 404
    run.post(path, b'{"a": "' + TEXT.encode() + b" " * 9_000_000 + b'"}')
    for line in (f"GET /{PLANTS['query']}\xff HTTP/9.9", f"{TEXT}", f"GET /{PLANTS['query']} HTTP/1.1\r\n{TEXT}: x"):
        run.wire(line.encode("latin-1", "replace") + b"\r\n\r\n")
    give_feedback(run)


def give_feedback(run: Run) -> None:
    card = run.call("patient-view").json()["cards"][0]["uuid"]
    path = f"/cds-services/{PATIENT_VIEW}/feedback"
    good, bad = planted.feedback(card, broken=False), planted.feedback(card, broken=True)
    assert run.post(path, {"feedback": [good, bad, TEXT]}).status_code == 200
    assert run.post(path, {"feedback": [bad]}).status_code == 400
    assert run.post(path, {TEXT: TEXT, "feedback": TEXT}).status_code == 400
    with closing(sqlite3.connect(run.folder / "store.sqlite")) as store:
        store.execute("ALTER TABLE feedback RENAME TO hidden")
    assert run.post(path, {"feedback": [good]}).status_code == 503
    time.sleep(0.5)  # impressions are written meanwhile
    with closing(sqlite3.connect(run.folder / "store.sqlite")) as store:
        store.execute("ALTER TABLE hidden RENAME TO feedback")


def test_everything_was_planted_and_everything_that_can_break_broke(run: Run) -> None:
    assert found_in(b"".join(run.sent)) == list(PLANTS)
    log = run.service.log.read_text()
    assert '"event":"rule_failed"' in log
    assert run.watched.value("cds_rule_failed_total", rule=BROKEN_RULE) > 0
    assert {a.status_code for a in run.answers} >= {200, 400, 401, 404, 412, 413, 500, 503}
    assert run.watched.value("cds_fhir_queries_total", outcome="server-error") > 0
    for event in ("unexpected", "token refused", "request not read", "feedback not stored", "a library reports"):
        assert f'"event":"{event}"' in log, event


def test_no_log_line_tells_anything(run: Run) -> None:
    for line in run.service.log.read_bytes().splitlines():
        assert found_in(line) == [], line
        json.loads(line)


def test_no_metric_tells_anything(run: Run) -> None:
    with requests.Session() as session:
        session.trust_env = False
        told = session.get(f"{run.watched.metrics}/metrics", timeout=10).content
    assert b"cds_calls_total" in told
    assert found_in(told) == []


def test_no_answer_but_cards_tells_anything(run: Run) -> None:
    refusals = [a for a in run.answers if a.status_code != 200 or "cards" not in a.json()]
    assert len(refusals) > 20
    for answer in refusals:
        assert found_in(answer.content) == [], answer.text
    for answer in run.answers:
        assert found_in(str(answer.headers).encode()) == []
    assert [found_in(told) for told in run.raw] == [[]] * len(run.raw)


def test_no_span_tells_anything(run: Run) -> None:
    told = b"".join(request.body for request in run.collector.received)
    assert b"url.template" in told
    assert found_in(told) == []


def test_what_fhir_servers_hear_beyond_the_query_is_the_trace_alone(run: Run) -> None:
    for asked in run.fhir.received:
        assert {"traceparent"} >= {"traceparent", "tracestate", "baggage", "cookie", "referer"} & set(asked.headers)
        assert set(found_in(str(asked.headers).encode())) <= {"access token"}


def test_no_row_tells_anything_but_the_comment_in_its_column(run: Run) -> None:
    with closing(sqlite3.connect(run.folder / "store.sqlite")) as store:
        store.row_factory = sqlite3.Row
        tables = [row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert {"card", "card_rule", "card_suggestion", "feedback", "token"} <= set(tables)
        cells = [
            (table, column, row[column])
            for table in tables
            for row in store.execute(f"SELECT * FROM {table}")  # noqa: S608 - names out of the database itself
            for column in row.keys()  # noqa: SIM118 - a Row iterates over its values
        ]
    told = {(table, column): found_in(str(value).encode()) for table, column, value in cells}
    assert told.pop(("feedback", "comment")) == ["comment"]
    assert set(map(tuple, told.values())) == {()}
    assert len({table for table, _, _ in cells}) >= 5


def test_no_file_that_is_left_tells_anything_else(run: Run) -> None:
    left = [path for path in run.folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in left} >= {".sqlite", ".log"}
    for path in left:
        assert found_in(path.read_bytes(), but="comment") == [], path


@pytest.mark.parametrize("name", PLANTS)
def test_the_search_finds_what_is_written_in_any_spelling(name: str) -> None:
    plant = PLANTS[name]
    for written in (plant, plant.upper(), json.dumps({"x": plant}), f"?q={requests.utils.quote(plant)}", repr([plant])):
        assert name in found_in(f"a line {written} of a log".encode())
    assert found_in(b"a line of a log") == []


def test_a_line_of_our_own_that_quoted_a_chart_would_be_found_out() -> None:
    stream = io.StringIO()
    with logging_as_served("debug", "json", stream):
        logging.getLogger("cds_service.hooks.call").debug("call", extra={"patient": planted.patient()})
    found = found_in(stream.getvalue().encode())
    assert found == ["family name", "name beyond ASCII", "record number", "telephone", "birth date", "patient id"]
