"""The protocol's shapes, as marshmallow schemas: lenient for what comes in, strict for what goes out."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, pre_load, validate, validates_schema

from cards.card import SUMMARY_LIMIT

_PATIENT_ID = re.compile(r"(?:Patient/)?[A-Za-z0-9\-.]{1,64}\Z")
RELATIVE = re.compile(r"[A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")
"""A reference to a resource on the client's own server."""
_MARKUP = re.compile(r"<[A-Za-z/!]")


class Lenient(Schema):
    """Unknown keys are ignored, and null stands for an optional member that was left out."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _null_is_absent(self, data: Any, **_: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: v for k, v in data.items() if v is not None or getattr(self.fields.get(k), "required", False)}


class AuthorizationSchema(Lenient):
    """`fhirAuthorization`. Only the token matters; a partial object is tolerated."""

    access_token = fields.String(validate=validate.Length(min=1))
    expires_in = fields.Float()
    patient = fields.String()


class ContextSchema(Lenient):
    """`context` of patient-view, and what every hook shares."""

    userId = fields.String(required=True, validate=validate.Length(min=1))
    patientId = fields.String(required=True, validate=validate.Regexp(_PATIENT_ID, error="Not a FHIR id."))
    encounterId = fields.String()


class OrderSignContextSchema(ContextSchema):
    """`context` of order-sign. What the Bundle holds is read leniently later."""

    draftOrders = fields.Dict(required=True)


class OrderSelectContextSchema(OrderSignContextSchema):
    """`context` of order-select."""

    selections = fields.List(fields.String(), required=True)


CONTEXTS: dict[str, ContextSchema] = {
    "patient-view": ContextSchema(),
    "order-select": OrderSelectContextSchema(),
    "order-sign": OrderSignContextSchema(),
}


class RequestSchema(Lenient):
    """The call. `context` is checked afterwards by the schema of its hook."""

    hook = fields.String(required=True, validate=validate.Length(min=1))
    hookInstance = fields.String(required=True, validate=validate.Length(min=1))
    context = fields.Dict(required=True)
    fhirServer = fields.String(validate=validate.Regexp(r"[Hh][Tt][Tt][Pp][Ss]?://[^\s/]", error="Not an http(s) URL."))
    fhirAuthorization = fields.Nested(AuthorizationSchema)
    prefetch = fields.Dict()
    extension = fields.Dict()


class Strict(Schema):
    """Nothing unknown, nothing null, nothing empty."""

    class Meta:
        unknown = RAISE


_text = validate.Length(min=1)
_some = validate.Length(min=1)
_MOST_KNOWN = 5_000
_http = fields.Url(schemes={"http", "https"}, require_tld=False)


class _Once:
    """Mixed into a field whose value comes out of the rules, not out of a chart: each is checked the first time."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        known: set[bytes] = self.__dict__.setdefault("_known", set())
        written = msgspec.json.encode(value)
        if written in known:
            return value
        found = super()._deserialize(value, attr, data, **more)  # type: ignore[misc]
        if len(known) < _MOST_KNOWN:
            known.add(written)
        return found


class NestedOnce(_Once, fields.Nested):  # type: ignore[misc]
    """An object that the rules repeat."""


class ListOnce(_Once, fields.List[Any]):
    """A list that the rules repeat."""


class CodingSchema(Strict):
    """A Coding."""

    system = fields.String(required=True, validate=_text)
    code = fields.String(required=True, validate=_text)
    display = fields.String(validate=_text)


class ReasonSchema(CodingSchema):
    """An override reason: a Coding that must be readable."""

    display = fields.String(required=True, validate=_text)


class SourceSchema(Strict):
    """`card.source`."""

    label = fields.String(required=True, validate=_text)
    url = fields.Url(schemes={"http", "https"}, require_tld=False)
    icon = fields.Url(schemes={"http", "https"}, require_tld=False)
    topic = fields.Nested(CodingSchema)


class ActionSchema(Strict):
    """An action: create and update carry a resource, delete a reference."""

    type = fields.String(required=True, validate=validate.OneOf(("create", "update", "delete")))
    description = fields.String(required=True, validate=_text)
    resource = fields.Dict()
    resourceId = fields.String(validate=validate.Regexp(RELATIVE))

    @validates_schema
    def _carries_what_its_type_needs(self, data: dict[str, Any], **_: Any) -> None:
        if (data.get("type") == "delete") != ("resourceId" in data) or (data.get("type") == "delete") == (
            "resource" in data
        ):
            raise ValidationError("create and update carry a resource, delete a resourceId")
        if "resource" in data and not isinstance(data["resource"].get("resourceType"), str):
            raise ValidationError("a resource needs its resourceType", "resource")


class SuggestionSchema(Strict):
    """`card.suggestions[]`."""

    label = fields.String(required=True, validate=_text)
    uuid = fields.UUID(required=True)
    isRecommended = fields.Boolean()
    actions = fields.List(fields.Nested(ActionSchema), validate=_some)


class LinkSchema(Strict):
    """`card.links[]`."""

    label = fields.String(required=True, validate=_text)
    url = fields.Url(required=True, schemes={"http", "https"}, require_tld=False)
    type = fields.String(required=True, validate=validate.OneOf(("absolute", "smart")))
    appContext = fields.String()


class CardSchema(Strict):
    """A card. selectionBehavior stands exactly where there are suggestions."""

    uuid = fields.UUID(required=True)
    summary = fields.String(required=True, validate=validate.Length(min=1, max=SUMMARY_LIMIT))
    detail = fields.String(validate=_text)
    indicator = fields.String(required=True, validate=validate.OneOf(("info", "warning", "critical")))
    source = NestedOnce(SourceSchema, required=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema), validate=_some)
    selectionBehavior = fields.String(validate=validate.OneOf(("at-most-one", "any")))
    overrideReasons = ListOnce(fields.Nested(ReasonSchema), validate=_some)
    links = ListOnce(fields.Nested(LinkSchema), validate=_some)
    extension = fields.Dict()

    @validates_schema
    def _is_coherent(self, data: dict[str, Any], **_: Any) -> None:
        if ("suggestions" in data) != ("selectionBehavior" in data):
            raise ValidationError("selectionBehavior stands exactly where there are suggestions")
        if sum(bool(s.get("isRecommended")) for s in data.get("suggestions", ())) > 1 and (
            data.get("selectionBehavior") == "at-most-one"
        ):
            raise ValidationError("only one suggestion can be recommended")
        if _MARKUP.search(data.get("detail", "")):
            raise ValidationError("raw HTML in detail", "detail")


class ResponseSchema(Strict):
    """The whole answer."""

    cards = fields.List(fields.Nested(CardSchema), required=True, validate=validate.Length(max=3))
    systemActions = fields.List(fields.Nested(ActionSchema))
    extension = fields.Dict()


REQUEST = RequestSchema()
RESPONSE = ResponseSchema()


def first_error(messages: Any, path: str = "") -> tuple[str, str]:
    """The path and the words of the first complaint in marshmallow's nested messages."""
    if isinstance(messages, dict):
        for key, inner in messages.items():
            if key == "_schema":
                return first_error(inner, path)
            step = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else str(key)
            return first_error(inner, step)
    if isinstance(messages, list) and messages:
        return path, str(messages[0])
    return path, str(messages)
