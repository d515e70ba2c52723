"""The CDS services that this server offers, and their discovery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cards.rule import Hook
from cds_service.fhir.prefetch import templates
from cds_service.hooks.response import EXTENSION


@dataclass(frozen=True, slots=True)
class Service:
    """One service of discovery."""

    id: str
    hook: Hook
    title: str
    description: str


SERVICES = (
    Service(
        "posterior-hip-patient-view",
        "patient-view",
        "Posterior hip and buttock pain: red flags and next step",
        "When a chart is opened: red flags of posterior hip and buttock pain, missing examination, likely "
        "source, and the next step of care. Silent for patients without posterior hip pain.",
    ),
    Service(
        "posterior-hip-order-select",
        "order-select",
        "Posterior hip and buttock pain: is this the right order?",
        "When imaging, an injection or a pain medicine is chosen for posterior hip or buttock pain: "
        "appropriateness, a better choice, duplicates and safety; red flags first.",
    ),
    Service(
        "posterior-hip-order-sign",
        "order-sign",
        "Posterior hip and buttock pain: check before signing",
        "Before imaging, an injection or a pain medicine for posterior hip or buttock pain is signed: "
        "appropriateness, duplicates and safety; red flags first.",
    ),
)


def services_of(service_id: str) -> tuple[Service, ...]:
    """The services with this id: one a hook. An id may stand for several hooks, id and hook together for one."""
    return tuple(service for service in SERVICES if service.id == service_id)


_USAGE = (
    "FHIR R4. Needs the Patient and Conditions (or another record that tells of the pain); reads "
    "Observations, medications, procedures, orders, reports, allergies, family history, visits and care plans "
    "where allowed, and says on a card what it could not check."
)


def discovery(version: str) -> dict[str, Any]:
    """The body of GET /cds-services: the same for every caller, from no back-end. `version` is this software's."""
    return {
        "services": [
            {
                "id": service.id,
                "hook": service.hook,
                "title": service.title,
                "description": service.description,
                "prefetch": dict(templates()),
                "usageRequirements": _USAGE,
            }
            for service in SERVICES
        ],
        "extension": {EXTENSION: {"version": version}},
    }
