"""Read the fixture files, shifted to a day."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from fhir_fixtures.shift import shift_dates, shift_json

ANCHOR = date(2026, 1, 15)
"""The day for which the files are written; every `Bundle.timestamp` says the same."""

Hook = Literal["patient-view", "order-select", "order-sign"]
Indicator = Literal["info", "warning", "critical"]

_FOLDER = Path(__file__).parent
_ORDER_HOOKS: tuple[Hook, ...] = ("order-sign", "order-select")


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the service should answer for one fixture.

    `cards` maps each rule that must show to its indicator; `absent` lists rules, or `family/*`, that must
    not; `only` says that nothing else may show; `same_card` lists groups of rules that share one card.
    """

    hook: Hook
    patient: str
    cards: Mapping[str, Indicator]
    absent: tuple[str, ...]
    only: bool
    same_card: tuple[tuple[str, ...], ...]


def names() -> tuple[str, ...]:
    """Names of all patient files, such as `V28`, sorted."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("[NV]*.json")))


def bundle(name: str, today: date) -> dict[str, Any]:
    """One patient's transaction Bundle as of `today`. Raises FileNotFoundError for an unknown name."""
    return shift_dates(_read(_FOLDER / f"{name}.json"), today)


def bundles(today: date) -> dict[str, dict[str, Any]]:
    """All patients' transaction Bundles as of `today`, by name."""
    return {name: bundle(name, today) for name in names()}


def draft_request_names() -> tuple[str, ...]:
    """Names of all requests with draft orders, such as `V02b`, sorted."""
    return tuple(sorted(path.stem for hook in _ORDER_HOOKS for path in (_FOLDER / hook).glob("*.json")))


def draft_request(name: str, today: date) -> dict[str, Any]:
    """A CDS Hooks request with draft orders as of `today`: no prefetch, no fhirServer.

    Raises FileNotFoundError for an unknown name.
    """
    found = [path for hook in _ORDER_HOOKS if (path := _FOLDER / hook / f"{name}.json").exists()]
    if not found:
        raise FileNotFoundError(f"no fixture with draft orders is called {name!r}")
    request: dict[str, Any] = shift_json(_read(found[0]), ANCHOR, today)
    return request


def expectations() -> dict[str, Expectation]:
    """What every fixture should lead to, by name."""
    return {name: _expectation(entry) for name, entry in _read(_FOLDER / "expected.json").items()}


def expectation(name: str) -> Expectation:
    """What one fixture should lead to. Raises KeyError for an unknown name."""
    return expectations()[name]


def _expectation(entry: dict[str, Any]) -> Expectation:
    return Expectation(
        hook=entry["hook"],
        patient=entry["patient"],
        cards=entry["cards"],
        absent=tuple(entry["absent"]),
        only=entry.get("only", False),
        same_card=tuple(tuple(group) for group in entry.get("sameCard", [])),
    )


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
