"""How log lines look, and what may stand in them.

This service's own messages are fixed words with members that are chosen one by one. A library's message may quote
whatever it handled, so of its records only logger, level and the kind of the exception are written. No traceback is
ever written: it may quote a chart. Where an exception came from is.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, TextIO

import msgspec
import structlog
from flask import g, has_app_context
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "text"]
Event = MutableMapping[str, Any]

_SPEAK_FOR_US = ("cds_service", "cards")
_OUR_OWN = (*_SPEAK_FOR_US, "gunicorn")
_add_extra = ExtraAdder()
_encode = msgspec.json.Encoder(enc_hook=str).encode


def set_up(level: Level, form: Format, stream: TextIO | None = None) -> None:
    """Write to `stream` (standard output) from `level` on: JSON, or text where a person reads along."""
    out = stream or sys.stdout
    text = form == "text" or (form == "auto" and out.isatty())
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        (ProcessorFormatter if text else _Json)(
            foreign_pre_chain=_members(),
            processors=[ProcessorFormatter.remove_processors_meta, *_written(text=text, colours=out.isatty())],
            keep_exc_info=True,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    for name in _SPEAK_FOR_US:
        logging.getLogger(name).setLevel(level.upper())
    logging.captureWarnings(capture=True)
    logging.raiseExceptions = False  # a line that cannot be written would be quoted on standard error
    threading.excepthook = _thread_ended


class _Json(ProcessorFormatter):
    """Lines that bring all their members as one, `told`, are written straight away: there is one for each call."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        told = getattr(record, "told", None)
        if told is None:
            return super().format(record)
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        head = {"time": f"{when[:-6]}Z", "level": record.levelname.lower(), "event": record.msg}
        return _json(head | told)


def _members() -> Sequence[structlog.typing.Processor]:
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")
    return (_only_what_is_known, add_log_level, _one_by_one, _of_which_call, stamp)


def _written(*, text: bool, colours: bool) -> Sequence[structlog.typing.Processor]:
    if text:
        return (structlog.dev.ConsoleRenderer(colors=colours, timestamp_key="time", level_styles=None),)
    return (_in_order, structlog.processors.JSONRenderer(serializer=_json))


def _json(event: Mapping[str, Any], **_: object) -> str:
    return _encode(event).decode()


_FIRST = ("time", "level", "event")


def _in_order(_logger: object, _method: str, event: Event) -> Event:
    return {**{name: event[name] for name in _FIRST if name in event}, **event}


def _only_what_is_known(_logger: Any, _method: str, event: Event) -> Event:
    """Take away what a library wrote, and tell of an exception its kind and its place."""
    record: logging.LogRecord = event["_record"]
    if record.name.partition(".")[0] in _OUR_OWN:
        event = _add_extra(_logger, _method, event)
    else:
        event["event"] = "a library reports"
        event["logger"] = record.name
    told = event.pop("exc_info", None) or record.exc_info
    record.exc_info = record.exc_text = None
    if isinstance(told, tuple) and told[1] is not None:
        event["error"], event["where"] = type(told[1]).__name__, where(told[1].__traceback__)
    return event


def _one_by_one(_logger: object, _method: str, event: Event) -> Event:
    told: Mapping[str, Any] = event.pop("told", {})
    return {**event, **told}


def _of_which_call(_logger: object, _method: str, event: Event) -> Event:
    if "correlation_id" not in event and has_app_context() and "correlation_id" in g:
        event["correlation_id"] = g.correlation_id
    return event


def where(trace: TracebackType | None) -> str | None:
    """Module and line in which an exception was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else None


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread else "unknown"
    extra = {"of": name, "error": ended.exc_type.__name__, "where": where(ended.exc_traceback)}
    logging.getLogger(__name__).error("a thread ended", extra=extra)
