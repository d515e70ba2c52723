"""All rules, found where they lie: one file in a family folder is one rule."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from cards.rule import Family, Rule

FAMILIES: tuple[Family, ...] = (
    "red_flags",
    "scope",
    "safety",
    "imaging",
    "management",
    "workup",
    "follow_up",
)
"""In the order in which they compete for a clinician's attention."""


class NotARule(TypeError):
    """A module in a family folder does not hold exactly one rule."""


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule that is not retired, by family, then by id."""
    found: list[Rule] = []
    for family in FAMILIES:
        package = importlib.import_module(f"cards.{family}")
        names = sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_"))
        found += [_rule_of(f"cards.{family}.{name}") for name in names]
    return tuple(r for r in found if r.status != "retired")


def _rule_of(module_name: str) -> Rule:
    module = importlib.import_module(module_name)
    own = [v for v in vars(module).values() if isinstance(v, Rule) and v.decide.__module__ == module_name]
    if len(own) != 1:
        raise NotARule(f"{module_name} holds {len(own)} rules")
    return own[0]
