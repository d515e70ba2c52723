"""What a token claims: from whom it is, for whom, and when."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, check
from cds_service.doctor.expect import answered
from cds_service.doctor.signed import asked_with, kept_out, signed_only

_HOUR = 3600


@check("jwt-issuer", "A token of an unknown issuer is refused", level="SHOULD", section=spec.CLIENTS)
def issuer(at: Bench) -> Iterator[Complaint]:
    """The allow-list is of issuers: a key that belongs to one says nothing of another."""
    signed_only(at)
    stranger = at.keys.token(at.url(), iss="https://doctor-stranger.example")
    yield from kept_out(at, {"another issuer": stranger, "no iss": at.keys.token(at.url(), drop=("iss",))})


@check("jwt-audience", "A token for another address is refused", level="SHALL", section=spec.JWT_AUDIENCE)
def audience(at: Bench) -> Iterator[Complaint]:
    """`aud` is the address called; a token that another service received must not open this one."""
    signed_only(at)
    others: dict[str, Any] = {
        "aud of another host": "https://other.example/cds-services/x",
        "aud of the base": at.options.base,
        "aud of a longer address": f"{at.url()}-2",
        "aud in an empty list": [],
    }
    tokens = {what: at.keys.token(value) for what, value in others.items()}
    yield from kept_out(at, tokens | {"no aud": at.keys.token(at.url(), drop=("aud",))})


@check("jwt-expired", "A token that has expired is refused", level="SHALL", section=spec.JWT_EXPIRY)
def expired(at: Bench) -> Iterator[Complaint]:
    """After `exp` a token must not be accepted; `exp` is required."""
    signed_only(at)
    now = int(time.time())
    tokens = {
        "expired an hour ago": at.keys.token(at.url(), iat=now - 2 * _HOUR, exp=now - _HOUR),
        "no exp": at.keys.token(at.url(), drop=("exp",)),
        "exp is text": at.keys.token(at.url(), exp="tomorrow"),
    }
    yield from kept_out(at, tokens)


@check("jwt-early", "A token that is not valid yet is refused", level="SHALL", section=spec.JWT_NOT_BEFORE)
def early(at: Bench) -> Iterator[Complaint]:
    """Before `nbf` a token must not be accepted."""
    signed_only(at)
    yield from kept_out(at, {"nbf in an hour": at.keys.token(at.url(), nbf=int(time.time()) + _HOUR)})


@check("jwt-claims", "A token without a required part is refused", level="reading", section=spec.CLIENTS)
def claims(at: Bench) -> Iterator[Complaint]:
    """iat, jti, kid and typ are required of clients. An iat of tomorrow belongs to a clock that cannot be trusted."""
    signed_only(at)
    tokens = {f"no {name}": at.keys.token(at.url(), drop=(name,)) for name in ("iat", "jti", "kid", "typ")}
    tokens["iat in a day"] = at.keys.token(at.url(), iat=int(time.time()) + 24 * _HOUR)
    tokens["a kid that nobody has"] = at.keys.token(at.url(), header={"kid": "doctor-nobody"})
    yield from kept_out(at, tokens)


@check("jwt-replay", "A token is taken once", level="reading", section=spec.CLIENTS)
def replay(at: Bench) -> Iterator[Complaint]:
    """`jti` is there to protect against replay: keep each until its token expires."""
    signed_only(at)
    token = at.keys.token(at.url())
    asked_with(at, f"Bearer {token}")
    yield from kept_out(at, {"the same token again": token})


@check("jwt-clock", "Clocks may differ by a second", level="reading", section=spec.CLIENTS)
def clock(at: Bench) -> Iterator[Complaint]:
    """Clients round their times, some upwards: without a leeway of two seconds or so every other call fails."""
    signed_only(at)
    ahead = at.keys.token(at.url(), iat=int(time.time()) + 1)
    yield from answered(asked_with(at, f"Bearer {ahead}"), "iat a second ahead")
    now = int(time.time())  # rounded down, so up to a second ago
    just_over = at.keys.token(at.url(), iat=now - 60, exp=now)
    yield from answered(asked_with(at, f"Bearer {just_over}"), "expired within the last second")
