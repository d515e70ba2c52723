"""Prefetched data: given, left out, null, empty, failed, partial, of the wrong kind, about somebody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cds_service.doctor import spec
from cds_service.doctor.bench import OK, PRECONDITION, Bench, told
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import Exchange, Json
from cds_service.doctor.expect import answered, unbroken
from cds_service.doctor.samples import operation_outcome, resources_of, searchset

OTHER_PATIENT = "doctor-somebody-else"
_NO_RESOURCE: tuple[Any, ...] = ("<html>Bad Gateway</html>", 5, [], {}, {"resourceType": "Basic"}, {"entry": 7})


def _with(at: Bench, key: str, datum: Any) -> Json:
    """The sample request with another value for one key."""
    body = at.good_sample()
    return body | {"prefetch": body.get("prefetch", {}) | {key: datum}}


def _without(at: Bench, key: str) -> Json:
    body = at.good_sample()
    return body | {"prefetch": {k: v for k, v in body.get("prefetch", {}).items() if k != key}}


def _keys(at: Bench, *, searches: bool = False) -> list[str]:
    """The keys of the examined service that the sample request has. Skips where there is none."""
    prefetch = at.good_sample().get("prefetch", {})
    found = [k for k, q in at.examined.prefetch.items() if k in prefetch and (not searches or "?" in q)]
    if not found:
        raise Skip("the examined service asks for no search" if searches else "the examined service asks for nothing")
    return found


def needed(at: Bench, key: str) -> bool:
    """The service answers 412 where this key is left out and there is no access."""
    return at.call(_without(at, key)).status == PRECONDITION


@check("prefetch-absent", "A key left out, without access, gives 200 or 412", level="SHALL", section=spec.TEMPLATE)
def absent(at: Bench) -> Iterator[Complaint]:
    """Clients may honour some keys only. Where the data are necessary and there is no access, the answer is 412."""
    for key in _keys(at):
        yield from answered(at.call(_without(at, key)), f"{key} left out")


@check("prefetch-null", "null means that there is nothing", level="reading", section=spec.TEMPLATE)
def null(at: Bench) -> Iterator[Complaint]:
    """A client without data for a key sends null. The key is there, so nothing is missing: 200, not 412."""
    for key in _keys(at):
        yield from answered(at.call(_with(at, key, None)), f"{key} is null", (OK,))


@check("prefetch-empty", "An empty search result means that there is nothing", level="reading", section=spec.TEMPLATE)
def empty(at: Bench) -> Iterator[Complaint]:
    """A Bundle without entries is an answer: 200, not 412."""
    for key in _keys(at, searches=True):
        yield from answered(at.call(_with(at, key, searchset([]))), f"{key} is an empty Bundle", (OK,))


@check("prefetch-error", "An OperationOutcome is not taken for data", level="SHOULD", section=spec.TEMPLATE)
def error(at: Bench) -> Iterator[Complaint]:
    """Services should look for OperationOutcomes. What was needed when it was left out is still needed when the
    query failed: 412, not a judgement as if there were nothing."""
    for key in _keys(at):
        exchange = at.call(_with(at, key, operation_outcome("error", "exception")))
        wanted = (PRECONDITION,) if needed(at, key) else (OK, PRECONDITION)
        yield from answered(exchange, f"{key} is an OperationOutcome (error)", wanted)


@check("prefetch-warning", "A warning beside a search result changes nothing", level="reading", section=spec.TEMPLATE)
def warning(at: Bench) -> Iterator[str | Complaint]:
    """Some servers add an OperationOutcome of severity warning, such as "no results", as an entry with search mode
    outcome: the rest of the Bundle is as good as without it."""
    note = {"resource": operation_outcome("warning", "informational"), "search": {"mode": "outcome"}}
    for key in _keys(at, searches=True):
        datum = at.good_sample()["prefetch"][key]
        if isinstance(datum, dict) and datum.get("resourceType") == "Bundle":
            noted = datum | {"entry": [*datum.get("entry", ()), note]}
            yield from at.unlike_baseline(at.call(_with(at, key, noted)), f"{key} with a warning")


@check("prefetch-next", "A first page, without access, gives 200 or 412", level="reading", section=spec.TEMPLATE)
def following(at: Bench) -> Iterator[Complaint]:
    """Clients may cut a result into pages. Without access the rest cannot be had: judge by what is there, with care,
    or refuse with 412."""
    for key in _keys(at, searches=True):
        page = searchset(resources_of(at.good_sample()["prefetch"][key]), following="https://fhir.invalid/page-2")
        yield from answered(at.call(_with(at, key, page)), f"{key} is one page of several")


@check("prefetch-wrong-type", "Something that is no resource breaks nothing", level="reading", section=spec.PROVIDING)
def wrong_type(at: Bench) -> Iterator[Complaint]:
    """Error pages and stray values occur under prefetch keys; they are a failed query, not a 500."""
    for key in _keys(at):
        for datum in _NO_RESOURCE:
            yield from unbroken(at.call(_with(at, key, datum)), f"{key} is {json.dumps(datum)}")


@check("prefetch-broken-entry", "A malformed entry breaks nothing", level="reading", section=spec.PROVIDING)
def broken_entry(at: Bench) -> Iterator[Complaint]:
    """One bad resource among good ones must not cost the clinician the rest of the advice."""
    bad: tuple[Any, ...] = (None, 5, {"resource": None}, {"resource": {"resourceType": 5}}, {"resource": "Patient/1"})
    for key in _keys(at, searches=True):
        entries = [{"resource": one} for one in resources_of(at.good_sample()["prefetch"][key])]
        datum = {"resourceType": "Bundle", "type": "searchset", "entry": [*entries, *bad]}
        yield from unbroken(at.call(_with(at, key, datum)), f"{key} with malformed entries")


@check("prefetch-extra", "A key that was not asked for changes nothing", level="reading", section=spec.TEMPLATE)
def extra(at: Bench) -> Iterator[str | Complaint]:
    """It is not this service's data."""
    datum = searchset([{"resourceType": "Basic", "id": "doctor-basic"}])
    yield from at.unlike_baseline(at.call(_with(at, "doctorExtra", datum)), "an extra key")


@check("prefetch-collection", "A Bundle of type collection is taken", level="reading", section=spec.PROVIDING)
def collection(at: Bench) -> Iterator[str | Complaint]:
    """The specification's own example calls a search result so, and clients that have data in memory build one."""
    body = at.good_sample()
    for key in _keys(at, searches=True):
        datum = body["prefetch"][key]
        if isinstance(datum, dict) and datum.get("resourceType") == "Bundle":
            kept = {k: v for k, v in datum.items() if k not in ("total", "link")}
            body["prefetch"][key] = kept | {"type": "collection"}
    yield from at.unlike_baseline(at.call(body), "Bundles of type collection")


@check("prefetch-other-patient", "Another patient's data give no advice", level="reading", section=spec.SECURITY)
def other_patient(at: Bench) -> Iterator[Complaint]:
    """A mixed-up cache or proxy must not put somebody else's finding on a card. Each search result is relabelled as
    another patient's; no card that needs it may remain."""
    body = at.good_sample()
    keys = [k for k in _keys(at, searches=True) if resources_of(body["prefetch"][k])]
    if not keys or not at.baseline.cards or not at.steady:
        raise Skip("the sample request has no search results that lead to cards; give one with --request")
    nothing = body | {"prefetch": body["prefetch"] | {key: searchset([]) for key in keys}}
    innocent = _summaries(at.call(nothing))
    patient_id = str(body["context"]["patientId"])
    changed = {key: _relabelled(body["prefetch"][key], patient_id) for key in keys}
    exchange = at.call(body | {"prefetch": body["prefetch"] | changed})
    for summary in sorted(_summaries(exchange) & _summaries(at.baseline) - innocent):
        yield Complaint(f"another patient's data give the card '{summary[:100]}'", exchange)


def _summaries(exchange: Exchange) -> set[str]:
    return {str(card.get("summary")) for card in exchange.cards if isinstance(card, dict)}


def _relabelled(datum: Any, patient_id: str) -> Any:
    """The same with every reference to the patient leading to another one."""
    text = json.dumps(datum)
    return json.loads(text.replace(f'Patient/{patient_id}"', f'Patient/{OTHER_PATIENT}"'))


@check(
    "prefetch-wrong-patient",
    "A Patient who is not the one asked about is noticed",
    level="reading",
    section=spec.SECURITY,
)
def wrong_patient(at: Bench) -> Iterator[Complaint]:
    """The patient's own record under another id: age and sex would be somebody else's. Refuse, or leave it out."""
    body = at.good_sample()
    for key in _keys(at):
        datum = body["prefetch"][key]
        if not (isinstance(datum, dict) and datum.get("resourceType") == "Patient"):
            continue
        exchange = at.call(_with(at, key, datum | {"id": OTHER_PATIENT}))
        yield from unbroken(exchange, "another Patient")
        if exchange.cards and at.steady and told(exchange.cards) == told(at.baseline.cards):
            yield Complaint(f"{key} is another Patient: the same cards as for the right one", exchange)
