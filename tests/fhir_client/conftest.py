from collections.abc import Callable, Iterator

import pytest

from cds_service.fhir.client import ClientSettings, FhirClient
from tests.fhir_client.hostile import HostileServer


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer() as running:
        yield running


@pytest.fixture
def trap() -> Iterator[HostileServer]:
    """Another origin, where nothing may ever arrive."""
    with HostileServer(host="127.0.0.2") as running:
        yield running


@pytest.fixture
def make_client() -> Iterator[Callable[..., FhirClient]]:
    made: list[FhirClient] = []

    def make(**settings: object) -> FhirClient:
        made.append(FhirClient(ClientSettings(**settings)))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(make_client: Callable[..., FhirClient]) -> FhirClient:
    return make_client()
