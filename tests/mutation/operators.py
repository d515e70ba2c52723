"""What a mutant changes: mutmut's operators, and those that a decision needs besides.

Words on a card, evidence and versions are left alone: a mutant here is meant to change what is decided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

WORDS = {
    "title", "short", "version", "evidence", "last_review", "override_reasons", "summary", "do", "wrong_if", "more",
    "links", "note", "label",
}  # fmt: skip
"""Arguments that only say something."""
HEADER = WORDS | {"hooks", "places", "arranged_by", "status", "pathway", "rank", "yields_to"}
"""Arguments of a rule's header: a change shows in docs/rule-book.md or in tests/vignettes/record.yml."""
SAYING = {"Silent", "Gap", "our_choice", "Evidence", "Link", "OverrideReason", "cast", "TypeVar", "isinstance"}
"""Calls that only say something, or that only the type checker needs."""
OTHER = {
    "critical": ("warning", "info"), "warning": ("critical", "info"), "info": ("warning",),
    "stat": ("routine",), "urgent": ("routine",), "routine": ("urgent",), "high": ("low",), "low": ("high",),
    "any": ("all",), "all": ("any",), "min": ("max",), "max": ("min",),
}  # fmt: skip
TOO_MUCH = {"operator_string", "operator_arg_removal", "operator_assignment"}
"""mutmut's operators that are not taken as they are: most of their mutants change words or fail at once."""
CODE = re.compile(r"""["'][a-z0-9.]+([-_/][a-z0-9.]+)*["']""")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module's text with one change. `line` is where the change begins."""

    module: str
    line: int
    source: str


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, each text once."""
    wrapper = MetadataWrapper(cst.parse_module(source))
    lines = wrapper.resolve(PositionProvider)
    seen = {source}
    for node in _worth_mutating(wrapper.module):
        for changed in _changed(node):
            text = wrapper.module.deep_replace(node, changed).code  # type: ignore[arg-type]
            if text not in seen:
                seen.add(text)
                yield Mutant(module, lines[node].start.line if node in lines else 0, text)


def _changed(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            yield from operator(node)


def _worth_mutating(node: cst.CSTNode, in_header: bool = False) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Annotation | cst.Import | cst.ImportFrom | cst.FormattedString | cst.Raise | cst.Assert):
        return
    if isinstance(node, cst.Decorator) and _called(node.decorator) != "rule":
        return
    in_header = in_header or isinstance(node, cst.Decorator)
    if isinstance(node, cst.Arg) and node.keyword and node.keyword.value in (HEADER if in_header else WORDS):
        return
    if isinstance(node, cst.Call) and _called(node) in SAYING:
        return
    if isinstance(node, cst.If) and isinstance(node.test, cst.Name) and node.test.value == "TYPE_CHECKING":
        return
    yield node
    for child in node.children:
        yield from _worth_mutating(child, in_header)


def _called(node: cst.CSTNode) -> str:
    return node.func.value if isinstance(node, cst.Call) and isinstance(node.func, cst.Name) else ""


# -- operators -------------------------------------------------------------------------------------------


def _without_an_argument(call: cst.Call) -> Iterable[cst.CSTNode]:
    for changed in mutators.operator_arg_removal(call):
        gone = [a for a in call.args if all(a is not kept for kept in changed.args)]
        if len(changed.args) < len(call.args) and not any(
            a.keyword and a.keyword.value in (HEADER if _called(call) == "rule" else WORDS) for a in gone
        ):
            yield changed


def _one_less(number: cst.Integer | cst.Float) -> Iterable[cst.CSTNode]:
    if number.evaluated_value >= 1:
        yield number.with_changes(value=repr(number.evaluated_value - 1))


def _another_code(string: cst.SimpleString) -> Iterable[cst.CSTNode]:
    if string.raw_value in OTHER:
        yield from (string.with_changes(value=f'"{other}"') for other in OTHER[string.raw_value])
    elif CODE.fullmatch(string.value):
        yield string.with_changes(value=f'"no-{string.raw_value}"')


def _another_name(name: cst.Name) -> Iterable[cst.CSTNode]:
    if name.value in ("any", "all", "min", "max"):
        yield from (name.with_changes(value=other) for other in OTHER[name.value])


def _forced(branch: cst.If | cst.CompIf) -> Iterable[cst.CSTNode]:
    yield from (branch.with_changes(test=cst.Name(value)) for value in ("True", "False"))


def _one_side(both: cst.BooleanOperation) -> Iterable[cst.CSTNode]:
    yield both.left
    yield both.right


def _without_an_element(whole: cst.Tuple | cst.List | cst.Set | cst.Dict) -> Iterable[cst.CSTNode]:
    if isinstance(whole, cst.Set) and len(whole.elements) == 1:
        return
    for gone in range(len(whole.elements)):
        kept: list[Any] = [e for n, e in enumerate(whole.elements) if n != gone]
        if isinstance(whole, cst.Tuple):
            comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
            kept = [e.with_changes(comma=comma) for e in kept]
        yield whole.with_changes(elements=kept)


def _without_the_statement(block: cst.IndentedBlock) -> Iterable[cst.CSTNode]:
    for n, statement in enumerate(block.body):
        if (
            isinstance(statement, cst.SimpleStatementLine)
            and isinstance(statement.body[0], cst.Return | cst.Expr | cst.AugAssign | cst.Continue)
            and not _says_only(statement.body[0])
        ):
            nothing = cst.SimpleStatementLine([cst.Pass()])
            yield block.with_changes(body=[*block.body[:n], nothing, *block.body[n + 1 :]])


def _says_only(statement: cst.BaseSmallStatement) -> bool:
    value = getattr(statement, "value", None)
    return isinstance(value, cst.BaseString) or (isinstance(value, cst.Call) and _called(value) == "Silent")


OPERATORS: tuple[tuple[Any, Any], ...] = (
    *((k, o) for k, o in mutators.mutation_operators if o.__name__ not in TOO_MUCH),
    (cst.Call, _without_an_argument),
    (cst.Integer | cst.Float, _one_less),
    (cst.SimpleString, _another_code),
    (cst.Name, _another_name),
    (cst.If | cst.CompIf, _forced),
    (cst.BooleanOperation, _one_side),
    (cst.Tuple | cst.List | cst.Set | cst.Dict, _without_an_element),
    (cst.IndentedBlock, _without_the_statement),
)
