"""A circuit breaker per FHIR server: a server that is down costs no call its whole deadline."""

import threading
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class _Circuit:
    failures: int = 0
    opened_at: float | None = None
    on_trial: bool = False


class Breaker:
    """Opens after `threshold` consecutive failed calls; lets one call try again after `cool_down` seconds.

    Every `admit` that answers True must be followed by one `record`.
    """

    def __init__(self, threshold: int, cool_down: float, clock: Callable[[], float]) -> None:
        self._threshold = threshold
        self._cool_down = cool_down
        self._clock = clock
        self._circuits: dict[str, _Circuit] = {}
        self._lock = threading.Lock()

    def admit(self, server: str) -> bool:
        with self._lock:
            circuit = self._circuits.get(server)
            if circuit is None or circuit.opened_at is None:
                return True
            if circuit.on_trial or self._clock() - circuit.opened_at < self._cool_down:
                return False
            circuit.on_trial = True
            return True

    def record(self, server: str, healthy: bool | None) -> None:
        """`healthy` None: the call never reached the server, so it says nothing about it."""
        with self._lock:
            if healthy:
                self._circuits.pop(server, None)
                return
            circuit = self._circuits.setdefault(server, _Circuit())
            circuit.on_trial = False
            if healthy is None:
                return
            circuit.failures += 1
            if circuit.failures >= self._threshold:
                circuit.opened_at = self._clock()
