"""`cards` never reads a clock: the day enters where a call comes in, so every answer can be repeated."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLOCK_MODULES = {"time", "timeit", "sched"}
READS_THE_CLOCK = {"now", "utcnow", "today", "localtime", "fromtimestamp", "astimezone"}


def clock_readings(source: str) -> list[int]:
    """Lines that import a clock, or name a method that reads one or depends on the machine's time zone."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found = any(name.name.split(".")[0] in CLOCK_MODULES for name in names)
            case ast.ImportFrom(module=module):
                found = module in CLOCK_MODULES
            case ast.Attribute(value=ast.Name(id=owner), attr=method):
                found = method in READS_THE_CLOCK and owner in {"datetime", "date", "dt"}
            case ast.Attribute(value=ast.Attribute(attr=owner), attr=method):
                found = method in READS_THE_CLOCK and owner in {"datetime", "date"}
            case _:
                continue
        if found:
            lines.append(node.lineno)
    return lines


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import datetime\nx = datetime.now()",
        "from datetime import UTC, datetime\nx = datetime.now(tz=UTC)",
        "from datetime import date\nx = date.today()",
        "import datetime\nx = datetime.datetime.utcnow()",
        "import datetime as dt\nx = dt.date.today()",
        "from datetime import datetime\nclock = datetime.now",
        "import time",
        "from time import monotonic",
    ],
)
def test_a_look_at_the_clock_is_noticed(source: str) -> None:
    assert clock_readings(source)


@pytest.mark.parametrize(
    "source",
    [
        "from datetime import date, time\nx = date(2026, 1, 15)",
        "def ask(chart):\n    return chart.today",
        "from datetime import date\nx = date.fromisoformat('2026-01-15')",
    ],
)
def test_a_day_that_was_handed_in_is_no_look_at_the_clock(source: str) -> None:
    assert not clock_readings(source)


def test_no_module_of_cards_reads_the_clock() -> None:
    modules = sorted((ROOT / "cards").rglob("*.py"))
    assert modules
    found = {str(path.relative_to(ROOT)): clock_readings(path.read_text(encoding="utf-8")) for path in modules}
    assert {path: lines for path, lines in found.items() if lines} == {}
