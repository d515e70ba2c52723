"""Stopping and losing workers: a call in flight is finished, and what was answered is kept."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import pytest
import requests

from tests.fhir_client import hostile
from tests.fhir_client.hostile import Exchange, HostileServer
from tests.protocol.service import PATIENT_VIEW, Service, running_service, view
from tests.real_conditions.asking import access, request
from tests.telemetry.watched import Watched, until


@pytest.fixture
def let_go() -> Event:
    """Set it, and the FHIR server answers."""
    return Event()


@pytest.fixture
def fhir(let_go: Event) -> Iterator[HostileServer]:
    """Answers queries for Observations when it is told to."""

    def waits(exchange: Exchange) -> None:
        let_go.wait(10)
        hostile.answers(hostile.searchset())(exchange)

    with HostileServer() as server:
        server.on("Observation", waits)
        yield server


@pytest.fixture
def running(tmp_path: Path, fhir: HostileServer) -> Iterator[Service]:
    settings = {"CDS_AUTH": "open", "CDS_FHIR_SERVERS": fhir.base, "CDS_DEADLINE_MS": "8000"}
    with running_service(tmp_path, settings, workers=1) as service:
        yield service


def in_flight(pool: ThreadPoolExecutor, running: Service, fhir: HostileServer) -> Future[requests.Response]:
    """A call that waits for its Observations."""
    body = request() | access(fhir.base)
    del body["prefetch"]["observations"]
    call = pool.submit(running.call, PATIENT_VIEW, body)
    until(lambda: fhir.received)
    return call


def test_a_call_in_flight_is_finished_while_nobody_new_is_let_in_and_what_it_showed_is_kept(
    running: Service, fhir: HostileServer, let_go: Event, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        call = in_flight(pool, running, fhir)
        running.process.send_signal(signal.SIGTERM)
        until(lambda: not lets_in(running))
        assert not call.done()
        let_go.set()
        answer = call.result()
    assert running.process.wait(15) == 0
    assert answer.status_code == 200
    cards = {card["uuid"] for card in answer.json()["cards"]}
    assert cards
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as store:
        assert cards <= {row[0] for row in store.execute("SELECT uuid FROM card")}


def lets_in(running: Service) -> bool:
    place = urlsplit(running.url)
    try:
        socket.create_connection((str(place.hostname), place.port or 80), timeout=1).close()
    except ConnectionRefusedError:
        return False
    return True


def test_a_worker_that_is_killed_costs_no_call_that_comes_later_and_is_replaced(tmp_path: Path) -> None:
    with running_service(tmp_path, {"CDS_AUTH": "open"}, workers=2) as service:
        workers = Watched(service, "").workers
        until(lambda: len(workers()) == 2)
        killed = min(workers())
        os.kill(killed, signal.SIGKILL)
        assert [service.call(PATIENT_VIEW, view()).status_code for _ in range(20)] == [200] * 20
        until(lambda: killed not in workers() and len(workers()) == 2)
        assert [service.call(PATIENT_VIEW, view()).status_code for _ in range(20)] == [200] * 20
