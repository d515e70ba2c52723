"""How many processors this process may use."""

from __future__ import annotations

import math
import os
from pathlib import Path

_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")


def cores(cpu_max: Path = _CPU_MAX) -> int:
    """Whole processors, at least one: those it may run on, or fewer where a container's quota (cgroup v2) is less.

    A quota of one and a half counts as two.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = cpu_max.read_text(encoding="ascii").split()
        return max(1, min(allowed, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):  # no cgroup, or "max": no quota
        return max(1, allowed)
