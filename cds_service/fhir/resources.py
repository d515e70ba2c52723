"""The few members of each FHIR R4 resource that the chart needs, as typed structs.

Everything else in a resource is skipped while decoding. These are not validators: what is odd but harmless
passes, and what cannot be decoded is set aside by the intake.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from msgspec import DecodeError, Meta, Struct

Integer = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
"""FHIR's integer has 32 bits; a larger one breaks the arithmetic that it enters."""


class Coding(Struct, gc=False):
    """FHIR Coding."""

    system: str | None = None
    code: str | None = None
    display: str | None = None


class CodeableConcept(Struct, gc=False):
    """FHIR CodeableConcept."""

    coding: list[Coding] | None = None
    text: str | None = None


class Reference(Struct, gc=False):
    """FHIR Reference."""

    reference: str | None = None
    display: str | None = None


class Period(Struct, gc=False):
    """FHIR Period."""

    start: str | None = None
    end: str | None = None


class Quantity(Struct, gc=False):
    """FHIR Quantity."""

    value: float | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Annotation(Struct, gc=False):
    """FHIR Annotation."""

    text: str | None = None


class Resource(Struct, kw_only=True, gc=False):
    """Common members."""

    resourceType: str = ""
    id: str | None = None
    modifierExtension: list[object] | None = None
    contained: list[dict[str, object]] | None = None

    def about(self) -> Reference | None:
        """Whose record it is."""
        subject: Reference | None = getattr(self, "subject", None)
        return subject if subject is not None else getattr(self, "patient", None)


class Patient(Resource, kw_only=True, gc=False):
    """FHIR Patient."""

    birthDate: str | None = None
    gender: str | None = None
    deceasedBoolean: bool | None = None
    deceasedDateTime: str | None = None


class Condition(Resource, kw_only=True, gc=False):
    """FHIR Condition."""

    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    bodySite: list[CodeableConcept] | None = None
    subject: Reference | None = None
    onsetDateTime: str | None = None
    onsetPeriod: Period | None = None
    recordedDate: str | None = None
    abatementDateTime: str | None = None
    abatementPeriod: Period | None = None
    abatementString: str | None = None
    abatementBoolean: bool | None = None


class ReferenceRange(Struct, gc=False):
    """FHIR Observation.referenceRange."""

    high: Quantity | None = None


class Valued(Struct, kw_only=True, gc=False):
    """What Observation and its components share."""

    code: CodeableConcept | None = None
    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: Integer | None = None
    dataAbsentReason: CodeableConcept | None = None
    interpretation: list[CodeableConcept] | None = None
    referenceRange: list[ReferenceRange] | None = None


class Component(Valued, kw_only=True, gc=False):
    """FHIR Observation.component."""


class Observation(Valued, kw_only=True, gc=False):
    """FHIR Observation."""

    resourceType: str = ""
    id: str | None = None
    modifierExtension: list[object] | None = None
    status: str = "unknown"
    subject: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    effectiveInstant: str | None = None
    bodySite: CodeableConcept | None = None
    component: list[Component] | None = None

    def about(self) -> Reference | None:
        """Whose record it is."""
        return self.subject


class Dose(Struct, gc=False):
    """FHIR Dosage.doseAndRate."""

    doseQuantity: Quantity | None = None


class Repeat(Struct, gc=False):
    """FHIR Timing.repeat."""

    frequency: Integer | None = None
    period: float | None = None
    periodUnit: str | None = None
    boundsPeriod: Period | None = None
    boundsDuration: Quantity | None = None


class Timing(Struct, gc=False):
    """FHIR Timing."""

    repeat: Repeat | None = None
    code: CodeableConcept | None = None


class Dosage(Struct, gc=False):
    """FHIR Dosage."""

    text: str | None = None
    route: CodeableConcept | None = None
    site: CodeableConcept | None = None
    timing: Timing | None = None
    doseAndRate: list[Dose] | None = None


class Dispense(Struct, gc=False):
    """FHIR MedicationRequest.dispenseRequest."""

    expectedSupplyDuration: Quantity | None = None
    numberOfRepeatsAllowed: Integer | None = None


class Medication(Resource, kw_only=True, gc=False):
    """FHIR MedicationRequest or MedicationStatement."""

    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    subject: Reference | None = None
    authoredOn: str | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    dateAsserted: str | None = None
    dosageInstruction: list[Dosage] | None = None
    dosage: list[Dosage] | None = None
    dispenseRequest: Dispense | None = None


class Drug(Resource, kw_only=True, gc=False):
    """FHIR Medication, as a medicationReference points at it."""

    code: CodeableConcept | None = None


class Procedure(Resource, kw_only=True, gc=False):
    """FHIR Procedure."""

    status: str = "unknown"
    category: CodeableConcept | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    performedDateTime: str | None = None
    performedPeriod: Period | None = None
    bodySite: list[CodeableConcept] | None = None
    note: list[Annotation] | None = None


class ServiceRequest(Resource, kw_only=True, gc=False):
    """FHIR ServiceRequest."""

    status: str | None = None
    intent: str | None = None
    doNotPerform: bool | None = None
    priority: str | None = None
    category: list[CodeableConcept] | None = None
    code: CodeableConcept | None = None
    subject: Reference | None = None
    authoredOn: str | None = None
    occurrenceDateTime: str | None = None
    bodySite: list[CodeableConcept] | None = None
    reasonCode: list[CodeableConcept] | None = None
    reasonReference: list[Reference] | None = None


class DiagnosticReport(Resource, kw_only=True, gc=False):
    """FHIR DiagnosticReport."""

    status: str = "unknown"
    code: CodeableConcept | None = None
    subject: Reference | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None
    conclusion: str | None = None
    conclusionCode: list[CodeableConcept] | None = None


class Reaction(Struct, gc=False):
    """FHIR AllergyIntolerance.reaction."""

    severity: str | None = None


class AllergyIntolerance(Resource, kw_only=True, gc=False):
    """FHIR AllergyIntolerance."""

    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    criticality: str | None = None
    code: CodeableConcept | None = None
    patient: Reference | None = None
    onsetDateTime: str | None = None
    recordedDate: str | None = None
    reaction: list[Reaction] | None = None


class RelativeCondition(Struct, gc=False):
    """FHIR FamilyMemberHistory.condition."""

    code: CodeableConcept | None = None


class FamilyMemberHistory(Resource, kw_only=True, gc=False):
    """FHIR FamilyMemberHistory."""

    status: str = "unknown"
    patient: Reference | None = None
    relationship: CodeableConcept | None = None
    condition: list[RelativeCondition] | None = None


class Encounter(Resource, kw_only=True, gc=False, rename={"class_": "class"}):
    """FHIR Encounter."""

    status: str = "unknown"
    class_: Coding | None = None
    subject: Reference | None = None
    period: Period | None = None
    type: list[CodeableConcept] | None = None
    serviceType: CodeableConcept | None = None
    reasonCode: list[CodeableConcept] | None = None
    reasonReference: list[Reference] | None = None


class ActivityDetail(Struct, gc=False):
    """FHIR CarePlan.activity.detail."""

    code: CodeableConcept | None = None
    status: str | None = None
    description: str | None = None


class Activity(Struct, gc=False):
    """FHIR CarePlan.activity."""

    detail: ActivityDetail | None = None


class CarePlan(Resource, kw_only=True, gc=False):
    """FHIR CarePlan."""

    status: str = "unknown"
    title: str | None = None
    subject: Reference | None = None
    period: Period | None = None
    created: str | None = None
    activity: list[Activity] | None = None


Coded = (
    Condition
    | Observation
    | Medication
    | Procedure
    | ServiceRequest
    | DiagnosticReport
    | AllergyIntolerance
    | FamilyMemberHistory
    | Encounter
    | CarePlan
)
"""Every resource that a section of the chart may hold."""
SHAPES: Mapping[str, type[Coded]] = {
    "Condition": Condition,
    "Observation": Observation,
    "MedicationRequest": Medication,
    "MedicationStatement": Medication,
    "Procedure": Procedure,
    "ServiceRequest": ServiceRequest,
    "DiagnosticReport": DiagnosticReport,
    "AllergyIntolerance": AllergyIntolerance,
    "FamilyMemberHistory": FamilyMemberHistory,
    "Encounter": Encounter,
    "CarePlan": CarePlan,
}
"""Resource type -> its shape."""
NOT_READ = (DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding bytes raises: no JSON, another shape, not UTF-8 (an answer of a FHIR server may hold anything), or
nested beyond reason."""
