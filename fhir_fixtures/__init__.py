"""Synthetic patients for the sandbox FHIR server, the demo and the tests.

Each `V*.json` and `N*.json` is one patient as a FHIR R4 transaction Bundle; `order-sign/` and
`order-select/` hold CDS Hooks requests with draft orders for some of them. Everything is written as if
today were the date in `Bundle.timestamp` (2026-01-15); `shift_dates` moves it to any other day.
"""

from fhir_fixtures.load import (
    ANCHOR,
    Expectation,
    bundle,
    bundles,
    draft_request,
    draft_request_names,
    expectation,
    expectations,
    names,
)
from fhir_fixtures.shift import shift_dates, shift_json

__all__ = [
    "ANCHOR",
    "Expectation",
    "bundle",
    "bundles",
    "draft_request",
    "draft_request_names",
    "expectation",
    "expectations",
    "names",
    "shift_dates",
    "shift_json",
]
