"""What is planted in requests, and finding it again in whatever a service leaves behind."""

from __future__ import annotations

import json
import random
import string
from typing import Any
from urllib.parse import quote, quote_plus
from uuid import uuid4

from tests.protocol.service import bundle, condition, order_call, view

Json = dict[str, Any]


def _made_up(prefix: str) -> str:
    """New in every run, so that nothing can be written to pass for it."""
    return prefix + "".join(random.choices(string.ascii_lowercase, k=8))  # noqa: S311 - unlikely enough


PATIENT_ID = _made_up("pat-")
USER_ID = _made_up("usr-")
ENCOUNTER_ID = _made_up("enc-")
COMMENT = _made_up("comment-")
PLANTS: dict[str, str] = {
    "family name": _made_up("Mustermann"),
    "name beyond ASCII": _made_up("Müßig"),
    "record number": _made_up("MRN-"),
    "telephone": f"+49 30 {random.randint(10**7, 10**8)}",  # noqa: S311 - no secret
    "birth date": "1948-03-17",
    "free text": _made_up("told her sister that "),
    "patient id": PATIENT_ID,
    "user id": USER_ID,
    "encounter id": ENCOUNTER_ID,
    "access token": _made_up("access-token-"),
    "hook instance": _made_up("instance-"),
    "query": _made_up("query-"),
    "header": _made_up("header-"),
    "cookie": _made_up("cookie-"),
    "comment": COMMENT,
}
TEXT = PLANTS["free text"]


def spellings(plant: str) -> set[str]:
    """How a plant may be written: as it is, in a URL, in JSON, as Python shows it."""
    written = {plant, quote(plant), quote_plus(plant), json.dumps(plant)[1:-1], ascii(plant)[1:-1]}
    return {text.casefold() for text in written}


def found_in(told: bytes, *, but: str = "") -> list[str]:
    """Names of the plants that stand in it, in any spelling and case; `but` is one that may."""
    text = told.decode("utf-8", "replace").casefold()
    return [name for name, plant in PLANTS.items() if name != but and any(s in text for s in spellings(plant))]


def patient(**members: Any) -> Json:
    """A patient of whom everything is known."""
    return {
        "resourceType": "Patient",
        "id": PATIENT_ID,
        "gender": "female",
        "birthDate": PLANTS["birth date"],
        "name": [{"family": PLANTS["family name"], "given": [PLANTS["name beyond ASCII"]]}],
        "identifier": [{"system": "urn:mrn", "value": PLANTS["record number"]}],
        "telecom": [{"system": "phone", "value": PLANTS["telephone"]}],
        **members,
    }


def chart() -> Json:
    """Prefetch with something planted in each place where a chart has words, readable and not."""
    noted = {"note": [{"text": TEXT}], "text": {"status": "generated", "div": f"<div>{TEXT}</div>"}}
    mine = {"subject": {"reference": f"Patient/{PATIENT_ID}", "display": PLANTS["family name"]}}
    observation = {"resourceType": "Observation", "status": "final", **mine, **noted, "code": {"text": TEXT}}
    return {
        "patient": patient(),
        "conditions": bundle(
            condition("M54.31", TEXT, PATIENT_ID, note=noted["note"]),
            condition("R33.9", f"Retention of urine, {TEXT}", PATIENT_ID),
            {"resourceType": "Condition", "id": TEXT, **mine, "code": TEXT},
        ),
        "observations": bundle(
            {**observation, "valueString": TEXT},
            {**observation, "effectiveDateTime": TEXT, "valueQuantity": {"value": TEXT, "unit": TEXT}},
            {**observation, "subject": {"reference": f"Patient/{PLANTS['record number']}"}},
        ),
        "medications": {"resourceType": "OperationOutcome", "issue": [{"severity": TEXT, "code": TEXT}]},
        "procedures": bundle({"resourceType": "Procedure", **mine, "code": {"text": TEXT}, "performedString": TEXT}),
        "allergies": [TEXT],
        "encounters": bundle({"resourceType": TEXT, "id": ENCOUNTER_ID, **mine}),
    }


def context(**members: Any) -> Json:
    return {
        "userId": f"Practitioner/{USER_ID}",
        "patientId": PATIENT_ID,
        "encounterId": ENCOUNTER_ID,
        **members,
    }


def access(server: str, **members: Any) -> Json:
    """The planted token for a FHIR server."""
    granted = {"access_token": PLANTS["access token"], "token_type": "Bearer", "expires_in": 300, **members}
    return {"fhirServer": server, "fhirAuthorization": {"scope": "x", "subject": USER_ID, **granted}}


def call(hook: str = "patient-view", **members: Any) -> Json:
    """A legal call of any hook; order hooks with planted drafts."""
    draft = {
        "resourceType": "ServiceRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT_ID}", "display": PLANTS["family name"]},
        "code": {"text": TEXT, "coding": [{"system": "http://www.ama-assn.org/go/cpt", "code": "72148"}]},
        "note": [{"text": TEXT}],
        "patientInstruction": TEXT,
    }
    body = view() if hook == "patient-view" else order_call(hook, draft)
    body |= {"hookInstance": PLANTS["hook instance"], "prefetch": chart(), "extension": {TEXT: TEXT}}
    return {**body, "context": {**body["context"], **context()}, **members}


def bad_calls() -> list[bytes]:
    """What is refused, each with plants at the place that is refused and in all others."""
    good = json.dumps(call(), ensure_ascii=False).encode()
    bodies: list[Any] = [
        {**call(), "hook": TEXT},
        {**call(), "hookInstance": [TEXT]},
        {**call(), "context": TEXT},
        {**call(), "context": context(patientId=[TEXT])},
        {**call(), "context": {TEXT: TEXT}},
        {**call(), "prefetch": [TEXT]},
        {**call(), "prefetch": {}},
        {**call(), "prefetch": {TEXT: TEXT}},
        {**call(), "prefetch": chart() | {"patient": patient(id=PLANTS["record number"])}},
        {**call(), "prefetch": chart() | {"patient": {"resourceType": TEXT, "id": PATIENT_ID}}},
        {**call(), "prefetch": chart() | {"patient": patient(birthDate=TEXT)}},
        {**call(), "fhirServer": [TEXT]},
        {**call(), "fhirAuthorization": {"access_token": [PLANTS["access token"]], TEXT: TEXT}},
        [TEXT],
        TEXT,
    ]
    twice = good.replace(b'"hook":', f'"{TEXT}": 1, "{TEXT}": 2, "hook":'.encode(), 1)
    broken = [good[:-20], good + TEXT.encode(), twice, good.replace(b"M54.31", b"\xff" + TEXT.encode())]
    return [json.dumps(body, ensure_ascii=False).encode() for body in bodies] + broken


def feedback(card: str, *, broken: bool) -> Json:
    """An outcome with a comment; a broken one with plants in each member."""
    reason = {"reason": {"code": "action-completed"}, "userComment": f"{COMMENT} {TEXT if broken else ''}".strip()}
    item = {"card": card, "outcome": "overridden", "overrideReason": reason, "outcomeTimestamp": "2026-01-15T12:30:00Z"}
    if not broken:
        return item
    return {**item, "card": TEXT, "outcome": TEXT, "outcomeTimestamp": TEXT, TEXT: TEXT, "id": str(uuid4())}
