"""Evaluating all rules for one chart, in this process: no HTTP, no JSON."""

from __future__ import annotations

import time
from collections.abc import Callable


def evaluation() -> Callable[[], object] | None:
    """A call that asks every rule about the typical chart once; None as long as there is nothing to ask."""
    return None


def milliseconds(call: Callable[[], object], budget_s: float = 3.0) -> float:
    """The median time of one call within a time budget, after one call to warm up."""
    call()
    times: list[float] = []
    end = time.perf_counter() + budget_s
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * sorted(times)[len(times) // 2]
