"""What a rule can reach: the constants, value sets and questions that its decision uses, read from its source text.

From the decision function every name is followed through the rule's own module and the fact modules, and nowhere
else, so a threshold that a fact module holds for another rule is not listed.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cards.rule import Rule

_FACTS = "cards.facts."
_FAMILY_DEPTH = 2  # cards.<family>.<rule>


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A name at the top of a module."""

    module: str
    name: str

    @property
    def value(self) -> object:
        """What the name stands for."""
        return getattr(importlib.import_module(self.module), self.name, None)


@dataclass(frozen=True)
class Source:
    """A module's text: what it defines at its top, what it takes from elsewhere, and its lines."""

    defined: dict[str, ast.stmt]
    imported: dict[str, tuple[str, str]]
    lines: tuple[str, ...]


@cache
def source_of(module_name: str) -> Source:
    """The module's source, read once."""
    text = inspect.getsource(importlib.import_module(module_name))
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, tuple[str, str]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            imported |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        for name in _names_set(node):
            defined[name] = node
    return Source(defined, imported, tuple(text.splitlines()))


def _names_set(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.AnnAssign):
        yield from (n.id for n in [node.target] if isinstance(n, ast.Name))
    elif isinstance(node, ast.Assign):
        yield from (n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name))


def reached_from_rule(rule: Rule) -> tuple[Place, ...]:
    """All that the rule's decision uses, its own module first, each module in the order of its text."""
    return reached(Place(rule.decide.__module__, rule.decide.__name__))


@cache
def reached(start: Place) -> tuple[Place, ...]:
    """All names that can be reached from this one, itself included."""
    found: dict[Place, None] = {}
    waiting = [start]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found[place] = None
            waiting += _used_by(place)
    return tuple(sorted(found, key=lambda p: (p.module != start.module, p.module, _line(p), p.name)))


@cache
def _used_by(place: Place) -> tuple[Place, ...]:
    return tuple(dict.fromkeys(_uses(place)))


def _uses(place: Place) -> Iterator[Place]:
    source = source_of(place.module)
    for node in ast.walk(source.defined[place.name]):
        if isinstance(node, ast.Name):
            yield from _resolved(place.module, node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = source.imported.get(node.value.id, ("", ""))
            if module == _FACTS.rstrip("."):
                yield from _resolved(f"{module}.{name}", node.attr)


def _resolved(module: str, name: str) -> Iterator[Place]:
    """Where a name that stands in a module is defined, as long as that is a rule or a fact."""
    source = source_of(module)
    if name in source.defined:
        yield Place(module, name)
    elif name in source.imported:
        other, original = source.imported[name]
        if other.startswith(_FACTS):
            yield from _resolved(other, original)


def _line(place: Place) -> int:
    return source_of(place.module).defined[place.name].lineno


def statement_of(place: Place) -> ast.stmt:
    """The statement that defines it."""
    return source_of(place.module).defined[place.name]


def comment_of(place: Place) -> str:
    """What a comment at the end of its first line says, or nothing."""
    statement = statement_of(place)
    line = source_of(place.module).lines[statement.lineno - 1]
    code_ends = statement.end_col_offset if statement.end_lineno == statement.lineno else len(line)
    rest = line.encode()[code_ends:].decode().strip()
    return rest.removeprefix("#").split("  #", 1)[0].strip() if rest.startswith("#") else ""
