"""Who asks for what: the first steps of a call and of feedback."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Literal

from flask import g, request

from cds_service.hooks.problem import Forbidden, NotFound, Unauthorized
from cds_service.hooks.services import Service, services_of
from cds_service.telemetry import Note
from cds_service.trust.client import Client
from cds_service.trust.token import TokenRefused

if TYPE_CHECKING:
    from cds_service.hooks.endpoints import Machine

log = logging.getLogger(__name__)

PATH_AS_CALLED = "cds.path_as_called"
"""Key of the WSGI environment: the path before slashes were folded, which a client may have signed as `aud`."""


def noted(at: Machine, kind: Literal["call", "feedback"]) -> Note:
    """The note of this request, which is one that operators hear of."""
    note: Note = g.note
    note.kind = kind
    at.watch.begun(note, request.headers.get("traceparent"))
    return note


def services_called(service_id: str) -> tuple[Service, ...]:
    """The services of this id. Raises NotFound."""
    found = services_of(service_id)
    if not found:
        raise NotFound("There is no such service; GET /cds-services lists them.")
    note: Note = g.note
    note.service = service_id
    return found


def admitted(at: Machine, service_id: str) -> Client:
    """The client that calls. Raises Unauthorized, or Forbidden when the service is not among the client's."""
    base = at.config.public_base_url
    try:
        client = at.gate.admit(
            request.headers.get("Authorization"),
            {base + request.path, base + request.environ.get(PATH_AS_CALLED, request.path)},
        )
    except TokenRefused as refused:
        known = refused.client.name if refused.client else None
        log.warning("token refused", extra={"test": refused.test, "client": known, "correlation_id": g.correlation_id})
        at.watch.token_refused(refused.test)
        raise Unauthorized from None
    g.client = client
    note: Note = g.note
    note.client = client.name
    note.mark("trust")
    if not client.may_call(service_id):
        raise Forbidden("This client may not call this service.")
    return client
