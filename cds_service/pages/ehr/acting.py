"""What a click on a card does: a draft order on the FHIR server, and feedback to the service."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cds_service.hooks.problem import BadRequest
from cds_service.pages.ehr import wire
from cds_service.pages.ehr.asking import Servers
from cds_service.pages.ehr.record import words

_ORDERS = ("ServiceRequest", "MedicationRequest")
_FHIR = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a click: in words, and the exchanges behind them. `withdrawn`: drafts to take off the pad."""

    done: tuple[str, ...]
    exchanges: tuple[wire.Exchange, ...]
    withdrawn: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Both servers took it."""
        return all(one.ok for one in self.exchanges)


def accept(servers: Servers, patient_id: str, form: Mapping[str, str]) -> Outcome:
    """Carry out a suggestion's actions and tell the service. Raises BadRequest for a form that is none of ours."""
    actions = list(_actions(form.get("actions", ""), patient_id))
    suggestion = form.get("suggestion")
    if not suggestion:
        raise BadRequest("The form names no suggestion.")
    done: list[str] = []
    exchanges: list[wire.Exchange] = []
    for action in actions:
        if action["type"] == "delete":
            done.append("The draft is taken off the pad.")
            continue
        resource = {key: value for key, value in action["resource"].items() if key != "id"}
        exchange = wire.post(f"{servers.fhir}/{resource['resourceType']}", resource, _FHIR)
        exchanges.append(exchange)
        done.append(_saved(resource, exchange))
    feedback = _feedback(servers, form, {"outcome": "accepted", "acceptedSuggestions": [{"id": suggestion}]})
    gone = tuple(str(a["resourceId"]) for a in actions if a["type"] == "delete")
    changed = tuple(_reference(a["resource"]) for a in actions if a["type"] == "update")
    return Outcome((*done, _told(feedback)), (*exchanges, feedback), gone + changed)


def override(servers: Servers, form: Mapping[str, str]) -> Outcome:
    """Tell the service that the card was set aside, and why."""
    why: dict[str, Any] = {}
    system, _, rest = form.get("reason", "").partition("|")
    code, _, display = rest.partition("|")
    if code:
        why["reason"] = {"system": system, "code": code, "display": display}
    if form.get("comment", "").strip():
        why["userComment"] = form["comment"].strip()
    feedback = _feedback(servers, form, {"outcome": "overridden", **({"overrideReason": why} if why else {})})
    return Outcome((f"Set aside{f': {display}' if display else ''}.", _told(feedback)), (feedback,))


def _actions(text: str, patient_id: str) -> Iterator[Mapping[str, Any]]:
    """The suggestion's actions, as the page got them; nothing but drafts about this patient is ever written."""
    try:
        listed = json.loads(text)
    except (ValueError, RecursionError):
        raise BadRequest("The form does not hold a suggestion.") from None
    for action in listed if isinstance(listed, list) else []:
        if not _is_ours(action, patient_id):
            raise BadRequest("Only draft orders for the patient of this chart are written.")
        yield action


def _is_ours(action: Any, patient_id: str) -> bool:
    if not isinstance(action, dict):
        return False
    if action.get("type") == "delete":
        return isinstance(action.get("resourceId"), str)
    resource = action.get("resource")
    if action.get("type") not in ("create", "update") or not isinstance(resource, dict):
        return False
    about = resource.get("subject") == {"reference": f"Patient/{patient_id}"}
    return resource.get("resourceType") in _ORDERS and resource.get("status") == "draft" and about


def _reference(resource: Mapping[str, Any]) -> str:
    return f"{resource['resourceType']}/{resource.get('id', '')}"


def _saved(resource: Mapping[str, Any], exchange: wire.Exchange) -> str:
    what = words(resource.get("code") or resource.get("medicationCodeableConcept"))
    if not exchange.ok:
        return f"The FHIR server did not take the draft of {what} ({exchange.answered})."
    return f"Draft order on the FHIR server: {what} ({_reference(exchange.body or resource)})."


def _feedback(servers: Servers, form: Mapping[str, str], told: Mapping[str, Any]) -> wire.Exchange:
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    item = {"card": form["card"], **told, "outcomeTimestamp": now}
    return wire.post(f"{servers.service}/cds-services/{form['service']}/feedback", {"feedback": [item]})


def _told(feedback: wire.Exchange) -> str:
    if feedback.ok:
        return "Feedback stored by the service."
    return f"The service did not take the feedback ({feedback.answered})."
