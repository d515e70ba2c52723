"""What an EHR supplied for one prefetch key, and how much of it that is.

Absent, null, an OperationOutcome, a page of several, and something unreadable are five different things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from msgspec import DecodeError, Raw, Struct, ValidationError, field
from msgspec.json import Decoder

Kind = Literal["given", "empty", "absent", "errored"]

_RETRY = frozenset({"timeout", "transient", "lock-error", "throttled", "incomplete", "exception"})
_FAILED = frozenset({"error", "fatal"})


class _Issue(Struct):
    severity: str | None = None
    code: str | None = None


class _Search(Struct):
    mode: str | None = None


class Entry(Struct):
    """One entry of a Bundle, its resource still undecoded."""

    fullUrl: str | None = None
    resource: Raw = field(default_factory=Raw)
    search: _Search | None = None


class _Link(Struct):
    relation: str | None = None
    url: str | None = None


class _Envelope(Struct):
    """The members by which a Bundle, an OperationOutcome and a single resource are told apart."""

    resourceType: str = ""
    entry: list[Entry] | None = None
    link: list[_Link] | None = None
    issue: list[_Issue] | None = None


_envelopes = Decoder(_Envelope)


class _Typed(Struct):
    resourceType: str = ""
    issue: list[_Issue] | None = None


_types = Decoder(_Typed)


@dataclass(frozen=True, slots=True)
class Supply:
    """The state of one key.

    given: `entries` hold what there is, `missing` says why it is not all (None when it is all).
    empty: known to hold nothing. absent: the client sent no such key. errored: it could not be obtained, `missing`
    says why. retry: asking the FHIR server (again) may help.
    """

    kind: Kind
    entries: tuple[Entry, ...] = ()
    missing: str | None = None
    retry: bool = False
    warned: bool = False  # the empty result came with a warning
    truncated: bool = False  # there were more pages: what is missing lies behind the last entry


ABSENT = Supply("absent", missing="not supplied", retry=True)


def read_key(value: Raw | None) -> Supply:
    """Tell what a prefetch value is. None means that the key was not there."""
    if value is None:
        return ABSENT
    return read_page(bytes(value))


def read_page(raw: bytes) -> Supply:
    """Tell what one FHIR response body, or one prefetch value, is."""
    if raw == b"null":
        return Supply("empty")
    try:
        envelope = _envelopes.decode(raw)
    except (ValidationError, DecodeError):
        return Supply("errored", missing="unreadable: not a FHIR resource or Bundle", retry=True)
    if envelope.resourceType == "OperationOutcome":
        return _outcome(envelope.issue or [])
    if envelope.resourceType == "Bundle":
        return _bundle(envelope)
    if not envelope.resourceType:
        return Supply("errored", missing="unreadable: no resourceType", retry=True)
    return Supply("given", (Entry(resource=Raw(raw)),))


def joined(pages: Iterable[Supply], why_partial: str | None) -> Supply:
    """The pages of one search as one supply; `why_partial` when there were more pages than could be read."""
    all_pages = list(pages)
    entries = tuple(entry for page in all_pages for entry in page.entries)
    failed = next((p.missing for p in all_pages if p.missing and not p.truncated), None)
    missing = failed or why_partial
    if entries:
        return Supply("given", entries, missing, truncated=failed is None and why_partial is not None)
    if missing:
        return Supply("errored", missing=missing)
    return Supply("empty", warned=any(p.warned for p in all_pages))


PAGED = "only the first page was supplied"


def _outcome(issues: list[_Issue]) -> Supply:
    failed = [i for i in issues if i.severity in _FAILED or i.severity is None]
    if not failed and issues:
        return Supply("empty", warned=True)
    codes = sorted({i.code or "unknown" for i in failed})
    return Supply(
        "errored",
        missing=f"the EHR could not supply it ({', '.join(_word(c) for c in codes) or 'no reason given'})",
        retry=bool(codes) and all(c in _RETRY for c in codes),
    )


def _bundle(envelope: _Envelope) -> Supply:
    entries: list[Entry] = []
    missing: str | None = None
    warned = False
    for entry in envelope.entry or ():
        resource = bytes(entry.resource)
        if (entry.search and entry.search.mode == "outcome") or b'"OperationOutcome"' in resource[:200]:
            told = _entry_outcome(resource)
            if told is not None and told.kind == "errored":
                missing = told.missing
            warned = warned or (told is not None and told.warned)
            continue
        entries.append(entry)
    if any(link.relation == "next" for link in envelope.link or ()):
        missing = missing or PAGED
    if not entries and missing is None:
        return Supply("empty", warned=warned)
    paged = missing == PAGED
    if not entries:
        return Supply("errored", missing=missing, retry=paged, truncated=paged)
    return Supply("given", tuple(entries), missing, retry=paged, truncated=paged)


def _entry_outcome(resource: bytes) -> Supply | None:
    try:
        told = _types.decode(resource)
    except (ValidationError, DecodeError):
        return Supply("errored", missing="unreadable outcome in a Bundle")
    return _outcome(told.issue or []) if told.resourceType == "OperationOutcome" else None


def _word(code: str) -> str:
    return "".join(ch for ch in code if ch.isalnum() or ch == "-")[:40]
