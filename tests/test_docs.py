"""What README and docs tell a reader to do, can be done."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from cds_service.cli import _parser
from cds_service.config import SETTINGS, Config

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ADD_A_RULE = (ROOT / "docs" / "add-a-rule.md").read_text(encoding="utf-8")
PAGES = (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
OTHER_COMMANDS = {"curl", "#"}
BLOCK = re.compile(r"^( *)```(?:sh|console)?\n(.*?)^\1```", re.MULTILINE | re.DOTALL)


def commands(page: Path) -> list[str]:
    """Lines of unlabelled code blocks and inline code that call make or the command."""
    text = page.read_text(encoding="utf-8")
    lines = [line.strip().removeprefix("$ ") for _, block in BLOCK.findall(text) for line in block.splitlines()]
    inline = re.findall(r"`((?:make|posterior-hip-cds) [^`]+)`", text)
    return [line for line in (*lines, *inline) if line.startswith(("make ", "posterior-hip-cds "))]


def make_targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


CALLS = sorted({(page.name, line) for page in PAGES for line in commands(page)})


@pytest.mark.parametrize(("page", "line"), CALLS, ids=[f"{page}: {line[:60]}" for page, line in CALLS])
def test_a_command_on_a_page_exists(page: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "make":
        targets = {word for word in words[1:] if "=" not in word and not word.startswith("-")}
        assert targets <= make_targets(), line
        return
    if "--help" not in words and "…" not in line:
        _parser().parse_args(words[1:])


def test_the_readme_tells_how_to_begin() -> None:
    told = [line.split()[1] for line in commands(ROOT / "README.md") if line.startswith("make ")]
    assert {"demo", "test", "check"} <= set(told)


def variables_read() -> set[str]:
    """Every CDS_* variable that some file of the service or the compose file asks for."""
    code = [*(ROOT / "cds_service").rglob("*.py"), ROOT / "docker-compose.yml", ROOT / "Dockerfile"]
    return {name for path in code for name in re.findall(r"\bCDS_[A-Z_]*[A-Z]\b", path.read_text(encoding="utf-8"))}


def test_every_setting_is_in_the_readme_and_no_other() -> None:
    documented = set(re.findall(r"^\| `(CDS_\w+)`", README, re.MULTILINE))
    assert documented == variables_read()
    assert documented == set(SETTINGS)
    not_ours = {"traces"}  # switched by OpenTelemetry's own variables
    assert len(documented) == len({field.name for field in fields(Config)} - not_ours)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_to_a_file_leads_to_one(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def files_of_the_page() -> dict[str, str]:
    """Path and content of each file that the page shows."""
    shown = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)^```", ADD_A_RULE, re.MULTILINE | re.DOTALL)
    return dict(shown)


def lines_of_the_page() -> list[tuple[str, str, str]]:
    """Path, what the line before begins with, and the line, for each line that the page adds to a file."""
    shown = r"<!-- line: (\S+) below: ([^\n]+?) -->\n```\w+\n(.*?)^```"
    return re.findall(shown, ADD_A_RULE, re.MULTILINE | re.DOTALL)


def add_line(path: Path, before: str, line: str) -> None:
    """Put it below the one line that begins so."""
    text = path.read_text(encoding="utf-8")
    text, times = re.subn(rf"^ *{re.escape(before)}.*\n", lambda at: at[0] + line, text, flags=re.MULTILINE)
    assert times == 1, before
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the rule of the page in it."""
    copy = tmp_path_factory.mktemp("add-a-rule")
    for name in ("cards", "cds_service", "fhir_fixtures", "tests"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for path, content in files_of_the_page().items():
        (copy / path).write_text(content, encoding="utf-8")
    for path, before, line in lines_of_the_page():
        add_line(copy / path, before, line)
    recorded = run(copy, "tests.vignettes.record", "metformin-b12")
    assert recorded.returncode == 0, recorded.stderr
    return copy


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(project), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )


def pytest_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(project, "pytest", "-q", "-p", "no:cacheprovider", *arguments, "-k", "metformin-b12")


def test_the_rule_of_the_page_keeps_its_example_patients_its_thresholds_and_its_style(project: Path) -> None:
    done = pytest_in(project, "tests/vignettes")
    assert done.returncode == 0, done.stdout
    rows = files_of_the_page()["tests/vignettes/metformin-b12.yaml"].count("expect:")
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) == rows + len(("its format", "its table", "its rule", "its thresholds", "its record"))
    style = run(project, "ruff", "check", "--no-cache", "cards/workup/metformin_b12.py", "cards/measures.py")
    assert style.returncode == 0, style.stdout
    assert run(project, "ruff", "format", "--no-cache", "--check", "cards").returncode == 0


def test_the_rule_book_shows_the_rule_of_the_page(project: Path) -> None:
    done = run(project, "cds_service.cli", "rule-book")
    assert done.returncode == 0, done.stderr
    assert '<a id="metformin-b12"></a>' in done.stdout
    assert "A vitamin B12 level counts for a year" in done.stdout
    assert "A neuropathy that a blood test finds" in done.stdout


def test_without_the_row_beyond_the_limit_the_tests_say_what_the_page_says(project: Path) -> None:
    (told,) = re.findall(r'<!-- message: without the row "(.+?)" -->\n```\n(.*?)\n```', ADD_A_RULE, re.DOTALL)
    row, message = told
    table = project / "tests" / "vignettes" / "metformin-b12.yaml"
    whole = table.read_text(encoding="utf-8")
    table.write_text(re.sub(rf"  - name: {row}\n(?:    .*\n)+", "", whole), encoding="utf-8")
    try:
        done = pytest_in(project, "tests/vignettes/test_nudge.py")
    finally:
        table.write_text(whole, encoding="utf-8")
    assert done.returncode == 1
    assert message in done.stdout
