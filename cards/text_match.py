"""Reading free text for known phrases, without being caught by a negation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_CLAUSE = re.compile(r"[,;.:()\[\]/]| but | except |\n")
_WORD = re.compile(r"[a-z0-9]+(?:[-'][a-z0-9]+)*")
_RULE_OUT = re.compile(r"\br/o\b")
_NEGATIONS = frozenset({"no", "not", "denies", "denied", "without", "negative", "exclude", "excluded", "never", "nil"})
_OTHERS = frozenset({"family", "father", "mother", "brother", "sister", "fh"})
_REACH = 5  # words before a phrase in which a negation still belongs to it; this project's own choice


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    stems: dict[str, _Node] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def child(self, word: str) -> _Node:
        stem = word.endswith("*")
        return (self.stems if stem else self.words).setdefault(word.rstrip("*"), _Node())

    def after(self, word: str) -> Iterator[_Node]:
        if word in self.words:
            yield self.words[word]
        for stem, node in self.stems.items():
            if word.startswith(stem):
                yield node


class PhraseBook:
    """Phrases (lower case, one space between words, `*` for any ending), each under one or more names."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, phrase: str, name: str) -> None:
        """Let `phrase` stand for `name`."""
        node = self._root
        for word in phrase.lower().split():
            node = node.child(word)
        node.names.add(name)

    def names_in(self, text: str) -> set[str]:
        """The names whose phrases the text says, and does not deny or tell of a relative."""
        found: set[str] = set()
        for clause in _CLAUSE.split(_RULE_OUT.sub(" exclude ", text.lower())):
            words = _WORD.findall(clause)
            for start in range(len(words)):
                names = set(self._names_from(words[start:]))
                if names and not _denied(words[max(0, start - _REACH) : start]):
                    found |= names
        return found

    def _names_from(self, words: list[str]) -> Iterable[str]:
        nodes = [self._root]
        for word in words:
            nodes = [child for node in nodes for child in node.after(word)]
            if not nodes:
                return
            for node in nodes:
                yield from node.names


def _denied(before: list[str]) -> bool:
    return any(word in _NEGATIONS or word in _OTHERS for word in before) or before[-2:] == ["rule", "out"]
