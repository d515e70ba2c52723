"""A draft order of the clinician's with another study in its place, all else as it was received."""

from __future__ import annotations

from typing import Any

import msgspec

from cards.orders import DraftOrder
from cds_service.fhir.orders import OrderContext, service_request

_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_lists = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_REPLACED = ("code", "bodySite", "orderDetail")
"""What says which study it is. `orderDetail` describes the old one and goes."""


def updated_draft(
    draft_orders: bytes, reference: str, order: DraftOrder, context: OrderContext
) -> dict[str, Any] | None:
    """The draft under `reference` (`Type/id`) in the Bundle as received, now ordering `order`.

    Members that are kept are msgspec.Raw: byte for byte what the client sent, numbers as written. None when the
    Bundle holds no such draft.
    """
    raw = _draft(draft_orders, reference)
    if raw is None:
        return None
    fresh = service_request(order, context)
    kept: dict[str, Any] = {key: value for key, value in _objects.decode(raw).items() if key not in _REPLACED}
    return kept | {key: fresh[key] for key in ("resourceType", "code", "bodySite") if key in fresh}


def _draft(draft_orders: bytes, reference: str) -> bytes | None:
    try:
        entries = _lists.decode(_objects.decode(draft_orders)["entry"])
    except (msgspec.DecodeError, KeyError):
        return None
    for entry in entries:
        resource = bytes(entry.get("resource", b""))
        if resource and _reference(resource) == reference:
            return resource
    return None


def _reference(resource: bytes) -> str | None:
    try:
        members = _objects.decode(resource)
        kind = msgspec.json.decode(members["resourceType"], type=str)
        return f"{kind}/{msgspec.json.decode(members['id'], type=str)}"
    except (msgspec.DecodeError, KeyError):
        return None
