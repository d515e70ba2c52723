"""Evaluating all rules for one chart, in this process: no HTTP, no JSON."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from bench import charts
from cards.advise import Advice, advise
from cards.chart import Chart
from cards.record import Patient
from cards.when import When
from cds_service.fhir.intake import Intake
from cds_service.fhir.prefetch import RESOURCE_TYPES
from cds_service.fhir.subject import Subject
from cds_service.fhir.supply import read_key


def evaluation() -> Callable[[], Advice]:
    """A call that asks every rule about the typical chart once, from its records to its cards."""
    request = charts.patient_view(prefetch=charts.prefetch())
    supplies = {
        key: read_key(msgspec.Raw(msgspec.json.encode(value)), RESOURCE_TYPES[key])
        for key, value in request["prefetch"].items()
    }
    supplies.pop("patient")
    sections = Intake(Subject(request["context"]["patientId"])).sections(supplies)
    patient = Patient(id="bench", born=When.parse(charts.patient()["birthDate"]), sex="female")
    today = datetime.now(UTC).date()
    return lambda: advise(Chart(patient, today, sections), "patient-view")


def milliseconds(call: Callable[[], object], budget_s: float = 3.0) -> float:
    """The median time of one call within a time budget, after one call to warm up."""
    call()
    times: list[float] = []
    end = time.perf_counter() + budget_s
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * sorted(times)[len(times) // 2]
