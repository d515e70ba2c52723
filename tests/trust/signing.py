"""Keys made for the tests, tokens as an EHR signs them, and tokens as an attacker would like them to pass."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

ISSUER = "https://ehr.example"
STRANGER = "https://stranger.example"
CURVES = {"P-256": ec.SECP256R1(), "P-384": ec.SECP384R1()}
Private = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@cache
def private_key(kind: str, number: int = 0) -> Private:
    """A key pair, the same for the same arguments: "P-256", "P-384", "RSA" or "RSA-1024"."""
    if kind in CURVES:
        return ec.generate_private_key(CURVES[kind])
    return rsa.generate_private_key(65537, 1024 if kind == "RSA-1024" else 2048)


def jwk(kind: str, kid: str, number: int = 0, **members: Any) -> dict[str, Any]:
    """The public half as a JSON Web Key."""
    public = private_key(kind, number).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        told = RSAAlgorithm.to_jwk(public, as_dict=True)
    else:
        told = ECAlgorithm.to_jwk(public, as_dict=True)
    told.pop("key_ops", None)
    return {**told, "kid": kid, **members}


EC_KID, RSA_KID, P256_KID = "ec/1+a=", "rsa-1", "p256"


def key_set() -> dict[str, Any]:
    """The registered keys of the EHR: P-384, RSA, P-256, one bound to RS256, one for encryption."""
    return {
        "keys": [
            jwk("P-384", EC_KID),
            jwk("RSA", RSA_KID),
            jwk("P-256", P256_KID),
            jwk("RSA", "bound", alg="RS256"),
            jwk("P-384", "for-encryption", use="enc"),
        ]
    }


@dataclass(slots=True)
class Draft:
    """A token before it is signed; change what you like."""

    audience: Any
    now: float = field(default_factory=time.time)
    kind: str = "P-384"
    number: int = 0
    algorithm: str = "ES384"
    header: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    def signed(self) -> str:
        """The compact form. A value of None in `header` or `claims` is sent as null; `dropped` names are left out."""
        header = {"typ": "JWT", "kid": EC_KID, **self.header}
        claims = {
            "iss": ISSUER,
            "aud": self.audience,
            "exp": int(self.now) + 300,
            "iat": int(self.now),
            "jti": str(uuid4()),
            **self.claims,
        }
        for name in self.dropped:
            claims.pop(name, None)
        header = {k: v for k, v in header.items() if k not in self.dropped}
        return sign({"alg": self.algorithm, **header}, claims, private_key(self.kind, self.number), self.algorithm)


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: dict[str, Any], claims: Any, key: Private, algorithm: str) -> str:
    """Sign whatever header and claims there are, without PyJWT's own tests of them."""
    text = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    signer = jwt.PyJWT()._jws.get_algorithm_by_name(algorithm)
    return f"{text}.{encoded(signer.sign(text.encode(), key))}"


def unsigned(draft: Draft, algorithm: str) -> str:
    """`alg: none` in one of its spellings, no signature."""
    head, body, _ = draft.signed().split(".")
    del head
    header = encoded(json.dumps({"alg": algorithm, "typ": "JWT", "kid": EC_KID}).encode())
    return f"{header}.{body}."


def signed_with_the_public_key(draft: Draft) -> str:
    """Algorithm confusion: HS256 with the published RSA key as the shared secret."""
    secret = (
        private_key("RSA")
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    body = draft.signed().split(".")[1]
    text = encoded(json.dumps({"alg": "HS256", "typ": "JWT", "kid": RSA_KID}).encode()) + "." + body
    return f"{text}.{encoded(hmac.new(secret, text.encode(), hashlib.sha256).digest())}"


def with_own_key_in_header(draft: Draft) -> str:
    """Signed with another key, which the header brings along as `jwk` and `jku`."""
    draft.number = 7
    draft.header |= {"jwk": jwk("P-384", EC_KID, 7), "jku": "https://stranger.example/jwks.json"}
    return draft.signed()


def tampered(draft: Draft) -> str:
    """Claims changed after signing."""
    head, _, signature = draft.signed().split(".")
    claims = {"iss": ISSUER, "aud": draft.audience, "exp": int(draft.now) + 300, "iat": int(draft.now), "jti": "x"}
    return f"{head}.{encoded(json.dumps(claims).encode())}.{signature}"


def _set(**claims: Any) -> Callable[[Draft], str]:
    def made(draft: Draft) -> str:
        draft.claims |= {k: v(draft.now) if callable(v) else v for k, v in claims.items()}
        return draft.signed()

    return made


def _head(**members: Any) -> Callable[[Draft], str]:
    def made(draft: Draft) -> str:
        draft.header |= members
        return draft.signed()

    return made


def _drop(name: str) -> Callable[[Draft], str]:
    def made(draft: Draft) -> str:
        draft.dropped = (name,)
        return draft.signed()

    return made


def _with(**members: Any) -> Callable[[Draft], str]:
    def made(draft: Draft) -> str:
        for name, value in members.items():
            setattr(draft, name, value)
        return draft.signed()

    return made


def _kid(kid: str, **members: Any) -> Callable[[Draft], str]:
    def made(draft: Draft) -> str:
        draft.header["kid"] = kid
        return _with(**members)(draft)

    return made


ATTACKS: list[tuple[str, str, Callable[[Draft], str]]] = [
    ("no dots", "form", lambda _: "not-a-token"),
    ("two parts", "form", lambda d: d.signed().rpartition(".")[0]),
    ("five parts", "form", lambda d: d.signed() + ".x.y"),
    ("claims are a list", "form", lambda _: sign({"alg": "ES384", "typ": "JWT"}, [1], private_key("P-384"), "ES384")),
    ("far too long", "form", _set(padding="x" * 20_000)),
    ("nested claims", "form", lambda d: d.signed().split(".")[0] + "." + encoded(b'{"a":' * 4_000) + ".x"),
    ("alg none", "alg", lambda d: unsigned(d, "none")),
    ("alg None", "alg", lambda d: unsigned(d, "None")),
    ("alg nOnE", "alg", lambda d: unsigned(d, "nOnE")),
    ("alg empty", "alg", lambda d: unsigned(d, "")),
    ("HS256 with the public key", "alg", signed_with_the_public_key),
    ("ES256 not allowed", "alg", _kid(P256_KID, kind="P-256", algorithm="ES256")),
    ("ES384 claimed for an RSA key", "alg", _head(kid=RSA_KID)),
    ("RS384 claimed for an EC key", "alg", _with(kind="RSA", algorithm="RS384")),
    ("RS384 with a key bound to RS256", "alg", _kid("bound", kind="RSA", algorithm="RS384")),
    ("ES384 with a P-256 key", "alg", _head(kid=P256_KID)),
    ("a key for encryption", "kid", _head(kid="for-encryption")),
    ("unknown kid", "kid", _head(kid="nobody")),
    ("kid left out", "kid", _drop("kid")),
    ("kid is a path", "kid", _head(kid="../../../../dev/null")),
    ("kid is empty", "kid", _head(kid="")),
    ("typ left out", "typ", _drop("typ")),
    ("typ at+jwt", "typ", _head(typ="at+jwt")),
    ("critical extension", "form", _head(crit=["exp"])),
    ("another key", "signature", _with(number=3)),
    ("own key in the header", "signature", with_own_key_in_header),
    ("tampered claims", "signature", tampered),
    ("signature left empty", "signature", lambda d: d.signed().rpartition(".")[0] + "."),
    ("unknown issuer", "iss", _set(iss=STRANGER)),
    ("issuer left out", "iss", _drop("iss")),
    ("issuer in a list", "iss", _set(iss=[ISSUER])),
    ("issuer with slash", "iss", _set(iss=ISSUER + "/")),
    ("aud left out", "aud", _drop("aud")),
    ("aud of discovery", "aud", lambda d: _set(aud=d.audience.rpartition("/")[0])(d)),
    ("aud of another service", "aud", lambda d: _set(aud=d.audience.replace("patient-view", "order-sign"))(d)),
    ("aud of feedback", "aud", lambda d: _set(aud=d.audience + "/feedback")(d)),
    ("aud with slash", "aud", lambda d: _set(aud=d.audience + "/")(d)),
    ("aud with query", "aud", lambda d: _set(aud=d.audience + "?x")(d)),
    ("aud in capitals", "aud", lambda d: _set(aud=d.audience.upper())(d)),
    ("aud is the base", "aud", lambda d: _set(aud=d.audience.partition("/cds-services")[0])(d)),
    ("aud is an object", "aud", _set(aud={"a": 1})),
    ("aud list without ours", "aud", _set(aud=["https://a.example", 5, None])),
    ("aud list empty", "aud", _set(aud=[])),
    ("expired", "exp", _set(exp=lambda now: now - 10, iat=lambda now: now - 300)),
    ("expired 3 s ago", "exp", _set(exp=lambda now: now - 3, iat=lambda now: now - 300)),
    ("exp left out", "exp", _drop("exp")),
    ("exp is text", "exp", _set(exp="9999999999")),
    ("exp is true", "exp", _set(exp=True)),
    ("exp is null", "exp", _set(exp=None)),
    ("exp is huge", "exp", _set(exp=10**400)),
    ("lives two hours", "exp", _set(exp=lambda now: now + 7200)),
    ("iat left out", "iat", _drop("iat")),
    ("issued tomorrow", "iat", _set(iat=lambda now: now + 86400, exp=lambda now: now + 86700)),
    ("issued 5 s ahead", "iat", _set(iat=lambda now: now + 5)),
    ("iat is text", "iat", _set(iat="1")),
    ("not yet valid", "nbf", _set(nbf=lambda now: now + 60)),
    ("nbf is text", "nbf", _set(nbf="now")),
    ("jti left out", "jti", _drop("jti")),
    ("jti empty", "jti", _set(jti="")),
    ("jti is a number", "jti", _set(jti=5)),
    ("jti too long", "jti", _set(jti="x" * 1_001)),
]  # fmt: skip
"""Name, the test that it fails, and how it is made out of a good token."""

TAKEN: list[tuple[str, Callable[[Draft], str]]] = [
    ("plain", Draft.signed),
    ("RSA", _kid(RSA_KID, kind="RSA", algorithm="RS384")),
    ("aud in a list", lambda d: _set(aud=["https://a.example", d.audience])(d)),
    ("registered audience", _set(aud="urn:our-cds")),
    ("iat 1.5 s ahead", _set(iat=lambda now: now + 1.5)),
    ("iat with fraction", _set(iat=lambda now: now - 0.25, exp=lambda now: now + 299.75)),
    ("expired 1 s ago", _set(exp=lambda now: now - 1, iat=lambda now: now - 300)),
    ("as Epic makes it", _set(nbf=lambda now: now - 300, exp=lambda now: now + 900, sub="client-id")),
    ("one hour", _set(exp=lambda now: int(now) + 3600)),
    ("extra claims", _set(sub="x", custom={"a": [1]}, tenant="any")),
    ("unregistered jku", _head(jku="https://stranger.example/jwks.json", x5u="https://stranger.example/c")),
    ("certificates in the header", _head(x5c=["MII" + "A" * 2_700] * 3)),
    ("jti of 1,000 characters", _set(jti=(str(uuid4()) * 30)[:1000])),
]
