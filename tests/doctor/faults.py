"""Every fault that the small service can show, and the check that has to find it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Spoil = Callable[[Json], Any]


def _first(body: Json) -> Json:
    """The first service of discovery."""
    return body["services"][0]  # type: ignore[no-any-return]


def _set(**members: Any) -> Spoil:
    return lambda body: _first(body).update(members)


DISCOVERY: dict[str, tuple[str, Spoil]] = {
    "services-object": ("discovery-list", lambda b: b.update(services={})),
    "no-description": ("discovery-members", lambda b: _first(b).pop("description")),
    "no-title": ("discovery-title", lambda b: _first(b).pop("title")),
    "prefetch-list": ("discovery-types", _set(prefetch=["Patient"])),
    "id-with-blank": ("discovery-id", lambda b: b["services"].append(_first(b) | {"id": "the greeter"})),
    "id-twice": ("discovery-unique", lambda b: b["services"].append(_first(b))),
    "null-usage": ("discovery-empty", _set(usageRequirements=None)),
    "absolute-template": ("template-form", _set(prefetch={"patient": "https://x.example/Patient/1"})),
    "blank-in-token": ("template-tokens", _set(prefetch={"patient": "Patient/{{ context.patientId }}"})),
    "deep-token": ("template-tokens", _set(prefetch={"patient": "Patient/{{context.patient.id}}"})),
    "unknown-token": ("template-context", _set(prefetch={"user": "Practitioner/{{context.practitionerId}}"})),
    "include": ("template-subset", _set(prefetch={"m": "Condition?patient={{context.patientId}}&_include=x"})),
    "not": ("template-subset", _set(prefetch={"m": "Condition?patient={{context.patientId}}&code:not=1"})),
    "repeated": ("template-repeats", _set(prefetch={"m": "Observation?date=gt2020&date=lt2021"})),
    "key-with-blank": ("template-keys", _set(prefetch={"the patient": "Patient/{{context.patientId}}"})),
}


def _card(change: Spoil) -> Spoil:
    """Spoils every card of a response."""
    return lambda body: [change(card) for card in body["cards"]]


def _inner(name: str, change: Spoil) -> Spoil:
    """Spoils every member of a list of every card."""
    return lambda body: [change(one) for card in body["cards"] for one in card.get(name, ())]


def _action(change: Spoil) -> Spoil:
    return _inner("suggestions", lambda one: [change(action) for action in one["actions"]])


def _resource(**members: Any) -> Spoil:
    return _action(lambda a: a.update(resource=a["resource"] | members) if "resource" in a else None)


RESPONSES: dict[str, tuple[str, Spoil]] = {
    "no-cards": ("response-cards", lambda b: b.pop("cards")),
    "null-detail": ("response-empty", _card(lambda c: c.update(detail=None))),
    "extension-list": ("response-extension", lambda b: b.update(extension=[1])),
    "own-member": ("response-unknown", lambda b: b.update(version="2")),
    "long-summary": ("card-summary", _card(lambda c: c.update(summary="x" * 140))),
    "no-summary": ("card-summary", _card(lambda c: c.pop("summary"))),
    "hard-stop": ("card-indicator", _card(lambda c: c.update(indicator="hard-stop"))),
    "source-text": ("card-source", _card(lambda c: c.update(source="ACR"))),
    "relative-source": ("card-source-urls", _card(lambda c: c["source"].update(url="/more"))),
    "topic-text": ("card-topic", _card(lambda c: c["source"].update(topic="problems"))),
    "no-uuid": ("card-uuid", _card(lambda c: c.pop("uuid"))),
    "same-uuid": ("card-uuid", _card(lambda c: c.update(uuid="b1d0b7a5-5d6f-4c1c-8a0a-0f8b1b7d6f11"))),
    "html": ("card-detail", _card(lambda c: c.update(detail="<b>Found</b>"))),
    "no-selection": ("card-selection", _card(lambda c: c.pop("selectionBehavior", None))),
    "odd-selection": ("card-selection", _card(lambda c: c.update(selectionBehavior="one"))),
    "reason-without-display": ("card-override-reasons", _inner("overrideReasons", lambda r: r.pop("display"))),
    "link-type": ("link-members", _inner("links", lambda li: li.update(type="relative"))),
    "relative-link": ("link-absolute", _inner("links", lambda li: li.update(url="/more"))),
    "context-on-absolute": ("link-app-context", _inner("links", lambda li: li.update(appContext="x"))),
    "no-label": ("suggestion-label", _inner("suggestions", lambda s: s.pop("label"))),
    "no-suggestion-uuid": ("suggestion-uuid", _inner("suggestions", lambda s: s.pop("uuid"))),
    "all-recommended": ("suggestion-recommended", _inner("suggestions", lambda s: s.update(isRecommended=True))),
    "actions-object": ("suggestion-actions", _inner("suggestions", lambda s: s.update(actions={"type": "create"}))),
    "odd-action": ("action-type", _action(lambda a: a.update(type="patch"))),
    "undescribed": ("action-description", _action(lambda a: a.pop("description", None))),
    "resource-text": ("action-resource", _action(lambda a: "resource" in a and a.update(resource="{}"))),
    "system-action": (
        "action-description",
        lambda b: b.update(systemActions=[{"type": "delete", "resourceId": "A/1"}]),
    ),
    "absolute-delete": (
        "action-delete",
        _action(lambda a: a.update(type="delete", resourceId="https://x.example/1")),
    ),
    "other-subject": ("action-patient", _resource(subject={"reference": "Patient/somebody-else"})),
    "other-order": ("action-target", _resource(id="signed-long-ago")),
}

CODED: dict[str, str] = {
    "discovery-404": "discovery-answers",
    "discovery-html": "discovery-json",
    "changing": "discovery-stable",
    "redirects": "discovery-slash",
    "always-500": "request-answers",
    "absent-500": "request-minimal",
    "nothing-required": "request-required",
    "any-type": "request-types",
    "guesses-patient": "request-patient",
    "optional-500": "request-optional",
    "strict-members": "request-unknown",
    "no-extension": "request-extension",
    "strict-uuid": "request-hook-instance",
    "any-hook": "request-hook",
    "malformed-is-empty": "request-malformed",
    "malformed-object": "request-object",
    "nan": "request-nan",
    "last-key-wins": "request-duplicates",
    "deep-500": "request-nesting",
    "ascii": "request-unicode",
    "waits-for-body": "http-oversize",
    "unknown-is-empty": "http-unknown-service",
    "get-is-call": "http-method",
    "no-allow": "http-allow",
    "any-media-type": "http-media-type",
    "no-charset": "http-charset",
    "redirects-slashes": "http-slashes",
    "absent-500-key": "prefetch-absent",
    "null-412": "prefetch-null",
    "empty-412": "prefetch-empty",
    "failure-is-nothing": "prefetch-error",
    "warning-is-failure": "prefetch-warning",
    "page-500": "prefetch-next",
    "wrong-type-500": "prefetch-wrong-type",
    "entry-500": "prefetch-broken-entry",
    "extra-400": "prefetch-extra",
    "searchset-only": "prefetch-collection",
    "anybodys-problems": "prefetch-other-patient",
    "any-patient": "prefetch-wrong-patient",
    "fetch-in-vain": "fhir-fetch",
    "tokenless": "fhir-token",
    "writes": "fhir-reads-only",
    "no-token-needed": "fhir-no-token",
    "no-server-500": "fhir-no-server",
    "strict-authorization": "fhir-partial",
    "uses-expired": "fhir-expired",
    "uses-anybodys-token": "fhir-other-patient",
    "null-fetched": "fhir-null",
    "failed-fetched": "fhir-refused",
    "drops-pages": "fhir-pages",
    "follows-anywhere": "fhir-next-elsewhere",
    "follows-redirects": "fhir-redirect",
    "denied-500": "fhir-denied",
    "broken-500": "fhir-broken",
    "nonsense-500": "fhir-nonsense",
    "storm": "fhir-storm",
    "patient-of-servers": "fhir-slow",
    "preflight-405": "cors-preflight",
    "no-origin": "cors-origin",
    "no-origin-on-errors": "cors-answers",
    "every-origin": "cors-foreign",
    "feedback-500": "feedback-accepted",
    "reason-required": "feedback-overridden",
    "known-reasons-only": "feedback-reason",
    "one-item": "feedback-batch",
    "once": "feedback-repeat",
    "whole-seconds": "feedback-time",
    "unknown-card-500": "feedback-unknown-card",
    "strict-feedback": "feedback-extra",
    "bad-item-500": "feedback-bad-item",
    "anything-is-feedback": "feedback-no-list",
    "shared-state": "load-parallel",
    "slow": "load-speed",
    "response-text": "response-json",
    "random": "response-equal",
    "leaks-token": "response-token",
    "html-errors": "error-json",
    "plain-errors": "error-outcome",
    "silent-412": "error-412",
    "traceback": "error-trace",
    "echoes": "error-echo",
    "redirects-errors": "error-redirect",
    "malformed-500": "error-5xx",
    "hangs-up": "error-silence",
}
"""Faults in the code of the service itself; `service.py`, `advice.py` and `gate.py` have the switches."""

SIGNED: dict[str, str] = {
    "takes-basic": "jwt-asked",
    "open-feedback": "jwt-everywhere",
    "text-aud-only": "jwt-accepted",
    "takes-none": "jwt-none",
    "takes-hs256": "jwt-symmetric",
    "any-signature": "jwt-signature",
    "trusts-jwk": "jwt-own-key",
    "fetches-jku": "jwt-own-key",
    "any-issuer": "jwt-issuer",
    "any-audience": "jwt-audience",
    "any-expiry": "jwt-expired",
    "any-nbf": "jwt-early",
    "no-leeway": "jwt-clock",
    "any-kid-and-typ": "jwt-claims",
    "replay": "jwt-replay",
    "no-challenge": "jwt-challenge",
    "tells-why": "jwt-silent",
}
"""Faults at the gate, where tokens are asked for."""

OPEN: dict[str, str] = {
    **{fault: found for fault, (found, _) in (DISCOVERY | RESPONSES).items()},
    **CODED,
}
