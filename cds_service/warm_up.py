"""Doing once, before the first client comes, what would otherwise be done in its call."""

from __future__ import annotations

import importlib
import logging
import re

from flask import Flask

from cds_service.fhir.prefetch import templates
from cds_service.hooks.call import answer
from cds_service.hooks.endpoints import Machine
from cds_service.hooks.incoming import read_call
from cds_service.hooks.services import SERVICES

log = logging.getLogger(__name__)


def warm_up(app: Flask) -> None:
    """Before the fork: answer once at each hook, so that nothing lazy is left to be set up."""
    app.test_client().get("/cds-services")
    at: Machine = app.extensions["cds"]
    for service in SERVICES:
        call = read_call(_REQUEST % service.hook.encode(), [service])
        answer(call, at.gatherer, at.today(), base_url=at.config.public_base_url)
    if at.config.traces:
        _tracing_installed()


def warm_up_worker(at: Machine) -> None:
    """In a new worker: what belongs to one process and cannot be made before the fork."""
    at.gatherer.client.warm_up()
    if at.watch.metrics is not None:
        at.watch.metrics.workers_started.inc()
    if at.config.traces and _tracing_installed():
        from cds_service.telemetry.traces import Traces  # noqa: PLC0415 - an optional extra

        at.watch.traces = Traces.exporting(query_templates(), to_fhir=at.config.trace_fhir)


def _tracing_installed() -> bool:
    """Loading the modules before the fork lets the workers share them."""
    try:
        importlib.import_module("cds_service.telemetry.traces")
    except ModuleNotFoundError as missing:
        log.warning("no traces", extra={"so": f"the extra 'otel' is not installed ({missing.name})"})
        return False
    return True


def query_templates() -> dict[str, str]:
    """Prefetch key -> query as it may be shown: no patient, and the long list of codes cut out."""
    return {key: re.sub(r"code=[^&]+", "code=…", template) for key, template in templates().items()}


_REQUEST = b"""{"hook": "%s", "hookInstance": "warm-up",
 "context": {"userId": "Practitioner/warm-up", "patientId": "warm-up", "selections": [],
             "draftOrders": {"resourceType": "Bundle"}},
 "prefetch": {"patient": {"resourceType": "Patient", "id": "warm-up", "birthDate": "1970-01-01"},
  "conditions": {"resourceType": "Bundle", "type": "searchset", "entry": [
   {"resource": {"resourceType": "Condition", "subject": {"reference": "Patient/warm-up"},
     "code": {"text": "Sciatica"}}},
   {"resource": {"resourceType": "Condition", "subject": {"reference": "Patient/warm-up"},
     "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R33.9"}]}}}]}}}"""
"""Made up; it deserves a critical card, so that cards and draft orders are written once too."""
