"""A rule is found by where its file lies."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest

import cards
from cards.rule import Rule
from cards.rulebook import FAMILIES, NotARule, _rule_of, all_rules

CARDS = Path(cards.__file__).parent
FILES = sorted(path for family in FAMILIES for path in (CARDS / family).glob("*.py") if not path.name.startswith("_"))


def test_every_file_of_a_family_folder_is_a_rule_of_that_name() -> None:
    found = {(rule.family, rule.id) for rule in all_rules()}
    written = {(path.parent.name, path.stem.replace("_", "-")) for path in FILES}
    assert found <= written
    assert all(
        _rule_of(f"cards.{family}.{name.replace('-', '_')}").status == "retired" for family, name in written - found
    )


def test_rules_come_by_family_then_by_name() -> None:
    order = [(FAMILIES.index(rule.family), rule.id) for rule in all_rules()]
    assert order == sorted(order)


def test_ids_and_short_ids_are_unique() -> None:
    rules = all_rules()
    assert len({r.id for r in rules}) == len(rules)
    assert len({r.short for r in rules}) == len(rules)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda r: r.id)
def test_a_rule_tells_what_governance_asks_for(rule: Rule) -> None:
    assert rule.doc
    assert rule.title
    assert rule.evidence
    assert len(rule.version.split(".")) == 3
    assert rule.places
    assert rule.hooks
    assert set(rule.yields_to) <= {r.id for r in all_rules()} | {p.stem.replace("_", "-") for p in FILES}


@pytest.mark.parametrize("count", [0, 2])
def test_a_file_without_exactly_one_rule_is_an_error(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "cards.red_flags.made_up"
    module = ModuleType(name)
    source = (
        "from datetime import date\n"
        "from cards.rule import Silent, rule\n"
        "HEAD = dict(short='X', title='x', version='1.0.0', status='active', evidence=(),\n"
        "            last_review=date(2026, 1, 1))\n"
    ) + "".join(f"@rule(**HEAD)\ndef rule_{n}(chart): return Silent('x')\n" for n in range(count))
    monkeypatch.setitem(sys.modules, name, module)
    exec(source, vars(module))  # noqa: S102 - a module made on the spot
    with pytest.raises(NotARule, match=f"holds {count} rules"):
        _rule_of(name)
