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
FHIR, SERVICE = "http://127.0.0.1:8081/fhir", "http://127.0.0.1:8000"
"""Where the file says that the FHIR server and the service are."""


@cache
def services() -> dict[str, dict[str, Any]]:
    """Each service by its name."""
    command = [Path(sys.executable).parent / "docker-compose", "config", "--format", "json"]
    settings = {"PATH": os.environ["PATH"], "POSTGRES_PASSWORD": PASSWORD}
    told = subprocess.run(command, cwd=ROOT, env=settings, capture_output=True, check=True)
    found: dict[str, dict[str, Any]] = json.loads(told.stdout)["services"]
    return found


def environment(name: str, *, fhir: str = FHIR) -> dict[str, str]:
    """A service's environment, with another address for the FHIR server's."""
    told = services()[name].get("environment", {})
    return {variable: value.replace(FHIR, fhir) for variable, value in told.items()}


def command(name: str, *, fhir: str = FHIR) -> list[str]:
    """A service's command, likewise."""
    return [word.replace(FHIR, fhir) for word in services()[name]["command"]]
