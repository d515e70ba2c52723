"""What holds of every answer with status 200, whatever was asked."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench, told
from cds_service.doctor.check import Complaint, check
from cds_service.doctor.exchange import Exchange
from cds_service.doctor.expect import empties

_MEMBERS = {
    "$": {"cards", "systemActions", "extension"},
    "card": {
        "uuid", "summary", "detail", "indicator", "source", "suggestions", "selectionBehavior", "overrideReasons",
        "links", "extension",
    },
    "source": {"label", "url", "icon", "topic", "extension"},
    "suggestion": {"label", "uuid", "isRecommended", "actions", "extension"},
    "link": {"label", "url", "type", "appContext", "autolaunchable", "extension"},
}  # fmt: skip


@check("response-cards", "A 200 is an object with an array of cards", level="SHALL", section=spec.HTTP_RESPONSE)
def has_cards(at: Bench) -> Iterator[Complaint]:
    """An empty array where there is nothing to say; each card is an object."""
    for exchange in at.successes():
        cards = exchange.json.get("cards") if isinstance(exchange.json, dict) else None
        if not isinstance(cards, list) or not all(isinstance(card, dict) for card in cards):
            yield Complaint("the body is no JSON object with an array 'cards' of objects", exchange)


@check("response-json", "A 200 is JSON by its Content-Type", level="SHALL", section=spec.JSON_USE)
def is_json(at: Bench) -> Iterator[Complaint]:
    """All data are sent and received as JSON."""
    for exchange in at.successes():
        if exchange.media_type != "application/json":
            yield Complaint(f"Content-Type is '{exchange.media_type}', not application/json", exchange)


@check("response-empty", "Nothing is null or empty", level="SHALL", section=spec.JSON_USE)
def empty(at: Bench) -> Iterator[Complaint]:
    """null, "", [] and {} are prohibited, but for `cards`. FHIR resources are looked at as they are: an updated draft
    may hold what the client itself sent."""
    for exchange in at.successes():
        for path in empties(exchange.json, legal=("$", "$.cards")):
            if ".resource." not in path:
                yield Complaint(f"{path} is null or empty", exchange)


@check("response-extension", "Extensions are objects", level="SHALL", section=spec.EXTENSIONS)
def extension(at: Bench) -> Iterator[Complaint]:
    """The value of `extension` is a JSON object, in the envelope and on cards."""
    for exchange in at.successes():
        holders = [exchange.json, *exchange.cards]
        for holder in (one for one in holders if isinstance(one, dict)):
            if "extension" in holder and not isinstance(holder["extension"], dict):
                yield Complaint("an extension is no object", exchange)


@check("response-unknown", "There are no members of one's own", level="reading", section=spec.EXTENSIONS)
def unknown(at: Bench) -> Iterator[Complaint]:
    """What the specification does not define belongs into `extension`; a later version may use the name."""
    for exchange in at.successes():
        if isinstance(exchange.json, dict):
            yield from _strangers("$", exchange.json, exchange)
        for card in (one for one in exchange.cards if isinstance(one, dict)):
            yield from _strangers("card", card, exchange)
            yield from _strangers("source", card.get("source"), exchange)
            for name in ("suggestion", "link"):
                listed = card.get(f"{name}s")
                for one in listed if isinstance(listed, list) else ():
                    yield from _strangers(name, one, exchange)


def _strangers(kind: str, value: object, exchange: Exchange) -> Iterator[Complaint]:
    for name in sorted(value.keys() - _MEMBERS[kind]) if isinstance(value, dict) else ():
        yield Complaint(f"{kind}.{name} is not defined", exchange)


@check("response-equal", "Equal calls have equal cards", level="reading", section=spec.RESPONSE)
def equal(at: Bench) -> Iterator[str]:
    """But for their uuids: advice that changes when it is asked for again cannot be trusted."""
    again = at.call(at.good_sample())
    if told(again.cards) != told(at.baseline.cards):
        yield "two equal calls have different cards"


@check("response-token", "The access token turns up in no answer", level="SHALL", section=spec.ACCESS_TOKEN)
def token(at: Bench) -> Iterator[Complaint]:
    """It is a transient value, for the FHIR server only."""
    for exchange in at.wire.exchanges:
        if at.marks.token.encode() in exchange.body or at.marks.token in str(exchange.headers):
            yield Complaint("the answer holds the access token of the request", exchange)
