"""What is taken down of one request while it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal, NamedTuple

State = Literal["hit", "fetched", "missing"]
Fired = tuple[str, str, str]

STAGES = ("trust", "read", "fetch", "turn", "intake", "rules", "respond")
"""In the order of a call: who calls; the request's JSON; prefetch and FHIR; the chart; all rules; the response.
What an error cut off is not taken down: its time is the rest of the total."""


class Query(NamedTuple):
    """One FHIR query: which prefetch key, what it came to, and when (seconds of `perf_counter`)."""

    key: str
    outcome: str
    began: float
    ended: float


class Stage(NamedTuple):
    """A part of the answering, in seconds of `perf_counter`."""

    name: str
    began: float
    ended: float


@dataclass(slots=True)
class Note:
    """Filled in as far as the request gets. All of it is the service's own vocabulary or the operator's.

    service, hook: as published, None for others. client: its name in the registry. rules: (id, version, indicator) of
    every rule that speaks on a card. not_assessed: ids of rules that could not tell; failed: of those that broke.
    supplied: each prefetch key's state. problem: the issue code of an error. trace_id, fhir_headers, span: of tracing.
    """

    correlation_id: str = ""
    kind: Literal["call", "feedback", "other"] = "other"
    service: str | None = None
    hook: str | None = None
    client: str | None = None
    status: int = 0
    problem: str | None = None
    cards: tuple[str, ...] = ()
    rules: tuple[Fired, ...] = ()
    not_assessed: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    set_aside: int = 0
    supplied: dict[str, State] = field(default_factory=dict)
    queries: list[Query] = field(default_factory=list)
    feedback: list[tuple[str | None, str]] = field(default_factory=list)
    trace_id: str | None = None
    fhir_headers: dict[str, str] = field(default_factory=dict)
    span: object = None
    stages: list[Stage] = field(default_factory=list)
    began: float = field(default_factory=perf_counter)
    ended: float = 0.0

    def mark(self, stage: str) -> None:
        """This stage ends now; it began where the one before it ended."""
        since = self.stages[-1].ended if self.stages else self.began
        self.stages.append(Stage(stage, since, perf_counter()))

    def queried(self, key: str, outcome: str, began: float, ended: float) -> None:
        """A FHIR query is over."""
        self.queries.append(Query(key, outcome, began, ended))
