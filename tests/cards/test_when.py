"""Dates of a day, a month or a year, and what may be said of them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cards.when import When, newest_first

TODAY = date(2026, 1, 15)
FORTNIGHT = timedelta(days=14)


def parsed(text: str) -> When:
    found = When.parse(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("2026-01-10", date(2026, 1, 10), date(2026, 1, 10)),
        ("2025-12", date(2025, 12, 1), date(2025, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2025", date(2025, 1, 1), date(2025, 12, 31)),
        ("2026-01-10T23:30:00+05:00", date(2026, 1, 10), date(2026, 1, 10)),
        ("2026-01-10T09:05:00Z", date(2026, 1, 10), date(2026, 1, 10)),
        ("2026-01-10T09:05:00.123Z", date(2026, 1, 10), date(2026, 1, 10)),
        (" 2026-01-10 ", date(2026, 1, 10), date(2026, 1, 10)),
        ("9999-12-31T23:59:59-05:00", date(9999, 12, 31), date(9999, 12, 31)),
        ("1880", date(1880, 1, 1), date(1880, 12, 31)),
    ],
)
def test_a_fhir_date_means_every_day_that_it_leaves_open(text: str, earliest: date, latest: date) -> None:
    assert (parsed(text).earliest, parsed(text).latest) == (earliest, latest)


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2026-13", "2026-02-30", "2026-1-5", "15.01.2026", "01/15/2026", "20260115", "2026-01-15 09:00",
     "2026-01-15x", "0000", "2026-00", "2026      x", "x         ", "          2026", "9" * 12,
     "0001-01-01T00:00:00+14:00", "1753-01-01", "1800-12-28T00:00:00Z", "1879-12-31", "1879", "0001-01"],
)  # fmt: skip
def test_what_is_no_fhir_date_is_no_date_and_no_error(text: str) -> None:
    found = When.parse(text)
    assert found is None or text.strip() == "2026"


def test_only_a_day_is_exact() -> None:
    assert parsed("2026-01-10").exact
    assert not parsed("2026-01").exact
    assert not parsed("2026").exact


@pytest.mark.parametrize(
    ("text", "possibly", "certainly"),
    [
        ("2026-01-01", True, True),  # exactly 14 days before
        ("2025-12-31", False, False),
        ("2026-01-15", True, True),
        ("2026-01", True, True),
        ("2026", True, True),
        ("2025-12", False, False),
    ],
)
def test_a_window_includes_its_first_day(text: str, possibly: bool, certainly: bool) -> None:
    assert parsed(text).possibly_within(FORTNIGHT, TODAY) is possibly
    assert parsed(text).certainly_within(FORTNIGHT, TODAY) is certainly


def test_a_month_that_the_window_cuts_is_possibly_but_not_certainly_inside() -> None:
    month = parsed("2025-12")
    assert month.possibly_within(timedelta(days=20), TODAY)
    assert not month.certainly_within(timedelta(days=20), TODAY)
    assert month.certainly_within(timedelta(days=45), TODAY)
    assert not month.certainly_within(timedelta(days=44), TODAY)


@pytest.mark.parametrize(
    ("text", "future"),
    [
        ("2026-01-15", False),
        ("2026-01-16", True),
        ("2026-01", False),
        ("2026", False),
        ("2026-02", True),
        ("2027", True),
    ],
)
def test_a_date_lies_in_the_future_only_if_none_of_its_days_has_come(text: str, future: bool) -> None:
    assert parsed(text).in_future(TODAY) is future


@pytest.mark.parametrize(("text", "days"), [("2026-01-10", 5), ("2025-12", 15), ("2026-01", 0), ("2026", 0)])
def test_the_days_that_have_surely_passed_count_from_the_latest_day(text: str, days: int) -> None:
    assert parsed(text).days_before(TODAY) == days


@pytest.mark.parametrize(
    ("text", "words"),
    [("2026-01-05", "5 Jan 2026"), ("2025-12", "Dec 2025"), ("2025", "2025"), ("2024-02", "Feb 2024")],
)
def test_a_date_reads_as_a_clinician_writes_it(text: str, words: str) -> None:
    assert str(parsed(text)) == words


def test_newest_first_sorts_moments_of_one_day_and_leaves_the_undated_last() -> None:
    whens = [
        None,
        parsed("2026-01-10"),
        parsed("2026-01-10T23:00:00+00:00"),
        parsed("2026-01-10T23:30:00+02:00"),
        parsed("2026-01-11"),
        parsed("2025"),
    ]
    ordered = sorted(whens, key=newest_first, reverse=True)
    assert ordered == [whens[4], whens[2], whens[3], whens[1], whens[5], None]
