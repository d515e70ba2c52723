"""Where the soak's report stands in the file that the bench writes."""

from __future__ import annotations

from pathlib import Path

HEADING = "## Under load while things break"


def keep(path: Path, lines: list[str]) -> None:
    """Put the report at the end of the file, in the place of an earlier one."""
    before = path.read_text().partition(HEADING)[0].rstrip() if path.exists() else ""
    path.write_text("\n".join([before, "", *lines]).lstrip() + "\n")


def kept(path: Path) -> str:
    """The report in the file, empty without one."""
    _, heading, report = path.read_text().partition(HEADING) if path.exists() else ("", "", "")
    return heading + report
