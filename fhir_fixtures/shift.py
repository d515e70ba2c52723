"""Move the dates of FHIR JSON, so that a patient written on one day is as old, and as ill, on another."""

import re
from datetime import date
from typing import Any

_DATE_KEYS = frozenset(
    {
        "authoredOn", "created", "creation", "date", "dateAsserted", "end", "event", "issued", "lastModified",
        "lastOccurrence", "lastUpdated", "onset", "recorded", "start", "started", "time", "timestamp", "when",
    }
)  # fmt: skip
"""Elements of type date, dateTime or instant in clinical R4 resources, besides those named …Date, …DateTime
and …Instant."""

_FHIR_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?P<time>T.+)?)?)?")


def shift_dates(bundle: dict[str, Any], today: date) -> dict[str, Any]:
    """A copy of a Bundle with every date moved by the days between `Bundle.timestamp` and `today`.

    `Bundle.timestamp` moves too, so that shifting twice to one day changes nothing more.
    Raises KeyError if the Bundle has no timestamp.
    """
    written = date.fromisoformat(bundle["timestamp"][:10])
    shifted: dict[str, Any] = shift_json(bundle, written, today)
    return shifted


def shift_json(node: Any, written: date, today: date, key: str = "") -> Any:
    """A copy of FHIR JSON in which each date, dateTime and instant keeps its distance to today.

    `written` is the day for which the JSON was written; `key` names the element that holds `node`.
    """
    if isinstance(node, dict):
        return {name: shift_json(value, written, today, name) for name, value in node.items()}
    if isinstance(node, list):
        return [shift_json(value, written, today, key) for value in node]
    if isinstance(node, str) and _holds_a_date(key):
        return _shift(node, written, today)
    return node


def _holds_a_date(key: str) -> bool:
    return key in _DATE_KEYS or key.endswith(("Date", "DateTime", "Instant"))


def _shift(value: str, written: date, today: date) -> str:
    parts = _FHIR_DATE.fullmatch(value)
    if parts is None:
        return value
    year, month, day, time = parts.group("year", "month", "day", "time")
    if day is None:
        return _shift_partial(int(year), int(month) if month else None, written, today)
    moved = date(int(year), int(month), int(day)) + (today - written)
    return moved.isoformat() + (time or "")


def _shift_partial(year: int, month: int | None, written: date, today: date) -> str:
    """A month or a year moves with the day in its middle, and stays out of the future if it was."""
    middle = date(year, month or 7, 15 if month else 2)
    first = date(year, month or 1, 1)
    moved = middle + (today - written)
    if first <= written:
        moved = min(moved, today)
    return f"{moved:%Y-%m}" if month else f"{moved:%Y}"
