"""A demo ends when it is asked to, whenever the asking comes."""

from __future__ import annotations

import subprocess
import sys

ASKED_AT_EVERY_MOMENT = """
import signal
from cds_service.demo.run import _stop_signals

with _stop_signals() as stopping:
    handler = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    for _ in range(20_000):
        stopping.wait(0.0001)
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(stopping.wait(0))
"""


def test_signals_that_come_at_any_moment_of_the_wait_stop_it_and_never_hang_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASKED_AT_EVERY_MOMENT], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("True", "")
