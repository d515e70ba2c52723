"""What a call costs grows with its length, not with its square: counted in steps of the interpreter, so not timed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

from cards.facts.drafts import MOST_JUDGED
from fhir_fixtures import ANCHOR
from tests.end_to_end.calls import EXTENSION, service
from tests.intake.taken import LOINC, ME, RXNORM, SCT, bundle, coded, condition

Json = dict[str, Any]
PREDNISONE, NAPROXEN, APIXABAN, TRAMADOL, GABAPENTIN = ("8640", "7258", "1364430", "10689", "25480")
FEW, MANY = 60, 240
LINEAR = 4.6
"""For four times as much; the square would be sixteen."""


def day(ago: int) -> str:
    return (ANCHOR - timedelta(days=ago)).isoformat()


def medicine(number: int, code: str, ago: int = 0, kind: str = "MedicationRequest", **members: Any) -> Json:
    made = {"resourceType": kind, "id": f"m{number}", "status": "active", "intent": "order", "subject": ME}
    return made | {"authoredOn": day(ago), "medicationCodeableConcept": coded(RXNORM, code)} | members


def course(number: int, kind: str = "MedicationRequest") -> Json:
    week = {"expectedSupplyDuration": {"value": 7, "code": "d"}}
    told = {"status": "completed", "dosageInstruction": [{"text": "20 mg daily"}], "dispenseRequest": week}
    when = {"effectiveDateTime": day(number % 700), "dosage": told["dosageInstruction"]}
    return medicine(number, PREDNISONE, number % 700, kind, **told, **when)


def ordered(number: int, code: Json) -> Json:
    return {"resourceType": "ServiceRequest", "id": f"d{number}", "status": "draft", "code": code, "subject": ME}


def report(number: int) -> Json:
    made = {"resourceType": "DiagnosticReport", "id": f"r{number}", "status": "final", "subject": ME}
    return made | {"code": coded(LOINC, "30673-8"), "effectiveDateTime": day(number % 130)}


def done(number: int, text: str) -> Json:
    made = {"resourceType": "Procedure", "id": f"p{number}", "status": "completed", "subject": ME}
    return made | {"code": {"text": text}, "performedDateTime": day(number % 300)}


def visit(count: int) -> Json:
    inner = [{"resourceType": "Condition", "id": f"c{n}", "code": {"text": "buttock pain"}} for n in range(count)]
    reasons = [{"reference": f"#c{n}"} for n in range(count)]
    made = {"resourceType": "Encounter", "id": "e", "status": "finished", "subject": ME, "period": {"start": day(3)}}
    return made | {"contained": inner, "reasonReference": reasons}


def unreadable(number: int) -> Json:
    return {"resourceType": "Condition", "id": f"u{number}", "code": [5], "subject": ME}


MRI, INJECTION = coded(LOINC, "30673-8"), {"text": "Ultrasound-guided piriformis steroid injection"}
EMG, PACEMAKER = "EMG and nerve conduction study", "Cardiac pacemaker implantation"
Many = Callable[[Callable[[int], Json]], list[Json]]
CHARTS: dict[str, Callable[[Many], dict[str, list[Json]]]] = {
    "courses of a steroid": lambda many: {"medications": many(course)},
    "statements of a steroid": lambda many: {"medications": many(lambda n: course(n, "MedicationStatement"))},
    "unreadable problems": lambda many: {"conditions": many(unreadable)},
    "reasons inside a visit": lambda many: {"encounters": [visit(len(many(unreadable)))]},
    "injections drafted": lambda many: {"drafts": many(lambda n: ordered(n, INJECTION))},
    "drafted MRI and MRI done": lambda many: {
        "drafts": many(lambda n: ordered(n, MRI)), "diagnosticReports": many(report)
    },
    "drafted MRI and pacemakers": lambda many: {
        "drafts": many(lambda n: ordered(n, MRI)), "procedures": many(lambda n: done(n, PACEMAKER))
    },
    "nerve studies drafted and done": lambda many: {
        "drafts": many(lambda n: ordered(n, {"text": EMG})), "procedures": many(lambda n: done(n, EMG))
    },
    "injections drafted and given": lambda many: {
        "drafts": many(lambda n: ordered(n, INJECTION)),
        "procedures": many(lambda n: done(n, "Corticosteroid injection of left hip")),
    },
    "NSAIDs drafted beside anticoagulants": lambda many: {
        "drafts": many(lambda n: medicine(n, NAPROXEN)), "medications": many(lambda n: medicine(n, APIXABAN, n % 300))
    },
    "opioids drafted beside gabapentin": lambda many: {
        "drafts": many(lambda n: medicine(n, TRAMADOL)), "medications": many(lambda n: medicine(n, GABAPENTIN, n % 300))
    },
}  # fmt: skip


def request_of(told: dict[str, list[Json]]) -> Json:
    """A call for p1, whose left buttock has hurt for five months, with these records and drafts."""
    pain = condition(coded(SCT, "279043006", "left buttock pain"), onsetDateTime=day(150))
    prefetch: Json = {"patient": {"resourceType": "Patient", "id": "p1", "birthDate": "1960-01-01"}}
    for key in ("observations", "medications", "procedures", "serviceRequests", "diagnosticReports", "allergies",
                "familyHistory", "encounters", "carePlans"):  # fmt: skip
        prefetch[key] = bundle(*told.get(key, ()))
    prefetch["conditions"] = bundle(pain, *told.get("conditions", ()))
    context: Json = {"userId": "Practitioner/u1", "patientId": "p1", "draftOrders": bundle(*told.get("drafts", ()))}
    hook_instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    return {"hook": "order-sign", "hookInstance": hook_instance, "context": context, "prefetch": prefetch}


SERVICE = service()


def answer_to(request: Json) -> bytes:
    """The answer, which must be a 200."""
    body = json.dumps(request)
    answer = SERVICE.test_client().post(
        "/cds-services/posterior-hip-order-sign", data=body, content_type="application/json"
    )
    assert answer.status_code == 200, answer.text
    return answer.data


def steps_of(request: Json) -> tuple[int, bytes]:
    """How many instructions the interpreter carries out for a call, and the answer."""
    count = 0

    def step(frame: FrameType, event: str, _: object) -> Any:
        nonlocal count
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return step

    sys.settrace(step)
    try:
        answer = answer_to(request)
    finally:
        sys.settrace(None)
    return count, answer


@pytest.mark.parametrize("name", CHARTS)
def test_four_times_as_much_costs_four_times_as_much(name: str) -> None:
    few, many = (request_of(CHARTS[name](made(count))) for count in (FEW, MANY))
    answer_to(few)  # what is worked out once in the life of a process
    once, _ = steps_of(few)
    more, answer = steps_of(many)
    assert more / once < LINEAR
    assert b"this rule failed" not in answer
    assert len(answer) < 40_000


def made(count: int) -> Many:
    return lambda one: [one(number) for number in range(count)]


def test_drafts_beyond_those_that_can_be_judged_are_said_not_to_be() -> None:
    for count, said in ((MOST_JUDGED, False), (MOST_JUDGED + 1, True)):
        answer = answer_to(request_of(CHARTS["opioids drafted beside gabapentin"](made(count))))
        assert (b"only the first were judged" in answer) is said


def test_a_card_quotes_no_more_of_a_name_than_a_name_needs_and_no_reference_that_is_none() -> None:
    long = condition({"text": "left buttock pain " * 50_000}, id="y" * 100_000, onsetDateTime=day(150))
    crp = {"resourceType": "Observation", "id": "o", "status": "final", "subject": ME, "effectiveDateTime": day(1)}
    crp |= {"code": coded(LOINC, "1988-5", "CRP " * 50_000)} | {"valueQuantity": {"value": 142, "code": "mg/L"}}
    answer = answer_to(request_of({"conditions": [long], "observations": [crp]}))
    cards = json.loads(answer)["cards"]
    facts = [fact for card in cards for fact in card["extension"][EXTENSION]["facts"]]
    assert len(answer) < 20_000
    assert {len(fact["display"]) for fact in facts if "CRP" in fact["display"]} == {120}
    assert any("142 mg/L, " in card["detail"] for card in cards)
    orders = [a["resource"] for card in cards for s in card.get("suggestions", ()) for a in s["actions"]]
    assert orders
    assert all(
        reason["reference"] in ("Condition/c1", "Observation/o")
        for o in orders
        for reason in o.get("reasonReference", ())
    )
