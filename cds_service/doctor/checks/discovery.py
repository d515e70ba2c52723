"""What a client sees at {base}/cds-services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from cds_service.doctor import spec
from cds_service.doctor.bench import OK, Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import Exchange, Json
from cds_service.doctor.expect import empties, is_text, unbroken

_SEGMENT = re.compile(r"[A-Za-z0-9._~-]+")


def _answer(at: Bench) -> Exchange:
    assert at.discovered is not None  # noqa: S101 - nothing runs before it
    return at.discovered


def _services(at: Bench) -> list[tuple[str, Json]]:
    """Each entry of `services` with its path. Skips where there is no list of objects."""
    body = _answer(at).json
    listed = body.get("services") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        raise Skip("discovery holds no list of services")
    return [(f"$.services[{n}]", one) for n, one in enumerate(listed) if isinstance(one, dict)]


@check("discovery-answers", "GET {base}/cds-services is answered with 200", level="SHALL", section=spec.DISCOVERY)
def answers(at: Bench) -> Iterator[Complaint]:
    """The discovery endpoint is always available at {base}/cds-services."""
    if _answer(at).status != OK:
        yield Complaint(f"answered {_answer(at).outcome}", _answer(at))


@check("discovery-json", "Discovery is JSON by its Content-Type", level="SHALL", section=spec.JSON_USE)
def is_json(at: Bench) -> Iterator[Complaint]:
    """All data are sent and received as JSON."""
    if _answer(at).media_type != "application/json":
        yield Complaint(f"Content-Type is '{_answer(at).media_type}', not application/json", _answer(at))


@check(
    "discovery-list", "Discovery is an object with a list of services", level="SHALL", section=spec.DISCOVERY_RESPONSE
)
def is_list(at: Bench) -> Iterator[Complaint]:
    """An object whose member `services` is an array, empty where there is no service."""
    body = _answer(at).json
    listed = body.get("services") if isinstance(body, dict) else None
    if not isinstance(listed, list):
        yield Complaint("the body is no JSON object with an array 'services'", _answer(at))
    elif not all(isinstance(one, dict) for one in listed):
        yield Complaint("'services' holds something that is no object", _answer(at))


@check("discovery-members", "Each service has hook, id and description", level="SHALL", section=spec.DISCOVERY_RESPONSE)
def members(at: Bench) -> Iterator[Complaint]:
    """All three are required strings."""
    for path, one in _services(at):
        for name in ("hook", "id", "description"):
            if not is_text(one.get(name)):
                yield Complaint(f"{path}.{name} is missing or no text", _answer(at))


@check("discovery-title", "Each service has a title", level="SHOULD", section=spec.DISCOVERY_RESPONSE)
def title(at: Bench) -> Iterator[Complaint]:
    """Recommended: it is what people see in a list of services."""
    for path, one in _services(at):
        if "title" not in one:
            yield Complaint(f"{path}.title is missing", _answer(at))


@check("discovery-types", "Optional members have the right type", level="SHALL", section=spec.DISCOVERY_RESPONSE)
def types(at: Bench) -> Iterator[Complaint]:
    """`title` and `usageRequirements` are strings, `prefetch` an object of strings, `extension` an object."""
    for path, one in _services(at):
        for name in ("title", "usageRequirements"):
            if name in one and not isinstance(one[name], str):
                yield Complaint(f"{path}.{name} is no string", _answer(at))
        for name in ("prefetch", "extension"):
            if name in one and not isinstance(one[name], dict):
                yield Complaint(f"{path}.{name} is no object", _answer(at))
        for key, query in _items(one.get("prefetch")):
            if not isinstance(query, str):
                yield Complaint(f"{path}.prefetch.{key} is no string", _answer(at))


def _items(value: Any) -> list[tuple[str, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


@check("discovery-id", "Each id can stand in an address as it is", level="reading", section=spec.DISCOVERY_RESPONSE)
def ids(at: Bench) -> Iterator[Complaint]:
    """The id is a segment of {base}/cds-services/{id}: other characters than letters, digits and ._~- would have to
    be escaped by every client alike."""
    for path, one in _services(at):
        if is_text(one.get("id")) and not _SEGMENT.fullmatch(one["id"]):
            yield Complaint(f"{path}.id is '{one['id']}'", _answer(at))


@check("discovery-unique", "No id stands twice for one hook", level="reading", section=spec.STALE)
def unique(at: Bench) -> Iterator[Complaint]:
    """An id may be repeated for another hook (the services then replace each other's cards), not for the same."""
    seen = set()
    for path, one in _services(at):
        key = (str(one.get("id")), str(one.get("hook")))
        if key in seen:
            yield Complaint(f"{path} repeats id '{key[0]}' for the hook '{key[1]}'", _answer(at))
        seen.add(key)


@check("discovery-empty", "Nothing in discovery is null or empty", level="SHALL", section=spec.JSON_USE)
def empty(at: Bench) -> Iterator[Complaint]:
    """An optional member without a value is left out: null, "", [] and {} are prohibited."""
    for path in empties(_answer(at).json, legal=("$", "$.services")):
        yield Complaint(f"{path} is null or empty", _answer(at))


@check("discovery-stable", "Discovery says the same twice", level="reading", section=spec.DISCOVERY)
def stable(at: Bench) -> Iterator[str]:
    """It is a stable endpoint: clients configure themselves from it once."""
    again = at.send("discovery", "GET", at.discovery_url, headers={})
    if _answer(at).status == OK and again.json != _answer(at).json:
        yield "the second answer differs from the first"


@check("discovery-slash", "A trailing slash is not redirected", level="reading", section=spec.DISCOVERY)
def slash(at: Bench) -> Iterator[Complaint]:
    """A redirect breaks preflights in browsers and makes the address differ from the `aud` of a token. Answer it
    like the address without slash, or with 404."""
    yield from unbroken(at.send("other", "GET", at.discovery_url + "/", headers={}), "GET with a trailing slash")


@check("discovery-https", "The service is reached over https", level="SHALL", section=spec.SECURITY)
def https(at: Bench) -> Iterator[Complaint]:
    """All data are exchanged over TLS."""
    if at.options.local:
        raise Skip("the service is on this machine, where plain http is tolerated")
    if urlsplit(at.discovery_url).scheme != "https":
        yield Complaint("the address is plain http", _answer(at))
