"""The alarms and the dashboard ask for metrics that the service exports, by labels that these have."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.telemetry.exported import exported

FOLDER = Path(__file__).parents[2] / "deploy" / "observability"
ALARMS = FOLDER / "prometheus-rules.yaml"
DASHBOARD = FOLDER / "grafana-dashboard.json"
NAME = re.compile(r"\b(cds(?:_\w+|:[\w:]+))(?:\{([^}]*)\})?")
LABELS_NAMED = re.compile(r"\b(?:by|on|ignoring)\s*\(([^)]*)\)")


@cache
def samples() -> dict[str, set[str]]:
    """Every sample's name -> its labels, as a scrape shows them."""
    return {name: labels for metric in exported() for name, labels in metric.samples().items()}


def recorded() -> dict[str, set[str]]:
    """What the rules record: its labels are those that its expression groups by."""
    rules = [r for group in yaml.safe_load(ALARMS.read_text())["groups"] for r in group["rules"] if "record" in r]
    return {r["record"]: set(re.findall(r"\w+", LABELS_NAMED.findall(r["expr"])[0])) for r in rules}


def rules() -> list[tuple[str, dict[str, Any]]]:
    groups = yaml.safe_load(ALARMS.read_text())["groups"]
    return [(rule.get("alert") or rule["record"], rule) for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def asked() -> list[tuple[str, str]]:
    """Where each expression stands, and the expression."""
    of_panels = [(p["title"], t["expr"]) for p in panels() for t in p["targets"]]
    variables = json.loads(DASHBOARD.read_text())["templating"]["list"]
    of_variables = [(v["name"], v["query"]) for v in variables if v["type"] == "query"]
    return [(name, rule["expr"]) for name, rule in rules()] + of_panels + of_variables


@pytest.mark.parametrize(("place", "expression"), asked())
def test_an_expression_names_only_what_there_is(place: str, expression: str) -> None:
    known = samples() | recorded()
    named = NAME.findall(expression)
    assert named, place
    labels: set[str] = {"le"} if "_bucket" in expression else set()
    for name, matchers in named:
        assert name in known, f"{place}: {name}"
        labels |= known[name]
        asked_of = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers))
        assert asked_of <= known[name], f"{place}: {name} has no label {asked_of - known[name]}"
    for grouped in LABELS_NAMED.findall(expression):
        assert set(re.findall(r"\w+", grouped)) <= labels, place


@pytest.mark.parametrize(("place", "expression"), asked())
def test_brackets_and_quotes_of_an_expression_close(place: str, expression: str) -> None:
    bare = re.sub(r'"[^"]*"', "", expression)
    assert '"' not in bare, place
    for opening, closing in ("()", "[]", "{}"):
        assert bare.count(opening) == bare.count(closing), place


def test_every_metric_is_looked_at_by_an_alarm_or_a_panel() -> None:
    named = {re.sub(r"_(bucket|sum|count)$", "", name) for _, text in asked() for name, _ in NAME.findall(text)}
    assert {metric.name for metric in exported()} <= named


@pytest.mark.parametrize(("name", "rule"), [each for each in rules() if "alert" in each[1]])
def test_an_alarm_says_how_urgent_it_is_and_in_words_what_happened(name: str, rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].endswith((".", "tries."))
    labels = (samples() | recorded()).values()
    used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    assert used <= {label for each in labels for label in each}, name


def test_alarms_have_different_names_and_panels_different_places() -> None:
    names = [name for name, _ in rules()]
    assert len(set(names)) == len(names)
    ids, places = [p["id"] for p in panels()], [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels()]
    assert len(set(ids)) == len(set(places)) == len(panels())


def test_a_metric_that_does_not_exist_would_be_noticed() -> None:
    assert NAME.findall('sum(rate(cds_no_such_total{x="y"}[5m]))') == [("cds_no_such_total", 'x="y"')]
    assert "cds_no_such_total" not in samples() | recorded()


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed (Debian: prometheus)")
def test_prometheus_itself_takes_the_rules() -> None:
    done = subprocess.run(["promtool", "check", "rules", str(ALARMS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
