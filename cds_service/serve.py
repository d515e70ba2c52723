"""gunicorn around the application, with the settings that measurement chose (docs/operate.md tells why)."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from cards.rulebook import all_rules
from cds_service import __version__, create_app
from cds_service.config import BadSetting, Config, misspelt
from cds_service.hooks.endpoints import Machine
from cds_service.ports import PortError, require_free_ports
from cds_service.store import StoreDown
from cds_service.telemetry import logs
from cds_service.warm_up import warm_up, warm_up_worker

log = logging.getLogger(__name__)

_INHERITED = {"GUNICORN_FD", "LISTEN_FDS"}  # gunicorn is handed sockets that are open already
_GC_THRESHOLD = 50_000  # young objects before a collection; most die with their request


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, app: Flask, options: Mapping[str, Any]) -> None:
        self._app, self._options = app, options
        super().__init__()

    def load_config(self) -> None:
        hooks = {
            "when_ready": _freeze,
            "pre_fork": self._give_place,
            "post_fork": self._tune,
            "post_worker_init": self._begin,
            "worker_exit": self._end,
        }
        for name, value in {**self._options, **hooks}.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    @property
    def _machine(self) -> Machine:
        at: Machine = self._app.extensions["cds"]
        return at

    def _give_place(self, arbiter: Any, worker: Any) -> None:
        """In the parent: the lowest place that no living worker has."""
        taken = {each.place for each in arbiter.WORKERS.values()}
        worker.place = next(number for number in range(len(taken) + 1) if number not in taken)

    def _tune(self, _arbiter: Any, worker: Any) -> None:
        """In the new process."""
        gc.set_threshold(_GC_THRESHOLD, 20, 20)
        if self._machine.watch.metrics is not None:
            from cds_service.telemetry.shared import take_place  # noqa: PLC0415 - loaded only where it is used

            take_place(worker.place)

    def _begin(self, _worker: Any) -> None:
        """Before the worker accepts its first connection."""
        warm_up_worker(self._machine)

    def _end(self, _arbiter: Any, _worker: Any) -> None:
        """After its last answer."""
        at = self._machine
        at.recorder.close()
        at.database.close()
        if at.watch.traces is not None:
            at.watch.traces.close()


def serve(host: str, port: int, workers: int, threads: int, environment: Mapping[str, str]) -> int:
    """Run until stopped. Raises BadSetting before anything is started."""
    config = Config.from_environment(environment)
    if config.metrics_port == port:
        raise BadSetting(f"CDS_METRICS_PORT is {port}, the service's own port; metrics need one of their own")
    if not _INHERITED & environment.keys():
        _require_ports(host, port, config)
    logs.set_up(config.log_level, config.log_format)
    for name, meant in misspelt(environment).items():
        log.warning("setting not known", extra={"setting": name, "so": f"it is not read; {meant} is a setting"})
    with _counting(config):
        app = create_app(config)
        _prepare(app, config)
        warm_up(app)
        bind = [_address(host, port)]
        if config.metrics_port is not None:
            bind.append(_address(config.metrics_host, config.metrics_port))
        sizes = {"workers": workers, "threads": threads, "rules": len(all_rules())}
        log.info("starting", extra={"version": __version__, "bind": bind, **sizes})
        # gunicorn's own debug lines quote addresses, and an address may hold anything.
        level = "info" if config.log_level == "debug" else config.log_level
        _Server(app, {**SETTINGS, "bind": bind, "workers": workers, "threads": threads, "loglevel": level}).run()
    return 0


SETTINGS: Mapping[str, Any] = {
    "worker_class": "cds_service.worker.Worker",
    "logger_class": "cds_service.worker.Log",
    "preload_app": True,
    "timeout": 30,
    "graceful_timeout": 10,
    "keepalive": 75,
    "limit_request_field_size": 16_384,
    "max_requests": 200_000,
    "max_requests_jitter": 20_000,
    "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - heartbeats need no disk
    "control_socket_disable": True,
    "proc_name": "posterior-hip-cds",
}
"""What every start gives gunicorn, whatever address and size are chosen."""


@contextmanager
def _counting(config: Config) -> Iterator[None]:
    if config.metrics_port is None:
        yield
        return
    from cds_service.telemetry.shared import shared_folder  # noqa: PLC0415 - loaded only where it is used

    with shared_folder():
        yield


def _require_ports(host: str, port: int, config: Config) -> None:
    try:
        require_free_ports(host, {"--port": port})
        if config.metrics_port is not None:
            require_free_ports(config.metrics_host, {"CDS_METRICS_PORT": config.metrics_port})
    except PortError as error:
        raise BadSetting(str(error)) from None


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _freeze(_: object) -> None:
    """What there is before the fork is never collected, so that its pages stay shared between the workers."""
    gc.collect()
    gc.freeze()


def _prepare(app: Flask, config: Config) -> None:
    """Bring the database up to date before there are several processes. Without it the service starts all the same."""
    at: Machine = app.extensions["cds"]
    try:
        at.database.prepare()
    except StoreDown as down:
        so = "CDS_DATABASE_URL cannot be used for now; feedback is answered 503 until it can"
        log.error("database not reachable", extra={"cause": str(down), "so": so})
    if config.auth == "required" and not at.gate.clients:
        so = "CDS_AUTH is 'required' and CDS_CLIENTS names no client registry: every call will be answered 401"
        log.warning("nobody may call", extra={"so": so})
