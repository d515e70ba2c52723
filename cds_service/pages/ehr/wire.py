"""HTTP to the two servers of the demonstration, with each exchange kept as it was, for showing."""

from __future__ import annotations

import json
import shlex
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import requests

_TIMEOUT = (2.0, 15.0)
_AT_ONCE = 6
_NO_ANSWER = 0
_AS_IT_IS_NOW = {"Accept": "application/json", "Cache-Control": "no-cache"}


class Unreachable(Exception):
    """A server of the demonstration does not answer, or not with JSON; the message names its address."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as sent and its answer as received. `status` 0: there was no answer."""

    method: str
    url: str
    sent: str
    status: int
    received: str
    milliseconds: int

    @property
    def ok(self) -> bool:
        """Answered with a success."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def body(self) -> dict[str, Any]:
        """The answer's JSON object, empty where it is none."""
        try:
            told = json.loads(self.received)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def answered(self) -> str:
        """The status as a reader expects it."""
        if self.status == _NO_ANSWER:
            return "no answer"
        known = {one.value: one.phrase for one in HTTPStatus}
        return f"{self.status} {known.get(self.status, '')}".strip()

    @property
    def curl(self) -> str:
        """A command that sends the same bytes again."""
        head = f"curl -sS {shlex.quote(self.url)} -H 'Content-Type: application/json' --data-binary @-"
        return f"{head} <<'JSON'\n{self.sent}\nJSON"


def pretty(text: str) -> str:
    """JSON with a line for each member; anything else as it is."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except ValueError:
        return text


def post(url: str, body: Mapping[str, Any], content_type: str = "application/json") -> Exchange:
    """Send JSON."""
    sent = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    started = time.monotonic()
    try:
        with _session() as session:
            answer = session.post(
                url, data=sent.encode(), headers={"Content-Type": content_type}, timeout=_TIMEOUT, allow_redirects=False
            )
        status, received = answer.status_code, answer.text
    except requests.RequestException:
        status, received = _NO_ANSWER, ""
    return Exchange("POST", url, sent, status, received, round((time.monotonic() - started) * 1000))


def get(url: str) -> dict[str, Any]:
    """A JSON object. Raises Unreachable."""
    try:
        with _session() as session:
            answer = session.get(url, headers=_AS_IT_IS_NOW, timeout=_TIMEOUT, allow_redirects=False)
        told = answer.json()
    except (requests.RequestException, ValueError):
        raise Unreachable(url) from None
    if not answer.ok or not isinstance(told, dict):
        raise Unreachable(url)
    return told


def get_all(urls: Iterable[str]) -> list[dict[str, Any] | None]:
    """Several at once, in their order; None for each that failed."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(_get_or_none, urls))


def _get_or_none(url: str) -> dict[str, Any] | None:
    try:
        return get(url)
    except Unreachable:
        return None


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session
