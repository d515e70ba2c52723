"""Bundles that nobody thought of: however one is read, each sound entry is read alike and the rest is named."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from cards.record import Observation, Record
from cards.section import Section
from cds_service.fhir.intake import Intake
from cds_service.fhir.prefetch import KEYS, RESOURCE_TYPES
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import ABSENT, ReadEntry, Supply, read_key
from fhir_fixtures import names
from tests.end_to_end.calls import service, with_prefetch
from tests.intake.taken import ME, OTHER, bundle, coded
from tests.properties.odd_json import made_odd, written
from tests.protocol.service import ORDER_SIGN

Json = dict[str, Any]
PAIN = coded("http://snomed.info/sct", "279043006", "left buttock pain")
OLDER: dict[str, list[Json]] = {
    "conditions": [
        {"resourceType": "Condition", "id": "old", "clinicalStatus": "active", "verificationStatus": "confirmed",
         "code": PAIN, "bodySite": PAIN, "patient": ME, "dateRecorded": "2026-01-02"},
        {"resourceType": "Condition", "id": "his", "code": PAIN, "subject": OTHER},
    ],
    "observations": [
        {"resourceType": "Observation", "id": "old", "status": "final", "code": coded("http://loinc.org", "1988-5"),
         "subject": ME, "interpretation": PAIN, "bodySite": [PAIN], "valueQuantity": {"value": 9, "unit": "mg/L"}},
    ],
    "medications": [
        {"resourceType": "MedicationOrder", "id": "old", "status": "active", "patient": ME, "dateWritten": "2026-01-02",
         "medicationReference": {"reference": "#m"},
         "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "apixaban"}}]},
        {"resourceType": "Medication", "id": "m1", "code": {"text": "apixaban"}},
        {"resourceType": "MedicationRequest", "id": "ref", "status": "active", "subject": ME,
         "medicationReference": {"reference": "Medication/m1"}},
    ],
    "serviceRequests": [
        {"resourceType": "DiagnosticOrder", "id": "old", "status": "active", "subject": ME, "reason": PAIN},
    ],
    "encounters": [
        {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}, "subject": ME,
         "contained": [{"resourceType": "Condition", "id": "c", "code": PAIN}],
         "reasonReference": [{"reference": "#c"}]},
    ],
}  # fmt: skip
"""Shapes of earlier versions, contained resources, and what belongs to somebody else."""


def sound_resources() -> dict[str, list[Json]]:
    """By key: every resource of the synthetic patients as one of p1, and the older shapes."""
    found = {key: list(OLDER.get(key, ())) for key in KEYS if key != "patient"}
    for name in names():
        for key, resources in found.items():
            told = [entry["resource"] for entry in with_prefetch(name)["prefetch"][key].get("entry", ())]
            resources += [one | {("patient" if "patient" in one else "subject"): ME} for one in told]
    return found


SOUND = sound_resources()
FAILED = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
OTHERS: tuple[Json, ...] = (
    {}, {"resource": {}}, {"fullUrl": "urn:uuid:1"}, {"resource": FAILED, "search": {"mode": "outcome"}},
    {"resource": FAILED}, {"resource": {"resourceType": "Patient", "id": "p1"}},
    {"resource": {"resourceType": "Basic"}},
)  # fmt: skip
"""Entries beside those that hold what was asked for."""

TOLD_APART = {"resource": None}
"""An entry that holds nothing, and has its Bundle read entry by entry."""


@st.composite
def _bundles(draw: st.DrawFn) -> tuple[str, list[Any]]:
    """A key, and the one to four entries of a Bundle for it, some of them odd."""
    key = draw(st.sampled_from(sorted(SOUND)))
    entries = []
    for number in range(draw(st.integers(1, 4))):
        resource = draw(st.sampled_from(SOUND[key])) | {"id": f"r{number}"}
        entries.append(draw(made_odd({"resource": resource})))
    entries += draw(st.lists(st.sampled_from(OTHERS), max_size=1))
    return key, draw(st.permutations(entries))


@dataclass(frozen=True)
class Taken:
    """What became of one Bundle."""

    supply: Supply
    section: Section
    places: tuple[Record, ...]
    set_aside: Json


def take(key: str, entries: list[Any], **members: Any) -> Taken:
    """The Bundle of these entries through the intake."""
    text = written({"resourceType": "Bundle", "type": "searchset", "entry": entries, **members})
    raw = Raw(text.encode(errors="surrogateescape"))
    supplies = dict.fromkeys(KEYS, ABSENT) | {key: read_key(raw, RESOURCE_TYPES[key])}
    intake, first = Intake(Subject("p1")), Intake(Subject("p1"))
    telling = first.where_the_pain_is(supplies)["observations"].records
    places = tuple(one for one in telling if isinstance(one, Observation) and one.question == "pain-location")
    return Taken(supplies[key], intake.sections(supplies)[key], places, asdict(intake.set_aside))


thorough = settings(max_examples=150, deadline=None, derandomize=True)


@thorough
@given(_bundles())
def test_a_bundle_is_read_alike_in_one_go_and_entry_by_entry(asked: tuple[str, list[Any]]) -> None:
    key, entries = asked
    plain, apart = take(key, entries), take(key, [*entries, TOLD_APART])
    assert not any(isinstance(entry, ReadEntry) for entry in apart.supply.entries)
    assert (plain.section, plain.places, plain.set_aside) == (apart.section, apart.places, apart.set_aside)
    assert (plain.supply.kind, plain.supply.missing) == (apart.supply.kind, apart.supply.missing)


@thorough
@given(_bundles())
def test_an_entry_becomes_the_same_whatever_stands_beside_it(asked: tuple[str, list[Any]]) -> None:
    key, entries = asked
    together = take(key, entries)
    for entry in entries:
        alone = take(key, [entry])
        if alone.supply.missing is None:
            assert all(one in together.section.records for one in alone.section.records if _by_id(one.reference))
            assert {one for one in alone.section.unreadable if _by_id(one)} <= {*together.section.unreadable}


def _by_id(reference: str) -> bool:
    """Not by its place among the entries."""
    return "#" not in reference and " entry " not in reference


@thorough
@given(_bundles())
def test_an_entry_that_is_not_used_is_named(asked: tuple[str, list[Any]]) -> None:
    key, entries = asked
    for entry in entries:
        alone = take(key, [entry])
        told = alone.section.missing or alone.section.unreadable or any(alone.set_aside.values())
        assert alone.section.records or told or alone.supply.kind == "empty" or key == "observations"


DRAFT = {"resourceType": "ServiceRequest", "id": "d", "status": "draft", "intent": "order", "subject": ME}
DRAFT |= {"code": coded("http://loinc.org", "30679-5", "MRI lumbar spine")}
SERVICE = service()
calls = settings(max_examples=60, deadline=None, derandomize=True)


@st.composite
def _requests(draw: st.DrawFn) -> str:
    """An order-sign with one odd Bundle among sound ones, and odd drafts."""
    key, entries = draw(_bundles())
    told = {"patient": {"resourceType": "Patient", "id": "p1", "birthDate": "1970-01-01"}}
    told |= {name: bundle(*SOUND[name][:6]) for name in SOUND if name != key}
    told[key] = draw(made_odd({"resourceType": "Bundle", "entry": entries}, 1))
    drafts = draw(made_odd({"resourceType": "Bundle", "entry": [{"resource": DRAFT}, {"resource": DRAFT}]}))
    context = {"userId": "Practitioner/u1", "patientId": "p1", "draftOrders": drafts}
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    return written({"hook": "order-sign", "hookInstance": instance, "context": context, "prefetch": told})


@calls
@given(_requests())
def test_a_call_with_an_odd_bundle_is_never_an_error_of_the_service(asked: str) -> None:
    sent = asked.encode(errors="surrogateescape")
    answer = SERVICE.test_client().post(f"/cds-services/{ORDER_SIGN}", data=sent, content_type="application/json")
    assert answer.status_code in (200, 400, 412)
    assert "this rule failed" not in answer.text
