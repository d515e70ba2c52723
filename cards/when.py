"""Dates as charts hold them: a day, a month or only a year."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

from cards.immutable import Struct

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?$")
_DAY = len("2026-01-15")
_LONGEST_MONTH = 31
_FIRST_YEAR = 1880
"""Before the birth of anybody alive. Systems write 0001-01-01, 1753-01-01 or 1800-12-28 for "no date"; our choice."""
_NO_MOMENT = datetime.min.replace(tzinfo=UTC)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class When(Struct, frozen=True, gc=False):
    """A point in time known to some precision: any day from `earliest` to `latest`.

    `moment` is the instant in UTC where a time with zone was given; it orders
    readings of one day and nothing else.
    """

    earliest: date
    latest: date
    moment: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> When | None:
        """Read a FHIR date, dateTime or instant; None when it is none, or of before anybody's birth."""
        text = text.strip()
        try:
            if len(text) >= _DAY:
                return cls._of_day(text)
            found = _PARTIAL.match(text)
            if not found:
                return None
            year = int(found[1])
            if year < _FIRST_YEAR:
                return None
            if found[2] is None:
                return cls(date(year, 1, 1), date(year, 12, 31))
            month = int(found[2])
            return cls(date(year, month, 1), date(year, month, monthrange(year, month)[1]))
        except ValueError:
            return None

    @classmethod
    def _of_day(cls, text: str) -> When | None:
        if text[4] != "-" or text[7] != "-":
            return None
        exact = date.fromisoformat(text[:_DAY])
        if exact.year < _FIRST_YEAR:
            return None
        if len(text) == _DAY:
            return cls(exact, exact)
        return cls(exact, exact, _instant(text)) if text[_DAY] == "T" else None

    @classmethod
    def on(cls, day: date) -> When:
        """The whole of one known day."""
        return cls(day, day)

    @property
    def exact(self) -> bool:
        """Known to the day."""
        return self.earliest == self.latest

    def possibly_within(self, window: timedelta, today: date) -> bool:
        """Some day that this may mean is no more than `window` before `today`."""
        return self.latest >= today - window

    def certainly_within(self, window: timedelta, today: date) -> bool:
        """Every day that this may mean is no more than `window` before `today`."""
        return self.earliest >= today - window

    def in_future(self, today: date) -> bool:
        """No day that this may mean has come yet."""
        return self.earliest > today

    def days_before(self, today: date) -> int:
        """Days since the latest day that this may mean, never negative: the least that has surely passed."""
        return max(0, (today - self.latest).days)

    def __str__(self) -> str:
        first = self.earliest
        if self.exact:
            return f"{first.day} {_MONTHS[first.month - 1]} {first.year}"
        if (self.latest - first).days > _LONGEST_MONTH:
            return str(first.year)
        return f"{_MONTHS[first.month - 1]} {first.year}"


def newest_first(when: When | None) -> tuple[date, datetime]:
    """Sort key (use with reverse=True): later days first, later moments of one day first, undated last."""
    return (date.min, _NO_MOMENT) if when is None else (when.latest, when.moment or _NO_MOMENT)


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):  # 9999-12-31 is the end of time, and may lie behind it in UTC
        return None
