"""`posterior-hip-cds explain request.json`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from cds_service.explain.explanation import explain
from cds_service.explain.told import as_json, as_text
from cds_service.fhir.client import ClientSettings, FhirClient
from cds_service.fhir.gather import Gatherer
from cds_service.hooks.problem import NothingToJudge, Problem


def add_command(commands: Any, day: Callable[[str], date]) -> None:
    """Add it to the command line. `day` reads a date."""
    parser = commands.add_parser("explain", help="tell for a request why each rule spoke, was silent or could not tell")
    parser.add_argument("request", help="file with a CDS Hooks request and its prefetch; - reads standard input")
    parser.add_argument("--today", type=day, metavar="DATE", help="answer as of this day, YYYY-MM-DD (default: today)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_run)


def _run(chosen: argparse.Namespace) -> int:
    """Exit code 0 when explained, 1 when the service would refuse the request, 2 when there is no such file."""
    try:
        raw = sys.stdin.buffer.read() if chosen.request == "-" else Path(chosen.request).read_bytes()
    except OSError as error:
        return _fail(f"{chosen.request}: {error.strerror}", 2)
    nothing_fetched = Gatherer(FhirClient(ClientSettings()), (), 0)
    try:
        told = explain(raw, nothing_fetched, chosen.today or datetime.now(UTC).date())
    except Problem as refused:
        why = f"the service answers {refused.status}: {refused.text} {refused.diagnostics or ''}".rstrip()
        lacking = isinstance(refused, NothingToJudge)
        return _fail(why + "\nexplain fetches nothing: the file needs the prefetch" * lacking, 1)
    if chosen.json:
        json.dump(as_json(told), sys.stdout, indent=1, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(as_text(told))
    return 0


def _fail(why: str, code: int) -> int:
    sys.stderr.write(f"posterior-hip-cds: {why}\n")
    return code
