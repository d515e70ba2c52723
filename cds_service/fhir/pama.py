"""Ratings of imaging orders as extensions of the draft, as the Argonaut guide "CDS Hooks for PAMA" writes them.

https://argonautproject.github.io/cds-hooks-for-pama: the rating, the mechanism consulted, a unique id of the
consultation, and where there is one the address of the criteria applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import msgspec

from cards.ratings import OrderRatings, Rated

_BASE = "http://fhir.org/argonaut"
RATING = f"{_BASE}/Extension/pama-rating"
MECHANISM = f"{RATING}-qcdsm-consulted"
CONSULT_ID = f"{RATING}-consult-id"
CRITERIA = f"{RATING}-auc-applied"
RATING_CODES = f"{_BASE}/CodeSystem/pama-rating"
_OURS = frozenset({RATING, MECHANISM, CONSULT_ID, CRITERIA})
_list = msgspec.json.Decoder(list[msgspec.Raw])


class _Extension(msgspec.Struct):
    url: str = ""


@dataclass(frozen=True, slots=True)
class Pama:
    """What a client that asked for ratings gets.

    `mechanism` is the identifier of the decision support mechanism that the client knows this service by.
    `base_url`: where the rule pages are, for criteria without an address of their own.
    """

    mechanism: str
    ratings: OrderRatings
    base_url: str = ""

    def criteria(self, rated: Rated) -> str | None:
        """The address of the criteria applied; None where none apply or there is no address."""
        if rated.word == "no-criteria-apply":
            return None
        if rated.scenario and rated.scenario.url:
            return rated.scenario.url
        return f"{self.base_url}/rules/{rated.rule}" if self.base_url else None


def with_rating(resource: Mapping[str, Any], rated: Rated, pama: Pama) -> dict[str, Any] | None:
    """The ServiceRequest with this rating in place of an earlier one, all else as it was; values may be msgspec.Raw.

    None where its extensions cannot be read.
    """
    listed = _listed(resource)
    if listed is None:
        return None
    kept = [one for one in listed if not _rates(one)]
    return {**resource, "resourceType": "ServiceRequest", "extension": kept + _extensions(rated, pama)}


def without_rating(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The ServiceRequest without the rating of what it was; untouched where it has none."""
    listed = _listed(resource) or []
    kept = [one for one in listed if not _rates(one)]
    if len(kept) == len(listed):
        return dict(resource)
    rest = {key: value for key, value in resource.items() if key != "extension"}
    return rest | ({"extension": kept} if kept else {})


def _extensions(rated: Rated, pama: Pama) -> list[Any]:
    concept = {"coding": [{"system": RATING_CODES, "code": rated.word}]}
    told: list[Any] = [
        {"url": RATING, "valueCodeableConcept": concept},
        {"url": MECHANISM, "valueString": pama.mechanism},
        {"url": CONSULT_ID, "valueUri": f"urn:uuid:{uuid4()}"},
    ]
    criteria = pama.criteria(rated)
    return [*told, {"url": CRITERIA, "valueUri": criteria}] if criteria else told


def _listed(resource: Mapping[str, Any]) -> list[Any] | None:
    """A draft's extensions, each byte for byte; None where they are no list."""
    try:
        return list(_list.decode(bytes(resource.get("extension", b"[]"))))
    except (msgspec.DecodeError, TypeError):
        return None


def _rates(extension: msgspec.Raw) -> bool:
    try:
        return msgspec.json.decode(bytes(extension), type=_Extension).url in _OURS
    except msgspec.DecodeError:
        return False


def sandbox_page_takes(resource: Mapping[str, Any]) -> bool:
    """The imaging page of the CDS Hooks Sandbox can apply this update: it reads a rating, the first coding of the
    study and of each reason, and fails where one is not there."""
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(resource))
    extensions = plain.get("extension")
    listed = extensions if isinstance(extensions, list) else ()
    rated = any(isinstance(one, dict) and one.get("url") == RATING for one in listed)
    reasons = plain.get("reasonCode")
    coded = isinstance(reasons, list) and all(_first_coding(reason) for reason in reasons)
    return rated and coded and _first_coding(plain.get("code"))


def _first_coding(concept: Any) -> bool:
    codings = concept.get("coding") if isinstance(concept, dict) else None
    return isinstance(codings, list) and bool(codings) and isinstance(codings[0], dict)
