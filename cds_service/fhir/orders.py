"""A suggested order as FHIR JSON: a complete draft ServiceRequest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from msgspec import Raw

from cards.codings import SNOMED, Coding
from cards.orders import DraftOrder, Kind
from cards.side import Side
from cds_service.fhir.pama import Pama

_CATEGORY: dict[Kind, dict[str, Any]] = {
    "imaging": {"coding": [{"system": SNOMED, "code": "363679005", "display": "Imaging"}], "text": "Imaging"},
    "laboratory": {"text": "Laboratory"},
    "referral": {"text": "Referral"},
    "therapy": {"text": "Therapy"},
    "procedure": {"text": "Procedure"},
}
_SIDES = {
    Side.RIGHT: ("24028007", "Right (qualifier value)"),
    Side.LEFT: ("7771000", "Left (qualifier value)"),
    Side.BOTH: ("51440002", "Right and left (qualifier value)"),
}
_ID = r"[A-Za-z0-9\-.]{1,64}\Z"
_ENCOUNTER = re.compile(_ID)
_REQUESTER = re.compile(rf"(?:Practitioner|PractitionerRole|Patient|RelatedPerson)/{_ID}")


@dataclass(frozen=True, slots=True)
class OrderContext:
    """What the hook says about the order to be: for whom, by whom, during which visit, and when."""

    patient_id: str
    user_id: str
    encounter_id: str | None
    today: date
    drafts: Mapping[str, dict[str, Raw]] = field(default_factory=dict)  # what may be changed or deleted, as received
    pama: Pama | None = None  # where the client asked for ratings


def service_request(order: DraftOrder, context: OrderContext) -> dict[str, Any]:
    """A ServiceRequest with status draft; no member is null or empty. User and visit stand in it where what the hook
    says of them is the id of a resource."""
    orderable = order.orderable
    codings = orderable.sided.get(order.side) or orderable.codings
    words = f"{orderable.text}, {order.side.value}" if orderable.sided and order.side in _SIDES else orderable.text
    resource: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "order",
        "category": [_CATEGORY[orderable.kind]],
        "priority": order.priority,
        "code": _concept(codings, words),
        "subject": {"reference": f"Patient/{context.patient_id}"},
        "authoredOn": context.today.isoformat(),
    }
    if context.encounter_id and _ENCOUNTER.match(context.encounter_id):
        resource["encounter"] = {"reference": f"Encounter/{context.encounter_id}"}
    if _REQUESTER.match(context.user_id):
        resource["requester"] = {"reference": context.user_id}
    if order.reasons:
        resource["reasonReference"] = [{"reference": reason} for reason in order.reasons]
    sites = _sites(order)
    if sites:
        resource["bodySite"] = sites
    if order.note:
        resource["note"] = [{"text": order.note}]
    return resource


def _concept(codings: tuple[tuple[Coding, str | None], ...], words: str) -> dict[str, Any]:
    listed = [
        {"system": coding.system, "code": coding.code, **({"display": display} if display else {})}
        for coding, display in codings
    ]
    return {"coding": listed, "text": words} if listed else {"text": words}


def _sites(order: DraftOrder) -> list[dict[str, Any]]:
    sites: list[dict[str, Any]] = []
    site = order.orderable.body_site
    if site:
        coding, display = site
        sites.append({"coding": [{"system": coding.system, "code": coding.code, "display": display}]})
    if order.side in _SIDES and (site or order.orderable.sided):
        code, display = _SIDES[order.side]
        sites.append({"coding": [{"system": SNOMED, "code": code, "display": display}], "text": order.side.value})
    return sites
