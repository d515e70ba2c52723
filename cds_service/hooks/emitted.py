"""The response as it leaves: its bytes, held to the shapes of the protocol.

Nothing unknown, nothing null, nothing empty. The bytes themselves are decoded, so that what is checked is what is sent.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, EncodeError, Meta, Struct, UnsetType, ValidationError
from msgspec.json import Decoder, encode

from cards.card import SUMMARY_LIMIT
from cards.precedence import MOST_CARDS
from cds_service.hooks.schemas import RELATIVE

_PLACE = re.compile(r" - at `(\$[^`]*)`\Z")
_MARKUP = re.compile(r"<[A-Za-z/!]")

_Text = Annotated[str, Meta(min_length=1)]
_Summary = Annotated[str, Meta(min_length=1, max_length=SUMMARY_LIMIT)]
_Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#<>\"]+(?:[/?#][^\s<>\"]*)?$(?!\n)")]
_Reference = Annotated[str, Meta(pattern=f"^{RELATIVE.pattern}")]
_Object = dict[str, Any]


class InvalidResponse(RuntimeError):
    """What was about to be sent breaks the protocol; it is not sent."""


class Shape(Struct, forbid_unknown_fields=True, kw_only=True, gc=False):
    """Nothing but the members named."""


class Coding(Shape):
    """A Coding."""

    system: _Text
    code: _Text
    display: _Text | UnsetType = UNSET


class Reason(Shape):
    """An override reason: a Coding that can be read."""

    system: _Text
    code: _Text
    display: _Text


class Source(Shape):
    """`card.source`."""

    label: _Text
    url: _Url | UnsetType = UNSET
    icon: _Url | UnsetType = UNSET
    topic: Coding | UnsetType = UNSET


class Resource(Struct, gc=False):
    """A FHIR resource. It is checked where it is written; here it is only seen to be one."""

    resourceType: _Text


class Action(Shape):
    """An action: create and update carry a resource, delete a reference."""

    type: Literal["create", "update", "delete"]
    description: _Text
    resource: Resource | UnsetType = UNSET
    resourceId: _Reference | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Raises ValueError."""
        refers, carries = self.resourceId is not UNSET, self.resource is not UNSET
        if refers == carries or refers != (self.type == "delete"):
            raise ValueError("create and update carry a resource, delete a resourceId")


class Suggestion(Shape):
    """`card.suggestions[]`."""

    label: _Text
    uuid: UUID
    isRecommended: bool | UnsetType = UNSET
    actions: Annotated[list[Action], Meta(min_length=1)] | UnsetType = UNSET


class Link(Shape):
    """`card.links[]`."""

    label: _Text
    url: _Url
    type: Literal["absolute", "smart"]
    appContext: str | UnsetType = UNSET


class Card(Shape):
    """A card. selectionBehavior stands exactly where there are suggestions."""

    uuid: UUID
    summary: _Summary
    indicator: Literal["info", "warning", "critical"]
    source: Source
    detail: _Text | UnsetType = UNSET
    suggestions: Annotated[list[Suggestion], Meta(min_length=1)] | UnsetType = UNSET
    selectionBehavior: Literal["at-most-one", "any"] | UnsetType = UNSET
    overrideReasons: Annotated[list[Reason], Meta(min_length=1)] | UnsetType = UNSET
    links: Annotated[list[Link], Meta(min_length=1)] | UnsetType = UNSET
    extension: _Object | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Raises ValueError."""
        if (self.suggestions is UNSET) != (self.selectionBehavior is UNSET):
            raise ValueError("selectionBehavior stands exactly where there are suggestions")
        recommended = sum(one.isRecommended is True for one in self.suggestions or ())
        if recommended > 1 and self.selectionBehavior == "at-most-one":
            raise ValueError("only one suggestion can be recommended")
        if self.detail is not UNSET and _MARKUP.search(self.detail):
            raise ValueError("raw HTML in detail")


class Response(Shape):
    """The whole answer."""

    cards: Annotated[list[Card], Meta(max_length=MOST_CARDS)]
    systemActions: list[Action] | UnsetType = UNSET
    extension: _Object | UnsetType = UNSET


_response = Decoder(Response)


def emitted(body: dict[str, Any]) -> bytes:
    """The response in bytes. Raises InvalidResponse where they break the protocol, naming the place, not the content.

    It may hold parts of the request as received: a changed draft keeps its numbers as written.
    """
    try:
        written = encode(body)
        _response.decode(written)
    except (ValidationError, EncodeError) as broken:
        place = _PLACE.search(str(broken))
        raise InvalidResponse(f"at {place[1]}" if place else type(broken).__name__) from None
    return written
