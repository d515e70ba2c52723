"""Draft orders as EHRs really send them: incomplete, odd, and about the right patient only."""

from __future__ import annotations

from typing import Any

import pytest

from cards.record import Medication, Order
from cds_service.fhir.drafts import drafts_of
from cds_service.fhir.intake import Intake
from cds_service.fhir.subject import Subject
from tests.intake.taken import ME, OTHER, RXNORM, SERVER, coded

MRI: dict[str, Any] = {
    "resourceType": "ServiceRequest",
    "id": "mri",
    "status": "draft",
    "intent": "order",
    "code": coded("http://www.ama-assn.org/go/cpt", "72195"),
    "subject": ME,
}
NSAID: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "id": "nsaid",
    "status": "draft",
    "intent": "order",
    "medicationCodeableConcept": coded(RXNORM, "5640", "ibuprofen"),
    "subject": ME,
}


def drafts(*resources: Any, selections: tuple[str, ...] | None = None) -> tuple[tuple[Order | Medication, ...], Intake]:
    intake = Intake(Subject("p1", SERVER))
    entries = [{"resource": r} for r in resources]
    return drafts_of({"resourceType": "Bundle", "entry": entries}, selections, intake), intake


def test_orders_and_prescriptions_are_read() -> None:
    (mri, nsaid), _ = drafts(MRI, NSAID)
    assert isinstance(mri, Order)
    assert isinstance(nsaid, Medication)
    assert "img-mri-pelvis" in mri.concepts
    assert "med-nsaid" in nsaid.concepts


@pytest.mark.parametrize(
    "withdrawn",
    [
        MRI | {"doNotPerform": True},
        MRI | {"status": "revoked"},
        MRI | {"status": "entered-in-error"},
        NSAID | {"doNotPerform": True},
        NSAID | {"status": "cancelled"},
        NSAID | {"status": "stopped"},
    ],
)
def test_what_was_withdrawn_or_says_what_not_to_do_orders_nothing(withdrawn: dict[str, Any]) -> None:
    assert drafts(withdrawn)[0] == ()


@pytest.mark.parametrize("status", ["draft", "active", "on-hold", "unknown", "made-up", None])
def test_an_order_that_is_signed_again_may_have_any_other_status(status: str | None) -> None:
    assert len(drafts(MRI | {"status": status})[0]) == 1


@pytest.mark.parametrize(
    "empty",
    [
        MRI | {"code": {"coding": [{}]}, "reasonCode": [], "intent": "plan"},
        MRI | {"code": {"coding": []}},
        {k: v for k, v in MRI.items() if k != "code"},
        {k: v for k, v in NSAID.items() if k not in ("medicationCodeableConcept", "intent")},
    ],
)
def test_a_draft_in_which_nothing_is_chosen_yet_is_a_draft_of_nothing(empty: dict[str, Any]) -> None:
    (one,), intake = drafts(empty)
    assert one.concepts == {}
    assert intake.set_aside.count == 0


@pytest.mark.parametrize(
    "bundle",
    [
        {},
        {"resourceType": "Bundle"},
        {"entry": []},
        {"entry": None},
        {"entry": {}},
        {"entry": "x"},
        {"entry": [None, 3, {}, {"resource": None}, {"resource": []}, {"fullUrl": 3}]},
        {"entry": [{"resource": {}}, {"resource": {"resourceType": 7}}, {"resource": {"resourceType": "Task"}}]},
    ],
)
def test_an_odd_bundle_holds_no_draft_and_breaks_nothing(bundle: dict[str, Any]) -> None:
    assert drafts_of(bundle, None, Intake(Subject("p1"))) == ()


def test_a_draft_about_another_patient_is_never_judged() -> None:
    found, intake = drafts(MRI | {"subject": OTHER})
    assert found == ()
    assert intake.set_aside.other_patient == 1


def test_an_absolute_reference_to_the_patient_is_believed_where_no_base_is_told() -> None:
    intake = Intake(Subject("p1"))
    told = [MRI | {"subject": {"reference": f"https://ehr.example/fhir/Patient/{p}"}} for p in ("p1", "p2")]
    found = drafts_of({"resourceType": "Bundle", "entry": [{"resource": r} for r in told]}, None, intake)
    assert len(found) == 1
    assert intake.set_aside.other_patient == 1


@pytest.mark.parametrize("subject", [None, {}, {"display": "x"}])
def test_a_draft_that_names_nobody_is_the_patients(subject: Any) -> None:
    found, _ = drafts(MRI | {"subject": subject})
    assert len(found) == 1


def test_a_draft_that_cannot_be_read_is_set_aside_and_the_others_are_judged() -> None:
    found, intake = drafts(MRI | {"code": 7}, NSAID)
    assert [d.reference for d in found] == ["MedicationRequest/nsaid"]
    assert list(intake.set_aside.unreadable) == ["ServiceRequest/mri"]


@pytest.mark.parametrize(
    ("selections", "chosen"),
    [
        (None, [True, True]),
        ((), [False, False]),
        (("ServiceRequest/mri",), [True, False]),
        (("mri",), [True, False]),
        ((f"{SERVER}/ServiceRequest/mri",), [True, False]),
        (("ServiceRequest/mri", "MedicationRequest/nsaid"), [True, True]),
        (("ServiceRequest/example-request-id",), [False, False]),
    ],
)
def test_what_is_not_selected_is_background(selections: tuple[str, ...] | None, chosen: list[bool]) -> None:
    found, _ = drafts(MRI, NSAID, selections=selections)
    assert [d.selected for d in found] == chosen


def test_an_order_of_an_older_version_is_read() -> None:
    old = {
        "resourceType": "MedicationOrder",
        "id": "m",
        "patient": ME,
        "medicationCodeableConcept": coded(RXNORM, "5640"),
    }
    (found,), _ = drafts(old)
    assert "med-nsaid" in found.concepts
