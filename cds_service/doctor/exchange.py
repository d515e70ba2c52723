"""One request and what came back, kept for the report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["discovery", "call", "feedback", "preflight", "other"]
SUCCESS = range(200, 300)
REDIRECT = range(300, 400)
REFUSAL = range(400, 500)
FAULT = range(500, 600)
_TOLD_BYTES = 400
_TOLD_TEXT = 80
_TOLD_UNREADABLE = 40
_TOLD_DEPTH = 2


@dataclass(frozen=True)
class Exchange:
    """`status` is 0 where no answer came; `failure` then says why. Header names of the answer are in lower case."""

    kind: Kind
    method: str
    url: str
    sent_headers: Mapping[str, str]
    sent: bytes
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    failure: str = ""

    @cached_property
    def json(self) -> Any:
        """The decoded body; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def cards(self) -> list[Any]:
        """The cards of a 200, as far as there is a list of them."""
        cards = self.json.get("cards") if self.status == 200 and isinstance(self.json, dict) else None  # noqa: PLR2004
        return cards if isinstance(cards, list) else []

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def outcome(self) -> str:
        """The status for a sentence."""
        return str(self.status) if self.status else f"no answer ({self.failure})"

    def told(self) -> Json:
        """For the report: no token, and of bodies only the outline, since a request may be about a real patient."""
        came: Json = {"status": self.status} if self.status else {"failure": self.failure}
        headers = {name: self.headers[name] for name in _TOLD_HEADERS if name in self.headers}
        return {
            "sent": {
                "method": self.method,
                "url": self.url,
                "headers": {name: _told_header(name, value) for name, value in self.sent_headers.items()},
                "body": _outline(self.sent, _TOLD_UNREADABLE),
            },
            "came": came
            | {"headers": headers, "body": _outline(self.body, _TOLD_BYTES), "seconds": round(self.seconds, 3)},
        }


_TOLD_HEADERS = (
    "content-type",
    "allow",
    "location",
    "www-authenticate",
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "x-correlation-id",
)


def _told_header(name: str, value: str) -> str:
    if name.lower() != "authorization":
        return value
    return f"{value.partition(' ')[0]} (token, {len(value)} characters)"


def _outline(body: bytes, most: int) -> str:
    """JSON without what is nested, errors whole; of anything else the first `most` bytes."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return _cut(body.decode("utf-8", "replace"), most)
    error = isinstance(told, dict) and told.get("resourceType") == "OperationOutcome"
    return _cut(json.dumps(told if error else _shortened(told), ensure_ascii=False), _TOLD_BYTES)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def _shortened(value: Any, depth: int = 0) -> Any:
    """Objects and lists below the second level become a word about them."""
    if isinstance(value, dict):
        kind = value.get("resourceType")
        if kind and depth:
            return f"<{kind}>"
        shown = {k: "…" if k == "access_token" else _shortened(v, depth + 1) for k, v in value.items()}
        return shown if depth < _TOLD_DEPTH else "{…}"
    if isinstance(value, list):
        return [_shortened(v, depth + 1) for v in value[:3]] if depth < _TOLD_DEPTH and value else f"[{len(value)}]"
    return f"{value[:_TOLD_TEXT]}…" if isinstance(value, str) and len(value) > _TOLD_TEXT else value
