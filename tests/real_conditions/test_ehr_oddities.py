"""What EHRs really send: the same record in another dress is the same record; what cannot be understood is named."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask

from tests.end_to_end.calls import EXTENSION
from tests.real_conditions.asking import PATIENT_ID, Answer, Json, ask, request, service

SERVER = "https://ehr.example/fhir"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
LOCAL = "urn:oid:1.2.36.146.595.217.0.1"
ME = {"reference": f"Patient/{PATIENT_ID}"}
WOMAN = ("patient: F 46", "condition: left buttock pain [sct 279043006] from 2025-12-10")
NUMB = (*WOMAN, "condition: numbness of saddle area [sct 449813001] from 2026-01-13")
INFLAMED = (*WOMAN, "lab: 1988-5 = 142 mg/L on 2026-01-14")
ANTICOAGULATED = (
    *WOMAN,
    "med: apixaban [rx 1364430] 5 mg twice daily from 2025-04-01",
    "draft-med: naproxen [rx 7258]",
)
ARRANGED = (*NUMB, "order: MRI lumbar spine [loinc 30679-5] on 2026-01-14 active")
IMAGED = (*WOMAN, "report: MRI pelvis [loinc 30673-8] on 2026-01-05 normal", "draft: MRI pelvis [loinc 30673-8]")


@pytest.fixture(scope="module")
def app() -> Flask:
    return service()


Change = Callable[[Json, list[Json]], None]
"""Changes a resource; the list is the entries among which it stands."""


@dataclass(frozen=True)
class Oddity:
    """A change to the last resource of a key; what the chart's cards then are is what they were."""

    facts: tuple[str, ...]
    key: str
    change: Change


def members(*without: str, **changed: Any) -> Change:
    """Other members, and some left out."""

    def change(resource: Json, _: list[Json]) -> None:
        for name in without:
            resource.pop(name, None)
        resource.update(deepcopy(changed))

    return change


def status_as_string(resource: Json, _: list[Json]) -> None:
    for name in ("clinicalStatus", "verificationStatus"):
        if name in resource:
            resource[name] = resource[name]["coding"][0]["code"]


def dstu2_condition(resource: Json, entries: list[Json]) -> None:
    status_as_string(resource, entries)
    resource["patient"] = resource.pop("subject")
    resource["dateRecorded"] = resource.pop("onsetDateTime")
    resource["category"] = {"coding": [{"system": "http://hl7.org/fhir/condition-category", "code": "finding"}]}


def stu3_condition(resource: Json, entries: list[Json]) -> None:
    status_as_string(resource, entries)
    resource["assertedDate"] = resource.pop("onsetDateTime")


def dstu2_medication_order(resource: Json, _: list[Json]) -> None:
    resource["resourceType"] = "MedicationOrder"
    resource["patient"] = resource.pop("subject")
    resource["dateWritten"] = resource.pop("authoredOn")


def local_code(resource: Json, _: list[Json]) -> None:
    resource["code"] = {"coding": [{"system": LOCAL, "code": "4711", "display": "x"}], "text": resource["code"]["text"]}


def text_only(resource: Json, _: list[Json]) -> None:
    resource["code"] = {"text": resource["code"]["text"]}


def text_beside_an_empty_coding(resource: Json, _: list[Json]) -> None:
    resource["code"] = {"coding": [{}], "text": resource["code"]["text"]}


def more_codings_before(resource: Json, _: list[Json]) -> None:
    resource["code"]["coding"].insert(0, {"system": LOCAL, "code": "4711", "display": "local"})


def without_system(resource: Json, _: list[Json]) -> None:
    for coding in resource["code"]["coding"]:
        coding.pop("system")


def contained_drug(resource: Json, _: list[Json]) -> None:
    drug = {"resourceType": "Medication", "id": "drug", "code": resource.pop("medicationCodeableConcept")}
    resource.update(contained=[drug], medicationReference={"reference": "#drug"})


def drug_beside(reference: str, full_url: str | None = None, *, before: bool = False) -> Change:
    def change(resource: Json, entries: list[Json]) -> None:
        drug = {"resourceType": "Medication", "id": "drug", "code": resource.pop("medicationCodeableConcept")}
        entry = {"resource": drug} | ({"fullUrl": full_url} if full_url else {})
        entries.insert(0 if before else len(entries), entry)
        resource["medicationReference"] = {"reference": reference}

    return change


def drug_by_display(resource: Json, _: list[Json]) -> None:
    del resource["medicationCodeableConcept"]
    resource["medicationReference"] = {"reference": "Medication/unknown", "display": "Apixaban 5 MG Oral Tablet"}


def quantity(**told: Any) -> Change:
    return members(valueQuantity=told)


def as_component(resource: Json, _: list[Json]) -> None:
    resource["component"] = [{"code": resource["code"], "valueQuantity": resource.pop("valueQuantity")}]
    resource["code"] = {"coding": [{"system": LOCAL, "code": "panel"}], "text": "Blood panel"}


def behind_a_panel(resource: Json, entries: list[Json]) -> None:
    """The panel names its members and says nothing itself, though its code is one that is read."""
    panel = {k: v for k, v in resource.items() if k != "valueQuantity"} | {"id": "panel"}
    entries.insert(0, {"resource": panel | {"hasMember": [{"reference": f"Observation/{resource['id']}"}]}})


def twice(resource: Json, entries: list[Json]) -> None:
    entries.append({"resource": deepcopy(resource)})


def about(reference: str, full_url: str) -> Change:
    def change(resource: Json, entries: list[Json]) -> None:
        resource["subject"] = {"reference": reference}
        entries[-1]["fullUrl"] = full_url

    return change


def period_for_onset(resource: Json, _: list[Json]) -> None:
    resource["onsetPeriod"] = {"start": resource.pop("onsetDateTime")}


SAME: dict[str, Oddity] = {
    "DSTU2 Condition": Oddity(NUMB, "conditions", dstu2_condition),
    "STU3 Condition": Oddity(NUMB, "conditions", stu3_condition),
    "Condition with an onset period": Oddity(NUMB, "conditions", period_for_onset),
    "Condition with a single body site": Oddity(NUMB, "conditions", members(bodySite={"text": "perineum"})),
    "Condition without verification": Oddity(NUMB, "conditions", members("verificationStatus")),
    "Condition without category": Oddity(NUMB, "conditions", members("category")),
    "onset with zone": Oddity(NUMB, "conditions", members(onsetDateTime="2026-01-13T23:30:00-05:00")),
    "onset without zone": Oddity(NUMB, "conditions", members(onsetDateTime="2026-01-13T23:30:00")),
    "onset with fractions": Oddity(NUMB, "conditions", members(onsetDateTime="2026-01-13T10:00:00.1234567Z")),
    "text only": Oddity(NUMB, "conditions", text_only),
    "text beside an empty coding": Oddity(NUMB, "conditions", text_beside_an_empty_coding),
    "local code with text": Oddity(NUMB, "conditions", local_code),
    "local coding first": Oddity(NUMB, "conditions", more_codings_before),
    "coding without system": Oddity(NUMB, "conditions", without_system),
    "sent twice": Oddity(NUMB, "conditions", twice),
    "absolute subject": Oddity(NUMB, "conditions", about(f"{SERVER}/Patient/{PATIENT_ID}", f"{SERVER}/Condition/c")),
    "versioned subject": Oddity(NUMB, "conditions", about(f"Patient/{PATIENT_ID}/_history/7", f"{SERVER}/Condition/c")),
    "DSTU2 MedicationOrder": Oddity(ANTICOAGULATED, "medications", dstu2_medication_order),
    "contained Medication": Oddity(ANTICOAGULATED, "medications", contained_drug),
    "Medication in the Bundle": Oddity(ANTICOAGULATED, "medications", drug_beside("Medication/drug")),
    "Medication in the Bundle, before": Oddity(
        ANTICOAGULATED, "medications", drug_beside("Medication/drug", before=True)
    ),
    "Medication in the Bundle, absolute": Oddity(
        ANTICOAGULATED, "medications", drug_beside(f"{SERVER}/Medication/drug", f"{SERVER}/Medication/drug")
    ),
    "Medication in the Bundle, absolute, without fullUrl": Oddity(
        ANTICOAGULATED, "medications", drug_beside(f"{SERVER}/Medication/drug")
    ),
    "Medication in the Bundle, versioned": Oddity(
        ANTICOAGULATED, "medications", drug_beside("Medication/drug/_history/2", f"{SERVER}/Medication/drug")
    ),
    "Medication in the Bundle, urn:uuid": Oddity(
        ANTICOAGULATED,
        "medications",
        drug_beside("urn:uuid:5f0c8c5e-0000-4000-8000-000000000001", "urn:uuid:5f0c8c5e-0000-4000-8000-000000000001"),
    ),
    "Medication by its display": Oddity(ANTICOAGULATED, "medications", drug_by_display),
    "ProcedureRequest": Oddity(ARRANGED, "serviceRequests", members(resourceType="ProcedureRequest")),
    "DiagnosticOrder": Oddity(ARRANGED, "serviceRequests", members(resourceType="DiagnosticOrder")),
    "report with an absolute subject": Oddity(
        IMAGED, "diagnosticReports", about(f"{SERVER}/Patient/{PATIENT_ID}", f"{SERVER}/DiagnosticReport/r")
    ),
    "unit without code": Oddity(INFLAMED, "observations", quantity(value=142, unit="mg/L")),
    "code without unit": Oddity(INFLAMED, "observations", quantity(value=142, code="mg/L")),
    "another unit": Oddity(INFLAMED, "observations", quantity(value=14.2, unit="mg/dL", code="mg/dL")),
    "unit with a code of no system": Oddity(
        INFLAMED, "observations", quantity(value=142, unit="mg/L", code="mg/L", system=LOCAL)
    ),
    "more than": Oddity(INFLAMED, "observations", quantity(value=142, unit="mg/L", code="mg/L", comparator=">")),
    "component": Oddity(INFLAMED, "observations", as_component),
    "panel with members": Oddity(INFLAMED, "observations", behind_a_panel),
    "Observation of DSTU2": Oddity(
        INFLAMED, "observations", members(interpretation={"coding": [{"code": "H"}]}, bodySite=[{"text": "arm"}])
    ),
}


def odd(oddity: Oddity) -> Json:
    whole = request(oddity.facts, fhirServer=SERVER)
    entries = whole["prefetch"][oddity.key]["entry"]
    oddity.change(entries[-1]["resource"], entries)
    return whole


def without(oddity: Oddity) -> Json:
    whole = request(oddity.facts)
    whole["prefetch"][oddity.key]["entry"].pop()
    return whole


def rules_of(answer: Answer) -> set[str]:
    return {rule for _, rules in answer.cards for rule in rules}


def told(answer: Answer) -> list[tuple[str, str, dict[str, str]]]:
    assert answer.status == 200, answer.body
    return [(card["summary"], *seen) for card, seen in zip(answer.body["cards"], answer.cards, strict=True)]


@pytest.mark.parametrize("oddity", SAME.values(), ids=SAME)
def test_the_same_record_in_another_dress_is_the_same_record(app: Flask, oddity: Oddity) -> None:
    answer = ask(app, odd(oddity))
    assert answer.cards == ask(app, request(oddity.facts)).cards
    assert answer.named == set()
    assert told(answer) != told(ask(app, without(oddity)))


def test_a_reference_for_a_patient_id_is_the_id(app: Flask) -> None:
    whole = request(NUMB)
    whole["context"]["patientId"] = f"Patient/{PATIENT_ID}"
    assert ask(app, whole).cards == ask(app, request(NUMB)).cards


UNTOLD = ("patient: F 46", "condition: cough from 2026-01-02", "draft: MRI pelvis [loinc 30673-8]")
PAIN = {
    "resourceType": "Condition",
    "id": "pain",
    "code": {"coding": [{"system": "http://snomed.info/sct", "code": "279043006"}]},
    "subject": ME,
}


@pytest.mark.parametrize(
    ("reference", "entry"),
    [
        ("#pain", None),
        ("Condition/pain", {}),
        ("Condition/pain/_history/2", {}),
        (f"{SERVER}/Condition/pain", {}),
        (f"{SERVER}/Condition/pain/_history/2", {"fullUrl": f"{SERVER}/Condition/pain"}),
        ("urn:uuid:5f0c8c5e-0000-4000-8000-000000000002", {"fullUrl": "urn:uuid:5f0c8c5e-0000-4000-8000-000000000002"}),
    ],
)
def test_the_reason_of_a_draft_is_followed(app: Flask, reference: str, entry: Json | None) -> None:
    """The problem itself is long inactive; that the order names it is what tells of pain now."""
    whole = request(UNTOLD, fhirServer=SERVER)
    draft = whole["context"]["draftOrders"]["entry"][0]["resource"]
    assert ask(app, whole).cards == []
    draft["reasonReference"] = [{"reference": reference}]
    if entry is None:
        draft["contained"] = [PAIN]
    else:
        inactive = PAIN | {"clinicalStatus": {"coding": [{"code": "inactive"}]}}
        whole["prefetch"]["conditions"]["entry"].append(entry | {"resource": inactive})
    assert [rules for _, rules in ask(app, whole).cards if "imaging-order-appropriateness" in rules]


# -- what is not understood is no answer, and is named -----------------------------------------------------


@dataclass(frozen=True)
class Unclear:
    """A change after which the record says nothing; `named` where it might have said something."""

    facts: tuple[str, ...]
    key: str
    change: Change
    named: bool = True


def number_as_code(resource: Json, _: list[Json]) -> None:
    resource["code"] = {"coding": [{"system": "http://loinc.org", "code": 1988}]}


UNCLEAR: dict[str, Unclear] = {
    "a modifier that is not understood": Unclear(
        NUMB, "conditions", members(modifierExtension=[{"url": "https://ehr.example/negated", "valueBoolean": True}])
    ),
    "a status that is a number": Unclear(NUMB, "conditions", members(clinicalStatus=7)),
    "a date that is a number": Unclear(NUMB, "conditions", members(onsetDateTime=20260113)),
    "a code that is a number": Unclear(INFLAMED, "observations", number_as_code),
    "a value that is words": Unclear(INFLAMED, "observations", members(valueQuantity="142 mg/L")),
    "a value written as a string": Unclear(
        INFLAMED, "observations", quantity(value="142", unit="mg/L", code="mg/L")
    ),
    "a modified Observation": Unclear(
        INFLAMED, "observations", members(modifierExtension=[{"url": "https://ehr.example/x"}])
    ),
    "a Medication that was not supplied": Unclear(
        ANTICOAGULATED,
        "medications",
        members("medicationCodeableConcept", medicationReference={"reference": "Medication/elsewhere"}),
    ),
    "a Medication with another server's id": Unclear(
        ANTICOAGULATED, "medications", drug_beside("https://elsewhere.example/fhir/Medication/drug")
    ),
    "a Condition entered in error": Unclear(
        NUMB, "conditions", members(verificationStatus={"coding": [{"code": "entered-in-error"}]}), named=False
    ),
    "a Condition refuted, as DSTU2 says it": Unclear(
        NUMB, "conditions", members(verificationStatus="refuted"), named=False
    ),
    "a Condition resolved, as STU3 says it": Unclear(
        NUMB, "conditions", members(clinicalStatus="resolved"), named=False
    ),
    "words that deny": Unclear(NUMB, "conditions", members(code={"text": "no saddle numbness"}), named=False),
    "a local code without words": Unclear(
        NUMB, "conditions", members(code={"coding": [{"system": LOCAL, "code": "449813001x"}]}), named=False
    ),
    "less than": Unclear(
        INFLAMED, "observations", quantity(value=5, unit="mg/L", code="mg/L", comparator="<"), named=False
    ),
}  # fmt: skip


@pytest.mark.parametrize("unclear", UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_not_understood_is_no_answer_and_is_named(app: Flask, unclear: Unclear) -> None:
    oddity = Oddity(unclear.facts, unclear.key, unclear.change)
    answer = ask(app, odd(oddity))
    absent = ask(app, without(oddity))
    assert rules_of(answer) - {"not-assessed"} <= rules_of(absent)
    assert (unclear.key in answer.named) is unclear.named
    assert bool(answer.body["extension"][EXTENSION].get("setAside")) is unclear.named


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (members("valueQuantity", dataAbsentReason={"coding": [{"code": "not-performed"}]}), False),
        (members("valueQuantity"), False),
        (quantity(value=142), True),
        (quantity(value=142, unit="furlong", code="[fur_us]"), True),
        (quantity(value=-1, unit="mg/L", code="mg/L"), True),
    ],
    ids=["data absent", "no value", "no unit", "a length", "below zero"],
)
def test_an_unusable_measurement_is_not_a_normal_one(app: Flask, change: Change, named: bool) -> None:
    """One that says nothing is as good as none; one that says something unusable is named."""
    answer = ask(app, odd(Oddity(INFLAMED, "observations", change)))
    assert rules_of(answer) - {"not-assessed"} <= rules_of(ask(app, request(WOMAN)))
    assert ("observations" in answer.named) is named


# -- partial dates are intervals ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("onset", "today", "counts"),
    [
        ("2026", date(2026, 1, 10), True),  # the whole interval up to today lies within 14 days: certain
        ("2025", date(2026, 1, 10), True),  # the end of it does: possible, enough for an emergency
        ("2025-12", date(2026, 1, 10), True),
        ("2025-12-27", date(2026, 1, 10), True),
        ("2025-12-26", date(2026, 1, 10), False),
        ("2025-11", date(2026, 1, 10), False),
        ("2025", date(2026, 1, 15), False),  # impossible
        ("2024", date(2026, 1, 10), False),
        ("sometime in 2025", date(2026, 6, 1), True),  # no date at all: an emergency sign without date counts
        ("", date(2026, 6, 1), True),
    ],
)
def test_a_partial_onset_counts_for_an_emergency_where_it_is_possible(onset: str, today: date, counts: bool) -> None:
    whole = request(NUMB)
    resource = whole["prefetch"]["conditions"]["entry"][-1]["resource"]
    resource.pop("recordedDate", None)
    resource["onsetDateTime"] = onset
    answer = ask(service(today=today), whole)
    assert (("critical", "cauda-equina") in [(i, r) for i, rules in answer.cards for r in rules]) is counts
