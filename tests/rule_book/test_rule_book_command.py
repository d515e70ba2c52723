"""The command that makes the book."""

from __future__ import annotations

from pathlib import Path

import pytest

import cds_service.cli as cli_module
from cds_service.rule_book.book import rule_book
from cds_service.rule_book.examples import BadExamples, Example, examples


def test_the_command_writes_the_book_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = tmp_path / "book.md"
    assert cli_module.main(["rule-book", "--write", str(written)]) == 0
    assert written.read_text(encoding="utf-8").startswith("<!-- Made by `posterior-hip-cds rule-book`")
    assert capsys.readouterr().out == ""


def test_without_the_source_tree_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli_module, "__file__", str(tmp_path / "site-packages" / "cds_service" / "cli.py"))
    assert cli_module.main(["rule-book"]) == 2
    assert "source tree" in capsys.readouterr().err


def test_a_rule_without_a_table_has_no_examples_yet(tmp_path: Path) -> None:
    assert examples(tmp_path, "cauda-equina") == ()
    assert rule_book(tmp_path).count("None yet.") > 1


def test_examples_keep_the_order_of_their_table(tmp_path: Path) -> None:
    table = "rule: x\nrows:\n- {name: first, expect: 412}\n- {name: second, expect: cannot tell}\n"
    (tmp_path / "x.yaml").write_text(table, encoding="utf-8")
    assert examples(tmp_path, "x") == (Example("first", "412"), Example("second", "cannot tell"))


@pytest.mark.parametrize("broken", ["rows: [", "rule: x", "rows: [plain words]", "just words"])
def test_a_table_that_cannot_be_read_is_named(tmp_path: Path, broken: str) -> None:
    (tmp_path / "x.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(BadExamples, match=r"x\.yaml"):
        examples(tmp_path, "x")
