"""The published OpenAPI document, made out of the schemas that check requests and responses."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import RAISE, Schema, fields, validate
from msgspec.json import schema_components

from cds_service.hooks.emitted import Response
from cds_service.hooks.feedback import FeedbackItemSchema
from cds_service.hooks.schemas import CONTEXTS, Lenient, RequestSchema
from cds_service.hooks.services import SERVICES, Service

_text = validate.Length(min=1)


class Strict(Schema):
    """Nothing but the members named."""

    class Meta:
        unknown = RAISE


class DiscoveredServiceSchema(Strict):
    """One service of discovery."""

    id = fields.String(required=True, validate=_text)
    hook = fields.String(required=True, validate=validate.OneOf(tuple(CONTEXTS)))
    title = fields.String(required=True, validate=_text)
    description = fields.String(required=True, validate=_text)
    usageRequirements = fields.String(required=True, validate=_text)
    prefetch = fields.Dict(keys=fields.String(), values=fields.String(validate=_text), required=True)


class DiscoverySchema(Strict):
    """The answer of discovery."""

    services = fields.List(fields.Nested(DiscoveredServiceSchema), required=True)
    extension = fields.Dict(keys=fields.String(), values=fields.Dict(), required=True)


class DetailsSchema(Strict):
    """A CodeableConcept of which only the text is used."""

    text = fields.String(required=True, validate=_text)


class IssueSchema(Strict):
    """An issue of an OperationOutcome; `expression` is the JSON path of the member at fault."""

    severity = fields.String(required=True, validate=validate.OneOf(("error",)))
    code = fields.String(required=True, validate=_text)
    details = fields.Nested(DetailsSchema, required=True)
    diagnostics = fields.String(validate=_text)
    expression = fields.List(fields.String(), validate=validate.Length(min=1))


class OperationOutcomeSchema(Strict):
    """What every error is answered; `id` is the correlation id, but for a 401."""

    resourceType = fields.String(required=True, validate=validate.OneOf(("OperationOutcome",)))
    id = fields.UUID()
    issue = fields.List(fields.Nested(IssueSchema), required=True, validate=validate.Length(min=1))


class RejectedSchema(Strict):
    """A feedback item that was not stored."""

    index = fields.Integer(required=True)
    path = fields.String(required=True, validate=_text)
    why = fields.String(required=True, validate=_text)


class StoredSchema(Strict):
    """The answer to feedback."""

    stored = fields.Integer(required=True, validate=validate.Range(min=1))
    rejected = fields.List(fields.Nested(RejectedSchema), validate=validate.Length(min=1))


class FeedbackBodySchema(Lenient):
    """A batch of feedback."""

    feedback = fields.List(fields.Nested(FeedbackItemSchema), required=True, validate=validate.Length(min=1))


class HealthSchema(Strict):
    """The answer of /healthz and /readyz."""

    status = fields.String(required=True)
    version = fields.String()


_ERRORS = {
    "400": "The request is malformed or contradicts itself",
    "413": "The body is larger than CDS_MAX_BODY_BYTES",
    "415": "The body is not application/json",
}
_TRUST_ERRORS = {"401": "No valid token of a registered client", "403": "This client may not call this service"}


_ACCEPTED_SAYS_WHAT = [
    {"properties": {"outcome": {"const": "overridden"}}},
    {"required": ["acceptedSuggestions"], "properties": {"acceptedSuggestions": {"type": "array", "minItems": 1}}},
]


@cache
def openapi(version: str, server: str, *, token_required: bool) -> dict[str, Any]:
    """The document, OpenAPI 3.1. `server` is the public base address."""
    spec = APISpec(
        title="Posterior Hip CDS",
        version=version,
        openapi_version="3.1.0",
        info={"description": "CDS Hooks 2.0.1. Errors are OperationOutcomes; every answer has X-Correlation-ID."},
        servers=[{"url": server}],
        plugins=[MarshmallowPlugin(schema_name_resolver=_name)],
    )
    spec.components.security_scheme("jwt", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    security: dict[str, Any] = {"security": [{"jwt": []}] if token_required else []}
    errors = {**_ERRORS, **(_TRUST_ERRORS if token_required else {})}
    for name, shape in schema_components([Response], ref_template="#/components/schemas/{name}")[1].items():
        spec.components.schema(name, shape)
    _get(spec, "/cds-services", "discover", DiscoverySchema, {})
    for service in SERVICES:
        body = _request(spec, service)
        call_errors = {**errors, "412": "Required data were neither supplied nor obtainable"}
        _post(spec, service.id, service.title, body, Response.__name__, call_errors, security)
        feedback_errors = {**errors, "503": "The database is down; send it again later"}
        where = f"{service.id}/feedback"
        _post(spec, where, f"Feedback: {service.title}", FeedbackBodySchema, StoredSchema, feedback_errors, security)
    _get(spec, "/healthz", "healthz", HealthSchema, {})
    _get(spec, "/readyz", "readyz", HealthSchema, {"503": "Not ready"})
    document = spec.to_dict()
    lenient = {_name(each) for each in _all_of(Lenient)}
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        _as_json_schema(schema)
        if name in lenient or name.endswith("Call"):
            _null_is_absent(schema)
    schemas["FeedbackItem"]["anyOf"] = _ACCEPTED_SAYS_WHAT
    return document


def _name(schema: Schema | type[Schema] | str) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    return kind.__name__.removesuffix("Schema")


def _all_of(schema: type[Schema]) -> list[type[Schema]]:
    return [schema, *(deeper for each in schema.__subclasses__() for deeper in _all_of(each))]


def _request(spec: APISpec, service: Service) -> str:
    """The call of one service: RequestSchema with the context of its hook. Returns its name."""
    context = type(CONTEXTS[service.hook])
    name = "".join(word.capitalize() for word in service.hook.split("-")) + "Call"
    members = {
        "hook": fields.String(required=True, validate=validate.OneOf((service.hook,))),
        "context": fields.Nested(context, required=True),
    }
    spec.components.schema(name, schema=type(f"{name}Schema", (RequestSchema,), members))
    return name


def _get(spec: APISpec, path: str, name: str, answer: type[Schema], errors: Mapping[str, str]) -> None:
    operation = {"operationId": name, "security": [], "responses": _responses(answer, errors)}
    spec.path(path=path, operations={"get": operation})


def _post(
    spec: APISpec,
    place: str,
    title: str,
    body: type[Schema] | str,
    answer: type[Schema] | str,
    errors: Mapping[str, str],
    security: Mapping[str, Any],
) -> None:
    operation = {
        "operationId": place.replace("/", "-"),
        "summary": title,
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _responses(answer, errors),
        **security,
    }
    spec.path(path=f"/cds-services/{place}", operations={"post": operation})


def _responses(answer: type[Schema] | str, errors: Mapping[str, str]) -> dict[str, Any]:
    def told(words: str, schema: type[Schema] | str) -> dict[str, Any]:
        return {"description": words, "content": {"application/json": {"schema": schema}}}

    return {"200": told("The answer", answer), **{s: told(w, OperationOutcomeSchema) for s, w in errors.items()}}


def _as_json_schema(node: Any) -> None:
    """Patterns as ECMAScript writes them, and the format that JSON Schema knows."""
    if isinstance(node, list):
        for item in node:
            _as_json_schema(item)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("pattern"), str):
        node["pattern"] = f"^(?:{node['pattern']})".replace("\\Z)", ")$")
    if node.get("format") == "url":
        node["format"] = "uri"
    for inner in node.values():
        _as_json_schema(inner)


def _null_is_absent(schema: dict[str, Any]) -> None:
    """In a request null stands for an optional member that was left out."""
    for name, member in schema.get("properties", {}).items():
        if name in schema.get("required", ()):
            continue
        if "$ref" in member:
            schema["properties"][name] = {"anyOf": [member, {"type": "null"}]}
        elif isinstance(member.get("type"), str):
            member["type"] = [member["type"], "null"]
