"""Public keys as JSON Web Keys: which there are, and which may check which signature."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
_LEAST_RSA_BITS = 2048
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "k")


class BadKeySet(ValueError):
    """What should be a JSON Web Key Set is none that may be used. The message reads on after its name."""


@dataclass(frozen=True, slots=True)
class Jwk:
    """A public key with its id; `type` is "EC" or "RSA", `algorithm` the only one it may be used with, if any."""

    id: str
    type: str
    curve: str | None
    algorithm: str | None
    material: Mapping[str, Any]

    def unfit(self, algorithm: str) -> str | None:
        """Why this key cannot check a signature of this algorithm; None when it can."""
        if self.algorithm not in (None, algorithm):
            return f"the key is for {self.algorithm} only"
        if algorithm in _CURVES:
            return None if self.curve == _CURVES[algorithm] else f"{algorithm} needs a key on {_CURVES[algorithm]}"
        return None if self.type == "RSA" else f"{algorithm} needs an RSA key"

    def public_key(self, algorithm: str) -> jwt.PyJWK:
        """The key for PyJWT, bound to the algorithm. Raises BadKeySet."""
        try:
            return jwt.PyJWK(dict(self.material), algorithm)
        except (jwt.PyJWTError, ValueError, TypeError):
            raise BadKeySet(f"holds the key '{self.id}', which is malformed") from None


def read_key_set(raw: bytes) -> tuple[Jwk, ...]:
    """The signature keys of a JWK Set. Keys of other kinds are passed over. Raises BadKeySet.

    A private or shared key is refused altogether: whoever can read it could sign.
    """
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadKeySet("is not JSON") from None
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list):
        raise BadKeySet("is no JSON Web Key Set: it has no list 'keys'")
    read = [_key(key) for key in keys if isinstance(key, dict)]
    usable = tuple(key for key in read if key is not None)
    if not usable:
        raise BadKeySet("holds no EC or RSA key with a 'kid' for signatures")
    return usable


def _key(told: dict[str, Any]) -> Jwk | None:
    kid, kind = told.get("kid"), told.get("kty")
    if any(member in told for member in _PRIVATE):
        raise BadKeySet("holds a private or shared key; it must hold public keys only")
    operations = told.get("key_ops")
    for_signatures = told.get("use", "sig") == "sig" and (not isinstance(operations, list) or "verify" in operations)
    if kind not in ("EC", "RSA") or not isinstance(kid, str) or not kid or not for_signatures:
        return None
    curve, algorithm = told.get("crv"), told.get("alg")
    material: dict[str, Any] = {name: told[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in told}
    key = Jwk(
        kid,
        kind,
        curve if isinstance(curve, str) else None,
        algorithm if isinstance(algorithm, str) else None,
        material,
    )
    _require_sound(key)
    return key


def _require_sound(key: Jwk) -> None:
    usual = next((a for a, curve in _CURVES.items() if curve == key.curve), None) if key.type == "EC" else "RS384"
    if usual is None:
        return
    public = key.public_key(usual).key
    if isinstance(public, RSAPublicKey) and public.key_size < _LEAST_RSA_BITS:
        raise BadKeySet(f"holds the key '{key.id}' of fewer than {_LEAST_RSA_BITS} bits")
