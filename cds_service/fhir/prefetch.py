"""What is asked of the EHR: one query a key, published in discovery and used again when fetching."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from cards.code_system import hip_exam_questions
from cards.codings import LOINC, SNOMED
from cards.measures import MEASURES
from cards.valueset import TERMINOLOGY

PATIENT = "{{context.patientId}}"
RESOURCE_TYPES: Mapping[str, tuple[str, ...]] = {
    "patient": ("Patient",),
    "conditions": ("Condition",),
    "observations": ("Observation",),
    "medications": ("MedicationRequest", "MedicationStatement", "MedicationOrder"),
    "procedures": ("Procedure",),
    "serviceRequests": ("ServiceRequest", "ProcedureRequest", "DiagnosticOrder"),
    "diagnosticReports": ("DiagnosticReport",),
    "allergies": ("AllergyIntolerance",),
    "familyHistory": ("FamilyMemberHistory",),
    "encounters": ("Encounter",),
    "carePlans": ("CarePlan",),
}
"""What an answer to each key may hold, in R4 and in the older versions that some servers speak."""
KEYS = tuple(RESOURCE_TYPES)


@cache
def templates() -> dict[str, str]:
    """Key -> prefetch template: type searches with equality parameters, `_sort` and `_count` only."""
    return {
        "patient": f"Patient/{PATIENT}",
        "conditions": f"Condition?patient={PATIENT}&_count=200",
        "observations": f"Observation?patient={PATIENT}&code={','.join(_observation_codes())}&_sort=-date&_count=200",
        "medications": f"MedicationRequest?patient={PATIENT}&_count=100",
        "procedures": f"Procedure?patient={PATIENT}&_sort=-date&_count=100",
        "serviceRequests": f"ServiceRequest?patient={PATIENT}&_count=100",
        "diagnosticReports": f"DiagnosticReport?patient={PATIENT}&_sort=-date&_count=100",
        "allergies": f"AllergyIntolerance?patient={PATIENT}&_count=100",
        "familyHistory": f"FamilyMemberHistory?patient={PATIENT}&_count=100",
        "encounters": f"Encounter?patient={PATIENT}&_sort=-date&_count=50",
        "carePlans": f"CarePlan?patient={PATIENT}&_count=50",
    }


def queries(patient_id: str, keys: list[str]) -> dict[str, str]:
    """The same queries for one patient, relative to the FHIR base."""
    return {key: templates()[key].replace(PATIENT, patient_id) for key in keys}


_ASKED_AS_OBSERVATION = (
    "saddle-anaesthesia",
    "unable-to-bear-weight",
    "urinary-retention",
    "fecal-incontinence",
    "foot-drop",
    "fever",
    "night-pain",
    "pregnancy-status",
    "lab-pregnancy-test",
    "lab-hla-b27",
    "smoking-status",
)
"""Value sets of findings and questions that EHRs record as an Observation, beside the measurements."""


def _observation_codes() -> list[str]:
    """The codes of every measurement and finding that an Observation may carry, without their system."""
    return sorted(TERMINOLOGY.codes_of({*MEASURES, *_ASKED_AS_OBSERVATION}, (LOINC, SNOMED)) | hip_exam_questions())
