"""docker-compose.yml as the engine would get it: anchors, defaults and variables resolved."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PASSWORD = "made-up-for-the-tests"


@cache
def services() -> dict[str, dict[str, Any]]:
    """Each service by its name."""
    command = [Path(sys.executable).parent / "docker-compose", "config", "--format", "json"]
    settings = {"PATH": os.environ["PATH"], "POSTGRES_PASSWORD": PASSWORD}
    told = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(told.stdout)["services"]
    return found


def environment(name: str, /, **replaced: str) -> dict[str, str]:
    """A service's environment, with one text put for another wherever it stands."""
    told = services()[name].get("environment", {})
    return {variable: _replace(value, replaced) for variable, value in told.items()}


def command(name: str, /, **replaced: str) -> list[str]:
    """A service's command, likewise."""
    return [_replace(word, replaced) for word in services()[name]["command"]]


def _replace(text: str, replaced: dict[str, str]) -> str:
    for port, address in replaced.items():
        text = text.replace(ADDRESSES[port], address)
    return text


ADDRESSES = {"fhir": "http://127.0.0.1:8081/fhir", "service": "http://127.0.0.1:8000"}
"""Where the file says that the FHIR server and the service are."""
