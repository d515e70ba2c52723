"""One watched service in open mode, two workers, for the tests that share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fhir_client.hostile import HostileServer
from tests.telemetry.watched import Watched, watched


@pytest.fixture(scope="session")
def fhir() -> Iterator[HostileServer]:
    with HostileServer() as server:
        yield server


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory, fhir: HostileServer) -> Iterator[Watched]:
    settings = {"CDS_AUTH": "open", "CDS_FHIR_SERVERS": fhir.base, "CDS_DEADLINE_MS": "5000"}
    with watched(tmp_path_factory.mktemp("watched"), settings) as running:
        yield running
