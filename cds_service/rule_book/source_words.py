"""The words that an expression of a rule's source text can come to, as far as the text itself shows."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.rule_book.reach import Place, source_of

FILLED_IN = "…"
OR = " / "
_DEEPEST = 4  # from a card's words to a helper that chooses them


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads expressions of one function of a module.

    What only a chart can fill in is read as an ellipsis; where the text has a choice, all of it is read.
    """

    module: str
    function: ast.AST
    depth: int = 0

    def words(self, node: ast.expr) -> str:
        """The words of one expression."""
        match node:
            case ast.Constant(value=str(words)):
                return words
            case ast.JoinedStr(values=parts):
                return "".join(self.words(part) for part in parts)
            case ast.FormattedValue(value=value):
                return self.words(value)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return self.words(left) + self.words(right)
            case ast.IfExp(body=body, orelse=other):
                return self.any_of((body, other))
            case ast.Subscript(value=ast.Dict(values=values)):
                return self.any_of(values)
            case ast.Name(id=name):
                return self._named(name)
            case ast.Call(func=ast.Name(id=name)):
                return self._returned(name)
            case _:
                return FILLED_IN

    def any_of(self, nodes: Iterable[ast.expr]) -> str:
        """The words of each of these, of which one is chosen."""
        found = dict.fromkeys(self.words(node) for node in nodes)
        known = [words for words in found if words and words != FILLED_IN]
        return OR.join(known) if known and len(known) < 4 else FILLED_IN  # noqa: PLR2004 - more is no sentence

    def _named(self, name: str) -> str:
        value = Place(self.module, name).value
        if isinstance(value, str):
            return value
        assigned = [
            node.value
            for node in ast.walk(self.function)
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets)
        ]
        return self._deeper(self.function, assigned)

    def _returned(self, name: str) -> str:
        function = source_of(self.module).defined.get(name)
        if not isinstance(function, ast.FunctionDef):
            return FILLED_IN
        return self._deeper(function, [n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value])

    def _deeper(self, function: ast.AST, nodes: list[ast.expr]) -> str:
        if not nodes or self.depth >= _DEEPEST:
            return FILLED_IN
        return Reader(self.module, function, self.depth + 1).any_of(nodes)
