"""The number of workers follows what the process may use, not what the machine has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cds_service.cores import cores

HERE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("quota", "workers"),
    [
        ("max 100000", HERE),
        ("100000 100000", 1),
        ("10000 100000", 1),
        ("110000 100000", min(HERE, 2)),
        ("6400000 100000", HERE),
        ("nonsense", HERE),
        ("", HERE),
    ],
)
def test_a_containers_quota_counts(tmp_path: Path, quota: str, workers: int) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    assert cores(tmp_path) == workers


@pytest.mark.parametrize(
    ("quota", "workers"),
    [("-1", HERE), ("100000", 1), ("10000", 1), ("110000", min(HERE, 2)), ("6400000", HERE), ("nonsense", HERE)],
)
def test_it_counts_on_a_host_with_the_first_version_of_cgroups_too(tmp_path: Path, quota: str, workers: int) -> None:
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert cores(tmp_path) == workers


def test_without_a_cgroup_the_processors_count(tmp_path: Path) -> None:
    assert cores(tmp_path / "nowhere") == HERE
