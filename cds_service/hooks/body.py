"""Reading a request body: strict JSON, and the prefetched resources left undecoded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.hooks.problem import BadRequest

_SMALL = 64  # bytes; values shorter than this stay in the part that is checked for duplicate keys
_top = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Body:
    """A request: `members` are decoded, all but `prefetch`, whose values stay raw by key.

    A `prefetch` that is no object is left among the members, for the schema to refuse.
    """

    members: dict[str, Any]
    prefetch: Mapping[str, msgspec.Raw]


def read_body(raw: bytes) -> Body:
    """Read a JSON object. NaN, Infinity and duplicate keys are refused (those inside a prefetched resource are
    not looked for). Raises BadRequest."""
    try:
        top = _top.decode(raw)
        prefetch_raw = bytes(top["prefetch"]).strip() if "prefetch" in top else b""
        prefetch = _top.decode(prefetch_raw) if prefetch_raw.startswith(b"{") else {}
        rest = _without(raw, [prefetch_raw]) if prefetch else raw
        members = _strict(rest)
        if prefetch:
            _strict(_without(prefetch_raw, [bytes(value) for value in prefetch.values()]))
            members["prefetch"] = {}
    except msgspec.ValidationError:
        raise BadRequest("The body must be a JSON object.", path="$") from None
    except (msgspec.DecodeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadRequest(f"The body is not valid JSON: {_where(error)}.", path="$") from None
    except RecursionError:
        raise BadRequest("The body is nested too deeply.", path="$") from None
    return Body(members, prefetch)


def _without(raw: bytes, values: list[bytes]) -> bytes:
    """The text with each of these long values replaced by null at its first place."""
    for value in values:
        if len(value) < _SMALL:
            continue
        at = raw.find(value[:_SMALL])
        while at >= 0 and raw[at : at + len(value)] != value:
            at = raw.find(value[:_SMALL], at + 1)
        if at >= 0:
            raw = raw[:at] + b"null" + raw[at + len(value) :]
    return raw


def _strict(raw: bytes) -> dict[str, Any]:
    found = json.loads(raw, object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    if not isinstance(found, dict):
        raise BadRequest("The body must be a JSON object.", path="$")
    return found


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BadRequest(f"The key '{twice[:40]}' stands twice in one object.", path="$")
    return found


def _no_constant(name: str) -> Any:
    raise BadRequest(f"{name} is not JSON.", path="$")


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}"
    return "it cannot be parsed"
