"""What holds of every suggestion, and of every action in it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, check
from cds_service.doctor.checks.cards import is_uuid
from cds_service.doctor.exchange import Exchange, Json
from cds_service.doctor.expect import is_text
from cds_service.doctor.samples import ORDER_HOOKS, resources_of
from cds_service.doctor.seen import Seen, actions, cards, suggestions

_TYPES = ("create", "update", "delete")
_SUBJECTS = ("subject", "patient", "beneficiary", "for")


@check("suggestion-label", "Each suggestion has a label", level="SHALL", section=spec.SUGGESTION)
def label(at: Bench) -> Iterator[Complaint]:
    """Required: it is the text of the button."""
    for one in suggestions(at):
        if not is_text(one.get("label")):
            yield one.wrong(".label is missing or no text")


@check("suggestion-uuid", "Each suggestion has a UUID", level="reading", section=spec.SUGGESTION)
def uuid(at: Bench) -> Iterator[Complaint]:
    """Optional, but without it a client cannot report that it was accepted."""
    for one in suggestions(at):
        if not is_uuid(one.get("uuid")):
            yield one.wrong(".uuid is missing or no UUID")


@check(
    "suggestion-recommended",
    "At most one is recommended of those that exclude each other",
    level="SHALL",
    section=spec.SUGGESTION,
)
def recommended(at: Bench) -> Iterator[Complaint]:
    """Several may be recommended where selectionBehavior is any."""
    for card in cards(at):
        marked = [one for one in card.each("suggestions") if one.get("isRecommended") is True]
        if card.get("selectionBehavior") == "at-most-one" and len(marked) > 1:
            yield card.wrong(f" recommends {len(marked)} suggestions of which at most one may be chosen")


@check("suggestion-actions", "Actions are a list of objects", level="SHALL", section=spec.SUGGESTION)
def action_list(at: Bench) -> Iterator[Complaint]:
    """Optional; where it stands, an array with something in it."""
    for one in suggestions(at):
        listed = one.get("actions")
        if one.has("actions") and not (isinstance(listed, list) and all(isinstance(each, dict) for each in listed)):
            yield one.wrong(".actions is no array of objects")


@check("action-type", "Each action creates, updates or deletes", level="SHALL", section=spec.ACTION)
def action_type(at: Bench) -> Iterator[Complaint]:
    """Required."""
    for one in actions(at):
        if one.get("type") not in _TYPES:
            yield one.wrong(f".type is {one.get('type')!r}")


@check("action-description", "Each action is described", level="SHALL", section=spec.ACTION)
def description(at: Bench) -> Iterator[Complaint]:
    """Required: some clients show it instead of the label."""
    for one in actions(at):
        if not is_text(one.get("description")):
            yield one.wrong(".description is missing or no text")


@check("action-resource", "What is created or updated is a whole resource", level="SHALL", section=spec.ACTION)
def resource(at: Bench) -> Iterator[Complaint]:
    """An object with its resourceType, not a string with JSON in it; for an update with its id."""
    for one in actions(at):
        told = one.get("resource")
        if one.get("type") not in ("create", "update"):
            continue
        if not isinstance(told, dict) or not is_text(told.get("resourceType")):
            yield one.wrong(".resource is missing or no FHIR resource")
        elif one.get("type") == "update" and not is_text(told.get("id")):
            yield one.wrong(".resource has no id, so nobody knows what to update")


@check("action-delete", "What is deleted is named by a relative reference", level="SHOULD", section=spec.ACTION)
def delete(at: Bench) -> Iterator[Complaint]:
    """`resourceId`, such as ServiceRequest/1; an id under `resource` is deprecated."""
    for one in actions(at):
        told = one.get("resourceId")
        if one.get("type") == "delete" and not (isinstance(told, str) and told.count("/") == 1 and "://" not in told):
            yield one.wrong(".resourceId is missing or no relative reference")


@check(
    "action-patient",
    "What is created or updated is about the patient of the call",
    level="reading",
    section=spec.ACTION,
)
def patient(at: Bench) -> Iterator[Complaint]:
    """An order for another patient is the worst that a click can do."""
    for one in actions(at):
        wanted = str(_context(one.exchange).get("patientId", "")).removeprefix("Patient/")
        for name in _SUBJECTS:
            reference = _reference(one, name)
            if reference is not None and reference.rpartition("/")[2] != wanted:
                yield one.wrong(f".resource.{name} is not the patient of the context")


@check("action-target", "Only drafts of the call are changed", level="reading", section=spec.ACTION)
def target(at: Bench) -> Iterator[Complaint]:
    """At an order hook, updates and deletions are of the orders being drafted: others are signed, or not there."""
    for one in actions(at):
        context = _context(one.exchange)
        if one.get("type") not in ("update", "delete") or _hook(one.exchange) not in ORDER_HOOKS:
            continue
        drafts = {f"{r.get('resourceType')}/{r.get('id')}" for r in resources_of(context.get("draftOrders"))}
        if _target(one) not in drafts:
            yield one.wrong(f" changes {_target(one)}, which is not among the draft orders")


def _target(one: Seen) -> str:
    told = one.get("resource")
    if one.get("type") == "delete" or not isinstance(told, dict):
        return str(one.get("resourceId"))
    return f"{told.get('resourceType')}/{told.get('id')}"


def _reference(one: Seen, name: str) -> str | None:
    told = one.get("resource")
    subject = told.get(name) if isinstance(told, dict) else None
    reference = subject.get("reference") if isinstance(subject, dict) else None
    return reference if isinstance(reference, str) else None


def _request(exchange: Exchange) -> Json:
    try:
        body = json.loads(exchange.sent)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _context(exchange: Exchange) -> Json:
    context = _request(exchange).get("context")
    return context if isinstance(context, dict) else {}


def _hook(exchange: Exchange) -> str:
    return str(_request(exchange).get("hook"))
