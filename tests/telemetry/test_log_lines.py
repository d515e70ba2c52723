"""One line a call, in JSON, that tells what operators need."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator

import pytest

from cds_service.telemetry import Note, line
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.protocol.service import ORDER_SIGN, PATIENT_VIEW, order_call, view
from tests.real_conditions.asking import CHART, access, request
from tests.telemetry.watched import Watched, logging_as_served

STAGES = ["trust", "read", "fetch", "turn", "intake", "rules", "respond", "total"]


def test_a_call_is_told_with_its_rules_its_gaps_and_its_stages(seen: Watched) -> None:
    answer = seen.service.call(PATIENT_VIEW, view())
    line = seen.line_of(answer.headers["X-Correlation-ID"])
    assert list(line)[:3] == ["time", "level", "event"]
    assert (line["level"], line["client"], line["service"], line["hook"], line["status"]) == (
        "info",
        "open",
        PATIENT_VIEW,
        "patient-view",
        200,
    )
    body = answer.json()
    rules = [r for card in body["cards"] for r in card["extension"]["org.posterior-hip-cds"]["rules"]]
    assert line["rules"] == rules
    assert line["cards"] == len(body["cards"]) == 2
    assert line["could_not_tell"] == len(body["extension"]["org.posterior-hip-cds"]["notAssessed"])
    assert line["prefetch"]["hit"] == ["patient", "conditions"]
    assert "observations" in line["prefetch"]["missing"]
    assert list(line["ms"]) == STAGES
    assert 0 < sum(line["ms"][stage] for stage in STAGES[:-1]) <= line["ms"]["total"] + 0.1


def test_what_was_fetched_and_what_failed_is_told_by_key_and_by_kind(seen: Watched, fhir: HostileServer) -> None:
    fhir.on("Observation", hostile.html(500))
    whole = request(CHART)
    prefetch = {key: whole["prefetch"][key] for key in ("patient", "conditions")}
    answer = seen.service.call(PATIENT_VIEW, whole | {"prefetch": prefetch} | access(fhir.base))
    line = seen.line_of(answer.headers["X-Correlation-ID"])
    assert line["prefetch"]["hit"] == ["patient", "conditions"]
    assert line["prefetch"]["missing"] == ["observations"]
    assert len(line["prefetch"]["fetched"]) == 8
    assert line["fhir"] == {"server-error": 1, "ok": 8}


@pytest.mark.parametrize(
    ("service", "body", "status", "problem", "known"),
    [
        (PATIENT_VIEW, {}, 400, "invalid", {"service": PATIENT_VIEW, "client": "open"}),
        (PATIENT_VIEW, view(prefetch={}), 412, "processing", {"hook": "patient-view"}),
        ("marked-service", view(), 404, "not-found", {}),
        (ORDER_SIGN, view(), 400, "invalid", {"service": ORDER_SIGN}),
    ],
)
def test_a_refusal_is_a_warning_with_its_issue_code_and_only_known_names(
    seen: Watched, service: str, body: object, status: int, problem: str, known: dict[str, str]
) -> None:
    answer = seen.service.call(service, body)
    line = seen.line_of(answer.headers["X-Correlation-ID"])
    assert (line["level"], line["status"], line["problem"]) == ("warning", status, problem)
    assert known.items() <= line.items()
    assert "marked" not in seen.service.log.read_text()


def test_feedback_is_told_by_outcome(seen: Watched) -> None:
    items = [
        {"card": f"card-{n}", "outcome": "overridden", "outcomeTimestamp": "2026-01-15T12:30:00Z"} for n in range(3)
    ]
    answer = seen.service.feedback(PATIENT_VIEW, items)
    (line,) = [n for n in seen.lines("feedback") if n["correlation_id"] == answer.headers["X-Correlation-ID"]]
    assert line["feedback"] == {"overridden": 3}
    assert list(line["ms"]) == ["trust", "read", "store", "total"]


def test_looking_at_health_writes_no_line(seen: Watched) -> None:
    answer = seen.service.send("GET", "/healthz")
    seen.line_of(seen.service.call(PATIENT_VIEW, view()).headers["X-Correlation-ID"])
    assert answer.headers["X-Correlation-ID"] not in seen.service.log.read_text()


def test_order_hooks_are_told_like_any_other(seen: Watched) -> None:
    order = {"resourceType": "ServiceRequest", "id": "d1", "status": "draft", "intent": "order"}
    answer = seen.service.call(ORDER_SIGN, order_call("order-sign", order))
    assert answer.status_code == 200
    assert seen.line_of(answer.headers["X-Correlation-ID"])["hook"] == "order-sign"


def test_gunicorn_speaks_json_too_and_the_start_is_told(seen: Watched) -> None:
    (start,) = seen.lines("starting")
    assert start["workers"] == 2
    assert start["rules"] > 30
    assert any(line["event"].startswith("Listening at") for line in seen.lines())


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is logged with the service's own set-up."""
    stream = io.StringIO()
    with logging_as_served("info", "json", stream):
        yield stream


def test_an_exception_is_told_by_kind_and_place_and_never_by_its_words(written: io.StringIO) -> None:
    try:
        float("Mrs Example, born 1950")
    except ValueError:
        logging.getLogger("cds_service.somewhere").exception("it failed", extra={"stage": "rules"})
    line = json.loads(written.getvalue())
    assert (line["event"], line["stage"], line["error"]) == ("it failed", "rules", "ValueError")
    assert "test_log_lines:" in line["where"]
    assert "Example" not in written.getvalue()


def test_of_a_library_only_name_and_level_are_told(written: io.StringIO) -> None:
    logging.getLogger("urllib3.connectionpool").warning("Retrying %s", "/fhir/Patient/secret-1")
    logging.getLogger("urllib3.connectionpool").debug("GET /fhir/Patient/secret-2")
    line = json.loads(written.getvalue())
    assert line["logger"] == "urllib3.connectionpool"
    assert line["level"] == "warning"
    assert "secret" not in written.getvalue()


def test_a_thread_that_ends_in_an_exception_is_told_without_its_words(written: io.StringIO) -> None:
    def ends() -> None:
        raise ValueError("Mrs Example")

    thread = threading.Thread(target=ends, name="writer")
    thread.start()
    thread.join()
    line = json.loads(written.getvalue())
    assert (line["event"], line["of"], line["error"]) == ("a thread ended", "writer", "ValueError")
    assert "Example" not in written.getvalue()


def test_as_text_lines_are_for_reading() -> None:
    stream = io.StringIO()
    with logging_as_served("info", "text", stream):
        line.write(Note("c-1", "call", status=200))
    assert "status=200" in stream.getvalue()
    assert "told" not in stream.getvalue()
    assert not stream.getvalue().startswith("{")


def test_a_line_that_cannot_be_written_is_quoted_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    closed = io.StringIO()
    with logging_as_served("info", "json", closed):
        closed.close()
        logging.getLogger("cds_service.calls").info("call", extra={"status": "secret"})
    assert capfd.readouterr() == ("", "")
