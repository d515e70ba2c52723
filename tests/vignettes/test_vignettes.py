"""Every row of every table: one example patient through real JSON, intake, rules, merge and response."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vignettes.run import check, run
from tests.vignettes.table import Row, readable_rows, rows_of, table_paths

ROWS = readable_rows()


@pytest.mark.parametrize("path", table_paths(), ids=lambda path: path.name)
def test_a_table_keeps_its_format(path: Path) -> None:
    assert rows_of(path)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_a_row_gets_the_answer_that_it_expects(row: Row) -> None:
    check(row, run(row))
