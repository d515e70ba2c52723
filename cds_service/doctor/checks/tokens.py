"""Signed tokens: the right ones let in, every kind of wrong one kept out, all alike."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.enter import UNADMITTED
from cds_service.doctor.exchange import Exchange
from cds_service.doctor.expect import answered
from cds_service.doctor.fhir_stub import StubAnswer
from cds_service.doctor.keys import encoded, kid_of, new_key, public_jwk, public_pem
from cds_service.doctor.signed import asked_with, kept_out, signed_only

_UNAUTHORIZED = 401
_HOUR = 3600


@check("jwt-asked", "Calls without a token are refused", level="SHOULD", section=spec.CLIENTS)
def asked(at: Bench) -> Iterator[Complaint]:
    """A service should ask for authentication if a call could expose sensitive data."""
    if at.admission == "open" and at.options.local:
        raise Skip("the service answers without a token, on this machine only")
    for what, header in {"no token": None, "Basic": "Basic ZG9jdG9yOmRvY3Rvcg==", "no JWT": "Bearer doctor"}.items():
        exchange = asked_with(at, header)
        if exchange.status not in UNADMITTED:
            yield Complaint(f"{what}: answered {exchange.outcome}, expected 401", exchange)


@check("jwt-everywhere", "Feedback and every service ask for a token", level="SHOULD", section=spec.ACCEPTED)
def everywhere(at: Bench) -> Iterator[Complaint]:
    """Each service and the feedback endpoint authenticate the client alike; a token counts for one address."""
    signed_only(at)
    for service in at.services:
        for url in (at.url(service), f"{at.url(service)}/feedback"):
            exchange = asked_with(at, None, url)
            if exchange.status not in (*UNADMITTED, 404, 405):
                yield Complaint(f"{url} without a token: answered {exchange.outcome}, expected 401", exchange)


@check("jwt-accepted", "Tokens as clients make them are taken", level="SHALL", section=spec.CLIENTS)
def accepted(at: Bench) -> Iterator[Complaint]:
    """`aud` may be a list; times may have fractions; claims may be added."""
    signed_only(at)
    url, now = at.url(), time.time()
    for what, token in {
        "plain": at.keys.token(url),
        "aud in a list": at.keys.token(["https://other.example/cds-services", url]),
        "iat with a fraction": at.keys.token(url, iat=now - 0.5),
        "claims more than are known": at.keys.token(url, sub="client-id", doctor={"any": ["thing"]}),
        "nbf in the past": at.keys.token(url, nbf=int(now) - 300),
    }.items():
        yield from answered(asked_with(at, f"Bearer {token}"), what)


@check("jwt-none", "An unsigned token is refused", level="SHALL", section=spec.ALGORITHM)
def unsigned(at: Bench) -> Iterator[Complaint]:
    """The algorithm "none", in every spelling, proves nothing about the sender."""
    signed_only(at)
    head, claims, _ = at.keys.token(at.url()).split(".")
    tokens = {}
    for name in ("none", "None", "NONE", "nOnE"):
        header = {"alg": name, "typ": "JWT", "kid": kid_of(at.keys.usual)}
        tokens[f"alg {name}"] = f"{encoded(json.dumps(header).encode())}.{claims}."
    yield from kept_out(at, tokens | {"the signature left out": f"{head}.{claims}."})


@check("jwt-symmetric", "A token signed with a shared secret is refused", level="SHALL", section=spec.ALGORITHM)
def symmetric(at: Bench) -> Iterator[Complaint]:
    """HS256 and its kin. A library that takes the public key for the secret lets in everybody who can read it."""
    signed_only(at)
    claims = at.keys.token(at.url()).split(".")[1]
    tokens = {}
    for algorithm, pair in at.keys.pairs.items():
        header = encoded(json.dumps({"alg": "HS256", "typ": "JWT", "kid": kid_of(algorithm)}).encode())
        proof = hmac.new(public_pem(pair), f"{header}.{claims}".encode(), hashlib.sha256).digest()
        tokens[f"HS256 with the public key {kid_of(algorithm)}"] = f"{header}.{claims}.{encoded(proof)}"
    yield from kept_out(at, tokens)


@check("jwt-signature", "A token that the client did not sign is refused", level="SHALL", section=spec.JWT_VALIDATION)
def signature(at: Bench) -> Iterator[Complaint]:
    """Signed with another key, or changed after signing."""
    signed_only(at)
    url, usual = at.url(), at.keys.usual
    head, claims, proof = at.keys.token(url).split(".")
    longer = at.keys.token(url, exp=int(time.time()) + 2 * _HOUR).split(".")[1]
    yield from kept_out(
        at,
        {
            "another key": at.keys.token(url, key=new_key(usual)),
            "claims changed after signing": f"{head}.{longer}.{proof}",
            "the signature cut short": f"{head}.{claims}.{proof[:-8]}",
        },
    )


@check("jwt-own-key", "A key that the token brings along is not trusted", level="SHOULD", section=spec.CLIENTS)
def own_key(at: Bench) -> Iterator[str | Complaint]:
    """Keys come from what was registered. An address in the token (jku) that nobody registered is not even asked:
    else anybody can make the service send requests."""
    signed_only(at)
    key = new_key(at.keys.usual)
    stolen = public_jwk(key, at.keys.usual)
    jku = f"{at.stranger.origin}/jwks.json"
    with at.stranger.answering(lambda _: StubAnswer(body={"keys": [stolen]})) as fetched:
        tokens = {
            "a key in the header (jwk)": at.keys.token(at.url(), key=key, header={"jwk": stolen}),
            "an unregistered jku": at.keys.token(at.url(), key=key, header={"jku": jku}),
        }
        yield from kept_out(at, tokens)
    if fetched:
        yield "the service fetched keys from an address that only the token named"


@check("jwt-challenge", "A 401 names the scheme", level="SHALL", section=spec.HTTP_CHALLENGE)
def challenge(at: Bench) -> Iterator[Complaint]:
    """HTTP requires the header WWW-Authenticate in every 401."""
    exchange = asked_with(at, None)
    if exchange.status != _UNAUTHORIZED:
        raise Skip("no 401 was answered")
    if "www-authenticate" not in exchange.headers:
        yield Complaint("401 without WWW-Authenticate", exchange)


@check("jwt-silent", "A refusal does not tell which test failed", level="reading", section=spec.SECURITY)
def silent(at: Bench) -> Iterator[Complaint]:
    """What helps an integrator helps an attacker more. Tell it in the service's own log."""
    signed_only(at)
    first = asked_with(at, "Bearer doctor")
    tokens = {
        "expired": at.keys.token(at.url(), exp=1),
        "another issuer": at.keys.token(at.url(), iss="https://doctor-stranger.example"),
        "another key": at.keys.token(at.url(), key=new_key(at.keys.usual)),
    }
    for what, token in tokens.items():
        exchange = asked_with(at, f"Bearer {token}")
        if (exchange.status, _words(exchange)) != (first.status, _words(first)):
            yield Complaint(f"{what}: another refusal than for a token that is none", exchange)


def _words(exchange: Exchange) -> Any:
    body = exchange.json
    return {k: v for k, v in body.items() if k != "id"} if isinstance(body, dict) else exchange.body
