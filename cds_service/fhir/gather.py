"""Putting together what was prefetched and what had to be fetched."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from time import perf_counter

from msgspec import Raw

from cds_service.fhir.client import Fetched, FhirClient, NotFetched, Outcome, Times, same_origin, server_allowed
from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES, queries
from cds_service.fhir.supply import Supply, joined, read_key, read_page, together
from cds_service.telemetry import Note, State

_WORDS = {
    "timeout": "the FHIR server did not answer in time",
    "unreachable": "the FHIR server could not be reached",
    "unauthorized": "the FHIR server refused the access token",
    "forbidden": "the access token does not allow it",
    "not-found": "the FHIR server has no such resource",
    "server-error": "the FHIR server failed",
    "bad-content": "the FHIR server's answer could not be read",
    "too-large": "the FHIR server's answer was too large",
    "redirect": "the FHIR server redirected the query, which is not followed",
    "circuit-open": "the FHIR server failed repeatedly and is left alone for a moment",
    "rate-limited": "the FHIR server asked to wait",
    "client-error": "the FHIR server refused the query",
}


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """The EHR's FHIR server and the token for it. It lives for one call and is never shown."""

    server: str
    token: str


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Fetches what a call did not bring. `allowed` are the FHIR bases that may be queried at all."""

    client: FhirClient
    allowed: Collection[str]
    deadline_seconds: float

    def gather(
        self, prefetch: Mapping[str, Raw], patient_id: str, access: Access | None, note: Note | None = None
    ) -> dict[str, Supply]:
        """A Supply for every key. Without token, or for a server not on the list, no request goes out.

        `note` takes down where each key's data came from, and what the queries came to.
        """
        supplies = {key: read_key(prefetch.get(key), RESOURCE_TYPES[key]) for key in KEYS}
        note = note or Note()
        note.supplied = {key: _had(supply) for key, supply in supplies.items()}
        wanted = [key for key, supply in supplies.items() if supply.retry]
        if access is None or not wanted:
            return supplies
        refused = server_allowed(access.server, self.allowed)
        if refused is not None:
            return {k: _refused(refused) if s.kind == "absent" else s for k, s in supplies.items()}
        times: Times = {}
        links = {key: link for key in wanted if (link := _followed(supplies[key], access.server))}
        fetched = self.client.fetch(
            access.server,
            access.token,
            queries(patient_id, [key for key in wanted if key not in links]),
            links=links,
            deadline_seconds=self.deadline_seconds,
            headers=note.fhir_headers,
            times=times,
        )
        _note(note, fetched, times)
        return supplies | {key: together(supplies[key], _supply(fetched[key], RESOURCE_TYPES[key])) for key in wanted}


def _had(supply: Supply) -> State:
    return "hit" if supply.kind in ("given", "empty") else "missing"


def _note(note: Note, fetched: Mapping[str, Outcome], times: Times) -> None:
    now = perf_counter()
    for key, outcome in fetched.items():
        if isinstance(outcome, Fetched):
            note.supplied[key] = "fetched"
            word = "ok" if outcome.complete else "partial"
        else:
            word = outcome.cause
        note.queried(key, word, *times.get(key, (now, now)))


def _followed(supply: Supply, server: str) -> str | None:
    """The next link of a page, where it leads on at the same server; a page that leads elsewhere is asked for anew."""
    return supply.next_link if supply.next_link and same_origin(server, supply.next_link) else None


def _supply(fetched: Fetched | NotFetched, types: Collection[str]) -> Supply:
    if isinstance(fetched, NotFetched):
        return Supply("errored", missing=_WORDS[fetched.cause])
    why = None if fetched.complete else fetched.why_partial or "not all pages could be read"
    return joined((read_page(page, types) for page in fetched.pages), why)


def _refused(why: str) -> Supply:
    return Supply("absent", missing=f"not supplied, and the FHIR server may not be queried ({why})")
