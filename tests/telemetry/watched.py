"""A service whose metrics and log lines are read back."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO, TypeVar

import requests
from prometheus_client.parser import text_string_to_metric_families

from cds_service.telemetry import logs
from tests.protocol.service import Service, running_service
from tests.servers import free_port

T = TypeVar("T")
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@dataclass(frozen=True, slots=True)
class Watched:
    """A running service, and the address of its metrics."""

    service: Service
    metrics: str

    def scrape(self) -> Samples:
        """Every sample by name and labels."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.get(f"{self.metrics}/metrics", timeout=10)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """One sample; 0 where there is none yet."""
        return self.scrape().get((name, frozenset(labels.items())), 0.0)

    def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The log's lines, all of which are JSON; of one event, if given."""
        told = [json.loads(line) for line in self.service.log.read_text().splitlines()]
        return [line for line in told if event in (None, line["event"])]

    def line_of(self, correlation_id: str) -> dict[str, Any]:
        """The line of one call."""
        found = until(lambda: [n for n in self.lines("call") if n["correlation_id"] == correlation_id])
        assert len(found) == 1
        return found[0]

    def workers(self) -> set[int]:
        """Process ids of the workers."""
        children = Path(f"/proc/{self.service.process.pid}/task/{self.service.process.pid}/children")
        return {int(each) for each in children.read_text().split()}

    def kill(self, worker: int) -> None:
        """Kill it as the kernel would, and wait until there are as many workers as before."""
        before = self.workers()
        os.kill(worker, signal.SIGKILL)
        until(lambda: worker not in self.workers() and len(self.workers()) == len(before))


def until(look: Callable[[], T], seconds: float = 30) -> T:
    """What `look` finds, as soon as it finds anything."""
    give_up = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    return found


@contextmanager
def logging_as_served(level: logs.Level, form: logs.Format, stream: TextIO) -> Iterator[None]:
    """Log as `serve` does, until the block ends."""
    root, names = logging.getLogger(), ("cds_service", "cards")
    handlers, root_level, hook = root.handlers[:], root.level, threading.excepthook
    logs.set_up(level, form, stream)
    try:
        yield
    finally:
        root.handlers[:], threading.excepthook, logging.raiseExceptions = handlers, hook, True
        root.setLevel(root_level)
        logging.captureWarnings(capture=False)
        for name in names:
            logging.getLogger(name).setLevel(logging.NOTSET)


@contextmanager
def watched(folder: Path, settings: Mapping[str, str], *, workers: int = 2) -> Iterator[Watched]:
    """`serve` with metrics on."""
    port = free_port()
    with running_service(folder, {"CDS_METRICS_PORT": str(port), **settings}, workers=workers) as service:
        yield Watched(service, f"http://127.0.0.1:{port}")
