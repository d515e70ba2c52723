"""Feedback: what clinicians made of the cards. The endpoint is optional; where there is one, it takes all shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import REFUSAL, SUCCESS, Exchange, Json
from cds_service.doctor.expect import is_text, refused, unbroken

_WHEN = "2026-01-15T12:30:00Z"
_NO_FEEDBACK: tuple[Any, ...] = ({}, [], {"feedback": 5}, {"feedback": {"card": "x"}}, {"feedback": [{}]})
_ABSENT = (404, 405, 501)


def _send(at: Bench, body: Any) -> Exchange:
    at.require_admission()
    return at.send("feedback", "POST", f"{at.url()}/feedback", body=json.dumps(body).encode())


def _post(at: Bench, *items: Any) -> Exchange:
    """Items as one batch. Skips where the service takes no feedback, or none about cards that it never sent."""
    exchange = _send(at, {"feedback": list(items)})
    if exchange.status in REFUSAL and _seen(at) is None:
        raise Skip(f"answered {exchange.status}: there is no feedback endpoint, or no card was seen to report on")
    if exchange.status in _ABSENT and _send(at, {"feedback": [_accepted(at)]}).status in _ABSENT:
        raise Skip(f"answered {exchange.status}: there is no feedback endpoint")
    return exchange


def _seen(at: Bench) -> Json | None:
    """A card with a uuid from an answer to the sample request, with suggestions where one has them."""
    if at.principal is None or at.principal.sample is None or at.admission == "refused":
        return None
    cards = [card for card in at.baseline.cards if isinstance(card, dict) and is_text(card.get("uuid"))]
    return next((card for card in cards if card.get("suggestions")), next(iter(cards), None))


def _card(at: Bench) -> str:
    seen = _seen(at)
    return str(seen["uuid"]) if seen else str(uuid4())


def _accepted(at: Bench, **members: Any) -> Json:
    seen = _seen(at) or {}
    offered = [one for one in seen.get("suggestions", ()) if isinstance(one, dict) and is_text(one.get("uuid"))]
    suggestion = offered[0]["uuid"] if offered else str(uuid4())
    item = {"card": _card(at), "outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}]}
    return {**item, "outcomeTimestamp": _WHEN, **members}


def _overridden(at: Bench, **members: Any) -> Json:
    return {"card": _card(at), "outcome": "overridden", "outcomeTimestamp": _WHEN, **members}


def _taken(exchange: Exchange, what: str) -> Iterator[Complaint]:
    if exchange.status not in SUCCESS:
        yield Complaint(f"{what}: answered {exchange.outcome}, expected a 2xx", exchange)


@check("feedback-accepted", "An accepted suggestion can be reported", level="SHALL", section=spec.ACCEPTED)
def accepted(at: Bench) -> Iterator[Complaint]:
    """{"feedback": [{card, outcome: accepted, acceptedSuggestions: [{id}], outcomeTimestamp}]}."""
    yield from _taken(_post(at, _accepted(at)), "an accepted suggestion")


@check(
    "feedback-overridden", "An overridden card can be reported without a reason", level="SHALL", section=spec.OVERRIDDEN
)
def overridden(at: Bench) -> Iterator[Complaint]:
    """The reason is optional."""
    yield from _taken(_post(at, _overridden(at)), "overridden, no reason")


@check("feedback-reason", "A reason and a comment are taken", level="SHALL", section=spec.OVERRIDE_REASON)
def reason(at: Bench) -> Iterator[Complaint]:
    """A Coding of the card or of the client's own, a comment, or both."""
    offered = (_seen(at) or {}).get("overrideReasons") or [{"code": "own", "system": "https://ehr.example/reasons"}]
    for what, told in {
        "a reason": {"reason": offered[0]},
        "a client's own reason": {"reason": {"code": "d7ecf885", "system": "https://ehr.example/reasons"}},
        "a comment": {"userComment": "Discussed; “later”."},
        "both": {"reason": offered[0], "userComment": "Discussed."},
    }.items():
        yield from _taken(_post(at, _overridden(at, overrideReason=told)), what)


@check("feedback-batch", "Several items come in one request", level="SHALL", section=spec.FEEDBACK)
def batch(at: Bench) -> Iterator[Complaint]:
    """The body is an object with an array; items may be about several cards and calls."""
    yield from _taken(_post(at, _accepted(at), _overridden(at), _overridden(at, card=_card(at))), "three items")


@check("feedback-repeat", "The same feedback may come again", level="SHALL", section=spec.ACCEPTED)
def repeat(at: Bench) -> Iterator[Complaint]:
    """A service may receive feedback for one card several times: after a lost answer, or for another suggestion."""
    item = _accepted(at)
    yield from _taken(_post(at, item), "the first time")
    yield from _taken(_post(at, item), "the second time")
    yield from _taken(_post(at, item, item), "twice in one batch")


@check("feedback-time", "Times with fractions are taken", level="SHALL", section=spec.FEEDBACK)
def times(at: Bench) -> Iterator[Complaint]:
    """RFC 3339, section 5.6, with or without fractions of a second."""
    for when in ("2026-01-15T12:30:00.5Z", "2026-01-15T12:30:00.123456Z"):
        yield from _taken(_post(at, _accepted(at, outcomeTimestamp=when)), when)


@check("feedback-unknown-card", "Feedback on an unknown card breaks nothing", level="reading", section=spec.FEEDBACK)
def unknown_card(at: Bench) -> Iterator[Complaint]:
    """The card may be from another node or from before a restart: keep what is said of it, or refuse it politely."""
    yield from unbroken(_post(at, _overridden(at, card=str(uuid4()))), "an unknown card")


@check("feedback-extra", "Unknown members are ignored", level="reading", section=spec.EXTENSIONS)
def extra(at: Bench) -> Iterator[Complaint]:
    """As in a call."""
    told = {"example.cds-doctor.note": {"any": "thing"}}
    yield from _taken(_post(at, _accepted(at, doctorUnknown=[1], extension=told)), "members more than are known")


@check("feedback-bad-item", "A bad item breaks nothing", level="reading", section=spec.FEEDBACK)
def bad_item(at: Bench) -> Iterator[Complaint]:
    """Keep the good ones, or refuse the whole with a 4xx that says why."""
    for bad in (None, 5, {}, {"card": 5}, _overridden(at, outcome="ignored"), _overridden(at, outcomeTimestamp="soon")):
        yield from unbroken(_post(at, _accepted(at), bad), f"beside a good item: {json.dumps(bad)[:60]}")


@check("feedback-no-list", "What is no feedback is refused", level="reading", section=spec.FEEDBACK)
def no_list(at: Bench) -> Iterator[Complaint]:
    """The request is an object containing an array: acknowledging something else loses what was meant."""
    _post(at, _accepted(at))
    for body in _NO_FEEDBACK:
        yield from refused(_send(at, body), json.dumps(body))
