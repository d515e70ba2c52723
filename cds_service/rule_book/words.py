"""What a rule can say, read from its source text: cards, reasons for silence, doubts, orders, records looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from cards.card import Indicator
from cards.code_system import hip_exam_questions
from cards.orders import Orderable
from cards.rule import Rule
from cards.valueset import TERMINOLOGY
from cds_service.rule_book.reach import Place, statement_of
from cds_service.rule_book.source_words import FILLED_IN, OR, Reader

_ADVISE_FIELDS = ("indicator", "summary", "do", "because", "wrong_if")
_REASON_FIELDS = 3  # indicator, words, what to do
_NAMES_EVERY_STUDY = Place("cards.facts.imaging", "KINDS")  # which of them a rule reads stands in the rule


@dataclass(frozen=True, slots=True)
class Saying:
    """One piece of advice as its rule words it."""

    indicator: str
    summary: str
    do: str
    wrong_if: str = ""


def sayings(rule: Rule, places: Iterable[Place]) -> tuple[Saying, ...]:
    """Every advice that the rule's file words, in its order, each once."""
    found = []
    for call, reader in _calls(p for p in places if p.module == rule.decide.__module__):
        if isinstance(call.func, ast.Name) and call.func.id == "Advise":
            given = dict(zip(_ADVISE_FIELDS, call.args, strict=False))
            given |= {k.arg: k.value for k in call.keywords if k.arg}
            words = {name: reader.words(given[name]) if name in given else "" for name in _ADVISE_FIELDS}
            indicator = "varies" if FILLED_IN in words["indicator"] else words["indicator"]
            found.append(Saying(indicator, words["summary"], words["do"], words["wrong_if"]))
    return tuple(dict.fromkeys(found))


def reasons(places: Iterable[Place]) -> tuple[Saying, ...]:
    """What a rule that gathers reasons on one card can name, each with its own indicator and what to do."""
    found = []
    for call, reader in _calls(places):
        is_advise = isinstance(call.func, ast.Name) and call.func.id == "Advise"
        if len(call.args) >= _REASON_FIELDS and not is_advise:
            indicator, words, ask = (reader.words(node) for node in call.args[:_REASON_FIELDS])
            if set(indicator.split(OR)) <= set(get_args(Indicator)):
                found.append(Saying(indicator, words, ask))
    return tuple(dict.fromkeys(found))


def silences(rule: Rule, places: Iterable[Place]) -> tuple[str, ...]:
    """The reasons that the rule gives for saying nothing."""
    found = [
        reader.words(call.args[0])
        for call, reader in _calls(p for p in places if p.module == rule.decide.__module__)
        if isinstance(call.func, ast.Name) and call.func.id == "Silent" and call.args
    ]
    return tuple(dict.fromkeys(found))


def orders(rule: Rule, places: Iterable[Place]) -> tuple[str, ...]:
    """What its cards may suggest to order, in the words of the order."""
    module = rule.decide.__module__
    nodes = (n for p in places if p.module == module for n in ast.walk(statement_of(p)) if isinstance(n, ast.Name))
    values = (Place(module, node.id).value for node in nodes)
    return tuple(dict.fromkeys(value.text for value in values if isinstance(value, Orderable)))


def value_sets(places: Iterable[Place]) -> tuple[str, ...]:
    """Names of the value sets that this code reads."""
    statements = [statement_of(place) for place in places if place != _NAMES_EVERY_STUDY]
    words = {word for statement in statements for word in _strings(statement, skip_exam=True)}
    return tuple(sorted(words & set(TERMINOLOGY.value_sets)))


def questions(places: Iterable[Place]) -> tuple[str, ...]:
    """Questions of the hip examination that this code asks."""
    words = {word for place in places for word in _strings(statement_of(place), skip_exam=False)}
    return tuple(sorted((words & hip_exam_questions()) - set(TERMINOLOGY.value_sets)))


def _calls(places: Iterable[Place]) -> Iterator[tuple[ast.Call, Reader]]:
    """Every call in these functions, in the order of the text."""
    for place in places:
        statement = statement_of(place)
        reader = Reader(place.module, statement)
        calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
        yield from ((call, reader) for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)))


def _strings(statement: ast.AST, *, skip_exam: bool) -> Iterator[str]:
    """All string constants; those of `exam("question", "answer")` only when asked for."""
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if skip_exam and isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "exam":
            continue
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        waiting += ast.iter_child_nodes(node)
