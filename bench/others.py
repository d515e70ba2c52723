"""Other makes of CDS Hooks service, each with one plain rule, in an environment of its own, made when missing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent / ".venv" / "bench"


class NotHere(RuntimeError):
    """It cannot be measured on this machine; the message says why."""


@dataclass(frozen=True)
class Other:
    """What to start, where it answers once it is up, and where it takes calls."""

    command: list[str]
    ready: str
    call: str


def healthchain(port: int) -> Other:
    """HealthChain (PyPI) under uvicorn, one worker, its handler working on dictionaries. Raises NotHere."""
    python = ENVIRONMENTS / "healthchain" / "bin" / "python"
    if not python.exists():
        _run([sys.executable, "-m", "venv", str(python.parent.parent)])
        locked = str(HERE / "healthchain" / "requirements.txt")
        try:
            _run([str(python), "-m", "pip", "install", "-qq", "--require-hashes", "-r", locked])
        except NotHere:
            shutil.rmtree(python.parent.parent)
            raise
    command = [str(python), str(HERE / "healthchain" / "serve.py"), str(port)]
    return Other(command, "/cds/cds-discovery", "/cds/cds-services/one-rule")


def fastify(port: int) -> Other:
    """Fastify (npm) on Node.js. Raises NotHere."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NotHere("there is no Node.js here")
    folder = ENVIRONMENTS / "fastify"
    if not (folder / "node_modules").exists():
        shutil.copytree(HERE / "fastify", folder, dirs_exist_ok=True)
        _run([npm, "ci", "--silent", "--prefix", str(folder)])
    return Other([node, str(folder / "server.mjs"), str(port)], "/cds-services", "/cds-services/one-rule")


OTHERS: dict[str, Callable[[int], Other]] = {
    "HealthChain, one rule on dictionaries": healthchain,
    "Fastify (Node.js), one rule": fastify,
}


def _run(command: list[str]) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip() or "no word why").splitlines()[-1]
        raise NotHere(f"{Path(command[0]).name} failed: {last[:200]}")
