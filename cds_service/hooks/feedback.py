"""Feedback: what clinicians made of the cards, in the specification's shape and in Epic's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, pre_load, validate, validates_schema

from cds_service.hooks.body import read_body
from cds_service.hooks.problem import BadRequest
from cds_service.hooks.schemas import Lenient, first_error
from cds_service.store import FeedbackItem

LONGEST_COMMENT = 2_000
_LONGEST_WORD = 300
_ID = validate.Regexp(r"[A-Za-z0-9\-._:]{1,100}\Z", error="Not an id.")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)\Z"  # RFC 3339, section 5.6
)
_LEAP_SECOND = "60"


class InstantField(fields.Field[datetime]):
    """A moment as RFC 3339 writes it, with its offset; digits beyond microseconds are cut off."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> datetime:
        found = _INSTANT.match(value) if isinstance(value, str) else None
        if found is None:
            raise ValidationError("Not a timestamp with its offset, such as 2026-01-15T12:30:00.250Z.")
        day, minute, second, fraction, offset = found.groups()
        second = "59" if second == _LEAP_SECOND else second
        offset = "+00:00" if offset in "Zz" else offset
        try:
            moment = datetime.fromisoformat(f"{day}T{minute}:{second}.{(fraction or '')[:6]:0<6}{offset}")
            return moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError("Not a moment that exists.") from None


class AcceptedSuggestionSchema(Lenient):
    """A suggestion that was accepted, by its uuid."""

    id = fields.String(required=True, validate=_ID)


class ReasonCodingSchema(Lenient):
    """A reason; clients may add their own, without display or system."""

    system = fields.String()
    code = fields.String()
    display = fields.String()


class OverrideReasonSchema(Lenient):
    """Why a card was set aside: a coded reason, a comment, or both."""

    reason = fields.Nested(ReasonCodingSchema)
    userComment = fields.String()
    extension = fields.Dict()


class FeedbackItemSchema(Lenient):
    """One outcome of one card. Epic calls `overrideReason` by its plural."""

    card = fields.String(required=True, validate=_ID)
    outcome = fields.String(required=True, validate=validate.OneOf(("accepted", "overridden")))
    acceptedSuggestions = fields.List(fields.Nested(AcceptedSuggestionSchema))
    overrideReason = fields.Nested(OverrideReasonSchema)
    outcomeTimestamp = InstantField(required=True, metadata={"type": "string", "format": "date-time"})

    @pre_load
    def _plural_is_singular(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict) or "overrideReasons" not in data or data.get("overrideReason") is not None:
            return data
        plural = data["overrideReasons"]
        first = (plural[0] if plural else None) if isinstance(plural, list) else plural
        rest = {key: value for key, value in data.items() if key != "overrideReason"}
        return rest if first is None else {**rest, "overrideReason": first}

    @validates_schema
    def _accepted_says_what(self, data: dict[str, Any], **_: Any) -> None:
        if data["outcome"] == "accepted" and not data.get("acceptedSuggestions"):
            raise ValidationError("Required when the outcome is accepted.", "acceptedSuggestions")


class FeedbackSchema(Lenient):
    """The body. Items are checked one by one, so that a bad one does not cost the others."""

    feedback = fields.List(fields.Raw(allow_none=True), required=True, validate=validate.Length(min=1))


_ENVELOPE = FeedbackSchema()
_ITEM = FeedbackItemSchema()


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that was not understood: its place in the list, the path of the member at fault, and why."""

    index: int
    path: str
    why: str

    def json(self) -> dict[str, Any]:
        """As the answer lists it."""
        return {"index": self.index, "path": self.path, "why": self.why}


def read_feedback(raw: bytes) -> tuple[list[FeedbackItem], list[Rejected]]:
    """The good items and the bad ones. Raises BadRequest when the body is no list of items, or all are bad."""
    members = read_body(raw).members
    try:
        listed = _ENVELOPE.load(members)["feedback"]
    except ValidationError as error:
        where, words = first_error(error.messages)
        raise BadRequest(f"$.{where}: {words}", path=f"$.{where}") from None
    items: list[FeedbackItem] = []
    rejected: list[Rejected] = []
    for index, told in enumerate(listed):
        try:
            items.append(_item(_ITEM.load(told)))
        except ValidationError as error:
            where, words = first_error(error.messages)
            at = f"$.feedback[{index}]" + (f".{where}" if where and where != "_schema" else "")
            rejected.append(Rejected(index, at, words))
    if not items:
        raise BadRequest(f"No item could be stored. {rejected[0].path}: {rejected[0].why}", path=rejected[0].path)
    return items, rejected


def _item(told: Mapping[str, Any]) -> FeedbackItem:
    override = told.get("overrideReason") or {}
    reason = override.get("reason") or {}
    display = reason.get("display") or next(_named_by_epic(override.get("extension")), None)
    return FeedbackItem(
        card=told["card"].removeprefix("urn:uuid:").lower(),
        outcome=told["outcome"],
        outcome_at=told["outcomeTimestamp"],
        suggestions=tuple(s["id"].removeprefix("urn:uuid:").lower() for s in told.get("acceptedSuggestions", ())),
        reason_system=_cut(reason.get("system"), _LONGEST_WORD),
        reason_code=_cut(reason.get("code"), 200),
        reason_display=_cut(display, _LONGEST_WORD),
        comment=_cut(override.get("userComment"), LONGEST_COMMENT),
    )


def _named_by_epic(extension: Any) -> Iterator[str]:
    """Epic may name the reason in extensions whose keys end in reasonDisplay or reasonTitle."""
    for key, value in extension.items() if isinstance(extension, dict) else ():
        if isinstance(value, str) and value and key.lower().endswith(("reasondisplay", "reasontitle")):
            yield value


def _cut(words: str | None, most: int) -> str | None:
    """Without NUL, which PostgreSQL cannot hold, and without what goes beyond `most` characters."""
    return (words or "").replace("\x00", "")[:most] or None
