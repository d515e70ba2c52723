"""A small CDS service that keeps the protocol, with a switch for every fault.

The fault is a part of the address: /open/<fault>/cds-services and /signed/<fault>/cds-services; "none" has none.
"""

from __future__ import annotations

import itertools
import json
import socket
import time
from typing import Any
from uuid import UUID

from flask import request

from tests.doctor.advice import TEMPLATES, Call, Json, Refused, judge
from tests.doctor.faults import DISCOVERY, RESPONSES

ORIGIN = "https://ehr-page.example"
MOST_BYTES = 4 * 1024 * 1024
HOOKS = {"greeter": "patient-view", "order-check": "order-sign"}
MEMBERS = {"hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization", "extension"}
counter = itertools.count()
shared: Json = {}


def fault() -> str:
    """What is broken in this request."""
    return [*request.path.split("/"), "", ""][2]


def discovery() -> Json:
    """Both services."""
    patient = {"patient": TEMPLATES["patient"]}
    body: Json = {
        "services": [
            {"id": name, "hook": hook, "title": name, "description": f"A {name}.", "prefetch": dict(prefetch)}
            for (name, hook), prefetch in zip(HOOKS.items(), (TEMPLATES, patient), strict=True)
        ]
    }
    if fault() in DISCOVERY:
        DISCOVERY[fault()][1](body)
    if fault() == "changing":
        body["services"][0]["description"] = f"Call {next(counter)}"
    return body


def read(raw: bytes) -> Json:
    """The body as an object. Raises Refused."""
    if fault() == "malformed-500":
        return dict(json.loads(raw))
    lenient = fault() in ("nan", "last-key-wins", "deep-500")
    options: Json = {} if lenient else {"object_pairs_hook": _once, "parse_constant": _no_number}
    try:
        if fault() == "ascii":
            raw.decode("ascii")
        body = json.loads(raw, **options)
    except RecursionError:
        if fault() == "deep-500":
            raise
        raise Refused(400, "Too deep.") from None
    except ValueError:
        if fault() == "hangs-up":
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        if fault() == "malformed-is-empty":
            return {}
        raise Refused(400, "No JSON.") from None
    if not isinstance(body, dict):
        if fault() == "malformed-object":
            return {}
        raise Refused(400, "No object.")
    return body


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _no_number(word: str) -> None:
    raise ValueError(word)


def require_call(body: Json, service: str) -> None:
    """Raises Refused for what is no call of this service."""
    hook, instance, context = body.get("hook"), body.get("hookInstance"), body.get("context")
    if fault() == "nothing-required" and None in (hook, instance, context):
        raise Nothing
    if fault() == "any-type" and not (isinstance(hook, str) and isinstance(instance, str)):
        raise Nothing
    if not isinstance(instance, str) or not instance or not isinstance(context, dict):
        raise Refused(400, "hookInstance or context")
    if hook != HOOKS[service]:
        if fault() == "any-hook" and isinstance(hook, str):
            raise Nothing
        raise Refused(400, "hook")
    if not isinstance(context.get("patientId"), str) or not context["patientId"]:
        if fault() == "guesses-patient":
            raise Nothing
        raise Refused(400, "context.patientId")
    if fault() == "strict-uuid" and str(UUID(instance.removeprefix("urn:uuid:"))) != instance:
        raise Refused(400, "hookInstance")
    _require_known(body)


def _require_known(body: Json) -> None:
    if fault() == "strict-members" and set(body) - MEMBERS:
        raise Refused(400, "unknown")
    if fault() == "no-extension" and "extension" in body:
        raise Refused(400, "extension")
    prefetch = body.get("prefetch")
    if fault() == "optional-500" and not isinstance(prefetch, dict | None):
        prefetch.items()
    if not isinstance(prefetch, dict | None):
        raise Refused(400, "prefetch")
    if fault() == "extra-400" and set(prefetch or ()) - set(TEMPLATES):
        raise Refused(400, "prefetch")
    if fault() == "absent-500-key" and "problems" not in (prefetch or {"problems": 1}):
        raise KeyError("problems")
    if fault() == "echoes" and prefetch and prefetch.get("patient") is not None and prefetch.get("problems") == 5:
        raise Refused(400, json.dumps(prefetch["patient"]))


class Nothing(Exception):
    """Answer an empty list of cards, whatever was asked."""


def answer(body: Json) -> Json:
    """The response to a call."""
    if fault() == "shared-state":
        shared["body"] = body
        time.sleep(0.005)
        body = shared["body"]
    told = judge(Call(body, fault()))
    if fault() in RESPONSES:
        RESPONSES[fault()][1](told)
    if fault() == "random":
        told["cards"][0]["summary"] += f" {next(counter)}"
    if fault() == "leaks-token" and "fhirAuthorization" in body:
        told["extension"] = {"debug": body["fhirAuthorization"]}
    return told


def take_feedback(body: Json) -> None:
    """Raises Refused."""
    items = body.get("feedback")
    if fault() == "anything-is-feedback":
        return
    if not isinstance(items, list) or not items:
        raise Refused(400, "feedback")
    if fault() == "one-item" and len(items) > 1:
        raise Refused(400, "feedback")
    for item in items:
        if fault() == "bad-item-500":
            item["card"].lower()
        if not isinstance(item, dict) or not isinstance(item.get("card"), str):
            raise Refused(400, "feedback.card")
        _require_item(item)
    if fault() == "feedback-500" or (fault() == "unknown-card-500" and items[0]["card"] not in shared.get("cards", ())):
        raise RuntimeError


def _require_item(item: Json) -> None:
    reason = item.get("overrideReason") or {}
    if fault() == "reason-required" and item["outcome"] == "overridden" and not reason:
        raise Refused(400, "overrideReason")
    if fault() == "known-reasons-only" and (reason.get("reason") or {}).get("code") not in (None, "known"):
        raise Refused(400, "overrideReason")
    if fault() == "whole-seconds" and "." in str(item.get("outcomeTimestamp")):
        raise Refused(400, "outcomeTimestamp")
    if fault() == "strict-feedback" and "extension" in item:
        raise Refused(400, "extension")
    if fault() == "once" and item["card"] in shared.setdefault("told", set()):
        raise Refused(409, "told already")
    shared.setdefault("told", set()).add(item["card"])
