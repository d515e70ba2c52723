"""The thresholds of a module, and each of them one step up and down."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from types import ModuleType

from cards.immutable import replace
from cards.quantity import Quantity

Number = int | float
Threshold = Quantity | timedelta | Number
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Nudge:
    """One constant of a module with another value. `key` is set where it is one entry of a table."""

    module: str
    name: str
    value: object
    key: object = None

    @property
    def id(self) -> str:
        """For a report: name and new value."""
        return f"{self.module}.{self.name}{'' if self.key is None else f'[{self.key!r}]'} = {self.value}"


def nudges(module_name: str) -> Iterator[Nudge]:
    """Every threshold that the module itself defines, one step each way."""
    module = importlib.import_module(module_name)
    for name, written in _assigned(module).items():
        value = getattr(module, name)
        if isinstance(value, Quantity | timedelta) or (name.isupper() and _is_number(value)):
            for other in _one_step(value, written):
                yield Nudge(module_name, name, other)
        elif name.isupper() and isinstance(value, dict):
            yield from _of_table(module_name, name, value)


def _of_table(module_name: str, name: str, table: dict[object, object]) -> Iterator[Nudge]:
    for key, value in table.items():
        if isinstance(value, Quantity | timedelta) or _is_number(value):
            for other in _one_step(value, None):
                yield Nudge(module_name, name, table | {key: other}, key)


def sources(module_name: str) -> frozenset[str]:
    """The module and the fact modules that it imports, directly or by way of others."""
    found = {module_name}
    waiting = [module_name]
    while waiting:
        for other in set(imports(waiting.pop()).values()) - found:
            if other.startswith("cards.facts."):
                found.add(other)
                waiting.append(other)
    return frozenset(found)


@cache
def imports(module_name: str) -> dict[str, str]:
    """Each name that a module takes from another, with that module."""
    tree = _tree(importlib.import_module(module_name))
    return {
        alias.asname or alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _assigned(module: ModuleType) -> dict[str, str | None]:
    """Names assigned at the top of the module, with the first number as it is written there."""
    found: dict[str, str | None] = {}
    source = inspect.getsource(module)
    for node in _tree(module).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and value is not None:
                found[target.id] = _written(source, value)
    return found


def _written(source: str, node: ast.expr) -> str | None:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and _is_number(inner.value):
            return ast.get_source_segment(source, inner)
    return None


def _one_step(value: object, written: str | None) -> tuple[object, object]:
    if isinstance(value, timedelta):
        return value - ONE_DAY, value + ONE_DAY
    if isinstance(value, Quantity):
        step = _last_digit(value.value, written)
        return replace(value, value=_moved(value.value, -step)), replace(value, value=_moved(value.value, step))
    assert isinstance(value, int | float)
    if isinstance(value, int):
        return value - 1, value + 1
    step = _last_digit(value, written)
    return _moved(value, -step), _moved(value, step)


def _last_digit(value: float, written: str | None) -> Decimal:
    """One unit of the last decimal that is written, at most one."""
    digits = Decimal(written) if written and float(written) == value else Decimal(f"{value:.10g}")
    exponent = digits.as_tuple().exponent
    return Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0))


def _moved(value: float, step: Decimal) -> float:
    return float(Decimal(f"{value:.10g}") + step)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
