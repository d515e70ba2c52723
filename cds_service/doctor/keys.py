"""Keys that the doctor makes, and tokens as a client signs them or an attacker would."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from cds_service.doctor.exchange import Json
from cds_service.doctor.options import ALGORITHMS, Algorithm, BadOption, Options

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_RSA_BITS = 2048
_LIFE_S = 300


@dataclass(frozen=True, slots=True)
class Keys:
    """One key pair an algorithm. The kid is the algorithm's name behind "doctor-"."""

    issuer: str
    usual: Algorithm
    pairs: dict[Algorithm, PrivateKey]

    @classmethod
    def of(cls, options: Options) -> Keys:
        """The keys of the folder, made where it has none; without a folder, keys for this time only.

        Raises BadOption when folder or file cannot be used.
        """
        pairs = {algorithm: _kept(algorithm, options.keys) for algorithm in ALGORITHMS}
        keys = cls(options.issuer, options.algorithm, pairs)
        for path in filter(None, (options.jwks_out, options.keys and options.keys / "jwks.json")):
            try:
                path.write_text(json.dumps(keys.key_set(), indent=1) + "\n", encoding="utf-8")
            except OSError as error:
                raise BadOption(f"{path} cannot be written ({error.strerror})") from None
        return keys

    def key_set(self) -> Json:
        """The public halves as a JSON Web Key Set, to be registered with the service."""
        return {"keys": [public_jwk(pair, algorithm) for algorithm, pair in self.pairs.items()]}

    def token(
        self,
        audience: Any,
        *,
        header: Json | None = None,
        drop: Iterable[str] = (),
        key: PrivateKey | None = None,
        **claims: Any,
    ) -> str:
        """A token for one address, valid unless it is changed: `drop` names members of header or claims."""
        now = int(time.time())
        head = {"alg": self.usual, "typ": "JWT", "kid": kid_of(self.usual), **(header or {})}
        told = {"iss": self.issuer, "aud": audience, "exp": now + _LIFE_S, "iat": now, "jti": str(uuid4()), **claims}
        left_out = set(drop)
        return signed(
            {k: v for k, v in head.items() if k not in left_out},
            {k: v for k, v in told.items() if k not in left_out},
            key or self.pairs[self.usual],
        )


def kid_of(algorithm: Algorithm) -> str:
    """The key's id in the set."""
    return f"doctor-{algorithm.lower()}"


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A key pair that nobody has seen."""
    if algorithm == "RS384":
        return rsa.generate_private_key(65537, _RSA_BITS)
    return ec.generate_private_key(ec.SECP384R1())


def public_jwk(key: PrivateKey, algorithm: Algorithm) -> Json:
    """The public half as a JSON Web Key."""
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        told = RSAAlgorithm.to_jwk(public, as_dict=True)
    else:
        told = ECAlgorithm.to_jwk(public, as_dict=True)
    told.pop("key_ops", None)
    return {**told, "kid": kid_of(algorithm), "use": "sig", "alg": algorithm}


def signed(header: Json, claims: Json, key: PrivateKey) -> str:
    """The compact form of whatever header and claims there are, valid or not."""
    text = f"{encoded(json.dumps(header).encode())}.{encoded(json.dumps(claims).encode())}"
    if isinstance(key, rsa.RSAPrivateKey):
        signature = RSAAlgorithm(RSAAlgorithm.SHA384).sign(text.encode(), key)
    else:
        signature = ECAlgorithm(ECAlgorithm.SHA384).sign(text.encode(), key)
    return f"{text}.{encoded(signature)}"


def encoded(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_pem(key: PrivateKey) -> bytes:
    """The public half as PEM: what an algorithm confusion uses as its secret."""
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _kept(algorithm: Algorithm, folder: Path | None) -> PrivateKey:
    if folder is None:
        return new_key(algorithm)
    path = folder / f"{algorithm.lower()}.pem"
    try:
        if path.exists():
            return _read(path)
        folder.mkdir(parents=True, exist_ok=True)
        key = new_key(algorithm)
        path.touch(mode=0o600)
        path.write_bytes(_private_pem(key))
    except OSError as error:
        raise BadOption(f"the key {path} can be neither read nor made ({error.strerror})") from None
    return key


@cache
def _read(path: Path) -> PrivateKey:
    """Once a process: checking an RSA key takes longer than most checks of a service."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        raise BadOption(f"{path} is no private key in PEM") from None
    if not isinstance(key, PrivateKey):
        raise BadOption(f"{path} is neither an EC nor an RSA key")
    return key


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
