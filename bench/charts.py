"""Synthetic charts in the shape and size in which an EHR prefetches them.

Every code here is one that the rules' value sets or public synthetic patients use; every person is made up.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any, Literal

Json = dict[str, Any]
Value = bool | int | str | tuple[float, str]  # boolean, integer, hip-exam code, quantity in a UCUM unit

PATIENT_ID = "bench-1"
EMPTY_KEYS = (
    "medications", "procedures", "serviceRequests", "diagnosticReports", "allergies", "familyHistory",
    "encounters", "carePlans",
)  # fmt: skip
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HIP_EXAM = "https://posterior-hip-cds.example/fhir/CodeSystem/hip-exam"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"

HIP_PAIN = {
    "coding": [
        {"system": SNOMED, "code": "279043006", "display": "Pain in buttock (finding)"},
        {"system": ICD10, "code": "G57.01", "display": "Lesion of sciatic nerve, right lower limb"},
    ],
    "text": "Right deep buttock pain",
}
BUTTOCK = {"coding": [{"system": SNOMED, "code": "46862004", "display": "Buttock structure (body structure)"}]}
RIGHT = {"coding": [{"system": SNOMED, "code": "24028007", "display": "Right (qualifier value)"}]}

OTHER_CONDITIONS = (
    ("38341003", "Hypertension"),
    ("55822004", "Hyperlipidemia"),
    ("44054006", "Diabetes"),
    ("15777000", "Prediabetes"),
    ("444814009", "Viral sinusitis (disorder)"),
    ("195662009", "Acute viral pharyngitis (disorder)"),
    ("10509002", "Acute bronchitis (disorder)"),
    ("40055000", "Chronic sinusitis (disorder)"),
    ("68496003", "Polyp of colon"),
    ("446096008", "Perennial allergic rhinitis"),
    ("70704007", "Sprain of wrist"),
    ("39848009", "Whiplash injury to neck"),
    ("283371005", "Laceration of forearm"),
    ("284551006", "Laceration of foot"),
    ("403190006", "First degree burn"),
    ("196416002", "Impacted molars"),
    ("302870006", "Hypertriglyceridemia (disorder)"),
    ("75498004", "Acute bacterial sinusitis (disorder)"),
    ("201834006", "Localized, primary osteoarthritis of the hand"),
)

EXAMINATION: tuple[tuple[str, str, Value], ...] = (
    ("pain-location", "Pain location", "deep-buttock"),
    ("pain-worse-sitting", "Pain worse with sitting", True),
    ("sitting-tolerance", "Sitting tolerance", (20, "min")),
    ("mrc-hip-abduction", "MRC grade of hip abduction", 5),
    ("mrc-ankle-dorsiflexion", "MRC grade of ankle dorsiflexion", 5),
    ("saddle-sensation", "Saddle or perianal sensation", "normal"),
    ("ankle-reflex", "Ankle reflex", "normal"),
    ("straight-leg-raise", "Straight leg raise", "negative"),
    ("slump-test", "Slump test", "negative"),
    ("seated-piriformis-stretch", "Seated piriformis stretch test", "positive"),
    ("active-piriformis", "Active piriformis test", "positive"),
    ("sij-positive-tests", "Number of positive SI-joint provocation tests of six", 0),
    ("unable-to-bear-weight", "Unable to bear weight", False),
    ("night-or-rest-pain", "Constant night or rest pain not eased by posture", False),
)

# code, display, UCUM unit, lowest and highest value, category
MEASUREMENTS = (
    ("8302-2", "Body Height", "cm", 168, 168, "vital-signs"),
    ("29463-7", "Body Weight", "kg", 70, 76, "vital-signs"),
    ("39156-5", "Body Mass Index", "kg/m2", 25, 27, "vital-signs"),
    ("8331-1", "Oral temperature", "Cel", 36.3, 37.1, "vital-signs"),
    ("2339-0", "Glucose", "mg/dL", 80, 99, "laboratory"),
    ("6299-2", "Urea Nitrogen", "mg/dL", 8, 18, "laboratory"),
    ("38483-4", "Creatinine", "mg/dL", 0.7, 1.0, "laboratory"),
    ("49765-1", "Calcium", "mg/dL", 8.8, 10.1, "laboratory"),
    ("2947-0", "Sodium", "mmol/L", 137, 143, "laboratory"),
    ("6298-4", "Potassium", "mmol/L", 3.8, 4.9, "laboratory"),
    ("2069-3", "Chloride", "mmol/L", 99, 106, "laboratory"),
    ("20565-8", "Carbon Dioxide", "mmol/L", 22, 28, "laboratory"),
    ("2093-3", "Total Cholesterol", "mg/dL", 160, 210, "laboratory"),
    ("2571-8", "Triglycerides", "mg/dL", 90, 160, "laboratory"),
    ("18262-6", "Low Density Lipoprotein Cholesterol", "mg/dL", 80, 130, "laboratory"),
    ("2085-9", "High Density Lipoprotein Cholesterol", "mg/dL", 45, 75, "laboratory"),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 5.2, 6.1, "laboratory"),
    ("33914-3", "Estimated Glomerular Filtration Rate", "mL/min/{1.73_m2}", 75, 95, "laboratory"),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 4.5, 9.5, "laboratory"),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 12.8, 15.1, "laboratory"),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 180, 330, "laboratory"),
)


def patient() -> Json:
    """A woman of 49 years, with the demographics that an EHR sends along."""
    return {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "active": True,
        "gender": "female",
        "name": [{"use": "official", "family": "Example", "given": ["Bench"]}],
        "birthDate": str(_day(days_ago=49 * 365 + 100)),
        "address": [{"use": "home", "city": "Example", "country": "US"}],
    }


def conditions(count: int = 20, *, hip_pain: bool = True) -> Json:
    """A searchset of `count` Conditions, the first of them buttock pain for six weeks if `hip_pain`."""
    others = (
        _condition({"coding": [{"system": SNOMED, "code": code, "display": text}], "text": text}, 200 + 40 * n)
        for n, (code, text) in enumerate(cycle(OTHER_CONDITIONS))
    )
    pain = [_condition(HIP_PAIN, 42) | {"bodySite": [BUTTOCK, RIGHT]}] if hip_pain else []
    return _searchset("Condition", [*pain, *islice(others, count - len(pain))])


def observations(count: int = 100, *, hip_pain: bool = True) -> Json:
    """A searchset of `count` Observations: one recent hip examination if `hip_pain`, else labs and vitals."""
    examined = [_examination(*row) for row in EXAMINATION] if hip_pain else []
    return _searchset("Observation", [*examined, *islice(_measurements(), count - len(examined))])


def prefetch(observation_count: int = 100, *, hip_pain: bool = True) -> Json:
    """All prefetch keys: the patient, 20 Conditions, the Observations; every other key known to be empty."""
    return {
        "patient": patient(),
        "conditions": conditions(hip_pain=hip_pain),
        "observations": observations(observation_count, hip_pain=hip_pain),
        **{key: _searchset("", []) for key in EMPTY_KEYS},
    }


def patient_view(**more: Any) -> Json:
    """A patient-view request; `more` adds prefetch, or fhirServer and fhirAuthorization."""
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.UUID(int=1)),
        "context": {"userId": "Practitioner/bench", "patientId": PATIENT_ID},
        **more,
    }


def order_sign(**more: Any) -> Json:
    """An order-sign request with two drafts: lumbar MRI for the buttock pain, and naproxen. `more` as above."""
    subject = {"subject": {"reference": f"Patient/{PATIENT_ID}"}}
    mri = {
        "resourceType": "ServiceRequest",
        "id": "draft-mri",
        "status": "draft",
        "intent": "order",
        "code": {"coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72148"}], "text": "MRI lumbar spine"},
        **subject,
    }
    naproxen = {
        "resourceType": "MedicationRequest",
        "id": "draft-naproxen",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {"text": "naproxen 500 mg tablet"},
        **subject,
    }
    drafts = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": mri}, {"resource": naproxen}]}
    request = patient_view(**more)
    return request | {"hook": "order-sign", "context": request["context"] | {"draftOrders": drafts}}


def compact(request: Json) -> bytes:
    """The request as bytes, without spaces."""
    return json.dumps(request, separators=(",", ":")).encode()


def _measurements() -> Iterator[Json]:
    """Labs and vitals without end, one full panel every 90 days back from last week."""
    chance = random.Random(0)
    for n, (code, display, unit, low, high, category) in enumerate(cycle(MEASUREMENTS)):
        coded = {"coding": [{"system": LOINC, "code": code, "display": display}], "text": display}
        value = round(chance.uniform(low, high), 1)
        yield _observation(coded, category, days_ago=7 + 90 * (n // len(MEASUREMENTS))) | {
            "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit},
            "referenceRange": [
                {"low": {"value": low, "unit": unit, "system": UCUM, "code": unit},
                 "high": {"value": high, "unit": unit, "system": UCUM, "code": unit}},
            ],
        }  # fmt: skip


def _examination(code: str, display: str, value: Value) -> Json:
    coded = {"coding": [{"system": HIP_EXAM, "code": code, "display": display}], "text": display}
    observation = _observation(coded, "exam", days_ago=0) | {"bodySite": RIGHT}
    match value:
        case bool():
            observation["valueBoolean"] = value
        case int():
            observation["valueInteger"] = value
        case str():
            observation["valueCodeableConcept"] = {"coding": [{"system": HIP_EXAM, "code": value}]}
        case (number, unit):
            observation["valueQuantity"] = {"value": number, "unit": unit, "system": UCUM, "code": unit}
    return observation


def _observation(code: Json, category: str, days_ago: int) -> Json:
    return {
        "resourceType": "Observation",
        "meta": {"versionId": "1", "lastUpdated": f"{_day(days_ago)}T06:00:00+00:00"},
        "status": "final",
        "category": [{"coding": [{"system": f"{TERMINOLOGY}/observation-category", "code": category}]}],
        "code": code,
        "subject": {"reference": f"Patient/{PATIENT_ID}", "display": "Bench Example"},
        "encounter": {"reference": f"Encounter/{PATIENT_ID}-{days_ago}"},
        "performer": [{"reference": "Practitioner/bench", "display": "Example Clinician"}],
        "effectiveDateTime": f"{_day(days_ago)}T05:30:00+00:00",
        "issued": f"{_day(days_ago)}T06:00:00+00:00",
    }


def _condition(code: Json, onset_days_ago: int) -> Json:
    status: tuple[tuple[Literal["clinicalStatus", "verificationStatus"], str, str], ...] = (
        ("clinicalStatus", "condition-clinical", "active"),
        ("verificationStatus", "condition-ver-status", "confirmed"),
    )
    return {
        "resourceType": "Condition",
        "meta": {"versionId": "1", "lastUpdated": f"{_day(onset_days_ago)}T06:00:00+00:00"},
        **{key: {"coding": [{"system": f"{TERMINOLOGY}/{name}", "code": value}]} for key, name, value in status},
        "category": [{"coding": [{"system": f"{TERMINOLOGY}/condition-category", "code": "problem-list-item"}]}],
        "code": code,
        "subject": {"reference": f"Patient/{PATIENT_ID}", "display": "Bench Example"},
        "onsetDateTime": str(_day(onset_days_ago)),
        "recordedDate": str(_day(onset_days_ago)),
    }


def _searchset(resource_type: str, resources: list[Json]) -> Json:
    if not resources:
        return {"resourceType": "Bundle", "type": "searchset", "total": 0}
    named = [{"id": f"bench-{resource_type.lower()}-{n}"} | each for n, each in enumerate(resources, start=1)]
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(named),
        "entry": [
            {
                "fullUrl": f"https://ehr.example/fhir/{resource_type}/{each['id']}",
                "resource": each,
                "search": {"mode": "match"},
            }
            for each in named
        ],
    }


def _day(days_ago: int) -> str:
    return (datetime.now(UTC) - timedelta(days=days_ago)).date().isoformat()
