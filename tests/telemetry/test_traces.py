"""Spans of a call: its stages and its FHIR queries, in the caller's trace, with nothing of the patient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from cds_service.config import Config
from cds_service.telemetry.traces import Traces
from cds_service.warm_up import query_templates, warm_up_worker
from tests.fhir_client import hostile
from tests.fhir_client.hostile import HostileServer
from tests.protocol.service import PATIENT_VIEW, running_service, view
from tests.real_conditions.asking import CHART, PATIENT_ID, TOKEN, access, request, service
from tests.telemetry.watched import until

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
STAGES = ["trust", "read", "fetch", "turn", "intake", "rules", "respond"]


@dataclass(frozen=True)
class Traced:
    """The service, its FHIR server, and every span that ended."""

    app: Flask
    fhir: HostileServer
    spans: InMemorySpanExporter

    def post(self, body: object, headers: Mapping[str, str] = {}) -> list[ReadableSpan]:
        """The spans of one call, the call's own last."""
        self.spans.clear()
        self.app.test_client().post(f"/cds-services/{PATIENT_VIEW}", json=body, headers=headers)
        return list(self.spans.get_finished_spans())

    def tell_fhir(self, *, to_fhir: bool) -> None:
        self.app.extensions["cds"].watch.traces.to_fhir = to_fhir


@pytest.fixture
def traced() -> Iterator[Traced]:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    with HostileServer() as fhir:
        app = service(fhir.base)
        app.extensions["cds"].watch.traces = Traces(provider, query_templates())
        yield Traced(app, fhir, spans)


def fetching(traced: Traced) -> dict[str, object]:
    """A call of which Observations and more have to be fetched."""
    whole = request(CHART)
    prefetch = {key: whole["prefetch"][key] for key in ("patient", "conditions")}
    return whole | {"prefetch": prefetch} | access(traced.fhir.base)


def test_a_call_is_a_span_with_its_stages_and_queries_inside(traced: Traced) -> None:
    traced.fhir.on("Observation", hostile.html(500))
    *inside, call = traced.post(fetching(traced))
    assert (call.name, call.kind, call.parent) == ("POST /cds-services/{id}", SpanKind.SERVER, None)
    assert call.attributes
    assert (call.attributes["cds.service"], call.attributes["http.response.status_code"]) == (PATIENT_VIEW, 200)
    stages = {s.name: s for s in inside if s.parent and s.parent.span_id == call.context.span_id}
    assert list(stages) == STAGES
    queries = [s for s in inside if s.name not in STAGES]
    assert all(q.parent and q.parent.span_id == stages["fetch"].context.span_id for q in queries)
    assert len(queries) == 9
    (failed,) = [q for q in queries if q.status.status_code is StatusCode.ERROR]
    assert failed.name == "GET Observation"
    assert failed.attributes == {
        "url.template": "Observation?patient={{context.patientId}}&code=…&_sort=-date&_count=200",
        "cds.prefetch_key": "observations",
        "cds.outcome": "server-error",
    }


def test_every_span_lies_within_the_one_that_holds_it(traced: Traced) -> None:
    spans = {s.context.span_id: s for s in traced.post(fetching(traced))}
    for span in spans.values():
        assert span.start_time
        assert span.end_time
        if span.parent:
            outer = spans[span.parent.span_id]
            assert outer.start_time
            assert outer.end_time
            assert outer.start_time <= span.start_time <= span.end_time <= outer.end_time


def test_the_callers_trace_is_joined_and_of_its_state_nothing_is_kept(traced: Traced) -> None:
    *_, call = traced.post(view(), {"traceparent": CALLER, "tracestate": "ehr=marked", "baggage": "patient=marked"})
    assert f"{call.context.trace_id:032x}" == CALLER.split("-")[1]
    assert call.parent
    assert f"{call.parent.span_id:016x}" == CALLER.split("-")[2]
    assert not call.context.trace_state
    assert "marked" not in call.to_json()


@pytest.mark.parametrize("broken", ["", "marked", "00-0-0-00", CALLER + "-extra", "ff" + CALLER[2:]])
def test_a_traceparent_that_is_none_begins_a_trace_of_its_own(traced: Traced, broken: str) -> None:
    *_, call = traced.post(view(), {"traceparent": broken})
    assert call.parent is None


def test_a_caller_that_does_not_sample_leaves_no_span(traced: Traced) -> None:
    assert traced.post(view(), {"traceparent": CALLER[:-2] + "00"}) == []


def test_fhir_servers_hear_of_the_trace_only_where_that_is_configured(traced: Traced) -> None:
    traced.post(fetching(traced), {"traceparent": CALLER})
    assert traced.fhir.received
    assert not [r for r in traced.fhir.received if {"traceparent", "tracestate", "baggage"} & set(r.headers)]
    traced.fhir.received.clear()
    traced.tell_fhir(to_fhir=True)
    *_, call = traced.post(fetching(traced), {"traceparent": CALLER, "tracestate": "ehr=marked"})
    sent = {r.headers["traceparent"] for r in traced.fhir.received}
    assert sent == {f"00-{call.context.trace_id:032x}-{call.context.span_id:016x}-01"}
    assert not [r for r in traced.fhir.received if "tracestate" in r.headers]


def test_a_refusal_is_a_span_without_error_and_with_the_stages_it_reached(traced: Traced) -> None:
    *inside, call = traced.post({})
    assert [s.name for s in inside] == ["trust"]
    assert call.attributes
    assert call.attributes["http.response.status_code"] == 400
    assert call.status.status_code is StatusCode.UNSET


def test_no_span_holds_anything_of_the_patient_or_the_token(traced: Traced) -> None:
    told = "".join(span.to_json() for span in traced.post(fetching(traced)))
    for secret in (PATIENT_ID, TOKEN, "Practitioner/", "buttock", traced.fhir.origin):
        assert secret not in told


def test_without_a_collector_nothing_is_traced() -> None:
    app = service()
    warm_up_worker(app.extensions["cds"])
    assert app.extensions["cds"].watch.traces is None
    assert not Config.from_environment({}).traces
    assert Config.from_environment({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}).traces
    switched_off = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}
    assert not Config.from_environment(switched_off).traces


def test_spans_reach_the_collector_before_the_service_is_gone(tmp_path: Path) -> None:
    with HostileServer() as collector:
        settings = {"CDS_AUTH": "open", "OTEL_EXPORTER_OTLP_ENDPOINT": collector.origin}
        with running_service(tmp_path, settings, workers=1) as running:
            answer = running.call(PATIENT_VIEW, view(), headers={"traceparent": CALLER})
            assert answer.status_code == 200
            until(lambda: CALLER.split("-")[1] in running.log.read_text())
    sent = b"".join(r.body for r in collector.received if r.target == "/v1/traces")
    assert bytes.fromhex(CALLER.split("-")[1]) in sent
    assert b"cds.could_not_tell" in sent


def test_without_the_extra_a_collector_is_of_no_use_and_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry").mkdir()
    (tmp_path / "opentelemetry" / "__init__.py").write_text("raise ModuleNotFoundError(name='opentelemetry')\n")
    settings = {
        "CDS_AUTH": "open",
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}",
    }
    with running_service(tmp_path, settings, workers=1) as running:
        assert running.call(PATIENT_VIEW, view()).status_code == 200
        assert '"event":"no traces"' in running.log.read_text()
