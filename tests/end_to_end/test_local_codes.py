"""An EHR that orders by its own codes: its drafts are recognised by the map that its orders are written with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.end_to_end.calls import marks
from tests.end_to_end.ordering import TODAY, Ehr, registered
from tests.vignettes.shorthand import request_of

Json = dict[str, Any]
SITE = "urn:oid:1.2.840.114350.1.13.1"
RULE = "imaging-order-appropriateness"
LINES = f"""\
    order_codes:
      http://loinc.org|30673-8: {SITE}|4711
      http://loinc.org|36705-2: {SITE}|4712
      X-ray hip, 2 views: {SITE}|4713
"""
FACTS = ("patient: M 45", "condition: left buttock pain [sct 279043006] from 2026-01-01")


@pytest.fixture(scope="module")
def ehrs(tmp_path_factory: pytest.TempPathFactory) -> list[Ehr]:
    return registered(tmp_path_factory.mktemp("site"), LINES, "")


def drafted(*codings: Json, text: str | None = None) -> Json:
    request = request_of((*FACTS, "draft: placeholder"), TODAY)
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    draft["code"] = {"coding": list(codings)} | ({"text": text} if text else {})
    return request


def local(code: str, system: str = SITE) -> Json:
    return {"system": system, "code": code}


def spoken(body: Json) -> set[str]:
    return {rule for card in body["cards"] for rule in marks(card)}


@pytest.mark.parametrize("draft", [drafted(local("4711")), drafted({}, local("4711"), text="MR PELV WO")])
def test_a_local_code_says_which_study_it_is(draft: Json, ehrs: list[Ehr]) -> None:
    body = ehrs[0].ask(draft)
    assert RULE in spoken(body)
    assert any(card["summary"].startswith("MRI pelvis:") for card in body["cards"])
    assert RULE not in spoken(ehrs[1].ask(draft))


@pytest.mark.parametrize(
    "coding", [local("4799"), local("4711", "urn:oid:another"), {"code": "4711"}, {"system": SITE}]
)
def test_a_code_that_is_not_in_the_map_means_nothing(coding: Json, ehrs: list[Ehr]) -> None:
    assert RULE not in spoken(ehrs[0].ask(drafted(coding)))


def test_a_local_code_can_stand_for_the_words_of_an_order(ehrs: list[Ehr]) -> None:
    request = drafted(local("4711"))
    entries = request["context"]["draftOrders"]["entry"]
    entries.append({"resource": {**entries[0]["resource"], "id": "x", "code": {"coding": [local("4713")]}}})
    (card,) = [c for c in ehrs[0].ask(request)["cards"] if RULE in marks(c)]
    assert not [s for s in card["suggestions"] if s["label"].startswith("X-ray")], "the X-ray is drafted already"


def test_a_changed_draft_carries_the_sites_code_first_and_keeps_the_rest(ehrs: list[Ehr]) -> None:
    request = drafted(local("4711"))
    request["context"]["draftOrders"]["entry"][0]["resource"]["siteOnly"] = {"a": 1}
    (card,) = [c for c in ehrs[0].ask(request)["cards"] if RULE in marks(c)]
    (changed,) = [a["resource"] for s in card["suggestions"] for a in s["actions"] if a["type"] == "update"]
    assert changed["code"]["coding"][:2] == [
        local("4712"),
        {"system": "http://loinc.org", "code": "36705-2", "display": "XR Pelvis and Hip AP and Lateral"},
    ]
    assert (changed["siteOnly"], changed["intent"]) == ({"a": 1}, "order")
