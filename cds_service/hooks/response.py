"""From advice to the JSON of a CDS Hooks response."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import uuid4

from cards.advise import Advice
from cards.card import Card, Link, NotAssessed, Suggestion
from cards.compose import plain
from cards.finding import Finding
from cards.orders import DraftOrder
from cds_service.fhir.orders import OrderContext, service_request
from cds_service.fhir.pama import with_rating, without_rating
from cds_service.fhir.updates import updated_draft
from cds_service.hooks.emitted import InvalidResponse
from cds_service.hooks.schemas import RELATIVE

EXTENSION = "org.posterior-hip-cds"
MOST_FACTS = 50  # on one card, so that an answer stays small whatever a chart holds; six are quoted: our own choice
_LONGEST_REFERENCE = 100  # characters; FHIR's ids have 64


def response_of(advice: Advice, context: OrderContext, set_aside: int, base_url: str = "") -> dict[str, Any]:
    """The whole answer.

    `base_url`: where this service is reached; with it each card links to the page of the rule that leads it. Ratings
    stand in `systemActions`, which is absent where there is none.
    """
    told = {
        "evaluated": len(advice.answers),
        "notAssessed": not_assessed(advice.not_assessed) or None,
        "setAside": set_aside or None,
    }
    return _present(
        {
            "cards": [card_json(card, context, base_url) for card in advice.cards],
            "systemActions": _ratings(context) or None,
            "extension": {EXTENSION: _present(told)},
        }
    )


def _ratings(context: OrderContext) -> list[dict[str, Any]]:
    """An update for each rated draft that changes nothing but the extensions that carry the rating."""
    actions: list[dict[str, Any]] = []
    if context.pama is None:
        return actions
    for rated in context.pama.ratings.drafts:
        draft = context.drafts[rated.reference] if _nameable(rated.reference, context) else None
        resource = with_rating(draft, rated, context.pama) if draft else None
        if resource:
            actions.append({"type": "update", "description": f"Rate the draft: {rated.word}", "resource": resource})
    return actions


def card_json(card: Card, context: OrderContext, base_url: str = "") -> dict[str, Any]:
    """One card, with new uuids."""
    source = card.source
    topic = {"system": source.topic_system, "code": source.topic, "display": source.topic_display}
    created = {s.create.orderable.text for s in card.suggestions if s.create}
    suggestions = [_suggestion(s, context) for s in card.suggestions if _can_be_done(s, created, context)]
    return _present(
        {
            "uuid": str(uuid4()),
            "summary": card.summary,
            "detail": card.detail,
            "indicator": card.indicator,
            "source": _present({"label": source.label, "url": source.url, "topic": topic}),
            "suggestions": suggestions or None,
            "selectionBehavior": "any" if suggestions else None,
            "overrideReasons": [
                {"system": r.system, "code": r.code, "display": r.display} for r in card.override_reasons
            ]
            or None,
            "links": [{"label": li.label, "url": li.url, "type": "absolute"} for li in _links(card, base_url)] or None,
            "extension": {EXTENSION: _extension(card)},
        }
    )


def _links(card: Card, base_url: str) -> tuple[Link, ...]:
    """The card's own links, then the page of its leading rule."""
    if not base_url:
        return card.links
    page = Link(f"Rule: {card.source.topic_display}", f"{base_url}/rules/{card.source.topic}")
    return (*card.links, page)


def _extension(card: Card) -> dict[str, Any]:
    return _present(
        {
            "rules": [{"id": r.id, "version": r.version, "indicator": r.indicator} for r in card.rules],
            "facts": [_fact(f) for f in card.facts[:MOST_FACTS]] or None,
            "notAssessed": not_assessed(card.not_assessed) or None,
        }
    )


def _fact(found: Finding) -> dict[str, Any]:
    value = (
        None if found.value is None else str(found.value).lower() if found.value in (True, False) else str(found.value)
    )
    date = None
    if found.when is not None:
        date = found.when.earliest.isoformat() if found.when.exact else str(found.when)
    value = value and plain(value)
    return _present(
        {"reference": found.reference[:_LONGEST_REFERENCE], "display": found.name, "value": value, "date": date}
    )


def not_assessed(entries: Iterable[NotAssessed]) -> list[dict[str, Any]]:
    """Rules that could not tell, as {"rule", "missing", "why"}."""
    return [_present({"rule": n.rule, "missing": list(n.missing) or None, "why": n.why or None}) for n in entries]


def _suggestion(suggestion: Suggestion, context: OrderContext) -> dict[str, Any]:
    return _present(
        {
            "label": suggestion.label,
            "uuid": str(uuid4()),
            "isRecommended": suggestion.recommended or None,
            "actions": [_action(suggestion, context)],
        }
    )


def _can_be_done(suggestion: Suggestion, created: Collection[str], context: OrderContext) -> bool:
    """A draft that came without a usable id, or with that of another, cannot be deleted or changed by a click.

    Its change becomes a new order, unless the card offers that already: `created`, in the words of the orders.
    """
    if suggestion.update and not _nameable(suggestion.update[0], context):
        return suggestion.update[1].orderable.text not in created
    return suggestion.delete is None or _nameable(suggestion.delete, context)


def _nameable(reference: str, context: OrderContext) -> bool:
    return reference in context.drafts and RELATIVE.match(reference) is not None


def _action(suggestion: Suggestion, context: OrderContext) -> dict[str, Any]:
    if suggestion.delete:
        return {"type": "delete", "description": suggestion.label, "resourceId": suggestion.delete}
    if suggestion.update:
        reference, order = suggestion.update
        changed = updated_draft(reference, order, context)
        if changed is not None:
            changed = _rated_change(changed, reference, order, context)
            return {"type": "update", "description": f"Change the draft: {suggestion.label}", "resource": changed}
        return _create(suggestion, order, context)
    if suggestion.create is None:
        raise InvalidResponse("a suggestion without action")
    return _create(suggestion, suggestion.create, context)


def _rated_change(resource: dict[str, Any], reference: str, order: DraftOrder, context: OrderContext) -> dict[str, Any]:
    """A changed draft with the rating of what it is changed into, and never with that of what it was."""
    pama = context.pama
    rated = pama.ratings.changes.get((reference, order.orderable.text)) if pama else None
    return (with_rating(resource, rated, pama) if pama and rated else None) or without_rating(resource)


def _create(suggestion: Suggestion, order: DraftOrder, context: OrderContext) -> dict[str, Any]:
    return {
        "type": "create",
        "description": f"Draft order: {suggestion.label}",
        "resource": service_request(order, context),
    }


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value is not None}
