"""Starts and ends what is measured: servers on one core, whoever asks them on the other."""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
SERVER_CORE, CLIENT_CORE = (CORES[0], CORES[-1]) if len(CORES) > 1 else (None, None)

# One worker: the table speaks of one core. WEB_CONCURRENCY is gunicorn's own default for --workers.
ONE_WORKER = {"WEB_CONCURRENCY": "1"}


def pinned(command: Sequence[str], core: int | None) -> list[str]:
    """The command on one core, where this machine has a second one and taskset."""
    taskset = shutil.which("taskset")
    return [taskset, "-c", str(core), *command] if taskset and core is not None else list(command)


def is_pinned() -> bool:
    """Whether server and client have a core each."""
    return SERVER_CORE is not None and shutil.which("taskset") is not None


@dataclass(frozen=True)
class Server:
    """A running server: its process, and the seconds from its start to its first answer."""

    pid: int
    seconds_to_answer: float

    def worker_megabytes(self) -> float:
        """The resident memory of its largest process below the first, or of the only one; 0 where it cannot be read.

        Memory that a worker shares with the process that it was forked from counts in full.
        """
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        workers = children.read_text().split() if children.exists() else []
        return max((_resident(pid) for pid in workers or [str(self.pid)]), default=0.0)


def _resident(pid: str) -> float:
    status = Path(f"/proc/{pid}/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS:")), 0.0)


@contextmanager
def running(
    command: Sequence[str], port: int, log: Path, *, env: Mapping[str, str], core: int | None, ready: str
) -> Iterator[Server]:
    """Runs a server until the block ends.

    Waits until GET `ready` answers 200; raises RuntimeError with the end of the log after 20 s in vain.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            pinned(command, core), env={**os.environ, **env}, stdout=output, stderr=output, cwd=Path.cwd()
        )
    try:
        started = time.monotonic()
        _wait_until_ready(process, port, ready, log)
        yield Server(process.pid, time.monotonic() - started)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise RuntimeError(f"port {port} never answered GET {path} with 200; its log ends:\n{log.read_text()[-2000:]}")


def noop_command(port: int) -> list[str]:
    """The no-op under gunicorn's own worker of the same kind, with as many threads; nothing else is tuned for it."""
    return [
        sys.executable,
        "-m",
        "gunicorn",
        *gunicorn_settings(),
        "--bind",
        f"127.0.0.1:{port}",
        "bench.noop:app",
    ]


def service_command(port: int) -> list[str]:
    """The service as an operator starts it."""
    return [str(Path(sys.executable).with_name("posterior-hip-cds")), "serve", "--port", str(port)]


def gunicorn_settings() -> list[str]:
    """Kind of worker, threads and keep-alive, as `posterior-hip-cds serve` has them."""
    return ["--worker-class", "gthread", "--threads", "8", "--keep-alive", "75"]
