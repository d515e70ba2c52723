"""A module of the library with other text, and all that imports it anew, inside this process."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from functools import cache
from types import CodeType

import cards
from cards.rulebook import FAMILIES

RULEBOOK = "cards.rulebook"
ALSO = ("tests.vignettes.run", "tests.vignettes.record")
"""Of the tests, what holds classes of the library."""


@cache
def modules() -> dict[str, frozenset[str]]:
    """Each module of the library with the modules that it imports, so that none stands before one that it needs."""
    names = [m.name for m in pkgutil.walk_packages(cards.__path__, "cards.") if not m.ispkg]
    needs = {name: frozenset(_imports(name)) & set(names) for name in (*names, *ALSO)}
    rules = {name for name in names if name.split(".")[1] in FAMILIES}
    needs[RULEBOOK] |= rules
    ordered: dict[str, frozenset[str]] = {}
    while len(ordered) < len(needs):
        ordered |= {n: v for n, v in needs.items() if n not in ordered and v <= set(ordered)}
    return ordered


def _imports(name: str) -> Iterator[str]:
    for node in ast.parse(source(name)).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def dependents(name: str) -> tuple[str, ...]:
    """The modules that import this one, directly or by way of others, in an order in which they can be run."""
    found = {name}
    for other, needs in modules().items():
        if needs & found:
            found.add(other)
    return tuple(m for m in modules() if m in found - {name})


@cache
def source(name: str) -> str:
    """The text of a module."""
    return inspect.getsource(importlib.import_module(name))


@cache
def _code(name: str) -> CodeType:
    return compile(source(name), str(sys.modules[name].__file__), "exec")


def warm(name: str) -> None:
    """Have ready what `plant` needs of a module's dependents."""
    for other in dependents(name):
        _code(other)


def plant(name: str, text: str) -> None:
    """Run the module with this text, and its dependents once more. What fails then fails as on import."""
    exec(compile(text, f"<mutant of {name}>", "exec"), sys.modules[name].__dict__)  # noqa: S102 - that is its purpose
    for other in dependents(name):
        exec(_code(other), sys.modules[other].__dict__)  # noqa: S102
