"""A FHIR server with the habits of HAPI FHIR's JPA server, as far as its callers meet them; configured as its image is.

An unknown search parameter is a 400; pages are opaque `_getpages` links on the server's own idea of its address; a
search that fills more than a page tells no total; an equal search within a minute gets the same answer again; what is
unknown is a 404 and what was deleted a 410, each with an OperationOutcome; a write must not refer to what is not there.
Records live in memory. `hapi_server` puts it on the wire.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

Json = dict[str, Any]
SEARCHED_BY: Mapping[str, frozenset[str]] = {
    kind: frozenset({"patient", "_id", *others.split()})
    for kind, others in {
        "AllergyIntolerance": "category clinical-status code criticality date type verification-status",
        "CarePlan": "category date encounter intent status subject",
        "Condition": "category clinical-status code encounter onset-date recorded-date subject verification-status",
        "DiagnosticReport": "category code date encounter issued status subject",
        "Encounter": "class date reason-code status subject type",
        "FamilyMemberHistory": "code date relationship sex status",
        "MedicationRequest": "authoredon code date encounter intent status subject",
        "Observation": "category code date encounter status subject value-concept value-quantity",
        "Procedure": "category code date encounter reason-code status subject",
        "ServiceRequest": "authored category code encounter intent occurrence status subject",
    }.items()
} | {"Patient": frozenset({"_id", "birthdate", "family", "gender", "given", "identifier", "name"})}
"""Search parameters of FHIR R4 by type, as far as a caller of this project could want them."""
_RESULT_PARAMETERS = {"_count", "_sort", "_format", "_pretty"}
_DATED = ("effectiveDateTime", "effectivePeriod", "performedDateTime", "performedPeriod", "period", "date")


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, code: str, why: str) -> None:
        super().__init__(why)
        self.status = status
        issue = {"severity": "error", "code": code, "diagnostics": why}
        self.outcome: Json = {"resourceType": "OperationOutcome", "issue": [issue]}


@dataclass(slots=True)
class Hapi:
    """The server's records and its settings, named as the image's environment names them."""

    server_address: str | None = None
    max_page_size: int = 1_000_000
    reuse_seconds: float = 60.0
    integrity: bool = True
    records: dict[str, Json | None] = field(default_factory=dict)  # "Type/id" -> resource, None once deleted
    asked: list[str] = field(default_factory=list)
    _searches: dict[str, tuple[float, str, list[Json]]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=lambda: count(1001))

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Hapi:
        """As the image reads its environment."""
        get = {key.removeprefix("hapi.fhir."): value for key, value in environment.items()}.get
        return cls(
            server_address=get("server_address"),
            max_page_size=int(get("max_page_size", "1000000")),
            reuse_seconds=int(get("reuse_cached_search_results_millis", "60000")) / 1000,
            integrity=get("enforce_referential_integrity_on_write", "true") == "true",
        )

    def read(self, reference: str) -> Json:
        if reference not in self.records:
            raise Refused(404, "processing", f"HAPI-2001: Resource {reference} is not known")
        found = self.records[reference]
        if found is None:
            raise Refused(410, "deleted", f"Resource was deleted: {reference}")
        return found

    def search(self, kind: str, query: Mapping[str, list[str]], base: str, *, fresh: bool) -> Json:
        known = SEARCHED_BY.get(kind)
        if known is None:
            raise Refused(404, "not-supported", f"HAPI-0302: Unknown resource type '{kind}'")
        sorted_by = [name.lstrip("-") for value in query.get("_sort", []) for name in value.split(",")]
        for name in [*query, *sorted_by]:
            if name not in known | _RESULT_PARAMETERS:
                raise Refused(400, "processing", f'HAPI-0524: Unknown search parameter "{name}" for type "{kind}"')
        key = f"{kind}?{urlencode(sorted(query.items()), doseq=True)}"
        told, search_id, found = self._searches.get(key, (0.0, "", []))
        if fresh or time.monotonic() - told >= self.reuse_seconds or not search_id:
            search_id, found = str(uuid4()), list(self._matching(kind, query))
            self._searches[key] = self._searches[search_id] = (time.monotonic(), search_id, found)
        own = f"{base}/{kind}?{urlencode(query, doseq=True)}"
        return self._page(search_id, found, 0, int(query.get("_count", ["20"])[0]), base, own)

    def page(self, query: Mapping[str, list[str]], base: str, own: str) -> Json:
        _, search_id, found = self._searches.get(query["_getpages"][0], (0.0, "", []))
        if not search_id:
            raise Refused(410, "processing", "Search ID does not exist and may have expired")
        return self._page(search_id, found, int(query["_getpagesoffset"][0]), int(query["_count"][0]), base, own)

    def write(self, resource: Json, others: Iterable[str] = (), new_id: bool = False) -> Json:
        kind = resource["resourceType"]
        if kind not in SEARCHED_BY:
            raise Refused(400, "processing", f"HAPI-0302: Unknown resource type '{kind}'")
        missing = [r for r in references(resource) if self.records.get(r) is None and r not in set(others)]
        if self.integrity and missing:
            raise Refused(400, "processing", f"HAPI-1094: Resource {missing[0]} not found, specified in {kind}")
        kept = {**resource, "id": str(next(self._ids)) if new_id else resource["id"]}
        version = int(((self.records.get(f"{kind}/{kept['id']}") or {}).get("meta") or {}).get("versionId", 0)) + 1
        kept["meta"] = {**kept.get("meta", {}), "versionId": str(version), "source": "#hTIVA0unZc2Mb7yi"}
        self.records[f"{kind}/{kept['id']}"] = kept
        return kept

    def transaction(self, bundle: Json) -> Json:
        if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
            raise Refused(400, "processing", "HAPI-0526: Can not handle this Bundle")
        written = [entry["resource"] for entry in bundle["entry"]]
        others = [f"{r['resourceType']}/{r['id']}" for r in written]
        stored = [self.write(resource, others) for resource in written]
        told = [{"response": {"status": "201 Created", "location": f"{r['resourceType']}/{r['id']}"}} for r in stored]
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": told}

    def _matching(self, kind: str, query: Mapping[str, list[str]]) -> Iterator[Json]:
        wanted = {p.removeprefix("Patient/") for value in query.get("patient", []) for p in value.split(",")}
        codes = {code.rpartition("|")[2] for value in query.get("code", []) for code in value.split(",")}
        found = [r for r in self.records.values() if r is not None and r["resourceType"] == kind]
        if query.get("_sort", [""])[0].lstrip("-") == "date":
            found.sort(key=_date, reverse=query["_sort"][0].startswith("-"))
        for resource in found:
            about = (resource.get("subject") or resource.get("patient") or {}).get("reference", "")
            own = {coding.get("code") for coding in (resource.get("code") or {}).get("coding", [])}
            if (not wanted or about.removeprefix("Patient/") in wanted) and (not codes or own & codes):
                yield resource

    def _page(self, search_id: str, found: list[Json], offset: int, size: int, base: str, own: str) -> Json:
        size = min(size, self.max_page_size)
        shown, more = found[offset : offset + size], len(found) > offset + size
        links = [{"relation": "self", "url": own}]
        if more:
            following = {"_getpages": search_id, "_getpagesoffset": offset + size, "_count": size}
            links.append(
                {"relation": "next", "url": f"{base}?{urlencode(following)}&_pretty=true&_bundletype=searchset"}
            )
        page: Json = {"resourceType": "Bundle", "id": str(uuid4()), "type": "searchset", "link": links}
        if not more and not offset:
            page["total"] = len(found)
        if shown:
            page["entry"] = [
                {"fullUrl": f"{base}/{r['resourceType']}/{r['id']}", "resource": r, "search": {"mode": "match"}}
                for r in shown
            ]
        return page


def references(node: Any) -> Iterator[str]:
    """Every relative reference in a resource."""
    if isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]+", reference):
            yield reference
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def _date(resource: Json) -> str:
    found = next((resource[name] for name in _DATED if name in resource), "")
    return str(found.get("start", "")) if isinstance(found, dict) else str(found)
