"""Whatever the published document allows, and whatever it does not, is answered as the document says; never by 500."""

from __future__ import annotations

import importlib
import json
from copy import deepcopy
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from cds_service import __version__
from cds_service.hooks.openapi import openapi
from tests.protocol.service import ORDER_SELECT, ORDER_SIGN, PATIENT_VIEW, Service, empties, order_call, view

DOCUMENT = openapi(__version__, "http://127.0.0.1", token_required=False)
BOUNDED = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.filter_too_much],
)
POSTS = [path for path, operations in DOCUMENT["paths"].items() if "post" in operations]
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
ANY = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)
FHIR_WORDS = [
    "resourceType",
    "entry",
    "resource",
    "code",
    "coding",
    "system",
    "subject",
    "reference",
    "id",
    "status",
    "valueQuantity",
    "value",
    "unit",
    "effectiveDateTime",
    "component",
    "link",
    "relation",
    "text",
    "clinicalStatus",
    "issue",
    "severity",
    "meta",
    "category",
    "onsetDateTime",
]
FHIR_VALUES = [
    "Bundle",
    "Patient",
    "Condition",
    "Observation",
    "OperationOutcome",
    "Patient/p1",
    "p1",
    "M54.31",
    "http://hl7.org/fhir/sid/icd-10-cm",
    "http://loinc.org",
    "active",
    "final",
    "2026-01-15",
    "next",
    "error",
    "buttock pain",
    "9999-99-99",
]
FHIRISH = st.recursive(
    SCALAR | st.sampled_from(FHIR_VALUES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FHIR_WORDS), inner, max_size=6),
    max_leaves=30,
)


def validator() -> Any:
    """Imported only where it is used: a second and more, which each process that collects the tests would pay."""
    return importlib.import_module("jsonschema").Draft202012Validator


def resolved(schema: Any) -> Any:
    """The schema with every $ref replaced by what it names."""
    if isinstance(schema, list):
        return [resolved(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return resolved(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    return {key: resolved(value) for key, value in schema.items()}


def body_schema(path: str) -> dict[str, Any]:
    told: dict[str, Any] = resolved(
        DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
    )
    return told


def _alike() -> list[tuple[str, ...]]:
    """The paths, those together that take the same body: inventing a body takes longer than answering it."""
    found: dict[str, list[str]] = {}
    for path in POSTS:
        found.setdefault(json.dumps(body_schema(path)), []).append(path)
    return [tuple(paths) for paths in found.values()]


ALIKE = _alike()


def from_schema(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema allows, for the keywords that the document uses."""
    if "anyOf" in schema and "properties" not in schema:
        return st.one_of(*(from_schema(each) for each in schema["anyOf"]))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    values = st.one_of(*(_of_kind(kind, schema) for kind in kinds)) if kinds else ANY
    if "anyOf" in schema:
        allowed = validator()({"anyOf": schema["anyOf"]})
        return values.filter(allowed.is_valid)
    return values


def _of_kind(kind: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if kind == "object":
        properties = {name: from_schema(each) for name, each in schema.get("properties", {}).items()}
        needed = {name: each for name, each in properties.items() if name in schema.get("required", ())}
        optional = {name: each for name, each in properties.items() if name not in needed}
        extra = st.dictionaries(st.text().filter(lambda name: name not in properties), ANY, max_size=3)
        known = st.fixed_dictionaries(needed, optional=optional)
        return st.builds(lambda more, told: {**more, **told}, extra, known)
    if kind == "array":
        return st.lists(from_schema(schema.get("items", {})), min_size=schema.get("minItems", 0), max_size=4)
    if kind == "string" and schema.get("format") == "date-time":
        offsets = st.sampled_from(["Z", "+00:00", "-08:00", "+05:30"])
        return st.builds(lambda t, o: t.isoformat() + o, st.datetimes(min_value=datetime(1900, 1, 2)), offsets)  # noqa: DTZ001 - the offset is appended
    if kind == "string":
        pattern: str | None = schema.get("pattern")
        if pattern is None:
            words = st.text(min_size=schema.get("minLength", 0))
        else:  # "$" would let a line break through that ECMAScript's "$" does not
            words = st.from_regex(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)
        return words.filter(lambda word: word.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in word))
    return {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(),
        "number": st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    }[kind]


def conforms(service: Service, path: str, answer: Any) -> None:
    """Its status is documented, its body is what the document says, and nothing in it is empty."""
    responses = DOCUMENT["paths"][path]["post"]["responses"]
    assert str(answer.status_code) in responses, answer.text
    schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
    validator()(resolved(schema)).validate(answer.json())
    assert empties(answer.json()) == []


def test_the_document_is_published_and_is_openapi(opened: Service) -> None:
    told = opened.send("GET", "/openapi.json").json()
    assert told["openapi"] == "3.1.0"
    assert told["paths"] == DOCUMENT["paths"]
    for schema in told["components"]["schemas"].values():
        validator().check_schema(resolved(schema))


def test_the_document_names_every_address(opened: Service) -> None:
    services = opened.send("GET", "/cds-services").json()["services"]
    calls = {f"/cds-services/{s['id']}" for s in services}
    assert set(DOCUMENT["paths"]) == {"/cds-services", "/healthz", "/readyz", *calls, *(f"{c}/feedback" for c in calls)}


@pytest.mark.parametrize("path", ["/cds-services", "/healthz", "/readyz"])
def test_what_is_got_is_as_documented(opened: Service, path: str) -> None:
    schema = DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    validator()(resolved(schema)).validate(opened.send("GET", path).json())


@pytest.mark.parametrize("paths", ALIKE, ids=" ".join)
def test_bodies_as_documented_are_answered_as_documented(opened: Service, paths: tuple[str, ...]) -> None:
    @BOUNDED
    @given(from_schema(body_schema(paths[0])))
    def holds(body: Any) -> None:
        for path in paths:
            note(path)
            answer = opened.send("POST", path, json=body)
            conforms(opened, path, answer)
            assert answer.status_code in (200, 412)

    holds()


def test_any_json_is_answered_as_documented(opened: Service) -> None:
    @BOUNDED
    @given(ANY)
    def holds(body: Any) -> None:
        for path in POSTS:
            note(path)
            conforms(opened, path, opened.send("POST", path, json=body))

    holds()


CALLS = {
    PATIENT_VIEW: view(),
    ORDER_SIGN: order_call("order-sign", {"resourceType": "ServiceRequest", "id": "a"}),
    ORDER_SELECT: order_call("order-select", {"resourceType": "ServiceRequest", "id": "a"}),
}


@pytest.mark.parametrize("service", CALLS)
def test_any_value_in_the_place_of_a_resource_is_answered_as_documented(opened: Service, service: str) -> None:
    keys = ["patient", "conditions", "observations", "medications", "procedures", "serviceRequests"]

    @BOUNDED
    @given(st.dictionaries(st.sampled_from(keys), FHIRISH), FHIRISH, st.booleans())
    def holds(prefetch: dict[str, Any], entry: Any, keep: bool) -> None:
        body = deepcopy(CALLS[service])
        body["prefetch"] = {**(body["prefetch"] if keep else {}), **prefetch}
        if "draftOrders" in body["context"]:
            body["context"]["draftOrders"]["entry"].append({"resource": entry})
        conforms(opened, f"/cds-services/{service}", opened.call(service, body))

    holds()


@pytest.mark.parametrize("token_required", [True, False])
def test_a_token_is_documented_where_it_is_required(token_required: bool) -> None:
    told = openapi("1", "https://cds.example", token_required=token_required)
    for path in POSTS:
        operation = told["paths"][path]["post"]
        assert operation["security"] == ([{"jwt": []}] if token_required else [])
        assert ("401" in operation["responses"]) is token_required
    assert told["paths"]["/cds-services"]["get"]["security"] == []
