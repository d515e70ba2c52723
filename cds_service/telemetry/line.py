"""The log line of one request."""

from __future__ import annotations

import logging
from collections import Counter
from typing import Any

from cds_service.telemetry.note import Note

log = logging.getLogger("cds_service.calls")

_SERVER_ERROR, _CLIENT_ERROR = 500, 400


def write(note: Note) -> None:
    """Write it: calls and feedback for everybody, the rest for who debugs."""
    if note.kind == "other":
        level = logging.DEBUG
    elif note.status >= _SERVER_ERROR:
        level = logging.ERROR
    else:
        level = logging.WARNING if note.status >= _CLIENT_ERROR else logging.INFO
    if log.isEnabledFor(level):
        log.log(level, note.kind if note.kind != "other" else "request", extra={"told": members(note)})


def members(note: Note) -> dict[str, Any]:
    """What the line tells; members that would be empty are left out."""
    call = note.kind == "call"
    told = {
        "correlation_id": note.correlation_id,
        "trace_id": note.trace_id,
        "client": note.client,
        "service": note.service,
        "hook": note.hook,
        "status": note.status,
        "problem": note.problem,
        "cards": len(note.cards) if call else None,
        "rules": [{"id": rule, "version": version, "indicator": i} for rule, version, i in note.rules] or None,
        "could_not_tell": len(note.not_assessed) if call else None,
        "failed_rules": note.failed or None,
        "set_aside": note.set_aside or None,
        "feedback": Counter(outcome for _, outcome in note.feedback) if note.feedback else None,
        "prefetch": _prefetch(note) if note.supplied else None,
        "fhir": Counter(query.outcome for query in note.queries) if note.queries else None,
        "ms": _milliseconds(note),
    }
    return {name: value for name, value in told.items() if value is not None}


def _prefetch(note: Note) -> dict[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for key, state in note.supplied.items():
        keys.setdefault(state, []).append(key)
    return keys


def _milliseconds(note: Note) -> dict[str, float]:
    spent = {name: round(1000 * (ended - began), 2) for name, began, ended in note.stages}
    spent["total"] = round(1000 * (note.ended - note.began), 2)
    return spent
