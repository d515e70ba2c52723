"""How many processors this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def cores(cgroup: Path = _CGROUP) -> int:
    """Whole processors, at least one: those it may run on, or fewer where a container's quota is less.

    A quota of one and a half counts as two. `cgroup` is where the kernel tells it.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for told in (_version_2, _version_1):
        try:
            quota, period = told(cgroup)
        except (OSError, ValueError):  # no cgroup of this version, or "max": no quota
            continue
        if quota > 0:
            return max(1, min(allowed, math.ceil(quota / period)))
    return max(1, allowed)


def _version_2(cgroup: Path) -> tuple[int, int]:
    """Quota and period in µs."""
    quota, period = (cgroup / "cpu.max").read_text().split()
    return int(quota), int(period)


def _version_1(cgroup: Path) -> tuple[int, int]:
    """The same, as older hosts tell it; a quota of -1 is none."""
    folder = cgroup / "cpu"
    return int((folder / "cpu.cfs_quota_us").read_text()), int((folder / "cpu.cfs_period_us").read_text())
