"""The prefetch templates of discovery: queries that every client has to be able to fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.samples import TOKEN, TOKENS_OF_HOOK, USER_TOKENS

_KEY = re.compile(r"[^\s.$|\"'{}]+")
_PLACE = "\x00"
_READ = re.compile(rf"(?:[A-Z][A-Za-z]+/)?(?:{_PLACE}|[A-Za-z0-9.-]+)")
_SEARCH = re.compile(r"[A-Z][A-Za-z]+\?[^?#\s]+")
_SPECIAL = ("_count", "_sort", "_id", "_maxresults")
_OTHER_MODIFIER = re.compile(r"[^:]+:(?!in$).*")
_REFUSED_PREFIX = re.compile(r"(?:ne|sa|eb|ap)\d")
_DATES = re.compile(r"date|authored|onset|recorded|period|issued|birthdate|_lastupdated", re.IGNORECASE)


def _templates(at: Bench) -> Iterator[tuple[str, str, str]]:
    """Path, hook and template of each. Skips where there is none."""
    found = [(f"{one.id}: {key}", one.hook, query) for one in at.services for key, query in one.prefetch.items()]
    if not found:
        raise Skip("no service asks for prefetch")
    yield from found


def _parameters(query: str) -> list[tuple[str, str]]:
    _, _, search = query.partition("?")
    pairs = (part.partition("=") for part in search.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


@check("template-form", "Each template is a relative read or type search", level="SHALL", section=spec.TEMPLATE)
def form(at: Bench) -> Iterator[Complaint]:
    """Such as Patient/{{context.patientId}} or Condition?patient={{context.patientId}}: clients put it behind the
    base of their own FHIR server."""
    for path, _, query in _templates(at):
        plain = TOKEN.sub(_PLACE, query)
        if not (_READ.fullmatch(plain) or _SEARCH.fullmatch(plain)):
            yield Complaint(f"{path}: '{query[:120]}' is neither", at.discovered)


@check("template-tokens", "Tokens are context members or user ids", level="SHALL", section=spec.TOKENS)
def tokens(at: Bench) -> Iterator[Complaint]:
    """Between {{ and }} stands context.<member of the first level>, or one of userPractitionerId,
    userPractitionerRoleId, userPatientId, userRelatedPersonId; no blanks, no paths below it."""
    for path, _, query in _templates(at):
        for name in TOKEN.findall(query):
            if not re.fullmatch(r"context\.[A-Za-z]+", name) and name not in USER_TOKENS:
                yield Complaint(f"{path}: '{{{{{name}}}}}' is no prefetch token", at.discovered)
        if re.search(r"\{\{|\}\}|[{}]", TOKEN.sub("", query)):
            yield Complaint(f"{path}: braces that do not belong together", at.discovered)


@check("template-context", "Tokens name members that the hook offers", level="SHALL", section=spec.TOKENS)
def context(at: Bench) -> Iterator[Complaint]:
    """Each hook says which members of its context may be tokens; a client leaves out a key that it cannot fill in."""
    for path, hook, query in _templates(at):
        for name in TOKEN.findall(query):
            member = name.removeprefix("context.")
            offered = TOKENS_OF_HOOK.get(hook)
            if name.startswith("context.") and offered is not None and member not in offered:
                yield Complaint(f"{path}: {hook} offers no token '{name}'", at.discovered)


@check("template-subset", "Queries stay within the recommended subset", level="SHOULD", section=spec.SUBSET)
def subset(at: Bench) -> Iterator[Complaint]:
    """Read; type search by reference, by token (equality, or the modifier :in), by date (eq, lt, gt, ge, le); _count
    and _sort. Not _include, chaining, or other modifiers."""
    for path, _, query in _templates(at):
        for name, value in _parameters(query):
            if _outside(name, value):
                yield Complaint(f"{path}: '{name}={value[:60]}' is outside the subset", at.discovered)


def _outside(name: str, value: str) -> bool:
    special = name.startswith("_") and name not in _SPECIAL
    chained = "." in name or bool(_OTHER_MODIFIER.fullmatch(name))
    return special or chained or bool(_DATES.search(name) and _REFUSED_PREFIX.match(value))


@check("template-repeats", "No parameter stands twice in a query", level="reading", section=spec.SUBSET)
def repeats(at: Bench) -> Iterator[Complaint]:
    """Simple clients keep one value a parameter, or join them; ask for less, or use two keys."""
    for path, _, query in _templates(at):
        names = [name for name, _ in _parameters(query)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Complaint(f"{path}: '{name}' stands {names.count(name)} times", at.discovered)


@check("template-keys", "Keys are plain names", level="reading", section=spec.TEMPLATE)
def keys(at: Bench) -> Iterator[Complaint]:
    """A key is a member of the request: without blanks, dots, quotes or braces it survives every configuration."""
    for service in at.services:
        for key in service.prefetch:
            if not _KEY.fullmatch(key):
                yield Complaint(f"{service.id}: the key '{key}'", at.discovered)
    if not any(one.prefetch for one in at.services):
        raise Skip("no service asks for prefetch")
