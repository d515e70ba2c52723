"""A draft order of the clinician's with another study in its place, all else as it was received."""

from __future__ import annotations

from typing import Any

import msgspec

from cards.orders import DraftOrder, Priority
from cds_service.fhir.orders import OrderContext, service_request

_objects = msgspec.json.Decoder(dict[str, msgspec.Raw])
_lists = msgspec.json.Decoder(list[msgspec.Raw])
_REPLACED = ("code", "bodySite", "orderDetail")
"""What says which study it is. `orderDetail` describes the old one and goes."""
_URGENCY: tuple[Priority, ...] = ("routine", "urgent", "asap", "stat")


def updated_draft(reference: str, order: DraftOrder, context: OrderContext) -> dict[str, Any] | None:
    """The draft under `reference` (`Type/id`), as received, now ordering `order`.

    Members that are kept are msgspec.Raw: byte for byte what the client sent, numbers as written. The priority is
    raised where the order is more urgent, never lowered. None when no draft, or more than one, has this reference.
    """
    draft = context.drafts.get(reference)
    if draft is None:
        return None
    fresh = service_request(order, context)
    kept: dict[str, Any] = {key: value for key, value in draft.items() if key not in _REPLACED}
    raised = {"priority": order.priority} if _is_raised(order.priority, draft.get("priority")) else {}
    return kept | {key: fresh[key] for key in ("resourceType", "code", "bodySite") if key in fresh} | raised


def _is_raised(asked: Priority, drafted: msgspec.Raw | None) -> bool:
    """More urgent than the draft; one without a priority, or with an unknown one, is routine."""
    known = next((n for n, name in enumerate(_URGENCY) if drafted and bytes(drafted) == b'"%s"' % name.encode()), 0)
    return _URGENCY.index(asked) > known


def drafts_received(draft_orders: bytes) -> dict[str, dict[str, msgspec.Raw]]:
    """The members of each draft by its reference, as received. What two different ones share is the name of neither."""
    try:
        entries = _lists.decode(_objects.decode(draft_orders)["entry"])
    except (msgspec.DecodeError, KeyError):
        return {}
    found: dict[str, dict[str, msgspec.Raw]] = {}
    shared: set[str] = set()
    for entry in entries:
        try:
            draft = _objects.decode(_objects.decode(entry)["resource"])
            kind = msgspec.json.decode(draft["resourceType"], type=str)
            reference = f"{kind}/{msgspec.json.decode(draft['id'], type=str)}"
        except (msgspec.DecodeError, KeyError):
            continue
        if found.setdefault(reference, draft) != draft:
            shared.add(reference)
    return {reference: draft for reference, draft in found.items() if reference not in shared}
