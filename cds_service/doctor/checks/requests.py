"""What a call may look like, and what is no call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from cds_service.doctor import spec
from cds_service.doctor.bench import OK, PRECONDITION, Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import REFUSAL, Json
from cds_service.doctor.expect import answered, refused, unbroken

_UNKNOWN = {"doctorUnknown": {"nested": [1, "two", {"three": 3}]}}
_WRONG: tuple[Any, ...] = (5, [], {}, True)
_ILL_TYPED: tuple[Any, ...] = (None, 5, "x", [], {})
_NOT_THERE = {404, 405}
_DEEP = 100_000


@check("request-answers", "Each service answers a well-formed call", level="SHALL", section=spec.RESPONSE)
def answers(at: Bench) -> Iterator[Complaint]:
    """With 200, or with 412 where it lacks data. Services whose hook is not known here are left out. A refusal may be
    right where the request is made up."""
    asked = [one for one in at.services if one.sample is not None] or [at.examined]
    made = {service.id: at.call(at.sample(service), service) for service in asked}
    for name, exchange in made.items():
        yield from answered(exchange, name, (OK, PRECONDITION, *(set(REFUSAL) - _NOT_THERE)))
    refusals = [f"{n} ({one.status})" for n, one in made.items() if one.status not in (OK, PRECONDITION)]
    if refusals:
        raise Skip(f"the sample request was refused by {', '.join(refusals)}; give one with --request")


@check("request-minimal", "Only the required members are required", level="SHALL", section=spec.CALLING)
def minimal(at: Bench) -> Iterator[Complaint]:
    """prefetch, fhirServer and fhirAuthorization are optional: without them 200, or 412 where data are lacking."""
    body = at.sample()
    if at.baseline.status not in (OK, PRECONDITION):
        at.good_sample()
    yield from answered(at.call({k: body[k] for k in ("hook", "hookInstance", "context")}), "no prefetch, no access")


@check("request-required", "A call without a required member is refused", level="reading", section=spec.CALLING)
def required(at: Bench) -> Iterator[Complaint]:
    """hook, hookInstance and context are required; answer 400 and name the member."""
    for name in ("hook", "hookInstance", "context"):
        body = at.sample()
        yield from refused(at.call({k: v for k, v in body.items() if k != name}), f"without {name}")
        yield from refused(at.call(body | {name: None}), f"{name} is null")


@check("request-types", "A required member of the wrong type is refused", level="reading", section=spec.CALLING)
def types(at: Bench) -> Iterator[Complaint]:
    """hook and hookInstance are strings, context is an object: anything else is a client's fault, a 400."""
    wrong: dict[str, tuple[Any, ...]] = {"hook": _WRONG, "hookInstance": _WRONG, "context": (5, [], "patient")}
    for name, values in wrong.items():
        for value in values:
            yield from refused(at.call(at.sample() | {name: value}), f"{name} is {json.dumps(value)}")


@check("request-patient", "A call that names no patient is refused", level="reading", section=spec.CALLING)
def patient(at: Bench) -> Iterator[Complaint]:
    """Every hook's context has a patientId, a non-empty string: guessing one would advise about somebody else."""
    context = at.sample()["context"]
    for what, changed in {
        "missing": {k: v for k, v in context.items() if k != "patientId"},
        "null": context | {"patientId": None},
        "a number": context | {"patientId": 5},
        "empty": context | {"patientId": ""},
    }.items():
        yield from refused(at.call(at.sample() | {"context": changed}), f"context.patientId is {what}")


@check("request-optional", "An ill-typed optional member breaks nothing", level="reading", section=spec.CALLING)
def optional(at: Bench) -> Iterator[Complaint]:
    """Refuse it with a 400 or do without it, but never with a 500."""
    for name in ("prefetch", "fhirServer", "fhirAuthorization", "extension"):
        for value in _ILL_TYPED:
            yield from unbroken(at.call(at.sample() | {name: value}), f"{name} is {json.dumps(value)}")


@check("request-unknown", "Unknown members are ignored at every level", level="reading", section=spec.EXTENSIONS)
def unknown(at: Bench) -> Iterator[str | Complaint]:
    """Later versions add members, and hooks are never allowed to drop any: what is not known changes nothing."""
    body = at.good_sample()
    places: dict[str, Json] = {
        "the request": body | _UNKNOWN,
        "context": body | {"context": body["context"] | _UNKNOWN},
        "prefetch": body | {"prefetch": body.get("prefetch", {}) | {"doctorUnknown": {"resourceType": "Basic"}}},
    }
    for place, changed in places.items():
        yield from at.unlike_baseline(at.call(changed), f"an unknown member in {place}")


@check("request-extension", "An extension is accepted", level="SHALL", section=spec.EXTENSIONS)
def extension(at: Bench) -> Iterator[str | Complaint]:
    """The name `extension` is reserved for objects that anyone may add; those one does not know are passed over."""
    body = at.good_sample()
    told = {"example.cds-doctor.note": {"any": ["thing", 1]}}
    yield from at.unlike_baseline(at.call(body | {"extension": told}), "an extension of the request")
    context = body["context"] | {"extension": told}
    yield from at.unlike_baseline(at.call(body | {"context": context}), "an extension of the context")


@check(
    "request-hook-instance", "Every spelling of a UUID is a hookInstance", level="reading", section=spec.HOOK_INSTANCE
)
def hook_instance(at: Bench) -> Iterator[str | Complaint]:
    """Capital letters and the form urn:uuid: occur in the field, and one value for several calls as well."""
    body = at.good_sample()
    for value in (str(uuid4()).upper(), f"urn:uuid:{uuid4()}", body["hookInstance"], body["hookInstance"]):
        yield from at.unlike_baseline(at.call(body | {"hookInstance": value}), f"hookInstance {value}")


@check("request-hook", "A call for another hook is refused", level="reading", section=spec.CALLING)
def other_hook(at: Bench) -> Iterator[Complaint]:
    """The service is registered for one hook; advice made for another moment is no answer."""
    at.require_admission()
    yield from refused(at.call(at.sample() | {"hook": "doctor-unheard-of"}), "hook 'doctor-unheard-of'")


@check("request-malformed", "What is no JSON is refused", level="reading", section=spec.JSON_PARSERS)
def malformed(at: Bench) -> Iterator[Complaint]:
    """A 400: neither a crash nor an answer made from half of a request."""
    good = json.dumps(at.sample()).encode()
    for what, raw in {
        "half a request": good[: len(good) // 2],
        "an empty body": b"",
        "text after the object": good + b"x",
        "a trailing comma": good[:-1] + b",}",
        "bytes that are no UTF-8": good.replace(b'"hook"', b'"ho\xffok"', 1),
    }.items():
        yield from refused(at.post(raw), what)


@check("request-object", "JSON that is no object is refused", level="reading", section=spec.CALLING)
def no_object(at: Bench) -> Iterator[Complaint]:
    """The body is one object; a list of calls, a text or null is none."""
    at.sample()
    for raw in (b"[]", b"null", b"5", b'"patient-view"', json.dumps([at.sample()]).encode()):
        yield from refused(at.post(raw), raw[:20].decode())


@check("request-nan", "NaN and Infinity are refused", level="reading", section=spec.JSON_NUMBERS)
def no_number(at: Bench) -> Iterator[Complaint]:
    """JSON has no such numbers; many parsers let them in, and comparisons with NaN are all false."""
    good = json.dumps(at.sample()).encode()
    for word in (b"NaN", b"-Infinity"):
        yield from refused(at.post(good[:-1] + b', "doctorNumber": ' + word + b"}"), word.decode())


@check("request-duplicates", "A key that stands twice is refused", level="reading", section=spec.JSON_OBJECTS)
def duplicates(at: Bench) -> Iterator[Complaint]:
    """Which of two values counts is each parser's choice: with two patientIds, a proxy and the service may each see
    another patient."""
    body = at.sample()
    context = json.dumps(body["context"]).encode()
    raw = json.dumps(body).encode().replace(context, b'{"patientId": "doctor-somebody-else", ' + context[1:], 1)
    yield from refused(at.post(raw), "context.patientId twice")


@check("request-nesting", "Deep nesting breaks nothing", level="reading", section=spec.JSON_PARSERS)
def nesting(at: Bench) -> Iterator[Complaint]:
    """A parser that recurses dies of a few hundred kilobytes of brackets: answer 400, and the next call as usual."""
    body = at.sample()
    good = json.dumps(body).encode()
    deep = good[:-1] + b', "doctorDeep": ' + b"[" * _DEEP + b"]" * _DEEP + b"}"
    yield from unbroken(at.post(deep), f"{_DEEP:,} brackets")
    yield from unbroken(at.call(body), "the call after it")


@check("request-unicode", "Text of every script is taken", level="reading", section=spec.JSON_USE)
def unicode(at: Bench) -> Iterator[str | Complaint]:
    """Names are not ASCII. Characters beyond the first 65,536 and escapes are text like any other."""
    body = at.good_sample()
    words = {"doctorWords": "Ärztin 山田 \U0001f9b4 \u202b"}
    yield from at.unlike_baseline(at.post(json.dumps(body | words, ensure_ascii=False).encode()), "UTF-8")
    yield from at.unlike_baseline(at.post(json.dumps(body | words).encode()), "escapes")
