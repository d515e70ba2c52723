"""A FHIR server that refuses, breaks, talks nonsense or is slow. After each fault it is well again, and asked again:
a service may leave a server alone that keeps failing."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, check
from cds_service.doctor.exchange import Exchange
from cds_service.doctor.expect import answered
from cds_service.doctor.fhir_stub import FhirCall, StubAnswer
from cds_service.doctor.samples import operation_outcome

_SLOW_S = 6.0
_PATIENCE_S = 4.0
_MOST_TRIES = 4


def _under(at: Bench, answer: StubAnswer) -> tuple[Exchange, list[FhirCall]]:
    """A call without prefetch while the server answers so, then one while it is well."""
    body = at.unfetched()
    with at.fhir.answering(lambda _: answer) as calls:
        exchange = at.call(body)
        made = list(calls)
    with at.fhir.answering(at.chart()):
        at.call(body)
    return exchange, made


@check("fhir-denied", "A FHIR server that says no gives 200 or 412", level="SHALL", section=spec.RESPONSE)
def denied(at: Bench) -> Iterator[Complaint]:
    """401, 403 or 404: the data cannot be had. 412 where they are necessary, else advice that does without them."""
    for status, code in ((401, "login"), (403, "forbidden"), (404, "not-found")):
        exchange, _ = _under(at, StubAnswer(status, operation_outcome("error", code)))
        yield from answered(exchange, f"a FHIR server that answers {status}")


@check("fhir-broken", "A FHIR server that fails gives 200 or 412", level="SHALL", section=spec.RESPONSE)
def broken(at: Bench) -> Iterator[Complaint]:
    """500, 503, an empty body: a fault of the client's server is no fault of the service."""
    for what, answer in {
        "500": StubAnswer(500, b"Internal Server Error", {"Content-Type": "text/plain"}),
        "503": StubAnswer(503, operation_outcome("error", "transient")),
        "200 with nothing in it": StubAnswer(200, b""),
    }.items():
        exchange, _ = _under(at, answer)
        yield from answered(exchange, f"a FHIR server that answers {what}")


@check("fhir-nonsense", "A FHIR server that talks nonsense gives 200 or 412", level="reading", section=spec.RESPONSE)
def nonsense(at: Bench) -> Iterator[Complaint]:
    """An error page with status 200, a list, a resource of another kind: not data, and no reason for a 500."""
    for what, answer in {
        "HTML": StubAnswer(200, b"<html>Please log in</html>", {"Content-Type": "text/html"}),
        "a list": StubAnswer(200, b"[]"),
        "an OperationOutcome": StubAnswer(200, operation_outcome("error", "processing")),
        "Bundle.entry that is a number": StubAnswer(200, {"resourceType": "Bundle", "entry": 5}),
    }.items():
        exchange, _ = _under(at, answer)
        yield from answered(exchange, f"a FHIR server that answers {what}")


@check("fhir-storm", "A FHIR server that refuses is not stormed", level="reading", section=spec.ACCESS_TOKEN)
def storm(at: Bench) -> Iterator[Complaint]:
    """A token that was refused once is refused again: the same query more than a few times helps nobody."""
    exchange, calls = _under(at, StubAnswer(401, operation_outcome("error", "login")))
    addresses = [f"{call.method} {call.path}?{call.query}" for call in calls]
    for address in sorted(set(addresses)):
        if addresses.count(address) > _MOST_TRIES:
            yield Complaint(f"{address[:80]} was sent {addresses.count(address)} times", exchange)


@check("fhir-slow", "A slow FHIR server does not hold up the answer", level="SHOULD", section=spec.PROVIDING)
def slow(at: Bench) -> Iterator[Complaint]:
    """Services should answer in about half a second. A server that takes six seconds must not keep the clinician
    waiting four: give up on it, and say what is missing."""
    exchange, _ = _under(at, StubAnswer(200, operation_outcome("information", "informational"), after=_SLOW_S))
    yield from answered(exchange, "a slow FHIR server")
    if exchange.seconds > _PATIENCE_S:
        yield Complaint(f"a FHIR server that takes {_SLOW_S:g} s: answered after {exchange.seconds:.1f} s", exchange)
