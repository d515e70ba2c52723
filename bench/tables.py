"""What is measured, and how it is told: each function yields the lines of one table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import charts, fetching
from bench.load import Load, measure
from bench.others import OTHERS, NotHere
from bench.processes import ONE_WORKER, SERVER_CORE, Server, running

CALL = "/cds-services/posterior-hip-patient-view"
SIGN = "/cds-services/posterior-hip-order-sign"
CONNECTIONS = 4
MANY_CONNECTIONS = 8


@dataclass(frozen=True)
class Scenario:
    """One kind of call: its name, where it goes, and its body."""

    name: str
    path: str
    request: charts.Json


@dataclass
class Bench:
    """Where the servers are, how long each load lasts, and every load so far."""

    work: Path
    noop: int
    service: int
    other: int
    seconds: float
    loads: list[Load] = field(default_factory=list)

    def load(self, port: int, path: str, body: Path, connections: int = CONNECTIONS) -> Load:
        """Load one address and remember what it told."""
        self.loads.append(measure(port, path, body, connections, self.seconds))
        return self.loads[-1]

    def body(self, scenario: Scenario) -> Path:
        """The scenario's request in a file."""
        path = self.work / "body.json"
        path.write_bytes(charts.compact(scenario.request))
        return path


def _view(name: str, count: int, *, hip_pain: bool = True) -> Scenario:
    return Scenario(name, CALL, charts.patient_view(prefetch=charts.prefetch(count, hip_pain=hip_pain)))


def scenarios() -> tuple[Scenario, ...]:
    """The calls of the first table; the last three differ in nothing but the number of Observations."""
    return (
        _view("typical chart, hip pain", 100),
        _view("the same without hip pain", 100, hip_pain=False),
        Scenario("the same, two drafts signed", SIGN, charts.order_sign(prefetch=charts.prefetch(100))),
        _view("200 Observations", 200),
        _view("2,000 Observations", 2_000),
        _view("10,000 Observations", 10_000),
    )


def shares(bench: Bench) -> Iterator[str]:
    """Each call beside the no-op."""
    yield f"\nKinds of call, from {CONNECTIONS} connections:\n"
    yield "| prefetched chart | body | cards | requests/s | p50 | p95 | p99 | no-op/s | share of the no-op |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    rates: list[float] = []
    for scenario in scenarios():
        body = bench.body(scenario)
        cards = len(fetching.post(bench.service, scenario.path, body.read_bytes())["cards"])
        idle, ours = (bench.load(port, scenario.path, body) for port in (bench.noop, bench.service))
        rates.append(ours.per_second)
        yield (
            f"| {scenario.name} | {body.stat().st_size / 1000:,.0f} kB | {cards} | {_told(ours)} "
            f"| {idle.per_second:,.0f} | {100 * ours.per_second / idle.per_second:.0f} % |"
        )
    yield (
        f"\nBeside 200 Observations, 2,000 take {rates[3] / rates[4]:.1f} times as long and 10,000 take "
        f"{rates[3] / rates[5]:.1f} times."
    )


def neighbours(bench: Bench, service: Server, noop: Server) -> Iterator[str]:
    """The typical chart at eight connections through other makes of service, each alone on the core while measured."""
    yield f"The typical chart from {MANY_CONNECTIONS} connections, beside other makes of service:\n"
    yield "| service | requests/s | p50 | p95 | p99 | p99 / p50 | start to first answer | worker's memory |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|"
    body = bench.body(scenarios()[0])
    for name, port, server in (("this service, all rules", bench.service, service), ("no-op", bench.noop, noop)):
        yield _neighbour(name, bench.load(port, CALL, body, MANY_CONNECTIONS), server)
    for name, start in OTHERS.items():
        try:
            other = start(bench.other)
        except NotHere as why:
            yield f"| {name} | not measured: {why} | | | | | | |"
            continue
        log = bench.work / "other.log"
        with running(other.command, bench.other, log, env=ONE_WORKER, core=SERVER_CORE, ready=other.ready) as server:
            yield _neighbour(name, bench.load(bench.other, other.call, body, MANY_CONNECTIONS), server)


def fetches(bench: Bench, fhir: int, delay_ms: int) -> Iterator[str]:
    """Calls that bring nothing: all comes from a FHIR server that takes its time."""
    yield f"\nNothing prefetched, {delay_ms} ms for each FHIR query:\n"
    yield "| calls at once | FHIR queries a call | median | slowest |"
    yield "|---:|---:|---:|---:|"
    for at_once, rounds in ((1, 8), (8, 3)):
        seen = fetching.measure(bench.service, CALL, fhir, at_once, rounds)
        yield f"| {at_once} | {seen.queries:.1f} | {seen.median_ms:,.0f} ms | {seen.slowest_ms:,.0f} ms |"


def _told(load: Load) -> str:
    return f"{load.per_second:,.0f} | {load.p50_ms:,.1f} ms | {load.p95_ms:,.1f} ms | {load.p99_ms:,.1f} ms"


def _neighbour(name: str, load: Load, server: Server) -> str:
    return (
        f"| {name} | {_told(load)} | {load.p99_ms / load.p50_ms:.1f} | {server.seconds_to_answer:.2f} s "
        f"| {server.worker_megabytes():.0f} MB |"
    )
