"""How much of each part of the chart was supplied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cards.finding import Gap
from cards.record import Record, SectionName


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

    @property
    def whole(self) -> bool:
        """Nothing is missing and everything could be read."""
        return self.missing is None and not self.unreadable

    def gaps(self, concepts: frozenset[str], start: date | None) -> tuple[Gap, ...]:
        """What stands in the way of saying "none" of these value sets or questions since `start`."""
        if self.whole:
            return ()
        found = [
            Gap(self.name, "a record could not be read", reference)
            for reference, could_be in self.unreadable.items()
            if could_be is None or could_be & concepts
        ]
        if self.missing is not None and not (self.since and start and self.since < start):
            found.insert(0, Gap(self.name, self.missing))
        return tuple(found)
