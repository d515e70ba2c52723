"""A registered client: an EHR that may call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Profile = Literal["generic", "epic", "oracle", "sandbox", "crd"]
PROFILES: tuple[Profile, ...] = ("generic", "epic", "oracle", "sandbox", "crd")
ALGORITHMS = ("ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512")
"""Signatures with a private key. `none` and shared secrets cannot be configured."""
USUAL_ALGORITHMS = ("ES384", "RS384")
SANDBOX_ISSUER = "https://sandbox.cds-hooks.org"
"""What the CDS Hooks Sandbox writes as `iss`, wherever it runs."""
NOT_QUALIFIED = "posterior-hip-cds: not a CMS-qualified mechanism"
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Client:
    """One entry of the client registry; empty `services` and `tenants` mean that none is asked for.

    - `issuer`: the token's `iss`. `jwks` or `jwks_url`: where the public keys are; exactly one of them.
    - `audiences`: accepted as `aud` beside the address that was called.
    - `tenants`: the token must name one of them.
    - `fhir_servers`: bases that may be queried. `services`: ids that may be called. `origins`: for CORS.
    - `strict_replay`: each `jti` once.
    - `order_codes`: "system|code" or the text of a suggested order -> the site's own "system|code".
    - `prefetch_aliases`: the client's key -> ours. `links_allowed`: prefixes of links that it will show.
    - `intent`: of suggested orders. `pama_ratings`: where not empty, drafted studies are rated, and this is the
      identifier of the decision support mechanism that stands beside each rating.
    """

    name: str
    issuer: str
    jwks: Path | None = None
    jwks_url: str | None = None
    algorithms: tuple[str, ...] = USUAL_ALGORITHMS
    audiences: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    fhir_servers: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    profile: Profile = "generic"
    strict_replay: bool = True
    order_codes: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    prefetch_aliases: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    links_allowed: tuple[str, ...] = ()
    intent: Literal["order", "proposal"] = "order"
    pama_ratings: str = ""

    def may_call(self, service_id: str) -> bool:
        """Whether this client may call the service."""
        return not self.services or service_id in self.services


def open_client(fhir_servers: tuple[str, ...], origins: tuple[str, ...]) -> Client:
    """Whoever calls in open mode."""
    return Client("open", "", fhir_servers=fhir_servers, origins=tuple(o.lower() for o in origins))


def sandbox_of(client: Client) -> Client:
    """The same client where it says in open mode that it is the CDS Hooks Sandbox: the form that its pages can show."""
    return replace(client, profile="sandbox", pama_ratings=NOT_QUALIFIED)
