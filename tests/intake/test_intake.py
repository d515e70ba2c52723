"""From resources to records: what is used, what is set aside, and what that leaves uncertain."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from cards.record import Condition, Medication, Observation, Order
from cds_service.fhir.concepts import said
from cds_service.fhir.resources import CodeableConcept, Coding
from tests.intake.taken import (
    HIP_EXAM,
    ICD,
    LOINC,
    ME,
    OTHER,
    RXNORM,
    SCT,
    SERVER,
    bundle,
    coded,
    condition,
    observation,
    record_of,
    taken,
)

NEXT = [{"relation": "next", "url": f"{SERVER}/Observation?page=2"}]


# -- whose record ----------------------------------------------------------------------------------------


def test_another_patients_resource_is_counted_and_never_used() -> None:
    section, intake = taken("conditions", bundle(condition(subject=OTHER), condition(id="c2")))
    assert [r.reference for r in section.records] == ["Condition/c2"]
    assert (intake.set_aside.other_patient, intake.set_aside.count, section.whole) == (1, 1, True)


@pytest.mark.parametrize("subject", [None, {}, {"display": "Mrs Example"}, {"reference": ""}])
def test_a_resource_about_nobody_is_counted_and_never_used(subject: Any) -> None:
    section, intake = taken("conditions", bundle(condition(subject=subject)))
    assert section.records == ()
    assert intake.set_aside.no_subject == 1


# -- unreadable ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("odd", "could_be_pain", "could_be_cancer"),
    [
        (condition() | {"code": 7}, True, True),
        (condition() | {"code": {"coding": "x"}}, True, True),
        (condition(coded(ICD, "C61"), clinicalStatus=5), False, True),
        (condition(coded(SCT, "279043006"), onsetDateTime=5), True, False),
        (condition(modifierExtension=[{"url": "https://example.org/negated"}]), True, False),
    ],
)
def test_what_cannot_be_read_leaves_open_only_what_it_could_be(
    odd: dict[str, Any], could_be_pain: bool, could_be_cancer: bool
) -> None:
    section, intake = taken("conditions", bundle(odd, condition(id="good")))
    assert [r.reference for r in section.records] == ["Condition/good"]
    assert not section.whole
    assert intake.set_aside.count == 1
    assert bool(section.gaps(frozenset({"buttock-pain"}), None)) is could_be_pain
    assert bool(section.gaps(frozenset({"active-cancer"}), None)) is could_be_cancer


@pytest.mark.parametrize("entry", ["3", '"text"', "[]", "{}", '{"resourceType": 5}'])
def test_an_entry_that_is_no_resource_is_set_aside(entry: str) -> None:
    raw = f'{{"resourceType":"Bundle","entry":[{{"resource":{entry}}},{{"resource":{json.dumps(condition())}}}]}}'
    section, intake = taken("conditions", None, raw=raw.encode())
    assert [r.reference for r in section.records] == ["Condition/c1"]
    assert intake.set_aside.count == 1
    assert section.gaps(frozenset({"anything"}), None)


def test_resources_of_another_type_in_a_bundle_are_passed_over() -> None:
    practitioner = {"resourceType": "Practitioner", "id": "x"}
    section, intake = taken("conditions", bundle(practitioner, observation(), condition()))
    assert [r.reference for r in section.records] == ["Condition/c1"]
    assert intake.set_aside.count == 0
    assert section.whole


def test_an_observation_that_cannot_be_read_is_set_aside() -> None:
    odd = observation(valueQuantity="142 mg/L")
    section, _ = taken("observations", bundle(odd, observation(id="o2")))
    assert [r.reference for r in section.records] == ["Observation/o2"]
    assert section.gaps(frozenset({"lab-crp"}), None)
    assert not section.gaps(frozenset({"lab-wbc"}), None)


def test_a_harmless_odd_member_does_not_cost_the_record() -> None:
    assert record_of("conditions", condition(bodySite="left buttock"), Condition).concepts
    assert record_of("observations", observation(interpretation="H", bodySite=3), Observation).value


def test_a_resource_without_id_is_named_by_its_place() -> None:
    section, _ = taken("conditions", bundle(condition(id=None)))
    assert [r.reference for r in section.records] == ["Condition #1"]


# -- sections --------------------------------------------------------------------------------------------


def test_a_key_that_was_not_sent_is_a_section_not_supplied() -> None:
    _, intake = taken("conditions", bundle(condition()))
    section = intake.sections({})["observations"]
    assert (section.records, section.missing, section.whole) == ((), "not supplied", False)


@pytest.mark.parametrize("value", [None, {"resourceType": "Bundle", "total": 0}])
def test_known_empty_is_whole(value: Any) -> None:
    section, _ = taken("observations", value)
    assert section.whole


def test_a_sorted_page_says_since_when_it_is_complete() -> None:
    page = bundle(
        observation(id="new", effectiveDateTime="2026-01-10"),
        observation(id="old", effectiveDateTime="2025-12"),
        links=NEXT,
    )
    section, _ = taken("observations", page)
    assert section.since == date(2025, 12, 31)
    assert not section.gaps(frozenset({"lab-wbc"}), date(2026, 1, 1))
    assert section.gaps(frozenset({"lab-wbc"}), date(2025, 12, 31))


@pytest.mark.parametrize("dates", [("2025-12-01", "2026-01-10"), ("2026-01-10", None)])
def test_an_unsorted_or_undated_page_says_nothing_of_since(dates: tuple[str, str | None]) -> None:
    resources = [observation(id=f"o{n}", effectiveDateTime=d) for n, d in enumerate(dates)]
    section, _ = taken("observations", bundle(*resources, links=NEXT))
    assert section.since is None
    assert section.gaps(frozenset({"lab-wbc"}), date(2026, 1, 14))


# -- observations filtered by their codes ----------------------------------------------------------------


def test_observations_that_no_rule_reads_are_dropped_unread() -> None:
    vitamin = observation(coded(LOINC, "1989-3", "Vitamin D"), id="d")
    section, intake = taken("observations", bundle(vitamin, observation()))
    assert [r.reference for r in section.records] == ["Observation/o1"]
    assert (intake.set_aside.count, section.whole) == (0, True)


@pytest.mark.parametrize(
    "code",
    [
        {"coding": [{"system": LOINC, "code": "1989-3"}, {"system": LOINC, "code": "1988-5"}]},
        {"coding": [{"system": LOINC, "code": "1988-5"}], "text": 'quoted "text"'},
        {"text": "CRP"},
        {"coding": [{}], "text": "CRP"},
        {"coding": [{"code": ""}], "text": "CRP"},
    ],
)
def test_an_observation_with_one_code_of_interest_or_words_alone_is_read(code: dict[str, Any]) -> None:
    section, _ = taken("observations", bundle(observation(code, category=[{"coding": [{"code": "laboratory"}]}])))
    assert {name for r in section.records for name in r.concepts} >= {"lab-crp"} or code.get("text") == "CRP"


def test_a_code_written_with_an_escape_is_read() -> None:
    raw = json.dumps(bundle(observation())).replace("1988-5", "1988\\u002d5").encode()
    section, _ = taken("observations", None, raw=raw)
    assert [set(r.concepts) for r in section.records] == [{"lab-crp"}]


# -- older and odd shapes --------------------------------------------------------------------------------


def test_a_condition_of_dstu2_is_read() -> None:
    old = {
        "resourceType": "Condition",
        "id": "c1",
        "patient": ME,
        "code": coded(SCT, "279043006"),
        "clinicalStatus": "active",
        "verificationStatus": "confirmed",
        "category": coded(SCT, "439401001"),
        "dateRecorded": "2026-01-02",
        "bodySite": [coded(SCT, "7771000")],
    }
    found = record_of("conditions", old, Condition)
    assert (found.clinical, found.verification, found.onset_known) == ("active", "confirmed", False)
    assert found.when
    assert found.when.earliest == date(2026, 1, 2)
    assert found.side.value == "left"


def test_a_medication_order_of_dstu2_is_read() -> None:
    old = {
        "resourceType": "MedicationOrder",
        "id": "m1",
        "patient": ME,
        "status": "active",
        "dateWritten": "2026-01-02",
        "medicationCodeableConcept": coded(RXNORM, "5640"),
    }
    found = record_of("medications", old, Medication)
    assert "med-nsaid" in found.concepts
    assert found.when


@pytest.mark.parametrize("kind", ["ProcedureRequest", "DiagnosticOrder"])
def test_an_order_of_an_older_version_is_read(kind: str) -> None:
    old = {"resourceType": kind, "id": "r1", "subject": ME, "status": "active", "code": coded(LOINC, "30673-8")}
    assert "img-mri-pelvis" in record_of("serviceRequests", old, Order).concepts


# -- medicines -------------------------------------------------------------------------------------------


def prescription(**members: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "m1",
        "subject": ME,
        "status": "active",
        "intent": "order",
    } | members


def test_a_contained_medicine_is_followed() -> None:
    contained = [{"resourceType": "Medication", "id": "drug", "code": coded(RXNORM, "5640")}]
    found = record_of(
        "medications", prescription(contained=contained, medicationReference={"reference": "#drug"}), Medication
    )
    assert "med-nsaid" in found.concepts


@pytest.mark.parametrize("reference", ["Medication/drug", "https://ehr.example/fhir/Medication/drug"])
def test_a_medicine_in_the_same_bundle_is_followed(reference: str) -> None:
    drug = {"resourceType": "Medication", "id": "drug", "code": coded(RXNORM, "5640")}
    entries = [
        {"resource": prescription(medicationReference={"reference": reference})},
        {"resource": drug, "fullUrl": "https://ehr.example/fhir/Medication/drug"},
    ]
    section, _ = taken("medications", {"resourceType": "Bundle", "entry": entries})
    assert ["med-nsaid" in r.concepts for r in section.records] == [True]


def test_a_medicine_known_by_its_display_alone_is_read_by_its_words() -> None:
    found = record_of(
        "medications",
        prescription(medicationReference={"reference": "Medication/x", "display": "Apixaban 5 MG Oral Tablet"}),
        Medication,
    )
    assert found.concepts["med-anticoagulant"] == "text"


@pytest.mark.parametrize("reference", ["Medication/x", "#x", "http://[x/fhir/Medication/x", ""])
def test_a_medicine_of_which_nothing_is_known_could_be_any(reference: str) -> None:
    section, intake = taken("medications", bundle(prescription(medicationReference={"reference": reference})))
    assert section.records == ()
    assert section.gaps(frozenset({"med-anticoagulant"}), None)
    assert intake.set_aside.count == 1


def test_a_medicine_of_which_nothing_is_known_and_that_was_never_given_leaves_nothing_open() -> None:
    never = prescription(medicationReference={"reference": "Medication/x"}, status="cancelled")
    section, _ = taken("medications", bundle(never))
    assert section.whole


def test_what_must_not_be_given_is_not_taken() -> None:
    found = record_of(
        "medications", prescription(doNotPerform=True, medicationCodeableConcept=coded(RXNORM, "5640")), Medication
    )
    assert found.status == "entered-in-error"


@pytest.mark.parametrize(
    ("dosage", "systemic", "daily"),
    [
        ({"text": "400 mg three times daily"}, True, 1200),
        ({"text": "apply gel twice daily"}, False, None),
        ({"text": "1 tablet", "route": {"text": "Topical"}}, False, None),
        (
            {
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": {"value": 500, "unit": "mg", "code": "mg"}}],
            },
            True,
            1000,
        ),
        (
            {
                "timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}},
                "doseAndRate": [{"doseQuantity": {"value": 400, "code": "mg"}}],
            },
            True,
            1200,
        ),
        ({"text": "as directed"}, True, None),
    ],
)
def test_dose_and_form_are_read(dosage: dict[str, Any], systemic: bool, daily: float | None) -> None:
    found = record_of(
        "medications",
        prescription(medicationCodeableConcept=coded(RXNORM, "5640", "ibuprofen"), dosageInstruction=[dosage]),
        Medication,
    )
    assert (found.systemic, found.daily_mg) == (systemic, daily)


LONG_AGO = "2025-12-01"
DAY = {"unit": "days", "code": "d"}


@pytest.mark.parametrize(
    ("repeat", "supply", "repeats", "daily", "days"),
    [
        ({"frequency": 1, "period": 1, "periodUnit": "d"}, 30, 2, 400, 90),
        ({"frequency": 96, "period": 1, "periodUnit": "d"}, 36_525, 0, 38_400, 36_525),
        ({"frequency": 97, "period": 1, "periodUnit": "d"}, 36_526, 0, None, None),
        ({"frequency": 10**400, "period": 1, "periodUnit": "d"}, 30, 10**400, None, None),
        ({"frequency": 1, "period": 5e-324, "periodUnit": "h"}, 1e308, 10**9, None, None),
        ({"frequency": -1, "period": 1, "periodUnit": "d"}, -30, 0, None, None),
    ],
)
def test_a_dose_or_a_supply_that_nobody_can_take_is_not_known(
    repeat: dict[str, Any], supply: float, repeats: int, daily: float | None, days: int | None
) -> None:
    dose = {"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": {"value": 400, "code": "mg"}}]}
    dispensed = {"expectedSupplyDuration": {"value": supply, **DAY}, "numberOfRepeatsAllowed": repeats}
    found = record_of(
        "medications",
        prescription(
            medicationCodeableConcept=coded(RXNORM, "5640", "ibuprofen"),
            status="completed",
            authoredOn=LONG_AGO,
            dosageInstruction=[dose],
            dispenseRequest=dispensed,
        ),
        Medication,
    )
    assert (found.daily_mg, found.days) == (daily, days)
    assert (found.until is None) == (days is None)


# -- reasons ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("full_url", [None, "urn:uuid:5f0c8c5e-0000-4000-8000-000000000001"])
def test_the_reason_of_an_order_is_followed_to_the_condition(full_url: str | None) -> None:
    order = {
        "resourceType": "ServiceRequest",
        "id": "r1",
        "subject": ME,
        "status": "active",
        "intent": "order",
        "code": coded(LOINC, "30673-8"),
        "reasonReference": [{"reference": full_url or "Condition/c1"}],
    }
    found = record_of("serviceRequests", order, Order, conditions=bundle(condition(), full_url=full_url))
    assert found.reasons
    assert "buttock-pain" in found.reasons
    assert found.reason_texts == ("left buttock pain",)


# -- hip examination -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "name"),
    [
        ({"system": "http://loinc.org", "code": "6768-6"}, "Alkaline phosphatase"),
        ({"system": "http://snomed.info/sct", "code": "279043006"}, "Pain in buttock"),
        ({"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "G57.01"}, "G57.01"),
        ({"system": HIP_EXAM, "code": "saddle-sensation"}, "Saddle or perianal sensation"),
        ({"system": "https://ehr.example/codes", "code": "X1"}, "X1"),
    ],
)
def test_a_concept_without_words_is_named_by_what_it_surely_is(coding: dict[str, str], name: str) -> None:
    assert said(CodeableConcept(coding=[Coding(**coding)])) == name


def test_a_question_of_the_hip_examination_keeps_its_code_side_and_answer() -> None:
    found = record_of(
        "observations",
        observation(
            coded(HIP_EXAM, "log-roll"),
            valueCodeableConcept=coded(HIP_EXAM, "positive"),
            bodySite=coded(SCT, "24028007"),
        ),
        Observation,
    )
    assert (found.question, found.value, found.side.value) == ("log-roll", "positive", "right")


def test_a_local_status_code_before_the_standard_one_does_not_make_a_problem_inactive() -> None:
    standard = coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active")
    status = {"coding": [{"system": "urn:local:status", "code": "A1"}, *standard["coding"]]}
    assert record_of("conditions", condition(clinicalStatus=status), Condition).clinical == "active"
