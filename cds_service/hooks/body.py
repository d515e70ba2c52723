"""Reading a request body: strict JSON, and the prefetched resources left undecoded."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.hooks.problem import BadRequest

_BOM = b"\xef\xbb\xbf"
_top = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NEXT_KEY = re.compile(rb'\s*[{,]\s*"(?:[^"\\]|\\.)*"\s*:\s*')
_END = re.compile(rb"\s*(?:\{\s*)?\}\s*")


@dataclass(frozen=True, slots=True)
class Body:
    """A request: `members` are decoded, all but `prefetch`, whose values stay raw by key.

    A `prefetch` that is no object is left among the members, for the schema to refuse. `draft_orders` is
    `context.draftOrders` as received, empty where there is none.
    """

    members: dict[str, Any]
    prefetch: Mapping[str, msgspec.Raw]
    draft_orders: bytes = b""


def read_body(raw: bytes) -> Body:
    """Read a JSON object in UTF-8; a byte order mark before it is passed over. NaN, Infinity and duplicate keys
    are refused (duplicates inside a prefetched resource are not looked for). Raises BadRequest."""
    raw = raw.removeprefix(_BOM)
    try:
        raw.decode()
        top = _members(raw)
        prefetch_raw = bytes(top["prefetch"]) if "prefetch" in top else b""
        prefetch = _members(prefetch_raw) if prefetch_raw.startswith(b"{") else {}
        members = {key: _strict(bytes(value)) for key, value in top.items() if key != "prefetch" or not prefetch}
        if prefetch:
            members["prefetch"] = {}
    except msgspec.ValidationError:
        raise BadRequest("The body must be a JSON object.", path="$") from None
    except (msgspec.DecodeError, ValueError) as error:  # ValueError: bad UTF-8, or a number too large to hold
        raise BadRequest(f"The body is not valid JSON in UTF-8{_place(error)}.", path="$") from None
    except RecursionError:
        raise too_deep() from None
    return Body(members, prefetch, _draft_orders(top))


def _draft_orders(top: Mapping[str, msgspec.Raw]) -> bytes:
    try:
        return bytes(_top.decode(top["context"]).get("draftOrders", b""))
    except (KeyError, msgspec.DecodeError):
        return b""


def too_deep() -> BadRequest:
    """What a nesting bomb is answered."""
    return BadRequest("The body is nested too deeply.", path="$")


def _members(raw: bytes) -> dict[str, msgspec.Raw]:
    """An object's values, undecoded; a key that stands twice is refused.

    The decoder keeps one value a key, in the order of first appearance, so walking through the text in that
    order reaches its end exactly when no key stood twice. Nothing is parsed or copied for it.
    """
    found = _top.decode(raw)
    at = 0
    for value in found.values():
        key = _NEXT_KEY.match(raw, at)
        text = bytes(value)
        if key is None or not raw.startswith(text, key.end()):
            raise _twice()
        at = key.end() + len(text)
    if not _END.fullmatch(raw, at):
        raise _twice()
    return found


def _strict(raw: bytes) -> Any:
    return json.loads(raw, object_pairs_hook=_no_duplicates, parse_float=_finite)


def _finite(written: str) -> float:
    number = float(written)
    if math.isinf(number):
        raise ValueError("a number too large to hold")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _twice()
    return found


def _place(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f" (byte {error.start})"
    found = re.search(r" \(byte \d+\)$", str(error))
    return found[0] if found else ""


def _twice() -> BadRequest:
    return BadRequest("A key stands twice in one object.", path="$")
