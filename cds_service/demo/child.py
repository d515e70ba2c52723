"""A server started as a child process: its last lines kept, its end seen, its stop certain."""

import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from cds_service.demo.errors import ServerDiedError

KEPT_LINES = 25
GRACE_S = 8.0


class Child:
    """A running process in a session of its own, so that Ctrl-C reaches its parent only, which then stops it.

    Use as a context manager: leaving stops the process, with all that it started.
    """

    def __init__(self, name: str, command: Sequence[str], *, env: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._process = subprocess.Popen(  # noqa: S603 - the command is this package's own
            command,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._keep_output, name=f"{name} output", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def require_alive(self) -> None:
        """Raise ServerDiedError if the process has ended."""
        status = self._process.poll()
        if status is not None:
            self._reader.join(timeout=1)
            said = "".join(f"  | {line}\n" for line in self._lines) or "  (it printed nothing)\n"
            raise ServerDiedError(f"The {self.name} ended with status {status}. Its last lines:\n{said}".rstrip())

    def stop(self) -> None:
        """Ask the process to end; after GRACE_S seconds, or if it left children, end its whole session."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                self._kill_session()
                self._process.wait()
        self._kill_session()
        self._reader.join(timeout=1)
        if self._process.stdout is not None and not self._reader.is_alive():
            self._process.stdout.close()

    def _kill_session(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return  # nothing of it is left

    def _keep_output(self) -> None:
        if self._process.stdout is not None:
            for line in self._process.stdout:
                self._lines.append(line.rstrip())
