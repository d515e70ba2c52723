"""What each rule asks for, how urgently, and how it joins with others, over all its example patients.

    make record                           # writes it anew, after a change that is meant
    python -m tests.vignettes.record ID   # that of one rule alone

`record.yml` is read by a clinician. A study, its urgency or what counts as already arranged never changes unseen.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from cards.card import Suggestion
from cards.rule import Advise, Rule
from cards.rulebook import all_rules
from tests.vignettes.run import run
from tests.vignettes.table import FastLoader, Row, readable_rows

FILE = Path(__file__).with_name("record.yml")
Entry = dict[str, Any]


@cache
def on_record() -> dict[str, Entry]:
    """As written down, by rule."""
    found: dict[str, Entry] = yaml.load(FILE.read_text("utf-8"), FastLoader)  # noqa: S506 - it is safe
    return found


def entry_of(rule: Rule) -> Entry:
    """The same as the rule and the answers to its example patients are now."""
    said: list[Entry] = []
    for row in readable_rows():
        if row.rule == rule.id and not isinstance(row.expect, int):
            said += [one for one in answers_to(row) if one not in said]
    said.sort(key=lambda one: (["critical", "warning", "info"].index(one["indicator"]), str(one)))
    card = {"pathway": rule.pathway, "rank": rule.rank, "yields_to": list(rule.yields_to)}
    return {key: value for key, value in card.items() if value} | {"answers": said}


def answers_to(row: Row) -> list[Entry]:
    """What a row's own rule advises, before other rules have their say."""
    advice = run(row).advice
    return told_of(a.outcome for a in (advice.answers if advice else ()) if a.rule.id == row.rule)


def told_of(outcomes: Iterable[object]) -> list[Entry]:
    """Each advice without its words."""
    said = [a for o in outcomes for a in (o if isinstance(o, tuple) else (o,)) if isinstance(a, Advise)]
    return [
        {"indicator": a.indicator, "orders": [_order(s) for s in a.suggestions]}
        | ({"pathway": a.pathway} if a.pathway else {})
        | ({"arranged_by": list(a.arranged_by)} if a.arranged_by is not None else {})
        | {name: True for name in ("lowered", "beside_critical") if getattr(a, name)}
        | ({} if a.leads else {"leads": False})
        for a in said
    ]


def _order(suggestion: Suggestion) -> str:
    """What is drafted, changed or deleted, how urgently, and whether it is the recommended one."""
    order = suggestion.create or (suggestion.update[1] if suggestion.update else None)
    verb = "draft" if suggestion.create else "change" if suggestion.update else "delete"
    said = f"{verb} {order.orderable.text}, {order.priority}" if order else f"{verb}: {suggestion.label}"
    return f"{said} (recommended)" if suggestion.recommended else said


if __name__ == "__main__":
    rules = {rule.id: rule for rule in all_rules()}
    chosen = sys.argv[1:] or list(rules)
    kept = on_record() if sys.argv[1:] else {}
    everything = {name: one for name, one in kept.items() if name in rules} | {c: entry_of(rules[c]) for c in chosen}
    ordered = dict(sorted(everything.items()))
    FILE.write_text(yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=120), "utf-8")
