"""One examination from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Check, Complaint, Outcome, Skip
from cds_service.doctor.enter import enter
from cds_service.doctor.exchange import Exchange
from cds_service.doctor.fhir_stub import StubFhirServer
from cds_service.doctor.keys import Keys
from cds_service.doctor.options import BadOption, Options
from cds_service.doctor.registry import chosen
from cds_service.doctor.wire import Wire

_MOST_COMPLAINTS = 5


@dataclass(frozen=True, slots=True)
class Result:
    """What a check found. `exchange` is the last one of a check without complaints."""

    theme: str
    check: Check
    outcome: Outcome
    complaints: tuple[Complaint, ...] = ()
    more: int = 0
    note: str = ""
    exchange: Exchange | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Examination:
    """All results, and how the doctor got in."""

    url: str
    service: str | None
    admission: str
    issuer: str
    results: tuple[Result, ...]

    def count(self, outcome: Outcome) -> int:
        """How many results are so."""
        return sum(one.outcome == outcome for one in self.results)

    @property
    def exit_code(self) -> Literal[0, 1, 2]:
        """1: a SHALL is not kept; 2: not let in, nothing to examine, or a fault of the doctor's; else 0."""
        if self.count("fail"):
            return 1
        shut_out = self.admission == "refused" or self.count("skip") == len(self.results)
        return 2 if shut_out or self.count("error") else 0


def examine(options: Options, heard: Callable[[Result, int, int], None] | None = None) -> Examination:
    """Run the chosen checks; `heard` is told each result with its number and how many there are.

    Raises BadOption where it cannot begin.
    """
    checks = chosen(options.only)
    base = options.base
    if not options.local and not options.allow_remote:
        raise BadOption(
            f"{base} is another machine. Some checks are attacks; --allow-remote says that it may be examined"
        )
    with _bench(options) as bench:
        enter(bench)
        results = []
        for number, (theme, one) in enumerate(checks, 1):
            results.append(run(theme, one, bench))
            if heard is not None:
                heard(results[-1], number, len(checks))
        service = bench.principal.id if bench.principal else None
        return Examination(base, service, bench.admission, options.issuer, tuple(results))


@contextmanager
def _bench(options: Options) -> Iterator[Bench]:
    wire = Wire(options.timeout, options.base)
    keys = Keys.of(options)
    fhir = StubFhirServer(options.fhir_host, options.fhir_port, options.fhir_url)
    stranger = StubFhirServer(options.fhir_host, 0)
    fhir.start()
    try:
        stranger.start()
        try:
            yield Bench(options, wire, keys, fhir, stranger)
        finally:
            stranger.stop()
    finally:
        fhir.stop()
        wire.close()


def run(theme: str, one: Check, bench: Bench) -> Result:
    """One check; whatever happens in it, there is a result."""
    begun, before = time.monotonic(), len(bench.wire.exchanges)
    complaints: dict[str, Complaint] = {}
    outcome: Outcome = "pass"
    note = ""
    try:
        for said in one.look(bench):
            complaint = said if isinstance(said, Complaint) else Complaint(said)
            about = complaint.exchange or _last(bench, before)
            complaints.setdefault(complaint.text, Complaint(complaint.text, about))
    except Skip as skip:
        outcome, note = "skip", str(skip)
    except Exception as fault:  # noqa: BLE001 - one broken check must not end the examination
        outcome, note = "error", f"the check broke: {type(fault).__name__}: {fault}"
    if complaints and outcome != "error":
        outcome = "fail" if one.level == "SHALL" else "warn"
    found = tuple(complaints.values())
    return Result(
        theme, one, outcome, found[:_MOST_COMPLAINTS], max(0, len(found) - _MOST_COMPLAINTS), note,
        _last(bench, before), time.monotonic() - begun,
    )  # fmt: skip


def _last(bench: Bench, before: int) -> Exchange | None:
    made = bench.wire.exchanges[before:]
    return made[-1] if made else None
