"""The rule book is what the rules say now, and leaves nothing of the source articles out."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from cards.rule import Rule
from cards.rulebook import all_rules
from cards.valueset import TERMINOLOGY
from cds_service.rule_book import thresholds as thresholds_module
from cds_service.rule_book.book import COMMAND, rule_book
from cds_service.rule_book.reach import Place, reached_from_rule
from cds_service.rule_book.review import next_review
from cds_service.rule_book.statements import BadStatements, _statement, matrix
from cds_service.rule_book.thresholds import (
    BadMarks,
    Threshold,
    _known,
    known_marks,
    no_thresholds,
    path_of,
    thresholds,
)

ROOT = Path(__file__).parents[2]
TABLES = ROOT / "tests" / "vignettes"
BOOK = ROOT / "docs" / "rule-book.md"
RULES = {rule.id: rule for rule in all_rules()}
MOST_WORDS = 12
RENDERED_UP_TO = 512_000  # bytes of Markdown; beyond that GitHub shows the source text


@cache
def book() -> str:
    return rule_book(TABLES)


@cache
def section(rule_id: str) -> str:
    """From a rule's heading to the next."""
    _, after = book().split(f'<a id="{rule_id}"></a>')
    return re.split(r"(?m)^(?:<a id=|## )", after)[0]


def test_the_book_in_the_repository_is_what_the_rules_say_now() -> None:
    written = BOOK.read_text(encoding="utf-8")
    assert written == book(), f"docs/rule-book.md is stale; renew it: {COMMAND} --write docs/rule-book.md"


def test_the_book_is_the_same_each_time_it_is_made() -> None:
    assert rule_book(TABLES) == book()


def test_the_book_is_short_enough_to_be_shown_on_github() -> None:
    assert len(book().encode()) < RENDERED_UP_TO


def test_every_statement_of_both_articles_is_there() -> None:
    expected = [*(f"S{n}" for n in range(1, 61)), *(f"P{n}" for n in range(1, 86))]
    assert [s.id for s in matrix().statements] == expected
    assert len(expected) == 145


def test_statements_are_restated_in_a_few_words_each_in_its_own() -> None:
    said = [s.says for s in matrix().statements]
    assert [words for words in said if len(words.split()) > MOST_WORDS] == []
    assert len(set(said)) == len(said)


def test_every_rule_that_a_statement_names_exists() -> None:
    named = {one for s in matrix().statements for one in s.rules} | set(matrix().beyond)
    assert named - set(RULES) == set()


def test_every_rule_answers_to_a_statement_or_says_why_it_goes_beyond_them() -> None:
    answering = {one for s in matrix().statements for one in s.rules}
    assert set(RULES) - answering - set(matrix().beyond) == set()
    assert answering & set(matrix().beyond) == set()


def test_what_answers_without_being_a_rule_exists() -> None:
    places = {path for s in matrix().statements for path in s.where}
    assert {path for path in places if not (ROOT / path).exists()} == set()


def test_a_statement_without_rule_place_or_reason_is_refused() -> None:
    with pytest.raises(BadStatements, match="P84"):
        _statement("P84", {"says": "Prices differ"})


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_has_its_section_with_all_that_a_committee_reads(rule: Rule) -> None:
    said = section(rule.id)
    assert rule.short in said
    assert rule.version in said
    assert f"next review due {next_review(rule)}" in said
    assert "**What it says**" in said
    assert "**Its cards**" in said
    assert "**Example patients**" in said
    assert [e.url for e in rule.evidence if e.url and f"]({e.url})" not in said] == []
    assert [f.display for f in rule.override_reasons if f.display not in said] == []


def test_every_link_within_the_book_leads_somewhere() -> None:
    anchors = set(re.findall(r'<a id="([^"]+)"></a>', book())) | {"how-to-read-this-book"}
    assert set(re.findall(r"\]\(#([^)]+)\)", book())) - anchors == set()


def test_every_link_to_a_file_leads_to_one() -> None:
    files = set(re.findall(r"\]\((?!https?:|#)([^)]+)\)", book()))
    assert {path for path in files if not (BOOK.parent / path).exists()} == set()
    assert any("value_sets" in path for path in files)


def test_a_threshold_of_a_shared_fact_is_told_where_it_is_used_and_nowhere_else() -> None:
    assert "| Retains from | 200 mL |" in section("cauda-equina")
    assert "Retains from" not in section("malignancy")


def test_every_value_set_that_a_rule_names_in_its_header_is_known() -> None:
    named = {name for rule in RULES.values() for name in rule.arranged_by}
    assert named - set(TERMINOLOGY.value_sets) == set()


def test_the_example_patients_of_a_rule_stand_in_its_section() -> None:
    assert "| a residual volume at the threshold is retention | critical |" in section("cauda-equina")


@cache
def all_thresholds() -> dict[str, Threshold]:
    return {t.path: t for rule in RULES.values() for t in thresholds(reached_from_rule(rule))}


def test_every_mark_belongs_to_a_threshold_that_some_rule_uses() -> None:
    assert set(known_marks()) - set(all_thresholds()) == set(), "remove or rename these in threshold_marks.yaml"


def test_a_figure_that_no_source_fixes_names_none_and_any_other_names_its_source() -> None:
    assert [path for path, known in known_marks().items() if (known.mark == "DESIGN") == bool(known.source)] == []


def test_what_is_no_threshold_is_left_out_and_exists() -> None:
    for path in no_thresholds():
        module, name = path.rsplit(".", 1)
        assert isinstance(Place(f"cards.{module}", name).value, int | timedelta)
        assert path not in all_thresholds()


def test_a_mark_that_is_none_is_refused() -> None:
    with pytest.raises(BadMarks, match="facts"):
        _known("facts.x.Y", {"mark": "GUESS", "source": "somewhere"})


def test_a_mark_of_the_table_reaches_the_book() -> None:
    retains = all_thresholds()["facts.cauda_signs.RETAINS_FROM"]
    assert retains.value == "200 mL"
    assert retains.mark is not None
    assert retains.source in section("cauda-equina")


def test_a_comment_that_says_our_choice_is_a_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds_module, "known_marks", dict)
    (visit,) = thresholds([Place("cards.facts.scope", "VISIT_HOLDS")])
    assert (visit.mark, visit.value) == ("DESIGN", "42 days (6 weeks)")
    assert visit.note.startswith("our choice")
    assert path_of(visit.place) == "facts.scope.VISIT_HOLDS"
