"""Whose record a resource is."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

HISTORY = "/_history/"
"""Stands before the version in a reference."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient of the call, and by which references a resource may say that it is about them.

    fhir_server: base of the calling EHR, if it told one.
    """

    patient_id: str
    fhir_server: str | None = None

    def is_meant_by(self, reference: str | None, entry_url: str | None) -> bool:
        """True for `Patient/id`, and for the same under the server's or the entry's own base, with or without a
        version."""
        if not reference:
            return False
        wanted = f"Patient/{self.patient_id}"
        if reference == wanted:
            return True
        plain = reference.split(HISTORY, 1)[0]
        if plain == wanted:
            return True
        if not plain.endswith("/" + wanted):
            return False
        told = base(plain.removesuffix("/" + wanted))
        return told in {base(b) for b in (self.fhir_server, base_of(entry_url)) if b}


def base_of(full_url: str | None) -> str | None:
    """The server base of `https://server/fhir/Type/id`."""
    if not full_url or not full_url.startswith("http"):
        return None
    plain = full_url.split(HISTORY, 1)[0]
    parts = plain.rsplit("/", 2)
    return parts[0] if len(parts) == 3 else None  # noqa: PLR2004 - base, type, id


def base(url: str) -> str:
    """A server base in one spelling; what is no URL stays as it is."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{parts.path.rstrip('/')}"
