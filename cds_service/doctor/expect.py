"""What checks expect of an answer, each with the complaint where it is not so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from cds_service.doctor.bench import OK, PRECONDITION
from cds_service.doctor.check import Complaint
from cds_service.doctor.exchange import FAULT, REDIRECT, REFUSAL, Exchange


def refused(exchange: Exchange, what: str, statuses: Sequence[int] = REFUSAL) -> Iterator[Complaint]:
    """A 4xx, or one of these statuses."""
    if exchange.status not in statuses:
        wanted = "a 4xx" if statuses is REFUSAL else " or ".join(map(str, statuses[:2]))
        yield Complaint(f"{what}: answered {exchange.outcome}, expected {wanted}", exchange)


def answered(exchange: Exchange, what: str, statuses: Sequence[int] = (OK, PRECONDITION)) -> Iterator[Complaint]:
    """200 or 412: it judged, or said that it lacks data. The first two of `statuses` are named in the complaint."""
    yield from refused(exchange, what, statuses)


def unbroken(exchange: Exchange, what: str) -> Iterator[Complaint]:
    """Anything but a 5xx, a redirect, or silence."""
    if not exchange.status or exchange.status in FAULT or exchange.status in REDIRECT:
        yield Complaint(f"{what}: answered {exchange.outcome}", exchange)


def empties(value: Any, path: str = "$", *, legal: Collection[str] = ()) -> Iterator[str]:
    """Paths of null, "", [] and {}, but for the legal ones."""
    if value is None or value in ("", [], {}):
        if path not in legal:
            yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from empties(inner, f"{path}.{key}", legal=legal)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from empties(inner, f"{path}[{at}]", legal=legal)


def is_text(value: Any) -> bool:
    """A string with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_address(value: Any) -> bool:
    """An absolute http(s) URL."""
    return isinstance(value, str) and value.lower().startswith(("http://", "https://")) and " " not in value


def is_coding(value: Any) -> bool:
    """With code and system, as CDS Hooks requires it."""
    return isinstance(value, dict) and is_text(value.get("code")) and is_text(value.get("system"))
