"""All checks, found where they lie: a module of `checks` is a theme."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

from cds_service.doctor.check import Check
from cds_service.doctor.options import BadOption

THEMES: Mapping[str, str] = MappingProxyType(
    {
        "discovery": "Discovery",
        "templates": "Prefetch templates",
        "requests": "Requests",
        "transport": "HTTP",
        "prefetch": "Prefetched data",
        "fhir": "FHIR access",
        "fhir_faults": "A FHIR server in trouble",
        "cors": "Browsers (CORS)",
        "tokens": "Signed tokens (JWT)",
        "token_claims": "Claims of tokens",
        "feedback": "Feedback",
        "load": "Load",
        "responses": "Every response",
        "cards": "Every card",
        "suggestions": "Every suggestion and action",
        "errors": "Every error",
    }
)
"""In the order in which they run: the last four look at all answers that the others got."""


@cache
def all_checks() -> tuple[tuple[str, Check], ...]:
    """Every check with its theme, in the order in which they run."""
    found: list[tuple[str, Check]] = []
    for theme in THEMES:
        module = importlib.import_module(f"cds_service.doctor.checks.{theme}")
        found += [(theme, value) for value in vars(module).values() if isinstance(value, Check)]
    return tuple(found)


def chosen(only: Sequence[str]) -> tuple[tuple[str, Check], ...]:
    """The checks of these themes, ids or beginnings of ids; all without any. Raises BadOption for one unknown."""
    if not only:
        return all_checks()
    for word in only:
        if not any(_matches(word, theme, one) for theme, one in all_checks()):
            raise BadOption(f"there is no check or theme '{word}'; --list shows them")
    return tuple((theme, one) for theme, one in all_checks() if any(_matches(word, theme, one) for word in only))


def _matches(word: str, theme: str, one: Check) -> bool:
    return word == theme or one.id.startswith(word)
