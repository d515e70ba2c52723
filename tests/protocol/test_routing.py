"""A service is found by its id and its hook together, as the specification allows one id for several hooks."""

from __future__ import annotations

import json

import pytest

from cds_service.hooks.incoming import read_call
from cds_service.hooks.problem import BadRequest
from cds_service.hooks.services import SERVICES, Service, discovery, services_of
from tests.protocol.service import order_call, view

TWINS = (Service("twin", "patient-view", "t", "d"), Service("twin", "order-sign", "t", "d"))


@pytest.mark.parametrize(("body", "hook"), [(view(), "patient-view"), (order_call("order-sign"), "order-sign")])
def test_of_two_services_with_one_id_the_one_of_the_hook_answers(body: object, hook: str) -> None:
    assert read_call(json.dumps(body).encode(), TWINS).service.hook == hook


def test_a_hook_of_neither_is_refused() -> None:
    with pytest.raises(BadRequest, match="patient-view and order-sign"):
        read_call(json.dumps(order_call("order-select")).encode(), TWINS)


def test_every_service_of_discovery_is_found_and_no_id_and_hook_stand_twice() -> None:
    told = [(s["id"], s["hook"]) for s in discovery("1.2.3")["services"]]
    assert len(set(told)) == len(told) == len(SERVICES)
    assert [(s.id, s.hook) for s in SERVICES for _ in services_of(s.id)] == told


def test_a_renamed_prefetch_key_counts_unless_ours_is_there_too() -> None:
    body = view(prefetch={"patient": {"resourceType": "Patient"}, "problems": None, "patient_": None})
    call = read_call(json.dumps(body).encode(), SERVICES, {"problems": "conditions", "patient_": "patient"})
    assert bytes(call.prefetch["conditions"]) == b"null"
    assert bytes(call.prefetch["patient"]) != b"null"
