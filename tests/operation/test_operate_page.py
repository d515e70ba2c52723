"""The operators' page says what the code does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

from cds_service.config import Config
from cds_service.fhir.client import Cause
from cds_service.serve import SETTINGS
from cds_service.telemetry import Note, State, line
from cds_service.telemetry.metrics import TOTAL
from cds_service.telemetry.note import STAGES
from tests.telemetry.exported import exported

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVICE = {path: path.read_text(encoding="utf-8") for path in (ROOT / "cds_service").rglob("*.py")}


def rows(heading: str) -> list[list[str]]:
    """The cells of the first table after `heading`, without its head."""
    table = re.search(r"\n((?:\|.*\n)+)", PAGE[PAGE.index(heading) :])
    assert table is not None
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in table[1].strip().splitlines()[2:]]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_table_of_metrics_is_what_is_exported() -> None:
    told = [(words(name)[0], kind, tuple(words(labels)), help_) for name, kind, labels, help_ in rows("<!-- metrics")]
    assert told == [(m.name, m.kind, m.labels, m.help) for m in exported()]


def test_the_values_of_labels_are_those_of_the_code() -> None:
    told = {row[0]: words(row[1]) for row in rows("Always 1; the labels tell what runs. |\n")}
    assert told["`stage`"] == [*STAGES, TOTAL]
    assert told["`state`"] == list(get_args(State))
    assert told["`outcome` of FHIR queries"] == ["ok", "partial", *get_args(Cause)]


def test_the_sample_line_has_the_members_that_a_line_can_have() -> None:
    block = re.search(r"```json\n(.*)\n```", PAGE)
    assert block is not None
    sample = json.loads(block[1])
    note = Note("x", "call", "s", "h", "c", trace_id="t", problem="p", rules=(("r", "1", "info"),), failed=("r",))
    note.feedback, note.supplied, note.set_aside = [("r", "accepted")], {"patient": "hit"}, 1
    note.queried("patient", "ok", 0, 1)
    possible = {"time", "level", "event", *line.members(note)}
    assert set(sample) <= possible
    told = {name for row in rows("```\n\n") for cell in row for name in words(cell)}
    assert possible - {"time", "level", "event", "status", "cards"} <= told
    assert list(sample["ms"]) == [*STAGES, TOTAL]


def test_the_figures_of_gunicorn_are_those_it_is_given() -> None:
    told = {words(row[0])[0]: row[1] for row in rows("## Start and stop") if words(row[0])}
    for name in ("graceful_timeout", "timeout", "keepalive"):
        assert told[name].startswith(f"{SETTINGS[name]} s")
    assert told["limit_request_field_size"].startswith(f"{SETTINGS['limit_request_field_size']:,} bytes")
    assert told["max_requests"] == (
        f"{SETTINGS['max_requests']:,}, plus up to {SETTINGS['max_requests_jitter']:,} at random"
    )


def test_every_event_that_the_code_logs_is_named() -> None:
    logged = {
        event
        for text in SERVICE.values()
        for event in re.findall(r"log\.(?:info|warning|error|debug)\(\s*\"([^\"%]+)\"", text)
    }
    named = set(words(PAGE[PAGE.index("Other events:") :].partition("\n\n")[0]))
    assert logged
    assert logged <= named


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    read = set(re.findall(r"\"(CDS_[A-Z_]+)\"", SERVICE[ROOT / "cds_service" / "config.py"]))
    told = {words(row)[0] for row in re.findall(r"^\| (`CDS_[A-Z_]+`)", README, re.MULTILINE)}
    assert read == told
    for name, default in (("CDS_LOG_LEVEL", Config().log_level), ("CDS_METRICS_HOST", Config().metrics_host)):
        assert f"| `{name}` | `{default}` |" in README
