"""Calls with one token or another, and the complaint where a wrong one is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from cds_service.doctor.bench import JSON_TYPE, Bench
from cds_service.doctor.check import Complaint, Skip
from cds_service.doctor.enter import UNADMITTED
from cds_service.doctor.exchange import Exchange


def signed_only(at: Bench) -> None:
    """Skip unless the service asks for tokens and trusts ours."""
    at.require_admission()
    if at.admission == "open":
        raise Skip("the service answers without a token; switch authentication on to examine it")


def asked_with(at: Bench, authorization: str | None, url: str | None = None) -> Exchange:
    """The sample request with this header."""
    headers = {**JSON_TYPE} if authorization is None else {**JSON_TYPE, "Authorization": authorization}
    body = json.dumps(at.sample()).encode()
    return at.send("call", "POST", url or at.url(), headers=headers, body=body, signed=False)


def kept_out(at: Bench, tokens: Mapping[str, str]) -> Iterator[Complaint]:
    """Each of these is refused with 401 (or 403)."""
    for what, token in tokens.items():
        exchange = asked_with(at, f"Bearer {token}")
        if exchange.status not in UNADMITTED:
            yield Complaint(f"{what}: answered {exchange.outcome}, expected 401", exchange)
