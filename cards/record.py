"""What a chart holds: one typed, immutable record for each usable resource of the patient."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cards.codings import Coding
from cards.immutable import Struct
from cards.quantity import Quantity
from cards.side import Side
from cards.valueset import Strength
from cards.when import When

SectionName = Literal[
    "conditions",
    "observations",
    "medications",
    "procedures",
    "serviceRequests",
    "diagnosticReports",
    "allergies",
    "familyHistory",
    "encounters",
    "carePlans",
]
Value = bool | str | Quantity
"""Yes or no, a code of the hip examination, or a number in its canonical unit (grades and counts in unit 1)."""


class Record(Struct, frozen=True, kw_only=True):
    """Common to all: where it stands, what it says, of which value sets it is, when, and which side.

    `when` is the clinical date (onset, effective, performed, authored), never the date of storing.
    """

    reference: str
    text: str
    concepts: Mapping[str, Strength]
    when: When | None = None
    side: Side = Side.UNKNOWN


class Condition(Record, frozen=True, kw_only=True):
    """A problem or diagnosis. `clinical` and `verification` are FHIR's codes, None when not given."""

    clinical: str | None = None
    verification: str | None = None
    ended: When | None = None
    onset_known: bool = True  # False: `when` is only the date of recording
    sites: Mapping[str, Strength] | None = None  # value sets of the body sites
    codes: tuple[Coding, ...] = ()  # as received, for codes that carry a number


class Observation(Record, frozen=True, kw_only=True):
    """A measurement or an answer.

    `question` is the hip-exam code asked, if it is one. `value` is None when nothing usable was given;
    then `refused` says why (a unit not known, say). `denied`: the finding was looked for and is absent.
    """

    status: str
    question: str | None = None
    value: Value | None = None
    refused: str | None = None
    denied: bool = False
    upper_limit: Quantity | None = None


class Medication(Record, frozen=True, kw_only=True):
    """A MedicationRequest or MedicationStatement.

    `systemic` is False for topical, inhaled, nasal, ophthalmic and intra-articular forms. `daily_mg` is None
    when the dose cannot be computed. `days` is the planned or supplied duration, `until` the end of use.
    """

    status: str
    intent: str | None = None
    systemic: bool = True
    daily_mg: float | None = None
    dose_mg: float | None = None
    days: int | None = None
    until: When | None = None
    reported: bool = False  # a MedicationStatement
    selected: bool = True  # a draft that the hook asks about; the others are background


class Procedure(Record, frozen=True, kw_only=True):
    """Something done. `started` and `when` are the two ends of a period; one date gives both."""

    status: str
    started: When | None = None
    sessions: int | None = None


class Order(Record, frozen=True, kw_only=True):
    """A ServiceRequest, ordered or (from `draftOrders`) still being drafted."""

    status: str
    intent: str | None = None
    reasons: Mapping[str, Strength] | None = None
    reason_texts: tuple[str, ...] = ()
    sites: Mapping[str, Strength] | None = None  # value sets of the body sites
    reason_side: Side = Side.UNKNOWN
    selected: bool = True  # a draft that the hook asks about; the others are background
    priority: str | None = None


class Report(Record, frozen=True, kw_only=True):
    """A DiagnosticReport. `results` are the value sets of its conclusion codes; `conclusion` may be quoted only."""

    status: str
    results: Mapping[str, Strength]
    conclusion: str | None = None


class Allergy(Record, frozen=True, kw_only=True):
    """An AllergyIntolerance."""

    clinical: str | None = None
    verification: str | None = None
    criticality: str | None = None
    severe: bool = False  # a reaction of severity "severe" is on file


class Relative(Record, frozen=True, kw_only=True):
    """A FamilyMemberHistory. Its conditions are never the patient's."""

    status: str
    first_degree: bool = False


class Encounter(Record, frozen=True, kw_only=True):
    """A visit; `concepts` are those of its reasons, `services` those of what kind of visit it was."""

    status: str
    kind: str | None = None  # FHIR class code, "EMER" or "IMP" among others
    services: Mapping[str, Strength] | None = None


class CarePlan(Record, frozen=True, kw_only=True):
    """A care plan; `concepts` are those of its activities, `started` and `when` the ends of its period."""

    status: str
    started: When | None = None


class Patient(Struct, frozen=True, kw_only=True):
    """Who the chart is about. `sex` is FHIR administrative gender; `born` may be partial or missing."""

    id: str
    born: When | None = None
    sex: str | None = None
    deceased: bool = False
