"""How much of each part of the chart was supplied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cards.finding import Gap
from cards.record import Record, SectionName

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the chart: its records and whether they are all there are.

    `missing` is None when everything was supplied, else the reason in words for a card. `since` narrows that:
    only records older than it may be missing (a page sorted by date, newest first, was cut off). `unreadable`
    maps the reference of each record set aside to the value sets it could belong to, None where it could
    belong to any.
    """

    name: SectionName
    records: tuple[Record, ...] = ()
    missing: str | None = None
    since: date | None = None
    unreadable: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    _named: Mapping[frozenset[str] | None, list[str]] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Thousands of unreadable records that could be the same are asked about as a few."""
        named: dict[frozenset[str] | None, list[str]] = {}
        for reference, could_be in self.unreadable.items():
            alike = named.setdefault(could_be, [])
            if len(alike) < _MOST_NAMED:
                alike.append(reference)
        object.__setattr__(self, "_named", named)

    @property
    def whole(self) -> bool:
        """Nothing is missing and everything could be read."""
        return self.missing is None and not self.unreadable

    def gaps(self, concepts: frozenset[str], start: date | None) -> tuple[Gap, ...]:
        """What stands in the way of saying "none" of these value sets or questions since `start`.

        Of unreadable records that could be the same the first few are named.
        """
        if self.whole:
            return ()
        found = [
            Gap(self.name, "a record could not be read", reference)
            for could_be, references in self._named.items()
            if could_be is None or could_be & concepts
            for reference in references
        ]
        if self.missing is not None and not (self.since and start and self.since < start):
            found.insert(0, Gap(self.name, self.missing))
        return tuple(found)
