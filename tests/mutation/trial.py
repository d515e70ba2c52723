"""One mutant on trial: does some example patient notice it?"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import tests.vignettes.record  # noqa: F401 - reloaded with the library
from cards.advise import Advice
from cards.chart import Chart
from cards.rule import Hook
from cards.rulebook import all_rules
from cds_service.fhir.orders import OrderContext
from cds_service.hooks.response import card_json, not_assessed
from tests.mutation.operators import Mutant
from tests.mutation.reload import dependents, plant
from tests.vignettes.run import EXTENSION, Result, check, run
from tests.vignettes.table import Row, readable_rows

TIME_S = 60
TESTS = Path(__file__).parents[1]
RULES = {rule.decide.__module__: rule.id for rule in all_rules()}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A row with its chart, ready to be judged again, and what was decided of it at first."""

    row: Row
    chart: Chart
    hook: Hook
    decided: object
    said: object
    asked_for: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """killed: some row's expectation fails. Else what a row sees without saying so: "decision", "words", "nothing"."""

    killed: str = ""
    seen: str = "nothing"
    row: str = ""


@cache
def cases() -> tuple[Case, ...]:
    """Every row of every table that is judged at all, each taken in once."""
    found = []
    for row in readable_rows():
        result = run(row)
        if result.chart is not None and result.hook is not None:
            again = _judged(row, result.chart, result.hook)
            check(row, again)
            found.append(Case(row, result.chart, result.hook, decided(again), said(again), asked_for(row, again)))
    return tuple(found)


def concerned(module: str) -> tuple[Case, ...]:
    """The cases that have to do with a module: those of the rules that use it, the module's own first."""
    users = {RULES[m] for m in (module, *dependents(module)) if m in RULES}
    if not users:
        return cases()
    own = RULES.get(module, module.rsplit(".", 1)[-1].replace("_", "-"))
    found = [c for c in cases() if c.row.rule in users or users & set(c.row.also)]
    return tuple(sorted(found, key=lambda c: c.row.rule != own))


def judged(mutant: Mutant, among: tuple[Case, ...]) -> Verdict:
    """The verdict on a mutant, reached in a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        gc.disable()
        signal.alarm(TIME_S)
        with os.fdopen(write, "wb") as out:
            verdict = _trial(mutant, among)
            pickle.dump(verdict if verdict.killed else _tested(mutant) or verdict, out)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as told:
        answer = told.read()
    os.waitpid(child, 0)
    return pickle.loads(answer) if answer else Verdict(killed="it did not end in time")  # noqa: S301 - our own


def _trial(mutant: Mutant, among: tuple[Case, ...]) -> Verdict:
    try:
        plant(mutant.module, mutant.source)
    except Exception as broken:  # noqa: BLE001 - any failure shows the mutant
        return Verdict(killed=f"on import: {type(broken).__name__}")
    module: Any = sys.modules["tests.vignettes.run"]
    seen = Verdict()
    asked: dict[str, set[str]] = {}
    for case in among:
        try:
            again = _judged(case.row, case.chart, case.hook)
            module.check(case.row, again)
            decision, words = decided(again), said(again)
        except Exception as broken:  # noqa: BLE001 - as above
            return Verdict(killed=f"{type(broken).__name__}: {case.row.id}")
        asked.setdefault(case.row.rule, set()).update(asked_for(case.row, again))
        if seen.seen != "decision" and decision != case.decided:
            seen = Verdict(seen="decision", row=case.row.id)
        elif seen.seen == "nothing" and words != case.said:
            seen = Verdict(seen="words", row=case.row.id)
    changed = [rule for rule, lists in asked.items() if lists != _on_record(among)[rule]]
    return Verdict(killed=f"record.yml: {changed[0]}") if changed else seen


def _tested(mutant: Mutant) -> Verdict | None:
    """Killed by a test of the module, by its name or what it imports, where the rows notice nothing."""
    name = f"test_{mutant.module.rsplit('.', 1)[-1]}"
    found = (f for folder in ("facts", "cards") for f in sorted((TESTS / folder).glob("test_*.py")))
    files = [f for f in found if f.name.startswith(name) or f"from {mutant.module} import" in f.read_text("utf-8")]
    if not files:
        return None
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # plugins take longer to load than these tests to run
    options = ["-qx", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib"]
    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        failed = pytest.main([*map(str, files), *options]) == pytest.ExitCode.TESTS_FAILED
    return Verdict(killed="a test of it") if failed else None


@cache
def _on_record(among: tuple[Case, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for case in among:
        found.setdefault(case.row.rule, set()).update(case.asked_for)
    return found


def _judged(row: Row, chart: Chart, hook: Hook) -> Result:
    """The answer as the service gives it, from the chart on."""
    library: Any = sys.modules
    fresh = library["cards.chart"].Chart(chart.patient, chart.today, chart._sections, chart.drafts)
    advice: Advice = library["cards.advise"].advise(fresh, hook)
    status = row.expect if isinstance(row.expect, int) and advice.scope.place == "unknown" else 200
    drafts: dict[str, Any] = {draft.reference: {} for draft in chart.drafts}
    context = OrderContext("hp-vignette", "Practitioner/example", None, date(2026, 1, 15), drafts=drafts)
    body = {
        "cards": [card_json(card, context) for card in advice.cards],
        "extension": {EXTENSION: {"notAssessed": not_assessed(advice.not_assessed)}},
    }
    result: Result = library["tests.vignettes.run"].Result(status, body, advice, fresh, hook)
    return result


def decided(result: Result) -> object:
    """What is decided: the answer of every rule, and each card's indicator, rules and orders."""
    rules = [a.rule.id for a in result.advice.answers] if result.advice else []
    cards = [
        (
            card["indicator"],
            card["extension"][EXTENSION]["rules"],
            [n["rule"] for n in card["extension"][EXTENSION].get("notAssessed", ())],
            [_order(s) for s in card.get("suggestions", ())],
        )
        for card in result.cards
    ]
    unknown = [n["rule"] for n in result.body["extension"][EXTENSION]["notAssessed"]]
    return {rule: result.answer_of(rule) for rule in rules}, cards, unknown


def _order(suggestion: dict[str, Any]) -> object:
    action = suggestion["actions"][0]
    return (
        suggestion["label"],
        suggestion.get("isRecommended"),
        action["type"],
        action.get("resourceId"),
        {k: v for k, v in action.get("resource", {}).items() if k not in ("id", "note", "reasonReference")},
    )


def asked_for(row: Row, result: Result) -> frozenset[str]:
    """What `record.yml` holds of a row."""
    answers = result.advice.answers if result.advice else ()
    entries: Any = sys.modules["tests.vignettes.record"]
    return frozenset(map(str, entries.told_of(a.outcome for a in answers if a.rule.id == row.rule)))


def said(result: Result) -> object:
    """All that a clinician reads."""
    return [(c["summary"], c["detail"], c.get("links"), c["extension"]) for c in result.cards]
