"""Who looked at the pain, and how sure it is that nobody did."""

from __future__ import annotations

from datetime import date, timedelta

from cards.facts.contacts import contact
from cards.section import Section
from tests.cards.charts import answer, chart

SIX_WEEKS = timedelta(weeks=6)


def test_that_nobody_looked_is_certain_where_only_older_findings_were_not_supplied() -> None:
    def cut(since: date) -> Section:
        return Section("observations", missing="only the newest were supplied", since=since)

    assert contact(chart(sections=[cut(date(2025, 12, 3))]), SIX_WEEKS).certain
    assert not contact(chart(sections=[cut(date(2025, 12, 5))]), SIX_WEEKS).certain
    assert not contact(chart(without=["encounters"]), SIX_WEEKS).certain


def test_an_examination_without_a_date_is_no_look_of_these_weeks() -> None:
    assert contact(chart(answer("log-roll", "negative")), SIX_WEEKS)
    assert not contact(chart(answer("log-roll", "negative", None)), SIX_WEEKS)
