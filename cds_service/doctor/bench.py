"""What a check works with: the service's discovery, sample requests for it, calls, and a FHIR server of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal
from uuid import uuid4

from cds_service.doctor.check import Complaint, Skip
from cds_service.doctor.exchange import Exchange, Json, Kind
from cds_service.doctor.fhir_stub import Script, StubFhirServer, holding
from cds_service.doctor.keys import Keys
from cds_service.doctor.options import DISCOVERY, Options
from cds_service.doctor.samples import resources_of
from cds_service.doctor.wire import Wire

OK, PRECONDITION = 200, 412
JSON_TYPE: Mapping[str, str] = MappingProxyType({"Content-Type": "application/json"})
Admission = Literal["open", "signed", "refused"]


@dataclass(frozen=True, slots=True)
class Service:
    """One service of discovery, with a request that it can be asked with, if one is known."""

    id: str
    hook: str
    prefetch: Mapping[str, str]
    sample: Json | None


@dataclass(slots=True)
class Marks:
    """Words that must not turn up elsewhere: each examination has its own."""

    family_name: str = field(default_factory=lambda: f"Doctorsample{uuid4().hex[:8]}")
    token: str = field(default_factory=lambda: f"doctor-token-{uuid4().hex}")


@dataclass
class Bench:
    """One examination under way. `services` and `admission` are found by `enter`; `principal` is examined in depth."""

    options: Options
    wire: Wire
    keys: Keys
    fhir: StubFhirServer
    stranger: StubFhirServer
    marks: Marks = field(default_factory=Marks)
    discovered: Exchange | None = None
    services: tuple[Service, ...] = ()
    admission: Admission = "open"
    principal: Service | None = None

    @property
    def discovery_url(self) -> str:
        """GET here."""
        return self.options.base + DISCOVERY

    def url(self, service: Service | None = None) -> str:
        """POST calls here. Skips where there is no service."""
        return f"{self.discovery_url}/{(service or self.examined).id}"

    @property
    def examined(self) -> Service:
        """The service examined in depth."""
        if self.principal is None:
            raise Skip("discovery names no service to examine; name one with --service and --hook")
        return self.principal

    def send(
        self,
        kind: Kind,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] = JSON_TYPE,
        body: bytes = b"",
        signed: bool | None = None,
    ) -> Exchange:
        """One exchange; signed where the service asks for it, unless told otherwise."""
        token = self.admission == "signed" if signed is None else signed
        own = {"Authorization": f"Bearer {self.keys.token(url)}"} if token else {}
        return self.wire.send(kind, method, url, headers={**headers, **own}, body=body)

    def post(self, body: bytes, headers: Mapping[str, str] = JSON_TYPE) -> Exchange:
        """These bytes as a call of the examined service."""
        self.require_admission()
        return self.send("call", "POST", self.url(), body=body, headers=headers)

    def call(self, body: Any, service: Service | None = None) -> Exchange:
        """This JSON as a call."""
        self.require_admission()
        return self.send("call", "POST", self.url(service), body=json.dumps(body).encode())

    def require_admission(self) -> None:
        """Skip where the service lets nobody in."""
        if self.admission == "refused":
            raise Skip(
                "the service refuses the doctor's token; register its issuer and keys (see the end of the report)"
            )

    def sample(self, service: Service | None = None) -> Json:
        """A fresh request that the service should be able to answer."""
        asked = service or self.examined
        if asked.sample is None:
            raise Skip(f"no sample request is known for the hook '{asked.hook}'; give one with --request")
        return deepcopy(asked.sample) | {"hookInstance": str(uuid4())}

    @cached_property
    def baseline(self) -> Exchange:
        """The examined service's answer to the sample request."""
        return self.call(self.sample())

    def good_sample(self) -> Json:
        """The same request; skips unless the service answered it with 200."""
        body = self.sample()
        if self.baseline.status != OK:
            raise Skip(
                f"the sample request was answered {self.baseline.outcome}; give one that the service can answer "
                "with --request"
            )
        return body

    @cached_property
    def steady(self) -> bool:
        """Equal requests have equal cards, but for their uuids: what comparisons rest on."""
        again = self.call(self.good_sample())
        return again.status == OK and told(again.cards) == told(self.baseline.cards)

    def unlike_baseline(self, exchange: Exchange, what: str) -> Iterator[str | Complaint]:
        """Complain where an answer differs from the one to the sample request."""
        self.good_sample()
        if exchange.status != OK:
            yield Complaint(f"{what}: answered {exchange.outcome}, not 200", exchange)
        elif self.steady and told(exchange.cards) != told(self.baseline.cards):
            yield Complaint(f"{what}: other cards than without it", exchange)

    def with_access(self, body: Json, **authorization: Any) -> Json:
        """The request with the stub as its FHIR server and a marked token; None leaves a member out."""
        told_access = {
            "access_token": self.marks.token,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read user/*.read",
            "subject": "cds-service",
            **authorization,
        }
        access = {name: value for name, value in told_access.items() if value is not None}
        return body | {"fhirServer": self.fhir.base, "fhirAuthorization": access}

    def unfetched(self) -> Json:
        """The sample request with FHIR access in place of its prefetch. Skips where the service does not use it."""
        self.require_fhir()
        return self.with_access(self.bare())

    def bare(self) -> Json:
        """The sample request without prefetch."""
        return {k: v for k, v in self.sample().items() if k != "prefetch"}

    def chart(self) -> Script:
        """The stub holds what the sample request prefetches."""
        data = self.sample().get("prefetch", {})
        return holding(one for datum in data.values() for one in resources_of(datum))

    @cached_property
    def asks_fhir(self) -> bool:
        """The service asks the stub when a request brings access and no prefetch."""
        body = self.with_access(self.bare())
        with self.fhir.answering(self.chart()) as calls:
            self.call(body)
        return bool(calls)

    def require_fhir(self) -> None:
        """Skip where the service never asks the stub."""
        if not self.asks_fhir:
            raise Skip(
                f"the service asked nothing of {self.fhir.base}; if it should, list this address among the FHIR "
                "servers that it may query"
            )

    def answers(self, *kinds: Kind) -> list[Exchange]:
        """All exchanges of these kinds so far."""
        return [one for one in self.wire.exchanges if one.kind in kinds]

    def successes(self) -> list[Exchange]:
        """Every 200 to a call. Skips where there is none."""
        found = [one for one in self.answers("call") if one.status == OK]
        if not found:
            raise Skip("no call was answered with 200")
        return found


def told(value: Any) -> Any:
    """Without members called uuid, for comparisons."""
    if isinstance(value, dict):
        return {k: told(v) for k, v in value.items() if k != "uuid"}
    return [told(v) for v in value] if isinstance(value, list) else value
