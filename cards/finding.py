"""What a look into the chart brings back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from cards.immutable import Struct
from cards.quantity import Quantity
from cards.record import Value
from cards.side import Side
from cards.valueset import ValueSet
from cards.when import When

_LONGEST_NAME = 120
_CAPITAL = re.compile("[A-Z]")


def in_words(section: str) -> str:
    """A section's name as a clinician reads it: "diagnostic reports" of diagnosticReports."""
    return _CAPITAL.sub(lambda found: f" {found[0].lower()}", section)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that could not be looked at: which section of the chart, why, and which record if one."""

    section: str
    why: str
    reference: str | None = None

    def __str__(self) -> str:
        return f"{in_words(self.section)}: {self.why}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of the hip examination together with the answers that count (codes, True or False)."""

    question: str
    values: frozenset[str | bool]
    key: str = field(init=False, compare=False, repr=False)  # under which the chart indexes it: its question

    def __post_init__(self) -> None:
        """A plain attribute, since every look into the chart reads it."""
        object.__setattr__(self, "key", self.question)


@cache
def exam(question: str, *values: str | bool) -> Answer:
    """The answers to look for; a yes/no question without values means yes."""
    return Answer(question, frozenset(values or (True,)))


What = ValueSet | Answer


class Finding(Struct, frozen=True):
    """One thing found in the chart, with enough to quote it on a card."""

    reference: str
    label: str
    value: Value | None = None
    when: When | None = None
    side: Side = Side.UNKNOWN
    preliminary: bool = False
    unconfirmed: bool = False
    conflict: str | None = None  # the other value of the same day
    upper_limit: Quantity | None = None
    concepts: frozenset[str] = frozenset()

    @property
    def certain(self) -> bool:
        """Always: what was found is there."""
        return True

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """None: one item is enough for a yes."""
        return ()

    @property
    def quantity(self) -> Quantity | None:
        """The value where it is a measured one."""
        return self.value if isinstance(self.value, Quantity) else None

    @property
    def name(self) -> str:
        """The label as a card says it: no more of a text than a name needs; how much is this project's own choice."""
        if len(self.label) <= _LONGEST_NAME:
            return self.label
        return self.label[: _LONGEST_NAME - 1].rstrip() + "…"

    def quote(self) -> str:
        """Name, value and date in a few words: "CRP 142 mg/L, 15 Jan 2026"."""
        told = isinstance(self.value, str) or self.value is False
        said = (
            self.name
            if self.value is None or self.value is True
            else f"{self.name}{':' if told else ''} {_spoken(self.value)}"
        )
        if self.conflict:
            said += f" (same day also {self.conflict})"
        if self.preliminary:
            said += " (preliminary)"
        if self.unconfirmed:
            said += " (unconfirmed)"
        return f"{said}, {self.when}" if self.when else f"{said}, date not recorded"


@dataclass(frozen=True, slots=True)
class NotFound:
    """Nothing found. Only when `certain` may a rule take it for "none": then all was there to look at."""

    gaps: tuple[Gap, ...] = ()

    def __bool__(self) -> bool:
        return False

    @property
    def certain(self) -> bool:
        """Everything that could have held it was supplied and readable."""
        return not self.gaps

    @property
    def value(self) -> None:
        """No value, so that `found.value` can be read without asking first."""

    @property
    def quantity(self) -> None:
        """No quantity, as `value`."""


Look = Finding | NotFound


def _spoken(value: Value) -> str:
    if value is False:
        return "no"
    return str(value).replace("-", " ") if isinstance(value, str) else str(value)
