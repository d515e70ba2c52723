"""The sandbox FHIR server: sekmet-fhir, in memory, without its simulator and without its traffic log."""

import importlib.util
import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cds_service.demo.child import Child
from cds_service.demo.errors import DemoError
from cds_service.demo.ready import loopback_session

APP_FOLDER = Path(__file__).parent / "asgi"
APP = "sekmet_sandbox:app_factory"
LOAD_S = 30.0


def fhir_base(host: str, port: int) -> str:
    """The FHIR base URL of the sandbox, without a trailing slash."""
    return f"http://{host}:{port}/fhir"


def require_installed() -> None:
    """Raise DemoError unless the package with the FHIR server is there."""
    if importlib.util.find_spec("sekmet") is None:
        raise DemoError('The demo needs its FHIR server: pip install "posterior-hip-cds[demo]".')


def start_fhir_server(folder: Path, host: str, port: int, auth: Mapping[str, Any] | None = None) -> Child:
    """Start an empty server that keeps its files in `folder`.

    `auth` is sekmet's `server_auth` setting; without it the server is open to everybody.
    """
    settings = folder / "sekmet.yaml"
    settings.write_text(json.dumps(_settings(folder, host, port, auth)), encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "--app-dir", str(APP_FOLDER), "--factory", APP]
    command += ["--host", host, "--port", str(port), "--log-level", "warning", "--no-access-log"]
    # Its own variables would win over the file.
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEKMET_")}
    return Child("FHIR server", command, env={**inherited, "SEKMET_CONFIG": str(settings)}, folder=folder)


def load(base: str, bundles: Iterable[Mapping[str, Any]], token: str | None = None) -> None:
    """Send each transaction Bundle. Raises DemoError with the server's own words if it refuses one."""
    with loopback_session() as session:
        session.headers["Content-Type"] = "application/fhir+json"
        if token is not None:
            session.headers["Authorization"] = f"Bearer {token}"
        for bundle in bundles:
            answer = session.post(base, data=json.dumps(bundle), timeout=LOAD_S)
            if not answer.ok:
                raise DemoError(f"The FHIR server refused Bundle {bundle.get('id')}: {answer.text[:500]}")


def _settings(folder: Path, host: str, port: int, auth: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "base_url": fhir_base(host, port),
        "host": host,
        "port": port,
        "data_dir": str(folder),
        "db_path": ":memory:",
        "own_private_key_path": str(folder / "no-key.pem"),
        "facility_name": "Example Hospital",
        "simulator": {"enabled": False},
        "log_inbound": False,
        # The fixtures are validated by tests; a second validation costs seconds at start-up.
        "validation": {"inbound": "off"},
        "server_auth": auth or {"types": ["none"]},
    }
