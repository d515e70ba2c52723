"""Every row of every table: one example patient through real JSON, intake, rules, merge and response."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.vignettes.run import Result, run, suggestions_of, text_of
from tests.vignettes.table import Row, readable_rows, rows_of, table_paths

ROWS = readable_rows()


@pytest.mark.parametrize("path", table_paths(), ids=lambda path: path.name)
def test_a_table_keeps_its_format(path: Path) -> None:
    assert rows_of(path)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_row_gets_the_answer_that_it_expects(row: Row) -> None:
    result = run(row)
    if isinstance(row.expect, int):
        assert result.status == row.expect, result.body
        return
    assert result.status == 200, result.body
    assert result.answer_of(row.rule) == row.expect, _told(row, result)
    assert {rule: result.answer_of(rule) for rule in row.also} == row.also
    card = result.card_of(row.rule)
    if row.shown is not None:
        assert (card is not None) is row.shown, _told(row, result)
    if row.contains or row.suggests:
        assert card is not None, f"{row.rule} is on no card"
        assert re.search(row.contains or "", text_of(card), re.IGNORECASE), text_of(card)
        offered = suggestions_of(card)
        missing = [s for s in row.suggests if not any(re.search(s, o, re.IGNORECASE) for o in offered)]
        assert not missing, offered


def _told(row: Row, result: Result) -> str:
    cards = [f"[{c['indicator']}] {c['summary']}" for c in result.cards]
    answers = result.advice.answers if result.advice else ()
    own = next((a for a in answers if a.rule.id == row.rule), "not asked here")
    where = result.advice.scope.place if result.advice else "?"
    return f"place: {where}; cards: {cards}; {row.rule}: {own}"
