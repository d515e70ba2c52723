"""What the page of one rule shows, gathered from where the rule book gathers it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from cards.facts import scope
from cards.rule import Evidence, Family, Rule
from cards.rulebook import FAMILIES, all_rules
from cards.valueset import TERMINOLOGY
from cds_service import rule_book
from cds_service.pages.markdown import html_of
from cds_service.rule_book.book import TITLES, how_to_read
from cds_service.rule_book.examples import Example, examples
from cds_service.rule_book.fact_pages import docstring
from cds_service.rule_book.reach import reached_from_rule
from cds_service.rule_book.rule_page import KNOWN
from cds_service.rule_book.statements import Statement, matrix
from cds_service.rule_book.thresholds import Threshold, thresholds
from cds_service.rule_book.words import Saying, orders, questions, reasons, sayings, silences, value_sets

_ROOT = Path(rule_book.__file__).parent


@dataclass(frozen=True, slots=True)
class RuleView:
    """Everything that a reader needs to judge one rule."""

    rule: Rule
    family: str
    says: Markup
    cards: tuple[Saying, ...]
    reasons: tuple[Saying, ...]
    orders: tuple[str, ...]
    doubts: tuple[str, ...]
    silences: tuple[str, ...]
    thresholds: tuple[Threshold, ...]
    value_sets: tuple[str, ...]
    questions: tuple[str, ...]
    examples: tuple[Example, ...]
    statements: tuple[Statement, ...]
    beyond: str
    arranged_by: tuple[str, ...]
    shares_with: tuple[Rule, ...]


def rules_by_family() -> dict[Family, tuple[Rule, ...]]:
    """All rules in the order of the rule book."""
    return {f: tuple(sorted((r for r in all_rules() if r.family == f), key=lambda r: r.short)) for f in FAMILIES}


def rule_called(rule_id: str) -> Rule | None:
    """The rule of that id, unless it is retired or never was."""
    return next((rule for rule in all_rules() if rule.id == rule_id), None)


@cache
def view_of(rule_id: str) -> RuleView:
    """One rule's page. It is worked out once in a process: it depends on the source text alone."""
    rule = next(rule for rule in all_rules() if rule.id == rule_id)
    places = tuple(p for p in reached_from_rule(rule) if p.module != scope.__name__)
    said = sayings(rule, places)
    return RuleView(
        rule=rule,
        family=TITLES[rule.family],
        says=html_of(docstring(rule.decide.__module__)),
        cards=said,
        reasons=reasons(places),
        orders=orders(rule, places),
        doubts=tuple(dict.fromkeys(s.wrong_if for s in said if s.wrong_if)),
        silences=silences(rule, places),
        thresholds=tuple(thresholds(places)),
        value_sets=tuple(TERMINOLOGY.value_sets[name].title for name in value_sets(places)),
        questions=questions(places),
        examples=examples(example_tables(), rule.id),
        statements=tuple(s for s in matrix().statements if rule.id in s.rules),
        beyond=matrix().beyond.get(rule.id, ""),
        arranged_by=tuple(TERMINOLOGY.value_sets[name].title for name in rule.arranged_by),
        shares_with=tuple(r for r in all_rules() if r.pathway == rule.pathway and r.id != rule.id),
    )


def example_tables() -> Path:
    """The folder of example patients: packed beside the rule book, or the tests' own in a source tree."""
    packed = _ROOT / "vignettes"
    return packed if packed.is_dir() else _ROOT.parents[1] / "tests" / "vignettes"


@cache
def introduction() -> Markup:
    """How to read a rule and a card."""
    ids = {rule.id for rule in all_rules()}

    def here(target: str) -> str | None:
        name = target.removeprefix("#")
        return f"/rules/{name}" if name in ids else None

    return html_of(how_to_read(), here)


def known(evidence: Evidence) -> str:
    """How the statement is known, in the rule book's words, with the strength of its source."""
    grade = evidence.grade if evidence.mark != "DESIGN" else ""
    return ", ".join(part for part in (grade, KNOWN[evidence.mark]) if part)
