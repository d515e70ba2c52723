"""Would anyone notice if a threshold were wrong by one step? Some row of the tables has to."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from cards.advise import ask
from cards.chart import Chart
from cards.facts.scope import scope
from cards.rule import Advise, Hook, Rule
from cards.rulebook import all_rules
from tests.vignettes.constants import Nudge, imports, nudges, sources
from tests.vignettes.run import run, said
from tests.vignettes.table import Row, readable_rows, table_paths

PRESENTATION_ONLY: dict[str, str] = {
    "cards.facts.drafts.MOST_JUDGED": "how many drafts are judged at all; tests/end_to_end/test_cost.py has both sides",
}
"""Constants that change no answer, each with the reason; `module.NAME`."""

RULES = {rule.id: rule for rule in all_rules()}
MODULES = {rule.id: rule.decide.__module__ for rule in all_rules()}
FACT_MODULES = sorted({s for m in MODULES.values() for s in sources(m)} - set(MODULES.values()))


@dataclass(frozen=True, slots=True)
class Case:
    """A row with its chart, ready to be asked again, and what the rule said of it at first."""

    row: Row
    chart: Chart
    hook: Hook
    before: object

    def noticed(self) -> bool:
        """The rule now says something else."""
        return observed(RULES[self.row.rule], self.chart, self.hook, self.row) != self.before


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_a_rule_has_a_table(rule_id: str) -> None:
    assert rule_id in {path.stem for path in table_paths()}


@pytest.mark.parametrize("path", table_paths(), ids=lambda p: p.stem)
def test_a_table_has_a_rule(path: object) -> None:
    assert getattr(path, "stem") in RULES  # noqa: B009 - a Path


@pytest.mark.parametrize("rule_id", sorted(RULES))
def test_each_threshold_of_a_rule_is_noticed_when_moved_by_one_step(
    rule_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = cases_of(rule_id)
    unnoticed = [n.id for n in nudges(MODULES[rule_id]) if not _is_noticed(n, cases, monkeypatch)]
    assert not unnoticed, f"no row of {rule_id}.yaml notices: {unnoticed}"


@pytest.mark.parametrize("module", FACT_MODULES)
def test_each_threshold_of_a_fact_is_noticed_when_moved_by_one_step(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [rule_id for rule_id in sorted(RULES) if module in sources(MODULES[rule_id])]
    cases = tuple(case for rule_id in users for case in cases_of(rule_id))
    unnoticed = [n.id for n in nudges(module) if not _is_noticed(n, cases, monkeypatch)]
    assert not unnoticed, f"no row of {', '.join(users)} notices: {unnoticed}"


def test_constants_excused_from_nudging_exist() -> None:
    modules = [*MODULES.values(), *FACT_MODULES]
    names = {f"{n.module}.{n.name}" for module in modules for n in nudges(module)}
    assert set(PRESENTATION_ONLY) <= names


@cache
def cases_of(rule_id: str) -> tuple[Case, ...]:
    """The rows of a rule's table, each taken in once."""
    return tuple(_cases(rule_id))


def _cases(rule_id: str) -> Iterator[Case]:
    rule = RULES[rule_id]
    for row in readable_rows():
        if row.rule != rule_id or isinstance(row.expect, int):
            continue
        result = run(row)
        if result.chart is not None and result.hook is not None:
            before = observed(rule, result.chart, result.hook, row)
            yield Case(row, result.chart, result.hook, before)


def observed(rule: Rule, chart: Chart, hook: Hook, row: Row) -> object:
    """What the row's assertions see of the rule: its answer, what it suggests, and whether `contains` holds."""
    fresh = Chart(chart.patient, chart.today, chart._sections, chart.drafts)
    if hook not in rule.hooks or scope(fresh).place not in rule.places:
        return "not asked"
    if rule.family != "red_flags":
        fresh.red_flags = chart.red_flags
    outcome = ask(rule, fresh).outcome
    advices = outcome if isinstance(outcome, tuple) else (outcome,)
    spoken = [a for a in advices if isinstance(a, Advise)]
    orders = [(s.label, s.delete, s.recommended) for a in spoken for s in a.suggestions] if row.suggests else []
    words = "\n".join(f"{a.summary} {a.do} {' '.join(a.more)}" for a in spoken)
    return said(outcome), orders, row.contains and bool(re.search(row.contains, words, re.IGNORECASE))


def _is_noticed(nudge: Nudge, cases: tuple[Case, ...], monkeypatch: pytest.MonkeyPatch) -> bool:
    if f"{nudge.module}.{nudge.name}" in PRESENTATION_ONLY:
        return True
    with monkeypatch.context() as patch:
        for module in {nudge.module, *_borrowers(nudge.module, nudge.name)}:
            patch.setattr(importlib.import_module(module), nudge.name, nudge.value)
        return any(case.noticed() for case in cases)


@cache
def _borrowers(module: str, name: str) -> frozenset[str]:
    """The modules that import this constant by name, and so hold their own copy of it."""
    candidates = {*MODULES.values(), *FACT_MODULES}
    return frozenset(m for m in candidates if imports(m).get(name) == module)
