"""What a prefetch value is: absent, null, empty, an error, a page, or a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from cds_service.fhir.intake import Intake
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import PAGED, Supply, joined, read_key, read_page, together
from tests.intake.taken import bundle, condition, observation


def supply(value: Any) -> Supply:
    return read_key(Raw(json.dumps(value).encode()))


def outcome(severity: str | None, code: str | None = "processing") -> dict[str, Any]:
    issue = {k: v for k, v in {"severity": severity, "code": code}.items() if v is not None}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


NEXT = [{"relation": "self", "url": "x"}, {"relation": "next", "url": "https://ehr.example/fhir?page=2"}]
EMPTY = {"resourceType": "Bundle", "type": "searchset", "total": 0}
OUTCOME_ENTRY = {"resource": outcome("error"), "search": {"mode": "outcome"}}


def test_a_key_that_is_not_there_may_be_fetched() -> None:
    found = read_key(None)
    assert (found.kind, found.retry, found.missing) == ("absent", True, "not supplied")


@pytest.mark.parametrize(
    ("value", "kind", "retry"),
    [
        (None, "empty", False),
        (EMPTY, "empty", False),
        (EMPTY | {"entry": []}, "empty", False),
        (bundle(condition()), "given", False),
        (condition(), "given", False),
        (outcome("error", "forbidden"), "errored", False),
        (outcome("fatal", "exception"), "errored", True),
        (outcome("error", "timeout"), "errored", True),
        (outcome("error", "transient"), "errored", True),
        (outcome("warning"), "empty", False),
        (outcome("information"), "empty", False),
        (outcome(None), "errored", False),
        ({"resourceType": "OperationOutcome"}, "errored", False),
        ("<html>Tomcat error</html>", "errored", True),
        (42, "errored", True),
        ([], "errored", True),
        ({}, "errored", True),
        ({"resourceType": "Bundle", "entry": "none"}, "errored", True),
        ({"resourceType": 3}, "errored", True),
        (bundle(condition(), links=NEXT), "given", True),
        (EMPTY | {"link": NEXT}, "errored", True),
        (EMPTY | {"entry": [OUTCOME_ENTRY]}, "errored", False),
        (EMPTY | {"entry": [{"resource": outcome("warning"), "search": {"mode": "outcome"}}]}, "empty", False),
        (EMPTY | {"entry": [{"resource": outcome("warning")}]}, "empty", False),
        (EMPTY | {"entry": [None]}, "empty", False),
        (EMPTY | {"entry": ["x"]}, "errored", True),
        (EMPTY | {"link": "x"}, "errored", True),
        (EMPTY | {"issue": "x"}, "empty", False),
        ({"resourceType": "OperationOutcome", "issue": "x"}, "errored", True),
    ],
)
def test_the_value_of_a_key_is_one_of_four_things(value: Any, kind: str, retry: bool) -> None:
    found = supply(value)
    assert (found.kind, found.retry) == (kind, retry)
    warned = isinstance(value, dict) and value.get("resourceType") == "OperationOutcome" and kind == "empty"
    assert (found.missing is None) == ((kind == "empty" and not warned) or (kind == "given" and not retry))


def test_a_page_is_told_from_a_whole() -> None:
    found = supply(bundle(condition(), links=NEXT))
    assert (found.missing, found.truncated, len(found.entries)) == (PAGED, True, 1)
    assert found.next_link == "https://ehr.example/fhir?page=2"


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (condition(), "given"),
        (observation(), "errored"),
        (bundle(observation(), condition()), "given"),
        (bundle(observation()), "errored"),
        (EMPTY, "empty"),
        (None, "empty"),
    ],
)
def test_an_answer_to_another_question_is_none(value: Any, kind: str) -> None:
    found = read_key(Raw(json.dumps(value).encode()), ("Condition",))
    assert (found.kind, found.retry) == (kind, kind == "errored")


def test_what_was_fetched_completes_what_was_prefetched_and_a_failure_costs_nothing() -> None:
    page, rest = supply(bundle(condition(), links=NEXT)), supply(bundle(condition(id="c2")))
    whole = together(page, rest)
    assert (len(whole.entries), whole.missing) == (2, None)
    assert together(page, Supply("errored", missing="no answer")) is page
    assert together(page, Supply("empty")).missing is None
    failed = supply(outcome("error", "timeout"))
    assert together(failed, rest) is rest


def test_an_error_inside_a_bundle_makes_the_rest_incomplete_and_a_warning_does_not() -> None:
    partial = supply({"resourceType": "Bundle", "entry": [{"resource": condition()}, OUTCOME_ENTRY]})
    assert (partial.kind, partial.truncated, len(partial.entries)) == ("given", False, 1)
    assert partial.missing == "the EHR answered with an error (processing)"
    warned = {"resource": outcome("warning"), "search": {"mode": "outcome"}}
    whole = supply({"resourceType": "Bundle", "entry": [{"resource": condition()}, warned]})
    assert (whole.kind, whole.missing) == ("given", None)


@pytest.mark.parametrize("odd", ["x", 5, [], {"resource": condition(id="c2"), "fullUrl": 5}])
def test_an_odd_entry_costs_no_other(odd: Any) -> None:
    found = supply({"resourceType": "Bundle", "entry": [{"resource": condition()}, odd, None]})
    readable = isinstance(odd, dict)
    assert (found.kind, found.retry, len(found.entries)) == ("given", not readable, 2 if readable else 1)
    assert found.missing == (None if readable else "unreadable: an entry of a Bundle")


def test_links_that_cannot_be_read_may_lead_to_more() -> None:
    found = supply(bundle(condition()) | {"link": [{"relation": "next", "url": 5}]})
    assert (found.kind, found.missing, len(found.entries)) == ("given", "unreadable: the links of a Bundle", 1)


def test_a_failure_is_heard_however_its_type_is_spelt() -> None:
    failed = json.dumps(bundle(condition(), outcome("error"))).replace('"OperationOutcome"', '"Operation\\u004futcome"')
    assert read_page(failed.encode()).missing == "the EHR answered with an error (processing)"


def test_an_answer_in_latin_1_costs_the_records_that_it_spoils_and_no_other() -> None:
    pages = bundle(condition(), condition(id="c2", code={"text": "Rückenschmerz"}))
    for types in ((), ("Condition",)):
        found = read_page(json.dumps(pages, ensure_ascii=False).encode("latin-1"), types)
        section = Intake(Subject("p1")).sections({"conditions": found})["conditions"]
        assert [r.reference for r in section.records] == ["Condition/c1"]
        assert list(section.unreadable) == ["conditions entry 2"]


def test_the_reason_of_an_error_repeats_no_markup() -> None:
    found = supply(outcome("error", "<b>x</b>"))
    assert found.missing == "the EHR answered with an error (bxb)"


@pytest.mark.parametrize("kind", ["searchset", "collection", None])
def test_any_bundle_of_entries_will_do(kind: str | None) -> None:
    assert supply({"resourceType": "Bundle", "type": kind, "entry": [{"resource": condition()}]}).kind == "given"


def test_pages_of_one_search_are_one_supply() -> None:
    page = read_page(json.dumps(bundle(condition(), links=NEXT)).encode())
    last = read_page(json.dumps(bundle(condition(id="c2"))).encode())
    whole = joined([page, last], None)
    assert (len(whole.entries), whole.missing, whole.truncated) == (2, None, False)
    cut = joined([page], "too many pages")
    assert (len(cut.entries), cut.missing, cut.truncated) == (1, "too many pages", True)
    assert joined([], "no answer").kind == "errored"
    assert joined([read_page(json.dumps(EMPTY).encode())], None).kind == "empty"


def test_a_page_that_failed_is_said_and_is_no_mere_truncation() -> None:
    page = read_page(json.dumps(bundle(condition(), links=NEXT)).encode())
    failed = read_page(json.dumps(outcome("error", "throttled")).encode())
    found = joined([page, failed], None)
    assert (found.kind, found.truncated) == ("given", False)
    assert found.missing
