"""FHIR access: what the service asks for itself, and where its token goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cds_service.doctor import spec
from cds_service.doctor.bench import OK, Bench
from cds_service.doctor.check import Complaint, check
from cds_service.doctor.exchange import Json
from cds_service.doctor.expect import answered, unbroken
from cds_service.doctor.fhir_stub import FhirCall, Script, StubAnswer
from cds_service.doctor.samples import operation_outcome, resources_of, searchset

_NO_SEARCH = ("metadata", ".well-known/smart-configuration")


@check("fhir-fetch", "Missing data are fetched with the token", level="SHALL", section=spec.TEMPLATE)
def fetch(at: Bench) -> Iterator[Complaint]:
    """The service retrieves what the prefetch lacks itself. A 412 is for data that cannot be had: with a FHIR server
    that has them the answer is 200, as it is with everything prefetched."""
    at.good_sample()
    body = at.unfetched()
    with at.fhir.answering(at.chart()):
        yield from answered(at.call(body), "no prefetch, but access", (OK,))


@check("fhir-token", "Every FHIR request carries the token", level="SHALL", section=spec.FHIR_ACCESS)
def token(at: Bench) -> Iterator[str]:
    """A valid access token is presented with each API call, as a bearer token in the header Authorization."""
    body = at.unfetched()
    with at.fhir.answering(at.chart()) as calls:
        at.call(body)
    for call in calls:
        if call.path not in _NO_SEARCH and call.authorization != f"Bearer {at.marks.token}":
            yield f"{call.method} {call.path}: the header Authorization is not the token of the request"
        if at.marks.token in call.query:
            yield f"{call.method} {call.path}: the token stands in the address"


@check("fhir-reads-only", "The FHIR server is read, never written", level="reading", section=spec.FHIR_ACCESS)
def reads_only(at: Bench) -> Iterator[str]:
    """Advice is applied by the client when the user accepts it; nothing changes before."""
    body = at.unfetched()
    with at.fhir.answering(at.chart()) as calls:
        at.call(body)
    for call in calls:
        if call.method not in ("GET", "HEAD") and not call.path.endswith("_search"):
            yield f"{call.method} {call.path}"


@check("fhir-no-token", "Without a token the FHIR server is not asked", level="SHALL", section=spec.FHIR_ACCESS)
def no_token(at: Bench) -> Iterator[str | Complaint]:
    """Access exists only where both fhirServer and fhirAuthorization are given."""
    body = at.bare() | {"fhirServer": at.fhir.base}
    with at.fhir.answering(at.chart()) as calls:
        exchange = at.call(body)
    yield from answered(exchange, "fhirServer without fhirAuthorization")
    if calls:
        yield Complaint(f"{len(calls)} requests without a token, the first {calls[0].method} {calls[0].path}", exchange)


@check("fhir-no-server", "A token without a server breaks nothing", level="reading", section=spec.CALLING)
def no_server(at: Bench) -> Iterator[Complaint]:
    """fhirServer is required with fhirAuthorization: refuse, or do without access."""
    body = at.with_access(at.bare())
    del body["fhirServer"]
    yield from unbroken(at.call(body), "fhirAuthorization without fhirServer")


@check(
    "fhir-partial", "A partial or unusual fhirAuthorization breaks nothing", level="reading", section=spec.ACCESS_TOKEN
)
def partial(at: Bench) -> Iterator[Complaint]:
    """Test kits send only access_token and expires_in, and scopes of vendors have blanks and parentheses."""
    at.good_sample()
    odd: Json = {"scope": "patient (read, all) / v2", "token_type": "bearer"}
    nothing: Json = {"scope": None, "subject": None, "token_type": None}
    for what, changes in {"members missing": nothing, "an odd scope": odd}.items():
        with at.fhir.answering(at.chart()):
            yield from answered(at.call(at.with_access(at.unfetched(), **changes)), what, (OK,))


@check("fhir-expired", "A token that has expired is not used", level="reading", section=spec.ACCESS_TOKEN)
def expired(at: Bench) -> Iterator[str | Complaint]:
    """expires_in 0: every request with it would fail."""
    yield from _unused(at, "a token whose expires_in is 0", expires_in=0)


@check("fhir-other-patient", "A token for another patient is not used", level="reading", section=spec.ACCESS_TOKEN)
def other_patient(at: Bench) -> Iterator[str | Complaint]:
    """fhirAuthorization.patient names whose data the token opens; it must be the patient of the context."""
    yield from _unused(at, "a token for another patient", patient="doctor-somebody-else")


def _unused(at: Bench, what: str, **authorization: Any) -> Iterator[str | Complaint]:
    """A call with such a token is answered, and the FHIR server is not asked."""
    at.require_fhir()
    body = at.with_access(at.bare(), **authorization)
    with at.fhir.answering(at.chart()) as calls:
        yield from unbroken(at.call(body), what)
    if calls:
        yield f"{len(calls)} requests with {what}"


@check("fhir-null", "What is known to be nothing is not asked again", level="reading", section=spec.TEMPLATE)
def null(at: Bench) -> Iterator[str]:
    """A key that is null was asked already: a second query costs the clinician time."""
    at.good_sample()
    at.require_fhir()
    body = at.sample()
    with at.fhir.answering(at.chart()) as calls:
        at.call(at.with_access(body | {"prefetch": dict.fromkeys(at.examined.prefetch)}))
    if calls:
        yield f"{len(calls)} requests though every key was null, the first {calls[0].method} {calls[0].path}"


@check("fhir-refused", "A query that the client was refused is not repeated", level="SHOULD", section=spec.TEMPLATE)
def refused_already(at: Bench) -> Iterator[str]:
    """An OperationOutcome under a key is there to save the service a query that cannot succeed."""
    at.good_sample()
    at.require_fhir()
    failed = operation_outcome("error", "forbidden")
    body = at.sample() | {"prefetch": dict.fromkeys(at.examined.prefetch, failed)}
    with at.fhir.answering(at.chart()) as calls:
        at.call(at.with_access(body))
    if calls:
        yield f"{len(calls)} requests though every key was an OperationOutcome (forbidden)"


@check("fhir-pages", "A next page is fetched with the token", level="reading", section=spec.TEMPLATE)
def pages(at: Bench) -> Iterator[str]:
    """What is cut off may hold the finding that matters. Follow `next` on the same server, or say that data are
    missing."""
    body = at.unfetched()
    with at.fhir.answering(_paged(at, f"{at.fhir.base}/page-2?of=")) as calls:
        at.call(body)
    followed = [call for call in calls if call.path == "page-2"]
    if any(call.authorization != f"Bearer {at.marks.token}" for call in followed):
        yield "the next page was asked for without the token"
    if not followed and any(_is_search(call) for call in calls):
        yield "the next page was not asked for"


@check(
    "fhir-next-elsewhere", "A next page elsewhere does not get the token", level="SHALL", section=spec.BEARER_SAFEGUARD
)
def next_elsewhere(at: Bench) -> Iterator[str | Complaint]:
    """A `next` link to another origin, fetched or prefetched: whoever can plant one would collect tokens."""
    at.require_fhir()
    link = f"{at.stranger.origin}/fhir/page-2?of="
    with at.stranger.answering(lambda _: StubAnswer(body=searchset([]))) as strays:
        with at.fhir.answering(_paged(at, link)):
            yield from answered(at.call(at.unfetched()), "a fetched page with a next link elsewhere")
        body = at.sample()
        cut = {k: searchset(resources_of(d), following=link) for k, d in body.get("prefetch", {}).items() if _bundle(d)}
        with at.fhir.answering(at.chart()):
            prefetched = at.call(at.with_access(body | {"prefetch": body.get("prefetch", {}) | cut}))
            yield from answered(prefetched, "a prefetched page with a next link elsewhere")
    yield from _leaks(at, strays)


@check("fhir-redirect", "A redirect does not take the token elsewhere", level="SHALL", section=spec.BEARER_SAFEGUARD)
def redirect(at: Bench) -> Iterator[str | Complaint]:
    """HTTP libraries that follow redirects by themselves may send the token along to another origin."""
    body = at.unfetched()

    def away(call: FhirCall) -> StubAnswer:
        return StubAnswer(302, headers={"Location": f"{at.stranger.origin}/fhir/{call.path}?{call.query}"})

    with at.stranger.answering(at.chart()) as strays, at.fhir.answering(away):
        yield from answered(at.call(body), "a FHIR server that redirects elsewhere")
    yield from _leaks(at, strays)
    with at.fhir.answering(at.chart()):
        at.call(body)


def _leaks(at: Bench, strays: list[FhirCall]) -> Iterator[str]:
    for call in strays:
        if at.marks.token in f"{call.authorization} {call.query}":
            yield f"another origin got the token with {call.method} {call.path}"


def _paged(at: Bench, link: str) -> Script:
    """Each search gives its results as a first page, with `link` and the type as the next one."""
    whole = at.chart()

    def answer(call: FhirCall) -> StubAnswer:
        full = whole(call)
        if call.path == "page-2":
            return StubAnswer(body=searchset([]))
        if not _is_search(call):
            return full
        return StubAnswer(body=searchset(resources_of(full.body), following=link + call.path.partition("/")[0]))

    return answer


def _is_search(call: FhirCall) -> bool:
    kind, _, rest = call.path.partition("/")
    return kind[:1].isupper() and rest in ("", "_search")


def _bundle(datum: object) -> bool:
    return isinstance(datum, dict) and datum.get("resourceType") == "Bundle"
