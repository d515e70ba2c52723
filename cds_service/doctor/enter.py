"""Getting in: discovery, sample requests for its services, and whether calls must be signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cds_service.doctor.bench import OK, Bench, Service
from cds_service.doctor.exchange import Json
from cds_service.doctor.options import BadOption, Options
from cds_service.doctor.samples import context_of, data_for, filled, request_of
from cds_service.doctor.wire import Wire

UNADMITTED = (401, 403)
FHIR_JSON: Mapping[str, str] = {"Accept": "application/fhir+json"}


def enter(bench: Bench) -> None:
    """Fill in what discovery tells. Raises BadOption where the address answers nothing at all."""
    discovered = bench.send("discovery", "GET", bench.discovery_url, headers={}, signed=False)
    if not discovered.status:
        raise BadOption(f"{bench.discovery_url}: {discovered.outcome}")
    if discovered.status in UNADMITTED:
        discovered = bench.send("discovery", "GET", bench.discovery_url, headers={}, signed=True)
    bench.discovered = discovered
    bench.services = tuple(_services(bench, discovered.json))
    bench.principal = _first_choice(bench)
    if bench.principal is None:
        return
    bench.admission = _admission(bench, bench.principal)
    if bench.options.service is None and bench.admission != "refused":
        bench.principal = _best(bench, bench.principal)


def _services(bench: Bench, told: Any) -> Iterator[Service]:
    """Those of discovery that can be called, or the one that the options name."""
    options = bench.options
    listed = told.get("services") if isinstance(told, dict) else None
    known = [one for one in listed if _callable(one)] if isinstance(listed, list) else []
    chosen = [one for one in known if _wanted(options, one["id"], one["hook"])]
    if not chosen and options.service and options.hook:
        chosen = [{"id": options.service, "hook": options.hook}]
    if not chosen and known:
        raise BadOption(f"discovery has no such service; it has {', '.join(sorted(one['id'] for one in known))}")
    for one in chosen:
        prefetch = one.get("prefetch")
        usable = prefetch if isinstance(prefetch, dict) else {}
        templates = {key: query for key, query in usable.items() if isinstance(query, str)}
        yield Service(one["id"], one["hook"], templates, _sample(bench, one["hook"], templates))


def _callable(one: Any) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(name), str) and one[name] for name in ("id", "hook"))


def _wanted(options: Options, service_id: str, hook: str) -> bool:
    return options.service in (None, service_id) and options.hook in (None, hook)


def _sample(bench: Bench, hook: str, templates: Mapping[str, str]) -> Json | None:
    given = next((one for one in bench.options.requests if one.get("hook") == hook), None)
    if given is not None:
        return {k: v for k, v in given.items() if k not in ("fhirServer", "fhirAuthorization")}
    context = context_of(hook, bench.options.patient)
    if context is None:
        return None
    data = bench.options.data
    prefetch = data_for(templates, context, bench.marks.family_name)
    return request_of(hook, context, prefetch if data is None else _fetched(bench, data, templates, context))


def _fetched(bench: Bench, base: str, templates: Mapping[str, str], context: Json) -> Json:
    """The patient's data from a FHIR server, each template asked once; a key that gives nothing is left out."""
    wire = Wire(bench.options.timeout, base)
    found: Json = {}
    for key, template in templates.items():
        answer = wire.send("other", "GET", f"{base.rstrip('/')}/{filled(template, context)}", headers=FHIR_JSON)
        if answer.status == OK and isinstance(answer.json, dict):
            found[key] = answer.json
    wire.close()
    if not found and templates:
        raise BadOption(f"{base} gave no data about the patient '{bench.options.patient}'")
    return found


def _first_choice(bench: Bench) -> Service | None:
    """A service with a request of the user's, else the first that can be asked, else the first."""
    hooks = {one.get("hook") for one in bench.options.requests}
    asked = [one for one in bench.services if one.hook in hooks]
    sampled = [one for one in bench.services if one.sample is not None]
    return next(iter((*asked, *sampled, *bench.services)), None)


def _admission(bench: Bench, service: Service) -> Any:
    body = service.sample if service.sample is not None else {}
    if bench.call(body, service).status not in UNADMITTED:
        return "open"
    bench.admission = "signed"
    return "refused" if bench.call(body, service).status in UNADMITTED else "signed"


def _best(bench: Bench, first: Service) -> Service:
    """The first service that can answer its sample request."""
    others = [one for one in bench.services if one is not first and one.sample is not None]
    for one in (first, *others):
        if one.sample is not None and bench.call(one.sample, one).status == OK:
            return one
        if one.hook in {given.get("hook") for given in bench.options.requests}:
            return one
    return first
