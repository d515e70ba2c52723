"""What the examination is told from outside."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from cds_service.doctor.exchange import Json

DISCOVERY = "/cds-services"
Algorithm = Literal["ES384", "RS384"]
ALGORITHMS: tuple[Algorithm, ...] = ("ES384", "RS384")


class BadOption(ValueError):
    """Something that the examination cannot begin with; the message is for the person at the keyboard."""


@dataclass(frozen=True, slots=True)
class Options:
    """One examination.

    url: the base or the discovery address. service: the id that is examined in depth (default: the first that
    answers the sample request). requests: requests of one's own, each for the service of its hook. patient: id in
    sample requests; data: base of an open FHIR server that has this patient. keys: folder of the signing keys,
    filled where empty; without it keys live in memory. fhir_url: where the service reaches the stub FHIR server.
    origin: a browser origin that the service should allow. timeout: seconds. only: ids of checks, beginnings of
    ids, or themes.
    """

    url: str
    service: str | None = None
    hook: str | None = None
    requests: tuple[Json, ...] = ()
    patient: str = "doctor-patient"
    data: str | None = None
    issuer: str = "https://cds-doctor.example"
    keys: Path | None = None
    jwks_out: Path | None = None
    algorithm: Algorithm = "ES384"
    fhir_host: str = "127.0.0.1"
    fhir_port: int = 8082
    fhir_url: str | None = None
    origin: str | None = None
    timeout: float = 10.0
    only: tuple[str, ...] = ()
    allow_remote: bool = False

    @property
    def base(self) -> str:
        """Without /cds-services and trailing slashes. Raises BadOption."""
        try:
            parts = urlsplit(self.url)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise BadOption(f"'{self.url}' is no absolute http(s) address such as https://cds.example/cds-services")
        return self.url.rstrip("/").removesuffix(DISCOVERY).rstrip("/")

    @property
    def local(self) -> bool:
        """The service runs on this machine."""
        return is_loopback(urlsplit(self.url).hostname)


def is_loopback(host: str | None) -> bool:
    """True of addresses that stay on this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
