"""Reading a table of example patients: one YAML file a rule, one row a patient."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import yaml

from tests.vignettes.shorthand import Fact, Hook

FOLDER = Path(__file__).parent
ANSWERS = ("critical", "warning", "info", "silent", "cannot tell")
_TABLE_KEYS = {"rule", "today", "base", "rows", "hook"}
_ROW_KEYS = {
    "name", "given", "expect", "base", "today", "hook", "without", "also", "shown", "contains", "suggests",
}  # fmt: skip

Expected = str | Literal[400, 412]


class BadTable(ValueError):
    """A table that does not keep its format; the message names the file and the row."""


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One patient, and what the rule should say of them. `suggests` and `contains` are regular expressions."""

    rule: str
    name: str
    facts: tuple[Fact, ...]
    today: date
    expect: Expected
    hook: Hook | None = None
    without: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)
    shown: bool | None = None
    contains: str | None = None
    suggests: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """As pytest shows it."""
        return f"{self.rule}: {self.name}"


FastLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where libyaml was there


class _PlainLoader(FastLoader):
    """YAML without dates: a fact is text."""


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in FastLoader.yaml_implicit_resolvers.items()
}


def table_paths() -> tuple[Path, ...]:
    """All tables, by name."""
    return tuple(sorted(FOLDER.glob("*.yaml")))


@cache
def rows_of(path: Path) -> tuple[Row, ...]:
    """The rows of one table, read once: reading YAML takes longer than judging what it says. Raises BadTable."""
    table = yaml.load(path.read_text("utf-8"), _PlainLoader)  # noqa: S506 - a SafeLoader that knows less
    if not isinstance(table, dict) or not {"rule", "today", "rows"} <= set(table) <= _TABLE_KEYS:
        raise BadTable(f"{path.name}: a table holds rule, today and rows, and may hold base and hook")
    if table["rule"] != path.stem:
        raise BadTable(f"{path.name}: the file of a table is called after its rule, '{table['rule']}'")
    return tuple(_rows(path.name, table))


def readable_rows() -> tuple[Row, ...]:
    """The rows of all tables that keep their format: one bad table does not hide the others."""
    found: list[Row] = []
    for path in table_paths():
        with suppress(BadTable, yaml.YAMLError):
            found += rows_of(path)
    return tuple(found)


def _rows(file: str, table: dict[str, Any]) -> Iterator[Row]:
    seen: set[str] = set()
    for row in table["rows"]:
        at = f"{file}: {row.get('name', row)!r}" if isinstance(row, dict) else f"{file}: {row!r}"
        if not isinstance(row, dict) or not {"name", "expect"} <= set(row) <= _ROW_KEYS:
            unknown = sorted(set(row) - _ROW_KEYS) if isinstance(row, dict) else row
            raise BadTable(f"{at}: a row holds name and expect; not known: {unknown}")
        if row["name"] in seen:
            raise BadTable(f"{at}: two rows have this name")
        seen.add(row["name"])
        yield _row(at, table, row)


def _row(at: str, table: dict[str, Any], row: dict[str, Any]) -> Row:
    base = table.get("base", []) if row.get("base", True) else []
    expect = row["expect"]
    if expect not in (*ANSWERS, 400, 412):
        raise BadTable(f"{at}: expect is {expect!r}; it takes {', '.join(ANSWERS)}, 412 or 400")
    suggests = row.get("suggests", [])
    return Row(
        rule=table["rule"],
        name=row["name"],
        facts=(*_facts(at, base), *_facts(at, row.get("given", []))),
        today=date.fromisoformat(str(row.get("today", table["today"]))),
        expect=expect,
        hook=cast(Hook | None, row.get("hook", table.get("hook"))),
        without=tuple(row.get("without", ())),
        also=_also(at, row.get("also", {})),
        shown=row.get("shown"),
        contains=_regex(at, row.get("contains")),
        suggests=tuple(str(_regex(at, s)) for s in ([suggests] if isinstance(suggests, str) else suggests)),
    )


def _facts(at: str, facts: Any) -> list[Fact]:
    if not isinstance(facts, list) or not all(isinstance(f, str | dict) for f in facts):
        raise BadTable(f"{at}: facts are a list of lines")
    return facts


def _also(at: str, also: Any) -> dict[str, str]:
    if not isinstance(also, dict) or not set(also.values()) <= set(ANSWERS):
        raise BadTable(f"{at}: also maps rules to {', '.join(ANSWERS)}")
    return also


def _regex(at: str, pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise BadTable(f"{at}: {pattern!r} is no regular expression ({error})") from None
    return pattern
