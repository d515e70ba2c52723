"""Reading free text for known phrases, without being caught by a negation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_CLAUSE = re.compile(r"[,;.:()\[\]/\n]+| but | except ")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_SHORT = (  # with a slash
    (re.compile(r"\br/o\b"), "exclude"),
    (re.compile(r"\b[hf]/o\b"), "history of"),
)
_RELATIVES = re.compile(r"\b(?:family (?:history|hx)|fhx?|mother|father|brother|sister) ?:[^.;\n]*")  # all of it theirs
_NEGATIONS = frozenset({"no", "not", "denies", "denied", "without", "negative", "exclude", "excluded", "never", "nil"})
_OTHERS = frozenset(
    {"family", "father", "father's", "mother", "mother's", "brother", "brother's", "sister", "sister's", "sibling"}
    | {"aunt", "uncle", "grandmother", "grandfather", "maternal", "paternal", "fh", "fhx"}
)
_NOT_NOW = frozenset({"history", "hx", "previous", "prior", "screening", "risk", "prophylaxis"})
_DENYING = _NEGATIONS | _OTHERS | _NOT_NOW
_TURNING = _DENYING | {"rule", "ruled"}  # a clause without one of these says what it says
_REACH = 5  # words before a phrase, or after its first, in which a negation still belongs to it; our own choice
_STILL_ASKED = frozenset({"not", "cannot", "can't", "never", "to", "must", "should", "needs", "until", "unless", "if"})


_SHORTEST_STEM = 2


@dataclass(slots=True)
class _Node:
    words: dict[str, _Node] = field(default_factory=dict)
    stems: dict[str, list[tuple[str, _Node]]] = field(default_factory=dict)  # by their first letters
    names: set[str] = field(default_factory=set)

    def child(self, word: str) -> _Node:
        if not word.endswith("*"):
            return self.words.setdefault(word, _Node())
        stem = word.rstrip("*")
        shelf = self.stems.setdefault(stem[:_SHORTEST_STEM], [])
        for known, node in shelf:
            if known == stem:
                return node
        shelf.append((stem, _Node()))
        return shelf[-1][1]

    def after(self, word: str) -> list[_Node]:
        one = self.words.get(word)
        found = [] if one is None else [one]
        if self.stems and (shelf := self.stems.get(word[:_SHORTEST_STEM])):
            found += [node for stem, node in shelf if word.startswith(stem)]
        return found


class PhraseBook:
    """Phrases (lower case, one space between words, `*` for any ending), each under one or more names."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, phrase: str, name: str) -> None:
        """Let `phrase` stand for `name`."""
        node = self._root
        for word in phrase.lower().replace("-", " ").split():
            node = node.child(word)
        node.names.add(name)

    def names_in(self, text: str) -> set[str]:
        """The names whose phrases the text says, and does not deny, tell of a relative or put into the past."""
        found: set[str] = set()
        lowered = text.lower()
        known, stems = self._root.words, self._root.stems
        if ":" in lowered:
            lowered = _RELATIVES.sub(" ", lowered)
        for clause in _CLAUSE.split(_spelled_out(lowered) if "/" in lowered else lowered):
            words = _WORD.findall(clause)
            spoken_plainly = _TURNING.isdisjoint(words)
            for start, word in enumerate(words):
                if word not in known and word[:_SHORTEST_STEM] not in stems:
                    continue
                nodes = self._root.after(word)
                names = _names(nodes, words, start) if nodes else found
                if names <= found:
                    continue
                if spoken_plainly or not (_denied(words, start) or _settled(words, start + 1)):
                    found |= names
        return found


def _names(nodes: list[_Node], words: list[str], start: int) -> set[str]:
    """The names of all phrases that begin at one word. No further than they reach: a text may be very long."""
    found: set[str] = set()
    at = start
    while nodes:
        at += 1
        word = words[at] if at < len(words) else ""
        following: list[_Node] = []
        for node in nodes:
            found |= node.names
            if node.words or node.stems:
                following += node.after(word)
        nodes = following
    return found


def _denied(words: list[str], start: int) -> bool:
    before = words[max(start - _REACH, 0) : start]
    return not _DENYING.isdisjoint(before) or before[-2:] == ["rule", "out"]


def _settled(words: list[str], start: int) -> bool:
    """ "… excluded" or "… ruled out", but not "… to be excluded" or "… until ruled out"."""
    after = words[start : start + _REACH]
    for at, word in enumerate(after):
        if word == "excluded" or (word == "ruled" and after[at + 1 : at + 2] == ["out"]):
            return _STILL_ASKED.isdisjoint(after[:at])
    return False


def _spelled_out(text: str) -> str:
    for pattern, words in _SHORT:
        text = pattern.sub(words, text)
    return text
