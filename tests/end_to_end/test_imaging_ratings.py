"""Ratings of drafted studies for an EHR that asked for them, as the Argonaut guide "CDS Hooks for PAMA" has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.end_to_end.calls import with_prefetch
from tests.end_to_end.ordering import BUTTOCK_PAIN, CAUDA_EQUINA, TODAY, Ehr, cpt, imaging_screen, registered
from tests.end_to_end.test_public_vignettes import complaints
from tests.vignettes.shorthand import request_of

Json = dict[str, Any]
RATING = "http://fhir.org/argonaut/Extension/pama-rating"
XR = "report: XR pelvis AP [loinc 37622-8] on 2025-12-20 normal"
CARE = "procedure: Physiotherapy [sct 91251008] 2025-10-20..2025-12-28 completed (9 sessions)"
PAIN = "condition: left buttock pain [sct 279043006] from 2025-10-10 left site buttock"
PATIENT = "patient: M 45"


@pytest.fixture(scope="module")
def ehrs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ehr]:
    asked = '    pama_ratings: "G0000"\n'
    profiles = {
        "rated": asked,
        "plain": "",
        "sandbox": "    profile: sandbox\n" + asked,
        "crd": "    profile: crd\n" + asked,
        "epic": "    profile: epic\n" + asked,
    }
    return dict(zip(profiles, registered(tmp_path_factory.mktemp("ehrs"), *profiles.values()), strict=True))


def actions(body: Json) -> list[Json]:
    found: list[Json] = body.get("systemActions", [])
    return found


def ratings(body: Json) -> dict[str, str]:
    """Each rated draft with its word."""
    return {a["resource"]["id"]: rating_of(a["resource"]) for a in actions(body)}


def rating_of(resource: Json) -> str:
    one: str = told(resource)[RATING]["valueCodeableConcept"]["coding"][0]["code"]
    return one


def told(resource: Json) -> dict[str, Json]:
    return {e["url"]: e for e in resource.get("extension", ())}


def rated(ehr: Ehr, *facts: Any, without: tuple[str, ...] = ()) -> dict[str, str]:
    return ratings(ehr.ask(request_of(facts, TODAY, without=without)))


def test_an_appropriate_order_gets_its_rating_and_nothing_else(ehrs: dict[str, Ehr]) -> None:
    request = with_prefetch("V04b")
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    body = ehrs["rated"].ask(request)
    assert body["cards"] == []
    assert "systemActions" not in body["extension"]
    (action,) = body["systemActions"]
    extensions = told(action["resource"])
    assert action["type"] == "update"
    assert {k: v for k, v in action["resource"].items() if k != "extension"} == draft
    assert extensions.pop(RATING)["valueCodeableConcept"] == {
        "coding": [{"system": "http://fhir.org/argonaut/CodeSystem/pama-rating", "code": "appropriate"}]
    }
    assert extensions.pop(f"{RATING}-qcdsm-consulted")["valueString"] == "G0000"
    assert extensions.pop(f"{RATING}-auc-applied")["valueUri"].startswith("http")
    prefix, _, consultation = extensions.pop(f"{RATING}-consult-id")["valueUri"].rpartition(":")
    assert (prefix, UUID(consultation).version) == ("urn:uuid", 4)
    assert extensions == {}


def test_each_draft_has_its_own_rating_and_consultation(ehrs: dict[str, Ehr]) -> None:
    body = ehrs["rated"].ask(with_prefetch("V02"))
    assert ratings(body) == {"v02-mri-lumbar": "not-appropriate", "v02-mri-hip": "not-appropriate"}
    assert len({told(a["resource"])[f"{RATING}-consult-id"]["valueUri"] for a in actions(body)}) == 2


def test_who_did_not_ask_gets_no_rating(ehrs: dict[str, Ehr]) -> None:
    body = ehrs["plain"].ask(with_prefetch("V02"))
    assert "systemActions" not in body
    assert "pama" not in json.dumps(body)


def test_the_sandbox_reads_ratings_in_the_old_place_only(ehrs: dict[str, Ehr]) -> None:
    body = ehrs["sandbox"].ask(with_prefetch("V02"))
    assert "systemActions" not in body
    assert [rating_of(a["resource"]) for a in body["extension"]["systemActions"]] == ["not-appropriate"] * 2


def test_other_profiles_have_them_in_the_standard_place(ehrs: dict[str, Ehr]) -> None:
    assert ratings(ehrs["crd"].ask(with_prefetch("V02"))) == ratings(ehrs["epic"].ask(with_prefetch("V02")))
    assert ehrs["crd"].ask(with_prefetch("V38"))["systemActions"] == []


@pytest.mark.parametrize("name", ["V02", "V04b", "V28", "V33"])
def test_what_carries_a_rating_is_valid_r4_to_two_validators(name: str, ehrs: dict[str, Ehr]) -> None:
    body = ehrs["rated"].ask(with_prefetch(name))
    updates = [a for c in body["cards"] for s in c.get("suggestions", ()) for a in s["actions"] if "resource" in a]
    assert actions(body)
    for action in actions(body) + updates:
        get_fhir_model_class("ServiceRequest").model_validate(action["resource"])
        unknown = (
            "extension.unknown: The extension http://fhir.org/argonaut/Extension/pama-rating"  # no definition at hand
        )
        assert [c for c in complaints(action["resource"]) if not c.startswith(unknown)] == []


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ((PAIN, XR, CARE, "draft: MRI pelvis [loinc 30673-8]"), "appropriate"),
        ((PAIN, "draft: XR pelvis [loinc 28561-9]"), "appropriate"),
        ((PAIN, "draft: MRI pelvis [loinc 30673-8]"), "not-appropriate"),
        ((PAIN, XR, CARE, "draft: MRI pelvis with contrast [cpt 72196]"), "not-appropriate"),
        (
            (PAIN, "exam: saddle-sensation = reduced on 2026-01-14", "draft: MRI lumbar spine [cpt 72148]"),
            "appropriate",
        ),
        ((PAIN, "exam: saddle-sensation = reduced on 2026-01-14", "draft: MRI hip [loinc 30687-8]"), "not-appropriate"),
        ((PAIN, "draft: MRI brain without contrast"), "no-criteria-apply"),
        (("draft: CT chest with contrast",), "no-criteria-apply"),
    ],
)
def test_the_rating_is_what_the_rule_decided(facts: tuple[str, ...], word: str, ehrs: dict[str, Ehr]) -> None:
    assert list(rated(ehrs["rated"], PATIENT, *facts).values()) == [word]


@pytest.mark.parametrize(
    ("because", "facts", "without"),
    [
        ("X-rays were not supplied", (PAIN, CARE, "draft: MRI pelvis [loinc 30673-8]"), ("diagnosticReports",)),
        ("red flags cannot be judged", (PAIN, "draft: MRI lumbar spine [cpt 72148]"), ("observations",)),
        ("which joint is not said", (PAIN, "draft: [cpt 73721]"), ()),
        ("which part is not said", (PAIN, "draft: MRI without contrast"), ()),
        ("the source says neither yes nor no", (PAIN, CARE, "draft: MRI lumbar spine [cpt 72158]"), ()),
        ("no source seen rates it", (PAIN, "draft: CT angiography pelvis"), ()),
        ("an earlier result is there", (PAIN, XR, CARE, "draft: XR pelvis [loinc 28561-9]"), ()),
        (
            "a safety card speaks of it",
            (PAIN, "condition: pregnant [icd Z3A.20]", "draft: XR pelvis [loinc 28561-9]"),
            (),
        ),
        ("it is no hip pain of ours", ('draft: MRI pelvis [loinc 30673-8] reason "fibroids"',), ()),
        ("it is in the background", (PAIN, "draft: Physiotherapy", "draft: MRI pelvis [loinc 30673-8] background"), ()),
        ("it is no imaging", (PAIN, "draft: CT-guided hip injection"), ()),
    ],
)
def test_there_is_no_rating_where(
    because: str, facts: tuple[str, ...], without: tuple[str, ...], ehrs: dict[str, Ehr]
) -> None:
    hook = "order-select" if "background" in because else "order-sign"
    request = request_of(("patient: F 45", *facts), TODAY, without=without, hook=hook)  # type: ignore[arg-type]
    assert ratings(ehrs["rated"].ask(request)) == {}, because


def test_a_red_flag_that_was_seen_decides_though_other_records_are_missing(ehrs: dict[str, Ehr]) -> None:
    facts = (PATIENT, PAIN, "exam: saddle-sensation = reduced on 2026-01-14", "draft: MRI lumbar spine [cpt 72148]")
    assert list(rated(ehrs["rated"], *facts, without=("procedures", "medications")).values()) == ["appropriate"]


def test_nobody_who_has_died_is_rated(ehrs: dict[str, Ehr]) -> None:
    assert rated(ehrs["rated"], "patient: M 45 deceased", "draft: MRI brain") == {}


def test_a_change_that_leaves_what_a_card_warns_of_is_not_called_appropriate(ehrs: dict[str, Ehr]) -> None:
    device = "condition: cardiac pacemaker [icd Z95.0] from 2019"
    facts = (PATIENT, PAIN, XR, CARE, "draft: MRI pelvis with contrast [cpt 72197]")
    safe, warned = (ehrs["rated"].ask(request_of((*facts, *more), TODAY)) for more in ((), (device,)))
    assert [rating_of(resource) for resource in changes(safe)] == ["appropriate"]
    assert [told(resource) for resource in changes(warned)] == [{}]


def test_a_draft_that_stands_twice_is_rated_once_and_two_of_one_id_not_at_all(ehrs: dict[str, Ehr]) -> None:
    request = with_prefetch("V02")
    (lumbar, hip) = request["context"]["draftOrders"]["entry"]
    request["context"]["draftOrders"]["entry"] = [lumbar, lumbar, hip]
    assert len(actions(ehrs["rated"].ask(request))) == 2
    hip["resource"]["id"] = lumbar["resource"]["id"]
    assert actions(ehrs["rated"].ask(request)) == []


def test_a_draft_without_a_usable_id_is_not_rated(ehrs: dict[str, Ehr]) -> None:
    request = with_prefetch("V02")
    for entry in request["context"]["draftOrders"]["entry"]:
        del entry["resource"]["id"]
    assert actions(ehrs["rated"].ask(request)) == []


DRAFT = b"""{"resourceType": "ServiceRequest", "id": "d.1", "status":"draft" , "intent":"plan",
 "code": {"coding": [{"system":"http://www.ama-assn.org/go/cpt","code":"72195"}], "text": "MRI pelvis \\u00e9"},
 "subject": {"reference":"Patient/hp-vignette"}, "quantityQuantity": {"value": 1.10, "extra": []},
 "extension": [ {"url":"https://ehr.example/cost","valueDecimal":72.500},
  {"url":"http://fhir.org/argonaut/Extension/pama-rating","valueCodeableConcept":{"coding":[{"code":"appropriate"}]}},
  {"url":"http://fhir.org/argonaut/Extension/pama-rating-consult-id","valueUri":"urn:uuid:old"} ],
 "performerType": {"coding": [ ] }, "vendorOnly": {"a" : [1e2, null]}}"""


def raw_request(draft: bytes, *facts: str) -> bytes:
    request = request_of((PATIENT, PAIN, *facts), TODAY, hook="order-sign")
    request["context"]["draftOrders"] = {"resourceType": "Bundle", "entry": [{"resource": "HERE"}]}
    return json.dumps(request).encode().replace(b'"HERE"', draft)


def test_all_else_of_the_draft_is_kept_byte_for_byte_and_an_old_rating_replaced(ehrs: dict[str, Ehr]) -> None:
    raw = ehrs["rated"].send(raw_request(DRAFT), "order-sign").get_data()
    system = raw[raw.index(b'"systemActions"') :]
    for kept in (
        b'"value": 1.10, "extra": []',
        b'"MRI pelvis \\u00e9"',
        b'{"url":"https://ehr.example/cost","valueDecimal":72.500}',
        b'{"coding": [ ] }',
        b'{"a" : [1e2, null]}',
    ):
        assert kept in system
    (resource,) = [a["resource"] for a in json.loads(raw)["systemActions"]]
    assert rating_of(resource) == "not-appropriate"
    assert len(resource["extension"]) == 5
    assert b"urn:uuid:old" not in system


def test_a_draft_whose_extensions_are_no_list_is_not_rated(ehrs: dict[str, Ehr]) -> None:
    draft = DRAFT.replace(b'"extension": [', b'"extension": {"x": [').replace(b'old"} ],', b'old"} ]},')
    assert "systemActions" not in ehrs["rated"].send(raw_request(draft), "order-sign").get_json()


def changes(body: Json) -> list[Json]:
    return [
        a["resource"]
        for c in body["cards"]
        for s in c.get("suggestions", ())
        for a in s["actions"]
        if a["type"] == "update"
    ]


def test_an_offered_change_carries_the_rating_of_what_the_draft_is_changed_into(ehrs: dict[str, Ehr]) -> None:
    request = raw_request(DRAFT.replace(b"72195", b"72197"), XR, CARE)
    body = ehrs["rated"].send(request, "order-sign").get_json()
    assert ratings(body) == {"d.1": "not-appropriate"}
    assert [(rating_of(r), len(r["extension"])) for r in changes(body)] == [("appropriate", 5)]


def test_a_changed_draft_never_keeps_the_rating_of_what_it_was(ehrs: dict[str, Ehr]) -> None:
    raw = ehrs["plain"].send(raw_request(DRAFT), "order-sign").get_data()
    (changed,) = changes(json.loads(raw))
    assert [e["url"] for e in changed["extension"]] == ["https://ehr.example/cost"]
    assert b'{"url":"https://ehr.example/cost","valueDecimal":72.500}' in raw


@pytest.mark.parametrize(
    ("reasons", "offered"),
    [
        ([BUTTOCK_PAIN], True),
        ([BUTTOCK_PAIN, CAUDA_EQUINA], True),
        ([], True),
        (None, False),
        ([{"text": "buttock pain"}], False),
        ([{"coding": []}], False),
    ],
)
def test_the_sandbox_is_offered_only_the_changes_that_its_page_can_apply(
    reasons: list[Json] | None, offered: bool, ehrs: dict[str, Ehr]
) -> None:
    coded = [r for r in reasons or () if "system" in r]
    request = imaging_screen(cpt("72195"), coded, (PATIENT, PAIN))
    draft = request["context"]["draftOrders"]["entry"][0]["resource"]
    if reasons is None:
        del draft["reasonCode"]
    elif coded != reasons:
        draft["reasonCode"] = reasons
    changed = changes(ehrs["sandbox"].ask(request))
    assert bool(changed) is offered
    for resource in changed:
        assert rating_of(resource) == "appropriate"
        assert resource["code"]["coding"][0]["code"]
        assert resource["id"] == "example-request-id"
        assert resource.get("reasonCode") == draft.get("reasonCode")


def test_without_ratings_the_sandbox_is_offered_no_change_at_all(tmp_path: Path) -> None:
    (ehr,) = registered(tmp_path, "    profile: sandbox\n")
    body = ehr.ask(imaging_screen(cpt("72195"), [BUTTOCK_PAIN]))
    assert body["cards"]
    assert changes(body) == []
