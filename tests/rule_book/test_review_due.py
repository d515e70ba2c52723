"""Which rules are due for review, on the command line too."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from cards.rulebook import all_rules
from cds_service.cli import main
from cds_service.rule_book import review
from cds_service.rule_book.review import next_review, review_due
from cds_service.rule_book.rule_page import rule_page

RULE = all_rules()[0]
TABLES = Path(__file__).parents[1] / "vignettes"
ONE_DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "following"),
    [
        (date(2026, 11, 21), date(2027, 11, 21)),
        (date(2027, 11, 21), date(2028, 11, 21)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 28)),
    ],
)
def test_the_next_review_is_due_a_year_after_the_last(last: date, following: date) -> None:
    rule = replace(RULE, last_review=last)
    assert next_review(rule) == following
    assert review_due([rule], following) == ()
    assert review_due([rule], following + ONE_DAY) == (rule,)


def test_the_longest_unreviewed_rule_comes_first() -> None:
    older = replace(RULE, id="zz", last_review=date(2025, 1, 1))
    newer = replace(RULE, id="aa", last_review=date(2025, 6, 1))
    assert review_due([newer, older], date(2027, 1, 1)) == (older, newer)


def test_the_command_lists_what_is_due_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    last = max(rule.last_review for rule in all_rules())
    assert main(["review-due", "--on", (last.replace(year=last.year + 1) + ONE_DAY).isoformat()]) == 1
    said = capsys.readouterr().out
    assert [rule.id for rule in all_rules() if f"{rule.id} {rule.version}: last reviewed" not in said] == []
    assert f"{len(all_rules())} of {len(all_rules())} rules" in said


def test_the_command_passes_where_nothing_is_due(capsys: pytest.CaptureFixture[str]) -> None:
    oldest = min(rule.last_review for rule in all_rules())
    assert main(["review-due", "--on", oldest.replace(year=oldest.year + 1).isoformat()]) == 0
    assert f"\n0 of {len(all_rules())} rules are due for review" in f"\n{capsys.readouterr().out}"


def test_a_rule_that_changed_after_its_last_review_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, seen, unknown = all_rules()[:3]
    versions = {rule.id: rule.version for rule in all_rules()}
    monkeypatch.setattr(review, "_reviewed", lambda: {**versions, changed.id: "0.9.0", unknown.id: None})
    main(["review-due", "--on", changed.last_review.isoformat()])
    said = capsys.readouterr().out
    assert (
        f"{changed.id} {changed.version}: last reviewed {changed.last_review}, changed since: that review saw 0.9.0"
        in said
    )
    assert f"{unknown.id} {unknown.version}: last reviewed {unknown.last_review}, which version" in said
    assert seen.id not in said
    assert said.endswith("2 changed since their last one\n")
    assert "changed since: that review saw 0.9.0" in rule_page(changed, TABLES)


def test_the_version_that_a_review_saw_is_on_file_for_rules_there_are() -> None:
    assert set(review._reviewed()) <= {rule.id for rule in all_rules()}


def test_a_day_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["review-due", "--on", "tomorrow"])
    assert "'tomorrow' is no date like 2026-01-15" in capsys.readouterr().err


def test_a_reader_that_has_seen_enough_is_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "cds_service.cli", "review-due"],
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")
