"""The small service's doorkeeper: strict, or with one fault."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization

from tests.doctor.advice import Refused

Json = dict[str, Any]
_REQUIRED = ["iss", "aud", "exp", "iat", "jti"]


class Gate:
    """Trusts one issuer with one key set."""

    def __init__(self, issuer: str, key_set: Json) -> None:
        self.issuer = issuer
        self.keys = {key["kid"]: key for key in key_set["keys"]}
        self.seen: set[str] = set()

    def admit(self, authorization: str | None, url: str, fault: str) -> None:
        """Raises Refused."""
        if fault == "takes-basic" and str(authorization).startswith("Basic"):
            return
        try:
            self._check(str(authorization).removeprefix("Bearer "), url, fault)
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, NotImplementedError) as error:
            why = f" {error}" if fault == "tells-why" else ""
            raise Refused(401, f"A valid token is needed.{why}") from None

    def _check(self, token: str, url: str, fault: str) -> None:
        header = jwt.get_unverified_header(token)
        if fault == "takes-none" and str(header["alg"]).lower() == "none":
            return
        if fault == "takes-hs256" and header["alg"] == "HS256":
            self._check_shared(token, header)
            return
        if fault != "any-kid-and-typ" and header["typ"] != "JWT":
            raise ValueError("typ")
        key = self._key(header, fault)
        claims = jwt.decode(
            token,
            jwt.PyJWK(key, header["alg"]).key,
            algorithms=[key["alg"]],
            audience=url,
            issuer=self.issuer if fault != "any-issuer" else None,
            leeway=0 if fault == "no-leeway" else 2,
            options=_options(fault),
        )
        if fault == "text-aud-only" and isinstance(claims["aud"], list):
            raise ValueError("aud")
        if claims["jti"] in self.seen and fault != "replay":
            raise ValueError("jti")
        self.seen.add(claims["jti"])

    def _key(self, header: Json, fault: str) -> Json:
        if fault == "trusts-jwk" and "jwk" in header:
            return dict(header["jwk"])
        if fault == "fetches-jku" and "jku" in header:
            requests.get(header["jku"], timeout=1)
        if fault == "any-kid-and-typ":
            return self.keys.get(header.get("kid", ""), next(iter(self.keys.values())))
        return self.keys[header["kid"]]

    def _check_shared(self, token: str, header: Json) -> None:
        text, _, proof = token.rpartition(".")
        pem = jwt.PyJWK(self.keys[header["kid"]]).key.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        made = jwt.utils.base64url_encode(hmac.new(pem, text.encode(), hashlib.sha256).digest()).decode()
        if made != proof:
            raise ValueError("signature")


def _options(fault: str) -> Any:
    required = [] if fault in ("any-kid-and-typ", "any-audience", "any-expiry", "any-issuer") else _REQUIRED
    return {
        "require": required,
        "verify_signature": fault != "any-signature",
        "verify_aud": fault != "any-audience",
        "verify_exp": fault != "any-expiry",
        "verify_nbf": fault != "any-nbf",
        "verify_iss": fault != "any-issuer",
    }
