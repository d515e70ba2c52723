"""A throw-away PostgreSQL cluster on loopback, from the server binaries of the system."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.servers import free_port


def binaries() -> Path | None:
    """The folder of the newest `initdb` here; Debian keeps it off the PATH."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parent.parent.name))
    return found[-1].parent if found else None


class Cluster:
    """A running server; `url()` gives a fresh database each time."""

    def __init__(self, bin_folder: Path, folder: Path, port: int) -> None:
        self._bin, self._folder, self.port = bin_folder, folder, port
        self._databases = 0

    def url(self) -> str:
        """The address of a new, empty database."""
        self._databases += 1
        name = f"store{self._databases}"
        with psycopg.connect(f"postgresql://cds@127.0.0.1:{self.port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://cds@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        options = f"-p {self.port} -k {self._folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-l", f"{self._folder}/log", "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop at once, as a crash would."""
        self._run("pg_ctl", "-D", f"{self._folder}/data", "-m", "immediate", "-w", "stop")

    def create(self) -> None:
        """Make the data directory."""
        self._run("initdb", "-D", f"{self._folder}/data", "-A", "trust", "-U", "cds", "-E", "UTF8", "--no-sync")

    def _run(self, command: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._bin / command), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=self._folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            **_as_unprivileged(),
        )


def _as_unprivileged() -> dict[str, int | Sequence[int]]:
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


@contextmanager
def running_postgres() -> Iterator[Cluster]:
    """A cluster that is gone with the `with` block. Skips the test where no server is installed."""
    bin_folder = binaries()
    if bin_folder is None:
        pytest.skip("no PostgreSQL server is installed here (Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="cds-postgres-", dir="/tmp"))
    folder.chmod(0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    cluster = Cluster(bin_folder, folder, free_port())
    try:
        cluster.create()
        cluster.start()
        yield cluster
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            cluster.stop()
        time.sleep(0.1)
        shutil.rmtree(folder, ignore_errors=True)
