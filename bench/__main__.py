"""python -m bench [--write FILE]: measures and prints the table; takes about two minutes."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from bench import rules, tables
from bench.load import Load, generator
from bench.processes import (
    CLIENT_CORE,
    ONE_WORKER,
    SERVER_CORE,
    Server,
    is_pinned,
    noop_command,
    running,
    service_command,
)
from bench.soak_report import kept

FHIR_DELAY_MS = 200


def main() -> int:
    """Prints the table; 1 when an answer was other than 2xx."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the table to this file")
    parser.add_argument("--port", type=int, default=9560, help="the first of four ports in a row (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="the length of each load (%(default)s)")
    options = parser.parse_args()
    loads: list[Load] = []
    lines: list[str] = []
    for line in chain(_heading(), _measurements(options.port, options.seconds, loads)):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        report = kept(options.write)
        options.write.write_text("\n".join([*lines, *(["", report.rstrip()] if report else [])]) + "\n")
    failed = sum(load.errors for load in loads)
    if failed:
        print(f"{failed} answers were other than 2xx: the figures mean nothing.", file=sys.stderr)
    return int(failed > 0)


def _measurements(port: int, seconds: float, loads: list[Load]) -> Iterator[str]:
    """Starts everything, yields the lines of the tables, ends everything."""
    fhir = port + 2
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        bench = tables.Bench(Path(folder), port, port + 1, port + 3, seconds, loads)
        environment = ONE_WORKER | {
            "CDS_AUTH": "open",
            "CDS_FHIR_SERVERS": f"http://127.0.0.1:{fhir}/fhir",
            "CDS_DATABASE_URL": f"sqlite:///{bench.work / 'bench.sqlite'}",
            "CDS_MAX_BODY_BYTES": str(32 * 1024 * 1024),
        }

        def start(name: str, command: list[str], at: int, core: int | None, ready: str) -> Server:
            log = bench.work / f"{name}.log"
            return stack.enter_context(running(command, at, log, env=environment, core=core, ready=ready))

        noop = start("noop", noop_command(bench.noop), bench.noop, SERVER_CORE, "/cds-services")
        service = start("service", service_command(bench.service), bench.service, SERVER_CORE, "/cds-services")
        start("fhir", _stub_command(fhir), fhir, CLIENT_CORE, "/queries")
        yield from tables.neighbours(bench, service, noop)  # first, as memory only grows with larger bodies
        yield from tables.shares(bench)
        yield from tables.fetches(bench, fhir, FHIR_DELAY_MS)
    yield from _rules_line()


def _stub_command(port: int) -> list[str]:
    return [sys.executable, "-m", "bench.stub_fhir", str(port), str(FHIR_DELAY_MS)]


def _rules_line() -> Iterator[str]:
    taken = rules.milliseconds(rules.evaluation())
    yield f"\nAll rules for the typical chart, in process: median {taken:.2f} ms."


def _heading() -> Iterator[str]:
    where = "a core each for server and client" if is_pinned() else "server and client share the machine"
    yield "# Performance\n"
    yield (
        f"`make bench` on {datetime.now(UTC):%Y-%m-%d}: {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; one gunicorn worker, {where}; "
        f"keep-alive connections from {generator()}; load average before {_busy()}."
    )
    yield (
        "The no-op is a Flask endpoint in a gunicorn worker of the same kind, which decodes the same body and answers "
        '`{"cards": []}`. The service collects garbage less often than Python by itself (docs/operate.md), the no-op '
        "does not.\n"
    )


def _busy() -> str:
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    names = [
        line.partition(":")[2].strip()
        for line in (cpuinfo.read_text().splitlines() if cpuinfo.exists() else ())
        if line.startswith("model name")
    ]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    started = time.monotonic()
    status = main()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
    sys.exit(status)
