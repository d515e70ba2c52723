"""Following a reference to what was supplied with it, never by asking anyone."""

from __future__ import annotations

from contextlib import suppress
from typing import Generic, TypeVar

from msgspec import ValidationError, convert

from cds_service.fhir import resources as wire
from cds_service.fhir.subject import HISTORY, base

T = TypeVar("T")


class ByReference(Generic[T]):
    """What was supplied, by each reference that may lead to it: relative, or absolute as its entry's fullUrl or
    under `server`, the base of the calling EHR; with a version or without."""

    def __init__(self, server: str | None) -> None:
        self._server = base(server) if server else None
        self._added: list[tuple[str | None, T]] = []
        self._held: dict[str, T] = {}

    def add(self, reference: str, full_url: str | None, held: T) -> None:
        """`reference` is `Type/id`, `full_url` that of its entry."""
        self._added += ((reference, held), (full_url, held))

    def find(self, reference: str | None) -> T | None:
        """None where the reference leads out of what was supplied."""
        if self._added:  # most charts are never asked
            self._held |= {self._plain(told): held for told, held in self._added if told}
            self._added.clear()
        return self._held.get(self._plain(reference or ""))

    def _plain(self, reference: str) -> str:
        unversioned = reference.split(HISTORY, 1)[0]
        if "://" not in unversioned:
            return unversioned
        where, *relative = unversioned.rsplit("/", 2)
        return "/".join(relative) if base(where) == self._server else unversioned


def contained(resource: wire.Resource) -> dict[str | None, wire.CodeableConcept]:
    """The code of each contained resource by the `#id` that means it."""
    found: dict[str | None, wire.CodeableConcept] = {}
    for inner in resource.contained or ():
        if isinstance(inner.get("code"), dict):
            with suppress(ValidationError):
                found.setdefault(f"#{inner.get('id')}", convert(inner["code"], wire.CodeableConcept))
    return found
