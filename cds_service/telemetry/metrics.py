"""The numbers that Prometheus reads. Every label's values are known at start, so they cannot grow without bound."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from cds_service.telemetry.note import STAGES, Note

M = TypeVar("M", bound=MetricWrapperBase)

TOTAL = "total"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
_LAG_SECONDS = (0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_INDICATORS = ("critical", "warning", "info")
_STATES = ("hit", "fetched", "missing")
_OUTCOMES = ("accepted", "overridden")
NONE, UNKNOWN = "none", "unknown"


@dataclass(frozen=True, slots=True)
class Known:
    """What may stand in labels: ids of services, names of clients, rules as (id, version), prefetch keys."""

    services: Sequence[str]
    clients: Sequence[str]
    rules: Sequence[tuple[str, str]]
    keys: Sequence[str]
    version: str


class Bound(dict[tuple[str, ...], M], Generic[M]):
    """A metric's children by their label values, made when first asked for and then found in a fifth of the time."""

    def __init__(self, metric: M) -> None:
        super().__init__()
        self._metric = metric

    def __missing__(self, values: tuple[str, ...]) -> M:
        child = self[values] = self._metric.labels(*values)
        return child

    def made(self, *values: Iterable[tuple[str, ...]]) -> Bound[M]:
        """With these children made already, so that they can be read as 0 before anything happened."""
        for each in values:
            for one in each:
                self[one]
        return self


class Metrics:
    """All metrics of the service, in a registry of their own."""

    def __init__(self, known: Known) -> None:
        self.registry = CollectorRegistry()
        self._services, self._clients = frozenset(known.services), frozenset(known.clients)
        self._rules = frozenset(rule for rule, _ in known.rules)
        self._of_calls(known)
        self._of_rules(known)
        self._of_the_machine(known)

    def _of_calls(self, known: Known) -> None:
        answered = [(s, c, "200") for s in known.services for c in known.clients]
        self.calls = Bound(self._counter("calls", "Calls answered.", "service", "client", "status")).made(answered)
        self.feedback_calls = Bound(
            self._counter("feedback_calls", "Posts of feedback answered.", "service", "client", "status")
        )
        self.seconds = Bound(
            Histogram(
                "cds_call_seconds",
                "Time spent on calls, by stage; 'total' is the whole call.",
                ["stage"],
                buckets=_SECONDS,
                registry=self.registry,
            )
        ).made((stage,) for stage in (*STAGES, TOTAL))
        self.prefetch = Bound(
            self._counter("prefetch", "Prefetch keys of calls, by what became of them.", "client", "key", "state")
        ).made((c, k, s) for c in known.clients for k in known.keys for s in _STATES)
        self.fhir = Bound(self._counter("fhir_queries", "Queries to FHIR servers, by outcome.", "outcome"))
        self.fhir.made([("ok",), ("partial",), ("timeout",), ("unreachable",), ("server-error",), ("circuit-open",)])

    def _of_rules(self, known: Known) -> None:
        self.cards = Bound(self._counter("cards", "Cards sent.", "indicator")).made((i,) for i in _INDICATORS)
        self.fired = Bound(
            self._counter("rule_fired", "Calls in which a rule spoke on a card.", "rule", "version", "indicator")
        ).made((rule, version, i) for rule, version in known.rules for i in _INDICATORS)
        ids = [(rule,) for rule, _ in known.rules]
        self.not_assessed = Bound(
            self._counter("rule_not_assessed", "Calls in which a rule could not tell.", "rule")
        ).made(ids)
        self.failed = Bound(self._counter("rule_failed", "Calls in which a rule broke.", "rule")).made(ids)
        self.incomplete = self._counter("calls_incomplete", "Calls in which at least one rule could not tell.")
        self.feedback = Bound(
            self._counter("feedback", "Outcomes of cards, new ones, by the rule that led the card.", "rule", "outcome")
        ).made((rule, outcome) for (rule,) in [*ids, (UNKNOWN,)] for outcome in _OUTCOMES)

    def _of_the_machine(self, known: Known) -> None:
        self.token_refused = Bound(self._counter("token_refused", "Tokens refused, by the test they failed.", "test"))
        self.not_read = Bound(self._counter("requests_not_read", "Requests that were no HTTP.", "status"))
        self.database_failed = self._counter("database_failures", "Transactions that failed.")
        self.recorded = self._counter("impressions_recorded", "Cards whose impression was written.")
        self.dropped = self._counter("impressions_dropped", "Cards whose impression was lost.")
        self.recorder_lag = Histogram(
            "cds_recorder_lag_seconds",
            "How long the oldest impression of a batch waited to be written.",
            buckets=_LAG_SECONDS,
            registry=self.registry,
        )
        self.workers_started = self._counter("workers_started", "Worker processes started.")
        build = Gauge(
            "cds_build_info",
            "Always 1; the labels tell what runs.",
            ["version", "python"],
            multiprocess_mode="max",
            registry=self.registry,
        )
        build.labels(known.version, platform.python_version()).set(1)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"cds_{name}", words, labels, registry=self.registry)

    def count(self, note: Note) -> None:
        """Add one call, or one post of feedback."""
        service = note.service if note.service in self._services else UNKNOWN
        client = note.client if note.client in self._clients else NONE
        if note.kind == "feedback":
            self.feedback_calls[service, client, str(note.status)].inc()
            for rule, outcome in note.feedback:
                self.feedback[rule if rule in self._rules else UNKNOWN, outcome].inc()
            return
        self.calls[service, client, str(note.status)].inc()
        for name, began, ended in note.stages:
            self.seconds[name,].observe(ended - began)
        self.seconds[TOTAL,].observe(note.ended - note.began)
        for key, state in note.supplied.items():
            self.prefetch[client, key, state].inc()
        for query in note.queries:
            self.fhir[query.outcome,].inc()
        self._count_rules(note)

    def _count_rules(self, note: Note) -> None:
        for indicator in note.cards:
            self.cards[indicator,].inc()
        for fired in note.rules:
            self.fired[fired].inc()
        if note.not_assessed:
            self.incomplete.inc()
        for rule in note.not_assessed:
            self.not_assessed[rule,].inc()
        for rule in note.failed:
            self.failed[rule,].inc()
