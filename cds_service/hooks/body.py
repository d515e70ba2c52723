"""Reading a request body: strict JSON, and the prefetched resources left undecoded."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cds_service.fhir.characters import with_whole_characters
from cds_service.hooks.problem import BadRequest

_BOM = b"\xef\xbb\xbf"
_Member = msgspec.Raw | str | dict[str, msgspec.Raw]
_top = msgspec.json.Decoder(dict[str, msgspec.Raw])
_usual = msgspec.json.Decoder(dict[str, dict[str, msgspec.Raw] | str])
"""A body with nothing but strings and objects in it, as clients send it: its text is gone through only once."""
_NEXT_KEY = re.compile(rb'\s*[{,]\s*"(?:[^"\\]|\\.)*"\s*:\s*')
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
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
    are refused (inside a prefetched resource duplicates are not looked for: the last one counts); half a character is
    read as U+FFFD. Raises BadRequest."""
    raw = raw.removeprefix(_BOM)
    try:
        raw.decode()
        return _read_or_mend(raw)
    except msgspec.ValidationError:
        raise BadRequest("The body must be a JSON object.", path="$") from None
    except (msgspec.DecodeError, ValueError) as error:  # ValueError: bad UTF-8, or a number too large to hold
        raise BadRequest(f"The body is not valid JSON in UTF-8{_place(error)}.", path="$") from None
    except RecursionError:
        raise too_deep() from None


def _read_or_mend(raw: bytes) -> Body:
    try:
        return _read(raw)
    except msgspec.DecodeError:
        mended = with_whole_characters(raw)
        if mended == raw:
            raise
        return _read(mended)


def _read(raw: bytes) -> Body:
    top: Mapping[str, _Member]
    try:
        top = _usual.decode(raw)
    except msgspec.ValidationError:
        top = {name: _opened(bytes(value)) or value for name, value in _top.decode(raw).items()}
    texts, end = _texts(raw, top, 0)
    if end != len(raw):
        raise _twice()
    found, context = top.get("prefetch"), top.get("context")
    prefetch = found if isinstance(found, dict) else {}
    members = {name: _strict(text) for name, text in texts.items() if name != "prefetch" or not prefetch}
    if prefetch:
        members["prefetch"] = {}
    drafts = context.get("draftOrders", b"") if isinstance(context, dict) else b""
    return Body(members, prefetch, bytes(drafts))


def _opened(text: bytes) -> dict[str, msgspec.Raw] | None:
    return _top.decode(text) if text.startswith(b"{") else None


def too_deep() -> BadRequest:
    """What a nesting bomb is answered."""
    return BadRequest("The body is nested too deeply.", path="$")


def _texts(raw: bytes, found: Mapping[str, _Member], at: int) -> tuple[dict[str, bytes], int]:
    """The text of each member of the object that starts there, and where the object ends; a key that stands twice
    is refused.

    The decoder keeps one value a key, in the order of first appearance, so walking through the text in that
    order reaches its end exactly when no key stood twice. Nothing is parsed for it.
    """
    texts: dict[str, bytes] = {}
    for name, value in found.items():
        key = _NEXT_KEY.match(raw, at)
        start = key.end() if key else len(raw)
        at = _behind(raw, start, value)
        texts[name] = raw[start:at]
    end = _END.match(raw, at)
    if end is None:
        raise _twice()
    return texts, end.end()


def _behind(raw: bytes, start: int, value: _Member) -> int:
    """Where the value that starts there ends."""
    if isinstance(value, dict):
        return _texts(raw, value, start)[1]
    if isinstance(value, str):
        written = _STRING.match(raw, start)
        end = written.end() if written else -1
    else:
        text = bytes(value)
        end = start + len(text) if raw.startswith(text, start) else -1
    if end < 0:
        raise _twice()
    return end


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
