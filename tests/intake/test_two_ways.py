"""A Bundle is decoded whole where nothing in it is odd, else resource by resource: the chart must be the same."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from msgspec import Raw

from cards.codings import HIP_EXAM
from cards.section import Section
from cds_service.fhir.intake import Intake
from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import Entry, ReadEntry, Supply, read_key
from fhir_fixtures import draft_request_names, expectation, names
from tests.end_to_end.calls import with_prefetch
from tests.intake.taken import ME, coded

Json = dict[str, Any]
FIXTURES = sorted({*names(), *draft_request_names()})
ODD_BUT_EMPTY = {"resource": None}


def supplies_of(prefetch: Json) -> dict[str, Supply]:
    return {k: read_key(Raw(json.dumps(prefetch[k]).encode()), RESOURCE_TYPES[k]) for k in KEYS if k != "patient"}


def sections_of(prefetch: Json, patient: str) -> dict[Any, Section]:
    return Intake(Subject(patient)).sections(supplies_of(prefetch))


@pytest.mark.parametrize("name", FIXTURES)
def test_a_chart_is_the_same_when_an_odd_entry_has_each_bundle_taken_apart(name: str) -> None:
    smooth = with_prefetch(name)["prefetch"]
    odd = deepcopy(smooth)
    for key in KEYS:
        if odd[key].get("entry"):
            odd[key]["entry"].append(ODD_BUT_EMPTY)
    whole = {type(e) for supply in supplies_of(smooth).values() for e in supply.entries}
    apart = {type(e) for supply in supplies_of(odd).values() for e in supply.entries}
    assert (whole, apart) == ({ReadEntry}, {Entry})
    patient = expectation(name).patient
    assert sections_of(smooth, patient) == sections_of(odd, patient)


BUTTOCK = coded("http://snomed.info/sct", "202794004", "piriformis syndrome")
NAMED_LIKE_AN_OUTCOME = {"resourceType": "Condition", "id": "OperationOutcome", "code": BUTTOCK, "subject": ME}
FAILED = {"severity": "error", "code": "exception"}


def conditions(*resources: Json | None) -> Supply:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}
    return read_key(Raw(json.dumps(bundle).encode()), RESOURCE_TYPES["conditions"])


def test_a_condition_that_has_the_word_operation_outcome_in_it_is_taken_either_way() -> None:
    for supply in (conditions(NAMED_LIKE_AN_OUTCOME), conditions(NAMED_LIKE_AN_OUTCOME, None)):
        section = Intake(Subject("p1")).sections({"conditions": supply})["conditions"]
        assert [r.reference for r in section.records] == ["Condition/OperationOutcome"]


def test_a_failure_is_heard_wherever_its_type_stands_in_its_text() -> None:
    late = {"id": "x", "language": "e" * 300, "issue": [FAILED], "resourceType": "OperationOutcome"}
    assert conditions(NAMED_LIKE_AN_OUTCOME, late).missing == "the EHR answered with an error (exception)"


@pytest.mark.parametrize("written", ['"pain\\u002dlocation"', '" pain-location"'])
@pytest.mark.parametrize("odd", [(), (ODD_BUT_EMPTY,)])
def test_the_question_where_the_pain_is_is_found_however_it_is_written(written: str, odd: tuple[Json, ...]) -> None:
    asked = {"resourceType": "Observation", "id": "o", "status": "final", "subject": ME}
    asked |= {"code": coded(HIP_EXAM, "HERE"), "valueCodeableConcept": coded(HIP_EXAM, "deep-buttock")}
    bundle = json.dumps({"resourceType": "Bundle", "entry": [{"resource": asked}, *odd]})
    raw = Raw(bundle.replace('"HERE"', written).encode())
    supplies = {key: read_key(None) for key in KEYS} | {"observations": read_key(raw, ("Observation",))}
    assert len(Intake(Subject("p1")).where_the_pain_is(supplies)["observations"].records) == 1
