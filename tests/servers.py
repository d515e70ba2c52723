"""Real servers on loopback for tests, started as child processes."""

import socket
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from cds_service.demo.fhir_server import fhir_base, load, start_fhir_server
from cds_service.demo.ready import loopback_session, wait_until_ready
from cds_service.demo.stop import Stop

HOST = "127.0.0.1"
SMART_CLIENT = ("test-client", "test-secret")
STATIC_TOKEN = "loader-token"
STOP_WITHIN_S = 0.02
"""For `serve_forever`: how often it looks whether it should stop. Its own half second is lost at every stop."""


@dataclass(frozen=True, slots=True)
class RunningFhirServer:
    """A FHIR server that answers at `base`."""

    base: str

    def get(self, path: str, **options: Any) -> requests.Response:
        """GET `base`/`path` as is: the path may carry a query; options go to requests."""
        with loopback_session() as session:
            return session.get(f"{self.base}/{path}", timeout=10, **options)

    def access_token(self, scope: str = "system/*.read") -> str:
        """A SMART token from the server's own token endpoint; only with `smart=True`."""
        form = {"grant_type": "client_credentials", "scope": scope}
        token_url = f"{self.base.removesuffix('/fhir')}/auth/token"
        with loopback_session() as session:
            answer = session.post(token_url, data=form, auth=SMART_CLIENT, timeout=10)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_sekmet(
    bundles: Iterable[Mapping[str, Any]], *, port: int = 0, smart: bool = False, token_lifetime_s: int = 3600
) -> Iterator[RunningFhirServer]:
    """A sekmet-fhir that holds the transaction `bundles`, gone with the `with` block.

    `port` 0 takes a free one. With `smart` every request needs a token: `access_token()` gives one with the
    scope asked for, dead on arrival if `token_lifetime_s` is 0; STATIC_TOKEN may do everything. Starting
    takes about two seconds, most of it the server's imports: share one in a module-scoped fixture.
    """
    port = port or free_port()
    base = fhir_base(HOST, port)
    with (
        tempfile.TemporaryDirectory() as folder,
        start_fhir_server(Path(folder), HOST, port, _smart(token_lifetime_s) if smart else None) as child,
    ):
        wait_until_ready(f"{base}/metadata", child, Stop())
        load(base, bundles, STATIC_TOKEN if smart else None)
        yield RunningFhirServer(base)


def _smart(token_lifetime_s: int) -> dict[str, Any]:
    client_id, secret = SMART_CLIENT
    client = {"client_id": client_id, "client_secret": secret, "scopes": "system/*.* user/*.* patient/*.*"}
    return {
        "types": ["smart", "bearer"],
        "tokens": [STATIC_TOKEN],
        "smart_clients": [client],
        "token_lifetime": token_lifetime_s,
    }
