"""The tests that a client's token has to pass, in order; the first one failed says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt

from cds_service.trust.client import Client
from cds_service.trust.jwk import BadKeySet
from cds_service.trust.keys import Keys

LEEWAY_SECONDS = 2.0
LONGEST_LIFE_SECONDS = 3_600.0
_MOST_CHARACTERS = 16_000
_LATEST_SECONDS = 1e11
_MOST_ID_CHARACTERS = 1_000


class TokenRefused(Exception):
    """A token that is not taken. `test` names the test that it failed, for the operator; callers never see it."""

    def __init__(self, test: str, why: str, client: Client | None = None) -> None:
        super().__init__(f"{test}: {why}")
        self.test = test
        self.why = why
        self.client = client


@dataclass(frozen=True, slots=True)
class Token:
    """A token that passed every test but the one for replay."""

    client: Client
    jti: str
    expires_at: datetime
    tenant: str | None


def bearer(header: str | None) -> str:
    """The token of an Authorization header. Raises TokenRefused."""
    scheme, _, value = (header or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise TokenRefused("header", "there is no 'Authorization: Bearer …'")
    return value.strip()


def check_token(
    text: str, clients: Mapping[str, Client], keys: Mapping[str, Keys], audiences: Collection[str], now: float
) -> Token:
    """Test a token. `clients` and `keys` by issuer; `audiences` are the addresses of what was called.

    `now` is in seconds since 1970. Raises TokenRefused.
    """
    header, claims = _unverified(text)
    client = _client(claims, clients)
    try:
        _check_signature(text, header, client, keys[client.issuer])
        return _checked_claims(claims, client, audiences, now)
    except TokenRefused as refused:
        raise TokenRefused(refused.test, refused.why, client) from None


def claimed_issuer(header: str | None) -> str | None:
    """Who an Authorization header says that it comes from, unproven; None where it says nothing readable.

    It may choose the form of an answer where anybody may ask, and nothing else.
    """
    try:
        issuer = _unverified(bearer(header))[1].get("iss")
    except TokenRefused:
        return None
    return issuer if isinstance(issuer, str) else None


def _unverified(text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    if len(text) > _MOST_CHARACTERS:
        raise TokenRefused("form", "it is too long")
    try:
        found = jwt.decode_complete(text, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenRefused("form", "it is not a signed JSON Web Token") from None
    header: dict[str, Any] = found["header"]
    if header.get("typ") != "JWT":
        raise TokenRefused("typ", "the header's typ must be JWT")
    if "crit" in header or "b64" in header:
        raise TokenRefused("crit", "critical header extensions are not supported")
    return header, found["payload"]


def _client(claims: Mapping[str, Any], clients: Mapping[str, Client]) -> Client:
    issuer = claims.get("iss")
    client = clients.get(issuer) if isinstance(issuer, str) else None
    if client is None:
        raise TokenRefused("iss", "no registered client has this issuer")
    return client


def _check_signature(text: str, header: Mapping[str, Any], client: Client, keys: Keys) -> None:
    algorithm, key_id = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in client.algorithms:
        raise TokenRefused("alg", f"this client may sign with {', '.join(client.algorithms)}")
    if not isinstance(key_id, str) or not key_id:
        raise TokenRefused("kid", "the header names no key")
    try:
        found = keys.find(key_id)
    except (OSError, BadKeySet):
        found = ()
    if not found:
        raise TokenRefused("kid", "the client's keys hold none with this id")
    reasons = [reason for key in found if (reason := key.unfit(algorithm))]
    fit = [key for key in found if not key.unfit(algorithm)]
    if not fit:
        raise TokenRefused("alg", "; ".join(reasons))
    for key in fit:
        try:
            jwt.PyJWS().decode_complete(text, key.public_key(algorithm), algorithms=[algorithm])
        except (jwt.PyJWTError, BadKeySet, ValueError):
            continue
        return
    raise TokenRefused("signature", "it was not made with the client's key")


def _checked_claims(claims: Mapping[str, Any], client: Client, audiences: Collection[str], now: float) -> Token:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MOST_ID_CHARACTERS:
        raise TokenRefused("jti", "it must be a text")
    named = claims.get("aud")
    named = [named] if isinstance(named, str) else named
    accepted = {*audiences, *client.audiences}
    if not isinstance(named, list) or not any(isinstance(a, str) and a in accepted for a in named):
        raise TokenRefused("aud", f"it must be {' or '.join(sorted(accepted))}")
    expires, issued = _seconds(claims, "exp"), _seconds(claims, "iat")
    if now >= expires + LEEWAY_SECONDS:
        raise TokenRefused("exp", "it has expired")
    if issued > now + LEEWAY_SECONDS:
        raise TokenRefused("iat", "it was issued in the future")
    if "nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY_SECONDS:
        raise TokenRefused("nbf", "it is not valid yet")
    if expires - issued > LONGEST_LIFE_SECONDS:
        raise TokenRefused("exp", "it lives longer than one hour")
    tenant = claims.get("tenant")
    if client.tenants and tenant not in client.tenants:
        raise TokenRefused("tenant", f"it must be {' or '.join(client.tenants)}")
    end = datetime.fromtimestamp(expires + LEEWAY_SECONDS, UTC)
    return Token(client, jti, end, tenant if isinstance(tenant, str) else None)


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LATEST_SECONDS:
        return float(value)
    raise TokenRefused(name, "it must be a number of seconds since 1970")
