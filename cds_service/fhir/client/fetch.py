"""Fetch several queries from one FHIR server at the same time, within one deadline."""

import logging
import os
import re
import threading
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import MappingProxyType

from urllib3 import PoolManager

from cds_service.fhir.client.breaker import Breaker
from cds_service.fhir.client.budget import Budget
from cds_service.fhir.client.http import NOT_BEGUN, Exchanges
from cds_service.fhir.client.origin import Base, insecure, next_target, parse_base, query_target
from cds_service.fhir.client.outcome import NotFetched, Outcome
from cds_service.fhir.client.query import Query
from cds_service.fhir.client.session import THREAD_NAME, NoRequestLines, open_pools
from cds_service.fhir.client.settings import ClientSettings

_log = logging.getLogger(__name__)

_BEARER = re.compile(r"[!-~]+")  # visible ASCII: anything else could end the header
_SERVER_FAULTS = {"timeout", "unreachable", "server-error"}
_NONE: Mapping[str, str] = MappingProxyType({})
Times = dict[str, tuple[float, float]]
"""Key -> when its query began and ended, in seconds of `time.perf_counter`."""
_CIRCUIT_OPEN = NotFetched("circuit-open", None, "the FHIR server kept failing and is left alone for now")


@dataclass(frozen=True)
class _Machinery:
    """What belongs to one process: threads and sockets do not survive a fork."""

    pid: int
    pool: ThreadPoolExecutor
    connections: PoolManager
    log_filter: NoRequestLines


class FhirClient:
    """One per process is enough; safe to call from many threads. Opens nothing before first use."""

    def __init__(self, settings: ClientSettings) -> None:
        self._settings = settings
        self._breaker = Breaker(settings.breaker_threshold, settings.breaker_cool_down_seconds, settings.clock)
        self._lock = threading.Lock()
        self._machinery: _Machinery | None = None

    def fetch(
        self,
        server: str,
        token: str,
        queries: Mapping[str, str],
        *,
        links: Mapping[str, str] = _NONE,
        deadline_seconds: float | None = None,
        headers: Mapping[str, str] = _NONE,
        times: Times | None = None,
    ) -> dict[str, Outcome]:
        """An outcome for each key of `queries` and `links`, at the deadline at the latest; raises nothing.

        `server` is a FHIR base that the caller found allowed; `token` goes to its origin only. A query is
        relative to the base: "Patient/1" or "Condition?patient=1&_count=100". A link is the `next` link of a
        page that the caller has already. Without a token, without https (loopback excepted) or with an open
        circuit nothing is sent. `headers` go out beside the token. `times` takes those of the queries made.
        """
        keys = (*queries, *links)
        base = _usable(server, token)
        if isinstance(base, NotFetched):
            return dict.fromkeys(keys, base)
        if not self._breaker.admit(base.url):
            return dict.fromkeys(keys, _CIRCUIT_OPEN)
        seconds = self._settings.deadline_seconds if deadline_seconds is None else deadline_seconds
        targets = {key: query_target(base, query) for key, query in queries.items()}
        targets |= {key: next_target(base, link) for key, link in links.items()}
        healthy: bool | None = None
        try:
            machinery = self._running()
            budget = Budget(seconds, self._settings.max_total_bytes, self._settings.clock)
            exchanges = Exchanges(base, token, machinery.connections, self._settings, budget, headers)
            walks = {key: Query(base, target, exchanges, self._settings) for key, target in targets.items()}
            outcomes = _gather(machinery, walks, budget)
            healthy = _health(outcomes)
        finally:
            self._breaker.record(base.url, healthy)
        if times is not None:
            times.update((key, walk.times()) for key, walk in walks.items())
        return outcomes

    def warm_up(self) -> None:
        """Open the connection pools and load the certificates now rather than in the first call."""
        self._running().pool.submit(os.getpid).result()

    def close(self) -> None:
        """Close idle connections and let the threads end. A later `fetch` starts anew."""
        with self._lock:
            machinery, self._machinery = self._machinery, None
        if machinery is not None:
            machinery.log_filter.remove()
            machinery.pool.shutdown(wait=False, cancel_futures=True)
            machinery.connections.clear()

    def _running(self) -> _Machinery:
        with self._lock:
            if self._machinery is None or self._machinery.pid != os.getpid():
                threads = self._settings.max_threads
                self._machinery = _Machinery(
                    os.getpid(),
                    ThreadPoolExecutor(threads, thread_name_prefix=THREAD_NAME),
                    open_pools(threads, self._settings.ca_bundle),
                    NoRequestLines(),
                )
                self._machinery.log_filter.install()
            return self._machinery


def _gather(machinery: _Machinery, walks: Mapping[str, Query], budget: Budget) -> dict[str, Outcome]:
    futures = {key: machinery.pool.submit(walk.run) for key, walk in walks.items()}
    wait(futures.values(), timeout=budget.remaining())
    return {key: _settled(futures[key], walk) for key, walk in walks.items()}


def _usable(server: str, token: str) -> Base | NotFetched:
    base = parse_base(server)
    if base is None:
        return NotFetched("client-error", None, "fhirServer is not a plain absolute http(s) URL")
    if reason := insecure(base):
        return NotFetched("client-error", None, reason)
    if not _BEARER.fullmatch(token):
        return NotFetched("unauthorized", None, "there is no usable access token")
    return base


def _settled(future: Future[Outcome], walk: Query) -> Outcome:
    """The outcome as it stands now; whatever is still under way is broken off."""
    if future.cancel():
        return NOT_BEGUN
    if not future.done():
        return walk.break_off()
    fault = future.exception()
    if fault is None:
        return future.result()
    _log.error("a FHIR query ended in an unexpected %s", type(fault).__name__)
    return NotFetched("client-error", None, "the query could not be carried out")


def _health(outcomes: Mapping[str, Outcome]) -> bool | None:
    """False when the server gave nothing but faults; None when no query got as far as the server."""
    reached = [
        not (isinstance(outcome, NotFetched) and outcome.cause in _SERVER_FAULTS)
        for outcome in outcomes.values()
        if outcome is not NOT_BEGUN and not _ours(outcome)
    ]
    return any(reached) if reached else None


def _ours(outcome: Outcome) -> bool:
    """A fault on this side of the wire."""
    return isinstance(outcome, NotFetched) and outcome.cause == "client-error" and outcome.status is None
