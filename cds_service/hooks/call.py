"""One call: from the request's bytes to the response, by way of the Chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError
from msgspec import Raw

from cards.advise import Advice, advise
from cards.chart import Chart
from cards.facts.scope import scope
from cards.ratings import order_ratings
from cards.record import Medication, Order, Patient
from cds_service.fhir import records
from cds_service.fhir.drafts import drafts_of, in_our_codes
from cds_service.fhir.gather import Access, Gatherer
from cds_service.fhir.intake import Intake
from cds_service.fhir.orders import OrderContext
from cds_service.fhir.pama import Pama
from cds_service.fhir.prefetch import KEYS, templates
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import Entry, Supply
from cds_service.hooks.body import read_body
from cds_service.hooks.problem import BadRequest, NothingToJudge
from cds_service.hooks.response import EXTENSION, check, response_of
from cds_service.hooks.schemas import CONTEXTS, REQUEST, first_error
from cds_service.hooks.services import Service
from cds_service.telemetry import Note

_NOTHING: Mapping[str, str] = MappingProxyType({})
_ORDER_HOOKS = ("order-select", "order-sign")


@dataclass(frozen=True, slots=True)
class Call:
    """A request that keeps the protocol; what it prefetched is still undecoded."""

    service: Service
    patient_id: str
    user_id: str
    encounter_id: str | None
    draft_orders: dict[str, Any] | None
    draft_orders_text: bytes
    selections: tuple[str, ...] | None
    access: Access | None
    fhir_server: str | None
    prefetch: Mapping[str, Raw]


def read_call(
    raw: bytes,
    services: Sequence[Service],
    aliases: Mapping[str, str] = _NOTHING,
    order_codes: Mapping[str, str] = _NOTHING,
) -> Call:
    """Check the request against the protocol. `services` share the id that was called, each with its own hook.

    `aliases`: the client's prefetch key -> ours, which counts where the request does not have ours as well.
    `order_codes`: our code of an order, or its text -> the client's, by which drafts are recognised too.
    Raises BadRequest naming the member at fault.
    """
    body = read_body(raw)
    request = _loaded(REQUEST, body.members, "$")
    service = next((s for s in services if s.hook == request["hook"]), None)
    if service is None:
        answered = " and ".join(s.hook for s in services)
        raise BadRequest(f"This service answers {answered}, not the hook of the request.", path="$.hook")
    context = _loaded(CONTEXTS[service.hook], request["context"], "$.context")
    authorization = request.get("fhirAuthorization") or {}
    server = request.get("fhirServer")
    patient_id = context["patientId"].removeprefix("Patient/")
    token = authorization.get("access_token")
    usable = authorization.get("expires_in", 1) > 0
    usable = usable and authorization.get("patient", patient_id).removeprefix("Patient/") == patient_id
    return Call(
        service=service,
        patient_id=patient_id,
        user_id=context["userId"],
        encounter_id=(context.get("encounterId") or "").removeprefix("Encounter/") or None,
        draft_orders=in_our_codes(drafts, order_codes) if (drafts := context.get("draftOrders")) else drafts,
        draft_orders_text=body.draft_orders,
        selections=tuple(context["selections"]) if "selections" in context else None,
        access=Access(server, token) if server and token and usable else None,
        fhir_server=server,
        prefetch=_renamed(body.prefetch, aliases),
    )


def _renamed(prefetch: Mapping[str, Raw], aliases: Mapping[str, str]) -> Mapping[str, Raw]:
    if not aliases:
        return prefetch
    return {ours: prefetch[alias] for alias, ours in aliases.items() if alias in prefetch} | dict(prefetch)


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
    patient = _patient(call, supplies)
    if patient is None:
        told = _NO_PATIENT | {"why": supplies["patient"].missing or _NO_PATIENT["why"]}
        body = {"cards": [], "extension": {EXTENSION: {"evaluated": 0, "notAssessed": [told]}}}
        check(body)
        return body, None
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
        call.patient_id, call.user_id, call.encounter_id, today, draft_orders=call.draft_orders_text, pama=pama
    )
    return response_of(advice, context, intake.set_aside.count, base_url), advice


_NO_PATIENT = {
    "rule": "not-assessed",
    "missing": ["patient"],
    "why": "the EHR has no such patient",
}


def _loaded(schema: Any, data: Any, path: str) -> dict[str, Any]:
    try:
        return dict(schema.load(data))
    except ValidationError as error:
        where, words = first_error(error.messages)
        at = path if where in ("", "_schema") else f"{path}.{where}"
        raise BadRequest(f"{at}: {words}", path=at) from None


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
    if call.access is None:
        remedy = "send it as prefetch, or send fhirServer with fhirAuthorization so that it can be fetched"
    else:
        remedy = "send it as prefetch, or allow this service to read it from the FHIR server"
    return NothingToJudge(
        f"Nothing can be judged without '{key}': {why}.",
        path=f"$.prefetch.{key}",
        diagnostics=f"key: {key}; query: {templates()[key]}; cause: {why}; to do: {remedy}",
    )
