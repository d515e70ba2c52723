"""The protocol's shapes of what comes in, as marshmallow schemas: lenient. What goes out is in `emitted`."""

from __future__ import annotations

import re
from typing import Any

from marshmallow import EXCLUDE, Schema, fields, pre_load, validate

_PATIENT_ID = re.compile(r"(?:Patient/)?[A-Za-z0-9\-.]{1,64}\Z")
RELATIVE = re.compile(r"[A-Za-z]+/[A-Za-z0-9\-.]{1,64}\Z")
"""A reference to a resource on the client's own server."""


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


REQUEST = RequestSchema()


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
