"""The whole book, from the rules as they are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Template

from cards import compose, precedence
from cards.facts import scope
from cards.rule import Family, Rule
from cards.rulebook import FAMILIES, all_rules
from cds_service.rule_book.fact_pages import fact_pages
from cds_service.rule_book.markdown import bullets, heading, link, plain, table
from cds_service.rule_book.reach import Place, reached
from cds_service.rule_book.review import next_review
from cds_service.rule_book.rule_page import rule_page, threshold_table
from cds_service.rule_book.statements import ARTICLES, Statement, matrix
from cds_service.rule_book.thresholds import thresholds

COMMAND = "posterior-hip-cds rule-book"
TITLES: dict[Family, str] = {
    "red_flags": "Red flags",
    "scope": "Scope",
    "safety": "Safety of an order",
    "imaging": "Imaging",
    "management": "Management",
    "workup": "Work-up",
    "follow_up": "Follow-up",
}


def rule_book(tables: Path) -> str:
    """The book as Markdown. `tables` is the folder of example patients (tests/vignettes)."""
    parts = [
        f"<!-- Made by `{COMMAND}` from the rules. Do not edit: change the rule, then make the book again. -->",
        _title(),
        _contents(),
        how_to_read(),
        *_families(tables),
        heading(2, "Facts that rules share", "facts"),
        *fact_pages(all_rules()),
        *_matrix(),
        _sign_off(),
    ]
    return "\n\n".join(parts) + "\n"


def _title() -> str:
    counts = f"{len(all_rules())} rules; {len(matrix().statements)} statements of the two source articles."
    return f"# Rule book\n\nEvery rule of Posterior Hip CDS, for the committee that answers for it. {counts}"


def _contents() -> str:
    lines = [link("How to read this book", "#how-to-read-this-book")]
    for family in FAMILIES:
        lines.append(link(TITLES[family], f"#{family}"))
        lines += [f"  - {link(f'{r.short} · {plain(r.title)}', f'#{r.id}')}" for r in _of(family)]
    lines += [
        link("Facts that rules share", "#facts"),
        link("What the two articles state, and which rule answers", "#statements"),
        link("Sign-off", "#sign-off"),
        link("Open clinical questions", "clinical-questions.md"),
    ]
    return heading(2, "Contents") + "\n\n" + bullets(lines).replace("-   - ", "  - ")


def how_to_read() -> str:
    """How the book, its words and a card are to be read, as Markdown."""
    text = resources.files("cds_service.rule_book").joinpath("how_to_read.md").read_text("utf-8")
    where = Place(scope.__name__, scope.scope.__name__)
    return Template(text.strip()).substitute(
        most_cards=precedence.MOST_CARDS,
        most_critical=precedence.MOST["critical"],
        most_warning=precedence.MOST["warning"],
        most_info=precedence.MOST["info"],
        info_beside=precedence.MOST_INFO_BESIDE_HIGHER,
        most_suggestions=compose.MOST_SUGGESTIONS,
        families=", ".join(TITLES[family].lower() for family in FAMILIES),
        not_beside_red_flag=", ".join(link(one, f"#{one}") for one in sorted(precedence.NOT_BESIDE_RED_FLAG)),
        scope_thresholds=threshold_table(tuple(thresholds(reached(where)))),
    )


def _families(tables: Path) -> Iterator[str]:
    for family in FAMILIES:
        yield heading(2, TITLES[family], family)
        for rule in _of(family):
            yield rule_page(rule, tables)


def _of(family: Family) -> tuple[Rule, ...]:
    return tuple(sorted((r for r in all_rules() if r.family == family), key=lambda r: r.short))


def _matrix() -> Iterator[str]:
    yield heading(2, "What the two articles state, and which rule answers", "statements")
    yield (
        "Each statement is restated in the project's own words. Where no rule answers to one, the last column says "
        "which part of the code does, or why there is none."
    )
    for letter, article in ARTICLES.items():
        yield heading(3, f"{letter}: {article}")
        rows = ([s.id, plain(s.says), _answers(s)] for s in matrix().of_article(letter))
        yield table(["Statement", "What it says", "Answered by"], rows)
    yield heading(3, "Rules beyond the articles")
    yield table(["Rule", "Why it is there"], ([_rule(one), plain(why)] for one, why in matrix().beyond.items()))


def _answers(statement: Statement) -> str:
    rules = ", ".join(_rule(one) for one in statement.rules)
    where = ", ".join(link(f"`{path}`", f"../{path}") for path in statement.where)
    return "; ".join(part for part in (rules, where, plain(statement.why)) if part)


def _rule(rule_id: str) -> str:
    return link(rule_id, f"#{rule_id}")


def _sign_off() -> str:
    rows = (
        [link(r.short, f"#{r.id}"), plain(r.title), r.version, r.status, next_review(r).isoformat(), "", ""]
        for family in FAMILIES
        for r in _of(family)
    )
    head = ["Rule", "Title", "Version", "Status", "Next review due", "Name and role", "Date"]
    said = "A signature holds for the version that it names."
    return f"{heading(2, 'Sign-off', 'sign-off')}\n\n{said}\n\n{table(head, rows)}"
