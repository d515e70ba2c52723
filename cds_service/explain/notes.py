"""A Chart that takes notes: what each rule looked for, and which records it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from cards.chart import Chart
from cards.finding import Answer, Finding, Gap
from cards.record import Medication, Observation, Record
from cards.valueset import TERMINOLOGY, ValueSet

T = TypeVar("T")

_LOOKS = (
    "finding",
    "findings",
    "latest",
    "readings",
    "procedures",
    "medications",
    "past_medications",
    "reports",
    "orders",
    "allergies",
    "relatives",
    "encounters",
    "care_plans",
)


@dataclass(frozen=True, slots=True)
class Found:
    """A record as a rule saw it. `date` is the clinical date, empty where none is recorded."""

    reference: str
    display: str
    value: str = ""
    date: str = ""

    @classmethod
    def of(cls, one: Finding | Record) -> Found:
        """From a finding of the chart or a record in it."""
        when = one.when
        told = "" if when is None else when.earliest.isoformat() if when.exact else str(when)
        return cls(one.reference, one.label if isinstance(one, Finding) else one.text, _value(one), told)


@dataclass(frozen=True, slots=True)
class Look:
    """One look into the chart: what was sought, how far back (None: at any time), and what was there."""

    sought: tuple[str, ...]
    within: timedelta | None
    found: tuple[Found, ...]


class NotingChart(Chart):
    """Answers as a Chart does, and remembers for each decision and each fact which looks it rested on."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.settled = {}  # each reading of a fact is to be noted
        self.looks_of: dict[Callable[..., Any], tuple[Look, ...]] = {}
        self._looks: list[Look] = []
        self._looking = False

    def gaps_of(self, decide: Callable[[Any], T]) -> tuple[T, tuple[Gap, ...]]:
        """As Chart has it; what `decide` looked at is noted under it."""
        outer, self._looks = self._looks, []
        try:
            return super().gaps_of(decide)
        finally:
            own = tuple(dict.fromkeys(self._looks))
            self.looks_of[decide] = own
            self._looks = [*outer, *own]

    def fact(self, compute: Callable[[Any], T]) -> T:
        """As Chart has it; who reads a fact that is known already rests on its looks too."""
        known = compute in self._facts
        answer = super().fact(compute)
        if known:
            self._looks.extend(self.looks_of.get(compute, ()))
        return answer

    def with_preliminary(self) -> Chart:
        """A noting chart, that shares this one's notes."""
        early = NotingChart(self.patient, self.today, self._sections, self.drafts, preliminary=True)
        early.looks_of = self.looks_of
        return early

    def note(self, look: Callable[[], Any], what: Iterable[Any], within: timedelta | None) -> Any:
        """Take one look; looks that it takes in turn are not noted."""
        if self._looking:
            return look()
        self._looking = True
        try:
            found = look()
        finally:
            self._looking = False
        self._looks.append(Look(tuple(_name(one) for one in what), within, tuple(_found(found))))
        return found


def _noting(name: str) -> Callable[..., Any]:
    plain = getattr(Chart, name)

    def noted(self: NotingChart, *what: Any, **options: Any) -> Any:
        return self.note(lambda: plain(self, *what, **options), what, options.get("within"))

    noted.__name__, noted.__doc__ = name, plain.__doc__
    return noted


for _look in _LOOKS:
    setattr(NotingChart, _look, _noting(_look))


def _found(answer: Any) -> Iterator[Found]:
    for one in answer if isinstance(answer, tuple) else (answer,):
        if isinstance(one, Finding | Record):
            yield Found.of(one)


def _name(what: object) -> str:
    if isinstance(what, ValueSet):
        return what.title
    if isinstance(what, Answer):
        values = ", ".join(sorted(str(value).lower() for value in what.values))
        return f"{what.question} = {values}"
    known = TERMINOLOGY.value_sets.get(str(what))
    return known.title if known else str(what)


def _value(one: Finding | Record) -> str:
    if isinstance(one, Finding | Observation):
        if one.value is None:
            return (one.refused or "") if isinstance(one, Observation) else ""
        return {True: "yes", False: "no"}[one.value] if isinstance(one.value, bool) else str(one.value)
    if isinstance(one, Medication) and one.daily_mg is not None:
        return f"{one.daily_mg:g} mg a day"
    return ""
