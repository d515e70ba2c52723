"""One service in open mode for the tests that share it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.protocol.service import Service, running_service

ORIGIN = "https://ehr-page.example"


@pytest.fixture(scope="session")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    settings = {"CDS_AUTH": "open", "CDS_ORIGINS": ORIGIN, "CDS_MAX_BODY_BYTES": str(3 * 1024 * 1024)}
    with running_service(tmp_path_factory.mktemp("open"), settings) as running:
        yield running
