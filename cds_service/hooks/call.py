"""One call: from the request to the response, by way of the Chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from threading import Lock
from typing import Any

from cards.advise import Advice, advise
from cards.chart import Chart
from cards.facts.scope import scope
from cards.ratings import order_ratings
from cards.record import Medication, Order, Patient
from cds_service.fhir import records
from cds_service.fhir.drafts import drafts_of
from cds_service.fhir.gather import Gatherer
from cds_service.fhir.intake import Intake
from cds_service.fhir.orders import OrderContext
from cds_service.fhir.pama import Pama
from cds_service.fhir.prefetch import KEYS, templates
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import Entry, Supply
from cds_service.fhir.updates import drafts_received
from cds_service.hooks.incoming import Call
from cds_service.hooks.problem import BadRequest, NothingToJudge
from cds_service.hooks.response import EXTENSION, response_of
from cds_service.telemetry import Note

_ONE_AT_A_TIME = Lock()
"""Held while a call is worked out, never while anything is waited for. The interpreter runs one thread at a time
anyway; taking turns, none is interrupted halfway, and the slowest of a hundred waits a third less."""
_ORDER_HOOKS = ("order-select", "order-sign")


def answer(
    call: Call,
    gatherer: Gatherer,
    today: date,
    *,
    base_url: str = "",
    mechanism: str = "",
    chart_of: Callable[..., Chart] = Chart,
    note: Note | None = None,
) -> tuple[dict[str, Any], Advice | None]:
    """The response to a call. Raises NothingToJudge (412) or BadRequest (another patient's data).

    `base_url`: where this service is reached, for links to rule pages. `mechanism`: by which name it rates drafted
    studies, for clients that want ratings. `chart_of` makes the Chart; one that takes notes explains the answer.
    `note` takes down how long what took.
    """
    note = note or Note()
    supplies = gatherer.gather(call.prefetch, call.patient_id, call.access, note)
    note.mark("fetch")
    with _ONE_AT_A_TIME:
        note.mark("turn")
        return _judged(call, supplies, today, base_url, mechanism, chart_of, note)


def _judged(
    call: Call,
    supplies: Mapping[str, Supply],
    today: date,
    base_url: str,
    mechanism: str,
    chart_of: Callable[..., Chart],
    note: Note,
) -> tuple[dict[str, Any], Advice | None]:
    patient = _patient(call, supplies)
    if patient is None:
        told = _NO_PATIENT | {"why": supplies["patient"].missing or _NO_PATIENT["why"]}
        return {"cards": [], "extension": {EXTENSION: {"evaluated": 0, "notAssessed": [told]}}}, None
    chart, intake = _chart(call, patient, supplies, today, chart_of)
    note.mark("intake")
    advice = advise(chart, call.service.hook)
    note.mark("rules")
    if advice.scope.place == "unknown" and supplies["conditions"].kind != "empty":
        missing = [g for g in chart.gaps_of(lambda c: c.supplied("conditions"))[1] if g.reference is None]
        if missing:
            raise _unobtainable("conditions", supplies["conditions"], call)
    pama = Pama(mechanism, order_ratings(chart, advice), base_url) if mechanism and call.draft_orders_text else None
    context = OrderContext(
        call.patient_id,
        call.user_id,
        call.encounter_id,
        today,
        drafts=drafts_received(call.draft_orders_text),
        pama=pama,
    )
    return response_of(advice, context, intake.set_aside.count, base_url), advice


_NO_PATIENT = {
    "rule": "not-assessed",
    "missing": ["patient"],
    "why": "the EHR has no such patient",
}


def _patient(call: Call, supplies: Mapping[str, Supply]) -> Patient | None:
    """The Patient; None when the EHR knows that there is none."""
    supply = supplies["patient"]
    if supply.kind == "empty":
        if "patient" in call.prefetch:
            return None
        raise _unobtainable("patient", replace(supply, missing="the FHIR server answered without a Patient"), call)
    if supply.kind != "given":
        raise _unobtainable("patient", supply, call)
    found = [
        p for entry in supply.entries if isinstance(entry, Entry) and (p := records.read_patient(bytes(entry.resource)))
    ]
    if not found:
        raise _unobtainable("patient", replace(supply, missing="unreadable: not a Patient resource"), call)
    if any(p.id not in (None, call.patient_id) for p in found):
        raise BadRequest("The Patient supplied is not the patient of the context.", path="$.prefetch.patient")
    return records.patient(found[0], call.patient_id)


def _chart(
    call: Call, patient: Patient, supplies: Mapping[str, Supply], today: date, chart_of: Callable[..., Chart]
) -> tuple[Chart, Intake]:
    """The chart. Where nothing tells of hip pain it holds no more than what says so."""
    intake = Intake(Subject(call.patient_id, call.fhir_server))
    telling = intake.where_the_pain_is(supplies)
    drafts: tuple[Order | Medication, ...] = ()
    if call.service.hook in _ORDER_HOOKS and call.draft_orders is not None:
        drafts = drafts_of(call.draft_orders, call.selections, intake)
    chart = chart_of(patient, today, telling, drafts)
    if scope(chart).place == "none":
        return chart, intake
    sections = intake.sections({key: supplies[key] for key in KEYS if key != "patient"})
    return chart_of(patient, today, sections, drafts), intake


def _unobtainable(key: str, supply: Supply, call: Call) -> NothingToJudge:
    why = supply.missing or "not supplied"
    return NothingToJudge(
        f"Nothing can be judged without '{key}': {why}.",
        path=f"$.prefetch.{key}",
        diagnostics=f"key: {key}; query: {templates()[key]}; cause: {why}; to do: {_remedy(key, supply, call)}",
    )


def _remedy(key: str, supply: Supply, call: Call) -> str:
    if key in call.prefetch and (supply.missing or "").startswith("unreadable"):
        return (
            "send the resource or Bundle itself as a JSON object: not as a text, in a list or wrapped in another member"
        )
    if call.no_access is not None:
        fetched = f"send fhirServer with fhirAuthorization so that it can be fetched ({call.no_access})"
        return f"send it as prefetch, or {fetched}"
    if supply.kind == "absent":
        return (
            "send it as prefetch, or name a fhirServer over https that is listed by the same name: "
            "in fhir_servers of the client, in open mode in CDS_FHIR_SERVERS"
        )
    return "send it as prefetch, or allow this service to read it from the FHIR server"
