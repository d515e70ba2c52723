"""Many calls at once, and how long one takes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from cds_service.doctor import spec
from cds_service.doctor.bench import OK, Bench, told
from cds_service.doctor.check import Complaint, Skip, check

_AT_ONCE = 16
_CALLS = 48
_TIMED = 9
_TARGET_S = 0.5


@check("load-parallel", "Calls at the same time get their own answers", level="reading", section=spec.CALLING)
def parallel(at: Bench) -> Iterator[Complaint]:
    """Every clinician who opens a chart makes a call. None may get a 5xx, nor the answer to somebody else's."""
    body = at.good_sample()
    if not at.steady:
        raise Skip("equal calls have different cards, so answers cannot be told apart")
    bare = at.bare()
    kinds = [(body, at.baseline), (bare, at.call(bare))]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(at.call, [kinds[n % 2][0] for n in range(_CALLS)]))
    for number, exchange in enumerate(answers):
        alone = kinds[number % 2][1]
        if exchange.status != alone.status:
            yield Complaint(f"answered {exchange.outcome}; alone it was {alone.outcome}", exchange)
        elif told(exchange.cards) != told(alone.cards):
            yield Complaint("other cards than when it was asked alone", exchange)


@check("load-speed", "A call is answered in about half a second", level="SHOULD", section=spec.PROVIDING)
def speed(at: Bench) -> Iterator[str]:
    """Services should respond quickly, on the order of 500 ms: the median of nine calls with everything prefetched,
    with the time on the way."""
    body = at.good_sample()
    seconds = [one.seconds for one in (at.call(body) for _ in range(_TIMED)) if one.status == OK]
    if seconds and median(seconds) > _TARGET_S:
        yield f"median {1000 * median(seconds):.0f} ms, slowest {1000 * max(seconds):.0f} ms"
