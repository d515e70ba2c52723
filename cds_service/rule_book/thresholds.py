"""The numbers of a rule: what each is called, its value with unit, and how it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from typing import Any, get_args

import yaml

from cards.quantity import Quantity
from cards.rule import Mark
from cds_service.rule_book.reach import Place, comment_of

MARKS_FILE = "threshold_marks.yaml"
_OWN_CHOICE = ("our choice", "own choice")
_UNITS = {
    "AGE": "years",
    "YEARS": "years",
    "DAYS": "days",
    "MG": "mg",
    "GRAMS": "g",
    "MONTHS": "months",
    "WEEKS": "weeks",
}
_ACRONYMS = ("CRP", "ESR", "ALP", "PSA", "DXA", "ODI", "MRI", "INR", "BMI", "ABI", "LEFS", "WBC", "CKD", "MRC", "SI")
_SPELT = {word: word for word in _ACRONYMS} | {"XRAY": "X-ray", "IHOT": "iHOT-12", "HBA1C": "HbA1c", "CT": "CT"}
_WEEK = 7
_SPOKEN_IN_WEEKS_FROM = 21  # days


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number on which an answer depends. `mark` is None where nothing says how it is known."""

    place: Place
    value: str
    note: str
    mark: Mark | None
    source: str

    @property
    def label(self) -> str:
        """Its name in words."""
        words = [_SPELT.get(word, word.lower()) for word in self.place.name.strip("_").split("_")]
        first = words[0] if words[0] in _SPELT.values() else words[0].capitalize()
        return " ".join([first, *words[1:]])

    @property
    def path(self) -> str:
        """Where it stands, without the package: facts.cauda_signs.RECENT."""
        return path_of(self.place)


@dataclass(frozen=True, slots=True)
class Known:
    """How a figure is known, and from where."""

    mark: Mark
    source: str


class BadMarks(ValueError):
    """The table of marks breaks its own format; the message names the entry."""


def path_of(place: Place) -> str:
    """The name under which the table of marks knows a threshold."""
    return f"{place.module.removeprefix('cards.')}.{place.name}"


@cache
def known_marks() -> Mapping[str, Known]:
    """The table of marks, by path of the threshold. Raises BadMarks."""
    marks = {path: _known(path, entry) for path, entry in _table()["known"].items()}
    return marks | {path: Known("DESIGN", "") for path in _table()["own_choice"]}


@cache
def no_thresholds() -> frozenset[str]:
    """Paths of numbers that decide nothing about a patient. Raises BadMarks."""
    return frozenset(_table()["no_threshold"])


@cache
def _table() -> dict[str, Any]:
    raw = yaml.safe_load(resources.files("cds_service.rule_book").joinpath(MARKS_FILE).read_text("utf-8"))
    if not isinstance(raw, dict) or set(raw) != {"known", "own_choice", "no_threshold"}:
        raise BadMarks(f"{MARKS_FILE} holds known, own_choice and no_threshold")
    return raw


def _known(path: str, entry: Any) -> Known:
    if not isinstance(entry, dict) or set(entry) != {"mark", "source"} or entry["mark"] not in get_args(Mark):
        raise BadMarks(f"{MARKS_FILE}: {path} needs mark ({', '.join(get_args(Mark))}) and source")
    return Known(**entry)


def thresholds(places: Iterable[Place]) -> Iterator[Threshold]:
    """Those of these names that are numbers, quantities, lengths of time, or tables of such."""
    for place in (p for p in places if path_of(p) not in no_thresholds()):
        value = place.value
        if isinstance(value, dict):
            rows = [f"{_word(key)}: {_said(place.name, v)}" for key, v in value.items() if _is_threshold(place.name, v)]
            if rows:
                yield _threshold(place, "; ".join(rows))
        elif _is_threshold(place.name, value):
            yield _threshold(place, _said(place.name, value))


def _threshold(place: Place, value: str) -> Threshold:
    note = comment_of(place)
    known = known_marks().get(path_of(place))
    if known:
        return Threshold(place, value, note, known.mark, known.source)
    own = any(words in note for words in _OWN_CHOICE)
    return Threshold(place, value, note, "DESIGN" if own else None, "")


def _is_threshold(name: str, value: object) -> bool:
    if isinstance(value, Quantity | timedelta):
        return True
    return (
        name.isupper() and not name.startswith("_") and isinstance(value, int | float) and not isinstance(value, bool)
    )


def _said(name: str, value: object) -> str:
    if isinstance(value, timedelta):
        return _span(value)
    unit = next((unit for word, unit in _UNITS.items() if word in name.split("_")), "")
    return str(value) if isinstance(value, Quantity) else f"{value} {unit}".strip()


def _span(span: timedelta) -> str:
    if span % timedelta(days=1):
        return f"{span / timedelta(hours=1):g} hours"
    if span.days >= _SPOKEN_IN_WEEKS_FROM and span.days % _WEEK == 0:
        return f"{span.days} days ({span.days // _WEEK} weeks)"
    return "1 day" if span.days == 1 else f"{span.days} days"


def _word(key: object) -> str:
    return str(getattr(key, "name", key))
