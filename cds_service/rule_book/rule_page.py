"""The section of one rule."""

from __future__ import annotations

from pathlib import Path

from cards.rule import Evidence, Mark, Rule
from cards.rulebook import all_rules
from cards.valueset import TERMINOLOGY
from cds_service.rule_book.examples import Example, examples
from cds_service.rule_book.fact_pages import FACTS, anchor, docstring
from cds_service.rule_book.markdown import bullets, folded, heading, link, plain, table
from cds_service.rule_book.reach import Place, reached_from_rule
from cds_service.rule_book.review import next_review, unreviewed
from cds_service.rule_book.statements import matrix
from cds_service.rule_book.thresholds import Threshold, thresholds
from cds_service.rule_book.words import Saying, orders, questions, reasons, sayings, silences, value_sets

KNOWN: dict[Mark | None, str] = {
    "SEEN": "source read",
    "SEEN-2nd": "second-hand",
    "MEMORY": "unverified",
    "DESIGN": "own choice",
    None: "not attributed",
}
_SCOPE = "cards.facts.scope"  # told once, before all rules
_UP = "../"  # the book lies in docs/


def rule_page(rule: Rule, tables: Path) -> str:
    """Everything that a reader needs to judge one rule. `tables` is the folder of example patients."""
    places = tuple(p for p in reached_from_rule(rule) if p.module != _SCOPE)
    said = sayings(rule, places)
    parts = [
        heading(3, f"{rule.short} · {plain(rule.title)}", rule.id),
        _facts(rule),
        _part("What it says", docstring(rule.decide.__module__)),
        _part("Its cards", _cards(said)),
        _part("Reasons that it can name", _cards(reasons(places), "Reason")),
        _part("May suggest to order", bullets(plain(o) for o in orders(rule, places))),
        _part("Less likely right if", _doubts(said)),
        _part("Silent when", bullets(plain(s) for s in silences(rule, places))),
        _part("Thresholds", threshold_table(tuple(thresholds(places)))),
        _part("Evidence", bullets(_cited(e) for e in rule.evidence)),
        _part("Reasons offered for setting it aside", bullets(plain(r.display) for r in rule.override_reasons)),
        _part("Records it looks for", _looked_for(places)),
        _part("Example patients", _examples(rule.id, examples(tables, rule.id))),
    ]
    return "\n\n".join(part for part in parts if part)


def threshold_table(found: tuple[Threshold, ...]) -> str:
    """Numbers with unit, meaning, name in the code, and how each is known."""
    rows = ([plain(t.label), plain(t.value), plain(t.note), _known(t), _in_code(t)] for t in found)
    return table(["Threshold", "Value", "Note", "How it is known", "In the code"], rows)


def _in_code(threshold: Threshold) -> str:
    module, name = threshold.place.module, f"`{threshold.place.name}`"
    if not module.startswith(FACTS):
        return name
    return f"{link(module.removeprefix(FACTS).replace('_', ' '), f'#{anchor(module)}')} {name}"


def _part(title: str, body: str) -> str:
    return f"**{title}**\n\n{body}" if body else ""


def _facts(rule: Rule) -> str:
    statements = matrix().of_rule(rule.id)
    beyond = matrix().beyond.get(rule.id, "")
    answers = ", ".join(statements) or f"none; a clinical rule beyond the articles: {plain(beyond)}"
    rows = [
        ("Rule id", f"`{rule.id}`"),
        ("Version, status", f"{rule.version}, {rule.status}"),
        ("Family", rule.family.replace("_", " ")),
        ("Hooks", ", ".join(rule.hooks)),
        ("Runs for pain that is", ", ".join(rule.places)),
        ("Shares a card with", _links(_same_pathway(rule))),
        ("Yields to", _links(rule.yields_to)),
        ('Lowered to "already arranged" by', ", ".join(_value_set(name) for name in rule.arranged_by)),
        ("Statements of the articles", answers),
        ("Last review", _review(rule)),
        ("Source text", link(f"`{_file(rule)}`", _UP + _file(rule))),
    ]
    return table(["", ""], ([name, value] for name, value in rows if value))


def _review(rule: Rule) -> str:
    changed = unreviewed(rule)
    told = f"{rule.last_review.isoformat()}{f' ({changed})' if changed else ''}"
    return f"{told}; next review due {next_review(rule).isoformat()}"


def _same_pathway(rule: Rule) -> tuple[str, ...]:
    return tuple(r.id for r in all_rules() if r.pathway == rule.pathway and r.id != rule.id)


def _file(rule: Rule) -> str:
    return rule.decide.__module__.replace(".", "/") + ".py"


def _links(ids: tuple[str, ...]) -> str:
    here = {rule.id for rule in all_rules()}
    return ", ".join(link(one, f"#{one}") if one in here else one for one in ids)


def _cards(said: tuple[Saying, ...], what: str = "Summary") -> str:
    rows = ([s.indicator, plain(s.summary), plain(s.do)] for s in said)
    return table(["Indicator", what, "Do"], rows)


def _doubts(said: tuple[Saying, ...]) -> str:
    return bullets(plain(text) for text in dict.fromkeys(s.wrong_if for s in said) if text)


def _known(threshold: Threshold) -> str:
    said = KNOWN[threshold.mark]
    return f"{said}: {plain(threshold.source)}" if threshold.source else said


def _cited(evidence: Evidence) -> str:
    citation = link(plain(evidence.citation), evidence.url) if evidence.url else plain(evidence.citation)
    grade = evidence.grade if evidence.mark != "DESIGN" else ""
    return f"{citation} ({', '.join(part for part in (plain(grade), KNOWN[evidence.mark]) if part)})"


def _looked_for(places: tuple[Place, ...]) -> str:
    named, asked = value_sets(places), questions(places)
    lines = []
    if named:
        lines.append(f"Value sets: {', '.join(_value_set(name) for name in named)}")
    if asked:
        lines.append(f"Questions of the hip examination: {', '.join(f'`{q}`' for q in asked)}")
    return folded(f"{len(named)} value sets, {len(asked)} questions", bullets(lines)) if lines else ""


def _value_set(name: str) -> str:
    return link(plain(TERMINOLOGY.value_sets[name].title), f"{_UP}cards/value_sets/{name}.json")


def _examples(rule_id: str, rows: tuple[Example, ...]) -> str:
    if not rows:
        return "None yet."
    where = f"tests/vignettes/{rule_id}.yaml"
    body = table(["Patient", "Answer"], ([plain(row.name), plain(row.expected)] for row in rows))
    return f"{link(f'`{where}`', _UP + where)}\n\n" + folded(f"{len(rows)} example patients", body)
