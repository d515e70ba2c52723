"""What one `fetch` may still spend: time and bytes, shared by all its queries."""

import threading
from collections.abc import Callable


class Budget:
    """Counts down from `seconds` and `max_bytes`; safe to share between threads."""

    def __init__(self, seconds: float, max_bytes: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._ends = clock() + seconds
        self._bytes_left = max_bytes
        self._lock = threading.Lock()

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._ends - self._clock())

    def spent(self) -> bool:
        return self.remaining() == 0.0

    def take(self, size: int) -> bool:
        """Book `size` bytes; False when they are more than what is left."""
        with self._lock:
            self._bytes_left -= size
            return self._bytes_left >= 0
