"""Metrics of several worker processes: each counts in a file of its own, and any of them can add all up.

A worker counts under the number of its place, not under its process id: who comes after a worker that died goes on
where it stopped, nothing counted is lost, and the files stay as few as there are places.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import values

_PREFIX = "posterior-hip-cds-metrics-"
_LOCK = "lock"
_SETTING = "PROMETHEUS_MULTIPROC_DIR"
_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of random name and mode 0700 is made in it
_place = "main"


def take_place(number: int) -> None:
    """From now on this process counts as worker `number`."""
    global _place  # noqa: PLW0603 - as many as processes: one
    _place = f"worker{number}"


@contextmanager
def shared_folder() -> Iterator[Path]:
    """Count in files from now on. To be entered before any metric is made; the folder is gone afterwards.

    Folders that a killed service left behind, their lock free, are removed first.
    """
    parent = _IN_MEMORY if os.access(_IN_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _sweep(parent)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    maker = os.getpid()
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.environ[_SETTING], before = str(folder), values.ValueClass
        values.ValueClass = values.MultiProcessValue(lambda: _place)  # type: ignore[no-untyped-call]
        try:
            yield folder
        finally:
            values.ValueClass = before
            os.environ.pop(_SETTING, None)
            if os.getpid() == maker:
                shutil.rmtree(folder, ignore_errors=True)


def _sweep(parent: Path) -> None:
    for left in parent.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError), (left / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)
