"""What holds of every answer that is no success."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cds_service.doctor import spec
from cds_service.doctor.bench import PRECONDITION, Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import FAULT, REDIRECT, REFUSAL, Exchange
from cds_service.doctor.samples import resources_of

_LEAST_NAME = 4
_TRACES = re.compile(
    rb"Traceback \(most recent call last\)|File \"[^\"]+\", line \d+|^\s*at [\w.$<>]+\(|"
    rb"[\w.]+(?:Exception|Error): |Werkzeug Debugger|\bat [\w.]+ in [^\n]+:line \d+",
    re.MULTILINE,
)


def _errors(at: Bench) -> list[Exchange]:
    """Every 4xx and 5xx to a call, to feedback or to a wrong address. Skips where there is none."""
    found = [
        one
        for one in at.answers("call", "feedback", "discovery", "other")
        if one.status in REFUSAL or one.status in FAULT
    ]
    if not found:
        raise Skip("no error was answered")
    return found


@check("error-json", "Errors are JSON", level="SHALL", section=spec.JSON_USE)
def is_json(at: Bench) -> Iterator[Complaint]:
    """All data are exchanged as JSON. A client that parses the answer must not stumble over an HTML page. Addresses
    and methods that do not exist are left out."""
    for exchange in _errors(at):
        if (
            exchange.kind in ("call", "discovery")
            and exchange.body
            and exchange.media_type not in ("application/json", "application/fhir+json")
        ):
            yield Complaint(f"{exchange.status} with Content-Type '{exchange.media_type}'", exchange)


@check("error-outcome", "Errors are OperationOutcomes", level="reading", section=spec.RESPONSE)
def outcome(at: Bench) -> Iterator[Complaint]:
    """The next version recommends it: severity, code, and words for the integrator."""
    for exchange in _errors(at):
        body = exchange.json
        issues = body.get("issue") if isinstance(body, dict) else None
        if not isinstance(body, dict) or body.get("resourceType") != "OperationOutcome" or not issues:
            yield Complaint(f"{exchange.status} without an OperationOutcome", exchange)


@check("error-412", "A 412 says what is missing", level="reading", section=spec.RESPONSE)
def precondition(at: Bench) -> Iterator[Complaint]:
    """Name the prefetch key: "Precondition Failed" alone leaves the integrator guessing."""
    found = [one for one in at.answers("call") if one.status == PRECONDITION]
    if not found:
        raise Skip("no 412 was answered")
    keys = {key for service in at.services for key in service.prefetch}
    for exchange in found:
        if not any(key.encode() in exchange.body for key in keys):
            yield Complaint("412 that names no prefetch key", exchange)


@check("error-trace", "Errors show nothing of the inside", level="reading", section=spec.SECURITY)
def trace(at: Bench) -> Iterator[Complaint]:
    """Stack traces tell an attacker which library to aim at, and may quote the patient's data."""
    for exchange in _errors(at):
        if found := _TRACES.search(exchange.body):
            yield Complaint(f"{exchange.status} holds '{found[0].decode('utf-8', 'replace').strip()[:60]}'", exchange)


@check("error-echo", "Errors repeat nothing about the patient", level="reading", section=spec.SECURITY)
def echo(at: Bench) -> Iterator[Complaint]:
    """Errors end up in logs and tickets. The family name of the request's Patient is looked for in them."""
    names = _family_names(at)
    for exchange in _errors(at):
        for name in names:
            if name.encode() in exchange.body:
                yield Complaint(f"{exchange.status} repeats the patient's name", exchange)


def _family_names(at: Bench) -> set[str]:
    prefetched = [
        one
        for service in at.services
        for datum in (service.sample or {}).get("prefetch", {}).values()
        for one in resources_of(datum)
        if one.get("resourceType") == "Patient"
    ]
    listed = [name for one in prefetched for name in one.get("name", ()) if isinstance(name, dict)]
    told = {str(name.get("family", "")) for name in listed} | {at.marks.family_name}
    return {name for name in told if len(name) >= _LEAST_NAME}


@check("error-redirect", "Nothing is redirected", level="reading", section=spec.CALLING)
def redirect(at: Bench) -> Iterator[Complaint]:
    """Clients call the address that was registered; a redirect loses the body, the token or the preflight."""
    for exchange in at.wire.exchanges:
        if exchange.status in REDIRECT:
            yield Complaint(f"{exchange.method} {exchange.url}: answered {exchange.status}", exchange)


@check("error-5xx", "No request breaks the service", level="reading", section=spec.RESPONSE)
def fault(at: Bench) -> Iterator[Complaint]:
    """Every request of this examination, however odd, is the client's affair: a 4xx, or an answer."""
    for exchange in at.wire.exchanges:
        if exchange.status in FAULT:
            yield Complaint(f"{exchange.method} {exchange.url}: answered {exchange.status}", exchange)


@check("error-silence", "Every request is answered", level="SHALL", section=spec.RESPONSE)
def silence(at: Bench) -> Iterator[Complaint]:
    """A connection that breaks or hangs holds up the clinician more than any error."""
    for exchange in at.wire.exchanges:
        if not exchange.status:
            yield Complaint(f"{exchange.method} {exchange.url}: {exchange.outcome}", exchange)
