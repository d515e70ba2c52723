"""`posterior-hip-cds load-fixtures`: the synthetic patients, into any FHIR R4 server."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, date, datetime

import requests

from cds_service.config import BadSetting, Config
from cds_service.demo.errors import DemoError, NotReadyError
from cds_service.demo.fhir_server import load
from cds_service.demo.ready import answers_within
from fhir_fixtures import bundles

Subcommands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_command(commands: Subcommands[argparse.ArgumentParser]) -> None:
    """Add it to the command line."""
    fixtures = commands.add_parser(
        "load-fixtures", help="write the synthetic patients to a FHIR server, never a real one"
    )
    fixtures.add_argument("--fhir-server", metavar="BASE", help="its base (default: the first of CDS_FHIR_SERVERS)")
    fixtures.add_argument(
        "--wait", type=float, default=0.0, metavar="SECONDS", help="until it answers (default: ask once)"
    )
    fixtures.set_defaults(run=_run)


def load_fixtures(base: str, wait_seconds: float) -> int:
    """How many patients the server at `base` holds now, as of today. Raises DemoError.

    Loading again writes the same records anew, with the dates of that day.
    """
    if not answers_within(f"{base}/metadata", wait_seconds):
        raise NotReadyError(f"No FHIR server answers at {base}/metadata.")
    patients = bundles(today()).values()
    try:
        load(base, patients)
    except requests.RequestException as fault:
        raise DemoError(f"The FHIR server at {base} stopped answering ({type(fault).__name__}).") from None
    return len(patients)


def today() -> date:
    """The earlier of the local and the UTC date, so that no fixture lies in the future of either."""
    now = datetime.now(UTC)
    return min(now.date(), now.astimezone().date())


def _run(chosen: argparse.Namespace) -> int:
    """Exit code 0 when all are there, 1 when the server failed, 2 when no server is named."""
    try:
        base = chosen.fhir_server or Config.from_environment(os.environ).demo_fhir_server
    except BadSetting as error:
        return _fail(str(error), 2)
    if not base:
        return _fail("name the FHIR server with --fhir-server or CDS_FHIR_SERVERS", 2)
    try:
        count = load_fixtures(base.rstrip("/"), chosen.wait)
    except DemoError as error:
        return _fail(str(error), 1)
    print(f"The FHIR server holds {count} synthetic patients.")
    return 0


def _fail(why: str, code: int) -> int:
    print(f"posterior-hip-cds load-fixtures: {why}", file=sys.stderr)
    return code
