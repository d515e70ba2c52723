"""A request that keeps the protocol, read from its bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError
from msgspec import Raw

from cds_service.fhir.drafts import in_our_codes
from cds_service.fhir.gather import Access
from cds_service.hooks.body import read_body
from cds_service.hooks.problem import BadRequest
from cds_service.hooks.schemas import CONTEXTS, REQUEST, first_error
from cds_service.hooks.services import Service

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that keeps the protocol; what it prefetched is still undecoded.

    `no_access`: what `fhirServer` and `fhirAuthorization` lack where nothing can be fetched.
    """

    service: Service
    patient_id: str
    user_id: str
    encounter_id: str | None
    draft_orders: dict[str, Any] | None
    draft_orders_text: bytes
    selections: tuple[str, ...] | None
    access: Access | None
    no_access: str | None
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
    no_access = _no_access(server, authorization, patient_id)
    return Call(
        service=service,
        patient_id=patient_id,
        user_id=context["userId"],
        encounter_id=(context.get("encounterId") or "").removeprefix("Encounter/") or None,
        draft_orders=in_our_codes(drafts, order_codes) if (drafts := context.get("draftOrders")) else drafts,
        draft_orders_text=body.draft_orders,
        selections=tuple(context["selections"]) if "selections" in context else None,
        access=Access(str(server), authorization["access_token"]) if no_access is None else None,
        no_access=no_access,
        fhir_server=server,
        prefetch=_renamed(body.prefetch, aliases),
    )


def _no_access(server: str | None, authorization: Mapping[str, Any], patient_id: str) -> str | None:
    """Why the token of a call cannot be used; None where it can."""
    if not server:
        return "fhirServer is missing"
    if not authorization.get("access_token"):
        return "fhirAuthorization with an access_token is missing"
    if authorization.get("expires_in", 1) <= 0:
        return "fhirAuthorization has expired"
    if authorization.get("patient", patient_id).removeprefix("Patient/") != patient_id:
        return "fhirAuthorization is for another patient"
    return None


def _renamed(prefetch: Mapping[str, Raw], aliases: Mapping[str, str]) -> Mapping[str, Raw]:
    if not aliases:
        return prefetch
    return {ours: prefetch[alias] for alias, ours in aliases.items() if alias in prefetch} | dict(prefetch)


def _loaded(schema: Any, data: Any, path: str) -> dict[str, Any]:
    try:
        return dict(schema.load(data))
    except ValidationError as error:
        where, words = first_error(error.messages)
        at = path if where in ("", "_schema") else f"{path}.{where}"
        raise BadRequest(f"{at}: {words}", path=at) from None
