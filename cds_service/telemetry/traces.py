"""Spans of OpenTelemetry, where the extra 'otel' is installed and OTEL_EXPORTER_OTLP_ENDPOINT names a collector.

One span a call, one inside it for each stage, one for each FHIR query. Attributes are the note's: no address, no id
out of a chart. Stages and queries are told when the call is over, with the times at which they were.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, StatusCode, Tracer, format_trace_id, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from cds_service.telemetry.note import Note, Query

_propagator = TraceContextTextMapPropagator()
_NANO = 1_000_000_000


class _Open(NamedTuple):
    """The span of a call under way, and the nanoseconds between its clock and the calendar's."""

    span: Span
    offset: int


@dataclass(slots=True)
class Traces:
    """Makes the spans. `templates`: prefetch key -> FHIR query without a patient. `to_fhir`: send `traceparent` on."""

    provider: TracerProvider
    templates: Mapping[str, str]
    to_fhir: bool = False

    @classmethod
    def exporting(cls, templates: Mapping[str, str], *, to_fhir: bool) -> Traces:
        """To the collector that the OTEL_* variables name. It starts a thread: to be called after a fork."""
        provider = TracerProvider()
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider, templates, to_fhir)

    @property
    def _tracer(self) -> Tracer:
        return self.provider.get_tracer("posterior-hip-cds")

    def begin(self, note: Note, traceparent: str | None) -> None:
        """Start the span of a call. Of the caller's context its ids count; `tracestate` and baggage are not read."""
        parent = _propagator.extract({"traceparent": traceparent}, Context()) if traceparent else Context()
        offset = time.time_ns() - int(perf_counter() * _NANO)
        span = self._tracer.start_span(
            f"POST {_route(note)}", parent, kind=SpanKind.SERVER, start_time=_at(note.began, offset)
        )
        note.span, note.trace_id = _Open(span, offset), format_trace_id(span.get_span_context().trace_id)
        if self.to_fhir:
            headers: dict[str, str] = {}
            _propagator.inject(headers, set_span_in_context(span))
            note.fhir_headers = {"traceparent": headers["traceparent"]}

    def end(self, note: Note) -> None:
        """End it, with what the note holds."""
        if not isinstance(note.span, _Open):
            return
        span, offset = note.span
        if span.is_recording():
            span.set_attributes(_attributes(note))
            if note.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                span.set_status(StatusCode.ERROR)
            self._stages(note, set_span_in_context(span), offset)
        span.end(_at(note.ended, offset))

    def _stages(self, note: Note, inside: Context, offset: int) -> None:
        for name, began, ended in note.stages:
            stage = self._tracer.start_span(name, inside, start_time=_at(began, offset))
            for query in note.queries if name == "fetch" else ():
                self._query(query, set_span_in_context(stage), offset)
            stage.end(_at(ended, offset))

    def _query(self, query: Query, inside: Context, offset: int) -> None:
        template = self.templates.get(query.key, "")
        span = self._tracer.start_span(
            f"GET {template.partition('?')[0].partition('/')[0]}",
            inside,
            kind=SpanKind.CLIENT,
            start_time=_at(query.began, offset),
            attributes={"url.template": template, "cds.prefetch_key": query.key, "cds.outcome": query.outcome},
        )
        if query.outcome not in ("ok", "partial"):
            span.set_status(StatusCode.ERROR)
        span.end(_at(query.ended, offset))

    def close(self) -> None:
        """Send what waits to be sent."""
        self.provider.shutdown()


def _route(note: Note) -> str:
    return "/cds-services/{id}/feedback" if note.kind == "feedback" else "/cds-services/{id}"


def _attributes(note: Note) -> dict[str, str | int | tuple[str, ...]]:
    told: dict[str, str | int | tuple[str, ...] | None] = {
        "http.request.method": "POST",
        "http.route": _route(note),
        "http.response.status_code": note.status,
        "cds.correlation_id": note.correlation_id,
        "cds.service": note.service,
        "cds.hook": note.hook,
        "cds.client": note.client,
        "cds.cards": len(note.cards),
        "cds.rules": tuple(f"{rule} {version} {indicator}" for rule, version, indicator in note.rules),
        "cds.could_not_tell": len(note.not_assessed),
    }
    return {name: value for name, value in told.items() if value is not None}


def _at(moment: float, offset: int) -> int:
    """From seconds of `perf_counter` to nanoseconds since 1970; `offset` lies between the two clocks."""
    return int(moment * _NANO) + offset
