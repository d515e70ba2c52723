"""python -m tests.soak [--minutes 10] [--seed 1] [--write FILE]

The service at 70 % of its capacity while things break: real gunicorn, real PostgreSQL where one is installed, all on
loopback. It ends by itself; exit 1 when anything was answered that must never be.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.soak_report import HEADING, keep
from fhir_fixtures import draft_request_names, expectation, names
from tests.end_to_end.calls import KEY_OF, searchset, with_prefetch, with_server
from tests.protocol.service import running_service
from tests.soak.ehr import WELL_AGAIN_S, Case, Ehr, Excuses
from tests.soak.trouble import MoodyFhirServer, Trouble, megabytes, workers_of
from tests.store.postgres import binaries, running_postgres

SHARE_OF_CAPACITY = 0.7
NOT_RECOVERED = 0.01  # of the calls after a pause without trouble: a busy machine misses a deadline now and then
MEMORY_MAY_GROW = 1.25  # the largest worker, from a fifth of the run to its end


@dataclass
class Memory:
    """Samples of the largest worker, in megabytes."""

    samples: list[float] = field(default_factory=list)

    def watch(self, master: int, until: float) -> None:
        """Take a sample every second."""
        while time.monotonic() < until:
            self.samples.append(max((megabytes(pid) for pid in workers_of(master)), default=0.0))
            time.sleep(1)

    @property
    def settled(self) -> float:
        """After a fifth of the run, when every worker has seen every kind of call."""
        return max(self.samples[: max(1, len(self.samples) // 5)])

    @property
    def last(self) -> float:
        """In the last tenth of the run."""
        return max(self.samples[-max(1, len(self.samples) // 10) :])


@dataclass
class Soak:
    """One run: who sends, what breaks, what the memory did."""

    ehr: Ehr
    trouble: Trouble
    master: int
    database: str
    memory: Memory = field(default_factory=Memory)
    capacity: float = 0.0

    def run(self, seconds: float) -> None:
        """Learn what is right, measure the capacity, then send and break for `seconds`."""
        self.ehr.learn()
        self.capacity = self.ehr.capacity(8)
        rate = SHARE_OF_CAPACITY * self.capacity
        _say(f"capacity {self.capacity:.0f} calls/s, soaking at {rate:.0f}/s for {seconds:.0f} s")
        until = time.monotonic() + seconds
        breaking = threading.Thread(target=self.trouble.run, args=(until, _say))
        breaking.start()
        threading.Thread(target=self.memory.watch, args=(self.master, until), daemon=True).start()
        self.ehr.run(rate, until)
        breaking.join()

    def wrong(self) -> list[str]:
        """Everything that must never be, in words."""
        seen = self.ehr.seen
        lost = seen.acknowledged - _stored(self.database)
        found = [*seen.wrong, *(f"acknowledged feedback is lost: {card}" for card in sorted(lost)[:3])]
        if self.memory.last > MEMORY_MAY_GROW * self.memory.settled:
            found.append(f"memory grew from {self.memory.settled:.0f} to {self.memory.last:.0f} MB")
        if seen.calm and seen.not_recovered > NOT_RECOVERED * seen.calm:
            found.append(f"{seen.not_recovered} of {seen.calm} calls lacked data though the FHIR server was well again")
        return found


def main() -> int:
    """Runs it and prints the report."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.split("\n\n", 1)[1])
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1, help="decides who calls when and what breaks when")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", type=Path, metavar="FILE", help="also put the report into this file")
    options = parser.parse_args()
    with ExitStack() as stack:
        soak = _started(stack, options.seed, options.workers)
        soak.run(options.minutes * 60)
        time.sleep(3)
        wrong = soak.wrong()
    lines = list(_report(soak, options, wrong))
    print("\n".join(lines))
    if options.write:
        keep(options.write, lines)
    for one in wrong[:20]:
        print(f"WRONG  {one}", file=sys.stderr)
    return int(bool(wrong))


def _started(stack: ExitStack, seed: int, workers: int) -> Soak:
    today = datetime.now(UTC).date()
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    postgres = stack.enter_context(running_postgres()) if binaries() else None
    fhir = stack.enter_context(MoodyFhirServer(_searches(today)))
    database = postgres.url() if postgres else f"sqlite:///{folder / 'store.sqlite'}"
    environment = {"CDS_AUTH": "open", "CDS_FHIR_SERVERS": fhir.base, "CDS_DATABASE_URL": database}
    service = stack.enter_context(running_service(folder, environment, workers=workers))
    excuses = Excuses()
    master = service.process.pid
    trouble = Trouble(fhir, postgres, master, excuses, seed)
    return Soak(Ehr(service.url, _cases(fhir.base, today), excuses, seed), trouble, master, database)


def _cases(base: str, today: date) -> list[Case]:
    everyone = sorted({*names(), *draft_request_names()})
    return [
        case
        for name in everyone
        for case in (
            Case(name, with_prefetch(name, today), fetched=False),
            Case(name, with_server(name, base, today), fetched=True),
        )
    ]


def _searches(today: date) -> dict[tuple[str, str], bytes]:
    """The FHIR server's answer to each search and read, by resource type and patient."""
    found: dict[tuple[str, str], bytes] = {}
    for name in names():
        patient = expectation(name).patient
        prefetch = with_prefetch(name, today)["prefetch"]
        found["Patient", patient] = json.dumps(prefetch["patient"]).encode()
        for kind, key in KEY_OF.items():
            resources = [e["resource"] for e in prefetch[key].get("entry", ())]
            found[kind, patient] = json.dumps(searchset([r for r in resources if r["resourceType"] == kind])).encode()
    return found


def _stored(url: str) -> set[str]:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        return {row.card for row in connection.execute(text("SELECT card FROM feedback"))}


def _report(soak: Soak, options: argparse.Namespace, wrong: list[str]) -> Iterator[str]:
    seen, memory = soak.ehr.seen, soak.memory
    times = sorted(seen.milliseconds)
    database = "PostgreSQL" if soak.trouble.postgres else "SQLite (no PostgreSQL is installed here)"
    yield HEADING
    yield ""
    yield (
        f"`make soak` on {datetime.now(UTC):%Y-%m-%d}, seed {options.seed}: {options.minutes:g} minutes at "
        f"{SHARE_OF_CAPACITY:.0%} of a capacity of {soak.capacity:.0f} calls a second, {options.workers} workers, "
        f"{database}, {os.cpu_count()} cores shared by service, EHR, FHIR server and database."
    )
    yield ""
    yield "| answer | how many |"
    yield "|---|---:|"
    yield from (f"| {kind} | {count:,} |" for kind, count in sorted(seen.answers.items()))
    yield ""
    yield f"Troubles: {', '.join(f'{kind} ({count})' for kind, count in sorted(soak.trouble.made.items()))}."
    yield (
        f"Calls: p50 {times[len(times) // 2]:.0f} ms, p99 {times[len(times) * 99 // 100]:.0f} ms, slowest "
        f"{times[-1]:.0f} ms. Largest worker: {memory.settled:.0f} MB after a fifth of the run, {memory.last:.0f} MB "
        f"at its end. Feedback acknowledged: {len(seen.acknowledged):,}. Of {seen.calm:,} calls whose data had to be "
        f"fetched while the FHIR server had been well for {WELL_AGAIN_S:.0f} s, {seen.not_recovered} lacked some."
    )
    yield f"Wrong answers: {len(wrong)}."


def _say(what: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
