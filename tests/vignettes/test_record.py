"""What a rule asks for, and how urgently, is on record: it never changes unseen."""

from __future__ import annotations

import pytest

from cards.rule import Rule
from cards.rulebook import all_rules
from tests.vignettes.record import entry_of, on_record


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.id)
def test_what_a_rule_asks_for_is_what_is_on_record(rule: Rule) -> None:
    assert entry_of(rule) == on_record().get(rule.id), "is it meant? `make record` writes it down"


def test_the_record_names_the_rules_that_exist() -> None:
    assert set(on_record()) == {rule.id for rule in all_rules()}
