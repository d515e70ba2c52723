"""A Bundle is decoded whole where nothing in it is odd, else resource by resource: the chart must be the same."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from msgspec import Raw

from cards.section import Section
from cds_service.fhir.intake import Intake
from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import Entry, ReadEntry, Supply, read_key
from fhir_fixtures import draft_request_names, expectation, names
from tests.end_to_end.calls import with_prefetch

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
