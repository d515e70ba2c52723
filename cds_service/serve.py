"""gunicorn around the application, with the settings that measurement chose."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from cds_service import create_app
from cds_service.config import BadSetting, Config

__all__ = ["BadSetting", "serve"]

_GC_THRESHOLD = 50_000  # young objects before a collection; most die with their request
_GRACE_SECONDS = 10


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: object, options: Mapping[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        return self._app


def serve(host: str, port: int, workers: int, threads: int, environment: Mapping[str, str]) -> int:
    """Run until stopped. Raises BadSetting before anything is started."""
    config = Config.from_environment(environment)
    app = create_app(config)
    _warm_up(app)
    _Server(
        app,
        {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread",
            "preload_app": True,
            "graceful_timeout": _GRACE_SECONDS,
            "keepalive": 30,
            "max_requests": 200_000,
            "max_requests_jitter": 20_000,
            "when_ready": _freeze,
            "post_fork": _tune,
            "proc_name": "posterior-hip-cds",
        },
    ).run()
    return 0


def _freeze(_: object) -> None:
    gc.collect()
    gc.freeze()


def _tune(_arbiter: object, _worker: object) -> None:
    gc.set_threshold(_GC_THRESHOLD, 20, 20)


def _warm_up(app: Any) -> None:
    """Answer once before the first client does, so that nothing lazy is left to be set up."""
    client = app.test_client()
    client.get("/cds-services")
    client.post(
        "/cds-services/posterior-hip-patient-view",
        json={
            "hook": "patient-view",
            "hookInstance": "warm-up",
            "context": {"userId": "Practitioner/warm-up", "patientId": "warm-up"},
            "prefetch": {"patient": None},
        },
    )
