"""A wish to end that a signal may make at any moment."""

import time

_STEP_S = 0.05


class Stop:
    """Like `threading.Event`, but without a lock: a signal that comes while an event is waited for finds the event's
    lock held by the very thread that has to run the handler, and both wait for ever.
    """

    def __init__(self) -> None:
        self._asked = False

    def set(self) -> None:
        """Ask for the end. Safe in a signal handler."""
        self._asked = True

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it was asked for; whether it was."""
        until = time.monotonic() + seconds
        while not self._asked and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _STEP_S))
        return self._asked
