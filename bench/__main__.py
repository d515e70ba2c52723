"""python -m bench [--write FILE]: measures and prints the table; takes about a minute."""

from __future__ import annotations

import argparse
import json
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

from bench import charts, fetching, rules
from bench.load import Load, generator, measure
from bench.processes import (
    CLIENT_CORE,
    ONE_WORKER,
    SERVER_CORE,
    is_pinned,
    noop_command,
    running,
    service_command,
)

CALL = "/cds-services/posterior-hip-patient-view"
FHIR_DELAY_MS = 200
CONNECTIONS = 4
SCENARIOS = (  # name, Observations, hip pain
    ("typical chart, hip pain", 100, True),
    ("the same without hip pain", 100, False),
    ("200 Observations", 200, True),
    ("2,000 Observations", 2000, True),
)


def main() -> int:
    """Prints the table; 1 when an answer was other than 2xx."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the table to this file")
    parser.add_argument("--port", type=int, default=9560, help="the first of three ports in a row (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="the length of each load (%(default)s)")
    options = parser.parse_args()
    loads: list[Load] = []
    lines: list[str] = []
    for line in chain(_heading(), _measurements(options.port, options.seconds, loads)):
        print(line, flush=True)
        lines.append(line)
    if options.write:
        options.write.parent.mkdir(parents=True, exist_ok=True)
        options.write.write_text("\n".join(lines) + "\n")
    failed = sum(load.errors for load in loads)
    if failed:
        print(f"{failed} answers were other than 2xx: the figures mean nothing.", file=sys.stderr)
    return int(failed > 0)


def _measurements(port: int, seconds: float, loads: list[Load]) -> Iterator[str]:
    """Starts everything, yields the lines of the tables, ends everything."""
    noop, service, fhir = port, port + 1, port + 2
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        work = Path(folder)
        environment = ONE_WORKER | {
            "CDS_AUTH": "open",
            "CDS_FHIR_SERVERS": f"http://127.0.0.1:{fhir}/fhir",
            "CDS_DATABASE_URL": f"sqlite:///{work / 'bench.sqlite'}",
        }
        for name, command, at, core, ready in (
            ("noop", noop_command(noop), noop, SERVER_CORE, "/cds-services"),
            ("service", service_command(service), service, SERVER_CORE, "/cds-services"),
            ("fhir", _stub_command(fhir), fhir, CLIENT_CORE, "/queries"),
        ):
            log = work / f"{name}.log"
            stack.enter_context(running(command, at, log, env=environment, core=core, ready=ready))
        yield from _load_table(work, noop, service, seconds, loads)
        yield from _fetch_table(service, fhir)
    yield from _rules_line()


def _stub_command(port: int) -> list[str]:
    return [sys.executable, "-m", "bench.stub_fhir", str(port), str(FHIR_DELAY_MS)]


def _load_table(work: Path, noop: int, service: int, seconds: float, loads: list[Load]) -> Iterator[str]:
    yield "| prefetched chart | body | cards | requests/s | p50 | p99 | no-op/s | share of the no-op |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    rates: list[float] = []
    for name, count, hip_pain in SCENARIOS:
        body = work / "body.json"
        body.write_bytes(_compact(charts.patient_view(prefetch=charts.prefetch(count, hip_pain=hip_pain))))
        cards = len(fetching.post(service, CALL, body.read_bytes())["cards"])
        idle, ours = (measure(port, CALL, body, CONNECTIONS, seconds) for port in (noop, service))
        loads += [idle, ours]
        rates.append(ours.per_second)
        yield (
            f"| {name} | {body.stat().st_size / 1000:,.0f} kB | {cards} | {ours.per_second:,.0f} "
            f"| {ours.p50_ms:,.1f} ms | {ours.p99_ms:,.1f} ms | {idle.per_second:,.0f} "
            f"| {100 * ours.per_second / idle.per_second:.0f} % |"
        )
    yield f"\n2,000 Observations take {rates[2] / rates[3]:.1f} times as long as 200."


def _fetch_table(service: int, fhir: int) -> Iterator[str]:
    yield f"\nNothing prefetched, {FHIR_DELAY_MS} ms for each FHIR query:\n"
    yield "| calls at once | FHIR queries a call | median | slowest |"
    yield "|---:|---:|---:|---:|"
    for at_once, rounds in ((1, 8), (8, 3)):
        seen = fetching.measure(service, CALL, fhir, at_once, rounds)
        yield f"| {at_once} | {seen.queries:.1f} | {seen.median_ms:,.0f} ms | {seen.slowest_ms:,.0f} ms |"


def _rules_line() -> Iterator[str]:
    taken = rules.milliseconds(rules.evaluation())
    yield f"\nAll rules for the typical chart, in process: median {taken:.2f} ms."


def _compact(request: charts.Json) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode()


def _heading() -> Iterator[str]:
    where = "a core each for server and client" if is_pinned() else "server and client share the machine"
    yield "# Performance\n"
    yield (
        f"`make bench` on {datetime.now(UTC):%Y-%m-%d}: {_processor()}, {os.cpu_count()} cores, "
        f"{platform.system()}, Python {platform.python_version()}; one gunicorn worker, {where}; "
        f"{CONNECTIONS} keep-alive connections from {generator()}; load average before {_busy()}."
    )
    yield (
        "The no-op is a Flask endpoint under the same gunicorn settings that decodes the same body and "
        'answers `{"cards": []}`.\n'
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
