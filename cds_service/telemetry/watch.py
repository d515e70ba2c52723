"""From the note of a request to its log line, its metrics and its spans."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING

from cds_service.telemetry import line
from cds_service.telemetry.note import Note

if TYPE_CHECKING:  # neither library is loaded where it is not used
    from cds_service.telemetry.metrics import Metrics
    from cds_service.telemetry.traces import Traces

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Watch:
    """One a process. Without metrics and traces only the log line is written. Whatever fails here costs no answer."""

    metrics: Metrics | None = None
    traces: Traces | None = None

    def begun(self, note: Note, traceparent: str | None) -> None:
        """A call or a feedback begins. `traceparent`: of the caller, by W3C Trace Context."""
        if self.traces is None:
            return
        try:
            self.traces.begin(note, traceparent)
        except Exception as broken:  # noqa: BLE001 - watching must not cost an answer
            _failed(broken)

    def finished(self, note: Note, status: int) -> None:
        """The request is answered with this HTTP status."""
        note.status, note.ended = status, perf_counter()
        try:
            line.write(note)
            if note.kind == "other":
                return
            if self.metrics is not None:
                self.metrics.count(note)
            if self.traces is not None:
                self.traces.end(note)
        except Exception as broken:  # noqa: BLE001 - watching must not cost an answer
            _failed(broken)

    def token_refused(self, test: str) -> None:
        """A token failed this test."""
        if self.metrics is not None:
            self.metrics.token_refused[test,].inc()

    def not_read(self, status: int) -> None:
        """What came was no HTTP that could be read."""
        if self.metrics is not None:
            self.metrics.not_read[str(status),].inc()

    def database_failed(self) -> None:
        """A transaction failed; the database is left alone for a moment."""
        if self.metrics is not None:
            self.metrics.database_failed.inc()

    def recorded(self, cards: int, waited_seconds: float) -> None:
        """Impressions of so many cards were written; the oldest waited so long."""
        if self.metrics is not None:
            self.metrics.recorded.inc(cards)
            self.metrics.recorder_lag.observe(waited_seconds)

    def dropped(self, cards: int) -> None:
        """Impressions of so many cards were lost."""
        if self.metrics is not None:
            self.metrics.dropped.inc(cards)


def _failed(broken: Exception) -> None:
    log.error("watching failed", extra={"error": type(broken).__name__})
