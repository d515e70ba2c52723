"""JSON as no library writes it: members twice, numbers too large to hold, odd escapes, bytes that are not UTF-8."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Written:
    """A value by its text; a surrogate in it stands for a byte that is not UTF-8."""

    text: str


@dataclass(frozen=True)
class Members:
    """An object by its members in order, keys as written; a key may stand twice."""

    pairs: tuple[tuple[str, Any], ...]


def written(value: Any) -> str:
    """The text of a value."""
    if isinstance(value, Written):
        return value.text
    if isinstance(value, Members):
        return "{" + ",".join(f"{key}:{written(one)}" for key, one in value.pairs) + "}"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return json.dumps(value)


def _nested(depth: int) -> Written:
    return Written("[" * depth + "]" * depth)


STRANGE: tuple[Any, ...] = (
    None, True, False, 0, -1, 3.5, "", " ", "x", "OperationOutcome", "Patient/p2", [], {}, [None], [[]], [{}], [1],
    ["x"], {"x": 1}, {"coding": None}, {"coding": "x"}, {"coding": [None]}, {"coding": [{"code": 5}]}, {"reference": 7},
    {"reference": "Patient/p2"}, {"value": "142"}, Written("1e400"), Written("-1E-400"), Written("9" * 400),
    Written("1.0"), Written("1e300"), Written("5e-324"), Written("-0"), "0001-01-01T00:00:00+14:00", "9999-12-31",
    "9999-12-31T23:59:59-05:00", "0001", "2026-02-30", Written('"\udcff"'), Written('"\\u0000"'),
    Written('"pain\\u002dlocation"'), Written('"Operation\\u004futcome"'), Written(' "x" '), _nested(20), _nested(300),
)  # fmt: skip
"""What may stand in any place of a resource."""
NAMES = (
    "issue", "contained", "modifierExtension", "extension", "_code", "resourceType", "id", "patient", "subject",
    "reason", "dateRecorded", "dateWritten", "code", "status", "component", "search", "fullUrl", "entry", "link",
)  # fmt: skip


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of each value inside, its own among them."""
    yield at
    if isinstance(value, dict | list):
        for key, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(one, (*at, key))


def changed(value: Any, path: tuple[Any, ...], change: Callable[[Any], Any]) -> Any:
    """The same with what stands at the path changed."""
    if not path:
        return change(value)
    key, *rest = path
    inner = changed(value[key], tuple(rest), change)
    if isinstance(value, dict):
        return value | {key: inner}
    return [*value[:key], inner, *value[key + 1 :]]


def _twice(value: Any, key: str, other: Any, *, last: bool) -> Any:
    if not isinstance(value, dict):
        return [value, other]
    pairs = [(json.dumps(name), one) for name, one in value.items()]
    pairs.insert(len(pairs) if last else 0, (json.dumps(key), other))
    return Members(tuple(pairs))


def _first(value: Any, name: str) -> str:
    return next(iter(value), name) if isinstance(value, dict) else name


def _spelt(value: Any) -> Any:
    """The first character of a text, or of the first key, written as its escape."""
    if isinstance(value, str) and value:
        return Written(f'"\\u{ord(value[0]):04x}{json.dumps(value[1:])[1:]}')
    if isinstance(value, dict) and value:
        pairs = [(json.dumps(name), one) for name, one in value.items()]
        name = next(iter(value))
        return Members(((f'"\\u{ord(name[0]):04x}{name[1:]}"', pairs[0][1]), *pairs[1:]))
    return value


@st.composite
def made_odd(draw: st.DrawFn, sound: Any, most: int = 3) -> Any:
    """A value changed in up to `most` places."""
    found = sound
    for _ in range(draw(st.integers(0, most))):
        found = changed(found, draw(st.sampled_from(list(places(found)))), draw(_changes))
    return found


@st.composite
def _change(draw: st.DrawFn) -> Callable[[Any], Any]:
    strange, name = draw(st.sampled_from(STRANGE)), draw(st.sampled_from(NAMES))
    last = draw(st.booleans())
    return draw(
        st.sampled_from([
            lambda _: strange,
            lambda value: [value],
            lambda value: value[0] if isinstance(value, list) and value else value,
            lambda value: value | {name: strange} if isinstance(value, dict) else strange,
            lambda value: _twice(value, name, strange, last=last),
            lambda value: _twice(value, _first(value, name), strange, last=last),
            lambda value: dict(list(value.items())[1:]) if isinstance(value, dict) else value,
            _spelt,
        ])
    )  # fmt: skip


_changes = _change()
