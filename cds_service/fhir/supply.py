"""What an EHR supplied for one prefetch key, and how much of it that is.

Absent, null, an OperationOutcome, a page of several, and something unreadable are five different things.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from msgspec import Raw, Struct, field
from msgspec.json import Decoder

from cds_service.fhir.resources import NOT_READ, SHAPES, Coded

T = TypeVar("T")
Kind = Literal["given", "empty", "absent", "errored"]

_RETRY = frozenset({"timeout", "transient", "lock-error", "throttled", "incomplete", "exception"})
_FAILED = frozenset({"error", "fatal"})
_NOTHING = (b"", b"null")


class _Issue(Struct):
    severity: str | None = None
    code: str | None = None


class Entry(Struct):
    """One entry of a Bundle, its resource still undecoded."""

    fullUrl: str | None = None
    resource: Raw = field(default_factory=Raw)


class _Bare(Struct):
    """The resource of an entry that has something odd beside it."""

    resource: Raw = field(default_factory=Raw)


class ReadEntry(Struct, Generic[T]):
    """One entry of a Bundle all of whose resources are as they should be, decoded with it."""

    resource: T
    fullUrl: str | None = None


class _Link(Struct):
    relation: str | None = None
    url: str | None = None


class _Envelope(Struct):
    """What tells a Bundle, an OperationOutcome and a single resource apart, and their members by themselves."""

    resourceType: str = ""
    entry: Raw = field(default_factory=lambda: Raw(b"null"))
    link: Raw = field(default_factory=lambda: Raw(b"null"))
    issue: Raw = field(default_factory=lambda: Raw(b"null"))


_envelopes = Decoder(_Envelope)
_lists = Decoder(list[Raw] | None)
_links = Decoder(list[_Link] | None)
_issues = Decoder(list[_Issue] | None)
_entries = Decoder(Entry)
_bare = Decoder(_Bare)


class _ReadEnvelope(Struct, Generic[T]):
    """A Bundle decoded in one go, its resources with it."""

    resourceType: str = ""
    entry: list[ReadEntry[T]] | None = None
    link: list[_Link] | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """The state of one key.

    given: `entries` hold what there is, `missing` says why it is not all (None when it is all).
    empty: known to hold nothing; `missing` where a warning came in place of data. absent: the client sent no such
    key. errored: it could not be obtained, `missing` says why. retry: asking the FHIR server (again) may help.
    """

    kind: Kind
    entries: tuple[Entry | ReadEntry[Coded], ...] = ()
    missing: str | None = None
    retry: bool = False
    truncated: bool = False  # there were more pages: what is missing lies behind the last entry
    next_link: str | None = None  # of a truncated page, as the EHR wrote it


ABSENT = Supply("absent", missing="not supplied", retry=True)


def read_key(value: Raw | None, types: Collection[str] = ()) -> Supply:
    """Tell what a prefetch value is. None means that the key was not there; `types` as for `read_page`."""
    if value is None:
        return ABSENT
    return read_page(bytes(value), types)


def read_page(raw: bytes, types: Collection[str] = ()) -> Supply:
    """Tell what one FHIR response body, or one prefetch value, is.

    `types` are the resource types asked for: what holds none of them answers another question, and is no answer
    to this one. Without `types` any will do. A Bundle without anything odd in it is decoded whole, which is by far
    the quickest; any other is taken apart, so that one odd entry does not spoil the rest.
    """
    if raw == b"null":
        return Supply("empty")
    if (smooth := _read_whole(raw, types)) is not None:
        return smooth
    try:
        envelope = _envelopes.decode(raw)
        if envelope.resourceType == "OperationOutcome":
            return _outcome(envelope)
        if envelope.resourceType == "Bundle":
            return _bundle(envelope, types)
    except NOT_READ:
        return _unreadable("not a FHIR resource or Bundle")
    if not envelope.resourceType:
        return _unreadable("no resourceType")
    if types and envelope.resourceType not in types:
        return _unreadable(_OTHER_TYPE)
    return Supply("given", (Entry(resource=Raw(raw)),))


def _read_whole(raw: bytes, types: Collection[str]) -> Supply | None:
    """A Bundle of nothing but readable R4 resources of these types; None for everything else."""
    shape = next((SHAPES[one] for one in types if one in SHAPES), None)
    if shape is None:
        return None
    try:
        bundle = _whole(shape).decode(raw)
    except NOT_READ:
        return None
    if bundle.resourceType != "Bundle":
        return None
    for entry in bundle.entry or ():
        found = entry.resource
        if found.id is None or found.modifierExtension:
            return None
        if found.resourceType not in types or found.resourceType not in SHAPES:
            return None
    return _given(tuple(bundle.entry or ()), bundle.link)


@cache
def _whole(shape: type[Coded]) -> Decoder[_ReadEnvelope[Any]]:
    return Decoder(_ReadEnvelope[shape])  # type: ignore[valid-type]


def joined(pages: Iterable[Supply], why_partial: str | None) -> Supply:
    """The pages of one search as one supply; `why_partial` when there were more pages than could be read."""
    all_pages = list(pages)
    entries = tuple(entry for page in all_pages for entry in page.entries)
    failed = next((p.missing for p in all_pages if p.missing and p.kind != "empty" and not p.truncated), None)
    missing = failed or why_partial
    if entries:
        return Supply("given", entries, missing, truncated=failed is None and why_partial is not None)
    if missing:
        return Supply("errored", missing=missing)
    return Supply("empty", missing=next((p.missing for p in all_pages if p.kind == "empty" and p.missing), None))


def together(had: Supply, got: Supply) -> Supply:
    """What was prefetched and what was fetched for the same key: the fetch tells whether anything is missing still.

    Where it failed, what the prefetch had is kept, as incomplete as it was.
    """
    if had.kind != "given":
        return got
    if got.kind == "errored":
        return had
    return Supply("given", had.entries + got.entries, got.missing, truncated=got.truncated)


PAGED = "only the first page was supplied"
WARNED = "the EHR sent a warning in place of data"
_OTHER_TYPE = "not of the resource type asked for"


def _unreadable(why: str) -> Supply:
    return Supply("errored", missing=f"unreadable: {why}", retry=True)


def _outcome(told: _Envelope) -> Supply:
    try:
        issues = _issues.decode(told.issue) or []
    except NOT_READ:
        return _unreadable("an OperationOutcome")
    failed = [i for i in issues if i.severity in _FAILED or i.severity is None]
    if not failed and issues:
        return Supply("empty", missing=WARNED)
    codes = sorted({i.code or "unknown" for i in failed})
    return Supply(
        "errored",
        missing=f"the EHR answered with an error ({', '.join(_word(c) for c in codes) or 'no reason given'})",
        retry=bool(codes) and all(c in _RETRY for c in codes),
    )


def _bundle(envelope: _Envelope, types: Collection[str]) -> Supply:
    """What its entries tell, each read by itself. Raises one of NOT_READ where they are no list."""
    found = [_entry(bytes(raw)) for raw in _lists.decode(envelope.entry) or ()]
    entries = tuple(one for one in found if isinstance(one, Entry) and bytes(one.resource) not in _NOTHING)
    failed = next((one for one in found if isinstance(one, Supply) and one.kind == "errored"), None)
    try:
        links = _links.decode(envelope.link)
    except NOT_READ:
        links, failed = None, failed or _unreadable("the links of a Bundle")
    if entries and types and not any(_type_of(entry) in types for entry in entries):
        return _unreadable(_OTHER_TYPE)
    if failed is not None:
        return Supply("given" if entries else "errored", entries, failed.missing, failed.retry)
    return _given(entries, links)


def _entry(raw: bytes) -> Entry | Supply:
    """An entry; in place of one that holds an OperationOutcome, or nothing that can be read, what that means."""
    if raw == b"null":
        return Entry()
    try:
        entry = _entries.decode(raw)
    except NOT_READ:
        try:
            entry = Entry(resource=_bare.decode(raw).resource)
        except NOT_READ:
            return _unreadable("an entry of a Bundle")
    resource = bytes(entry.resource)
    if b'"OperationOutcome"' in resource or b"\\u" in resource:
        return _entry_outcome(resource) or entry
    return entry


def _given(entries: tuple[Entry | ReadEntry[Coded], ...], links: list[_Link] | None) -> Supply:
    """What a Bundle holds that tells of no failure."""
    following = [link.url for link in links or () if link.relation == "next"]
    if following:
        kind: Kind = "given" if entries else "errored"
        return Supply(kind, entries, PAGED, retry=True, truncated=True, next_link=following[0])
    return Supply("given", entries) if entries else Supply("empty")


def _type_of(entry: Entry) -> str:
    try:
        return _envelopes.decode(entry.resource).resourceType
    except NOT_READ:
        return ""


def _entry_outcome(resource: bytes) -> Supply | None:
    """None for what is no OperationOutcome."""
    try:
        told = _envelopes.decode(resource)
    except NOT_READ:
        return None
    return _outcome(told) if told.resourceType == "OperationOutcome" else None


def _word(code: str) -> str:
    return "".join(ch for ch in code if ch.isalnum() or ch == "-")[:40]
