"""gunicorn around the application, with the settings that measurement chose."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from cards.rulebook import all_rules
from cds_service import create_app
from cds_service.config import BadSetting, Config
from cds_service.hooks.call import answer, read_call
from cds_service.hooks.endpoints import Machine
from cds_service.hooks.services import SERVICES
from cds_service.store import StoreDown

__all__ = ["BadSetting", "serve"]

log = logging.getLogger(__name__)

_GC_THRESHOLD = 50_000  # young objects before a collection; most die with their request


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: object, options: Mapping[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in {**self._options, "when_ready": _freeze, "post_fork": _tune}.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return self._app


def serve(host: str, port: int, workers: int, threads: int, environment: Mapping[str, str]) -> int:
    """Run until stopped. Raises BadSetting before anything is started."""
    config = Config.from_environment(environment)
    all_rules()
    app = create_app(config)
    _prepare(app, config)
    _warm_up(app)
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    _Server(app, {**SETTINGS, "bind": bind, "workers": workers, "threads": threads}).run()
    return 0


SETTINGS: Mapping[str, Any] = {
    "worker_class": "cds_service.worker.Worker",
    "preload_app": True,
    "graceful_timeout": 10,
    "keepalive": 75,
    "max_requests": 200_000,
    "max_requests_jitter": 20_000,
    "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - heartbeats need no disk
    "control_socket_disable": True,
    "proc_name": "posterior-hip-cds",
}
"""What every start gives gunicorn, whatever address and size are chosen."""


def _freeze(_: object) -> None:
    gc.collect()
    gc.freeze()


def _tune(_arbiter: object, _worker: object) -> None:
    gc.set_threshold(_GC_THRESHOLD, 20, 20)


def _warm_up(app: Flask) -> None:
    """Answer once before the first client does, so that nothing lazy is left to be set up."""
    app.test_client().get("/cds-services")
    at: Machine = app.extensions["cds"]
    for service in SERVICES:
        answer(read_call(_REQUEST % service.hook.encode(), [service]), at.gatherer, at.today())


_REQUEST = b"""{"hook": "%s", "hookInstance": "warm-up",
 "context": {"userId": "Practitioner/warm-up", "patientId": "warm-up", "selections": [],
             "draftOrders": {"resourceType": "Bundle"}},
 "prefetch": {"patient": {"resourceType": "Patient", "id": "warm-up", "birthDate": "1970-01-01"},
  "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource":
   {"resourceType": "Condition", "subject": {"reference": "Patient/warm-up"}, "code": {"text": "Sciatica"}}}]}}}"""


def _prepare(app: Flask, config: Config) -> None:
    """Bring the database up to date before there are several processes. Without it the service starts all the same."""
    at: Machine = app.extensions["cds"]
    try:
        at.database.prepare()
    except StoreDown as down:
        log.error("database not reachable", extra={"cause": str(down)})
        _say(f"the database (CDS_DATABASE_URL) cannot be used for now ({down}); feedback is answered 503 until it can")
    if config.auth == "required" and not at.gate.clients:
        _say("CDS_AUTH is 'required' and CDS_CLIENTS names no client registry: every call will be answered 401")


def _say(text: str) -> None:
    sys.stderr.write(f"posterior-hip-cds: {text}\n")
