"""Dates as charts hold them: a day, a month or only a year."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(T.*)?$")
_LONGEST_MONTH = 31
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class When:
    """A point in time known to some precision: any day from `earliest` to `latest`.

    `moment` is the instant in UTC where a time with zone was given; it orders
    readings of one day and nothing else.
    """

    earliest: date
    latest: date
    moment: datetime | None = None

    @classmethod
    def parse(cls, text: str) -> When | None:
        """Read a FHIR date, dateTime or instant; None when it is none."""
        found = _DATE.match(text.strip())
        if not found:
            return None
        year, month, day, time = found.groups()
        try:
            if day:
                exact = date(int(year), int(month), int(day))
                return cls(exact, exact, _instant(text) if time else None)
            if time:
                return None
            if month:
                last = monthrange(int(year), int(month))[1]
                return cls(date(int(year), int(month), 1), date(int(year), int(month), last))
            return cls(date(int(year), 1, 1), date(int(year), 12, 31))
        except ValueError:
            return None

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
    if when is None:
        return date.min, datetime.min.replace(tzinfo=UTC)
    return when.latest, when.moment or datetime.min.replace(tzinfo=UTC)


def _instant(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
