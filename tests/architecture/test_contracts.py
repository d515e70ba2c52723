"""The import contracts in pyproject.toml name every folder of rules: a new one cannot slip past them."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NO_RULES_INSIDE = {"facts", "value_sets", "code_systems"}


def contract(kind: str, containing: str) -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = settings["tool"]["importlinter"]["contracts"]
    (found,) = (each for each in contracts if each["type"] == kind and containing in str(each))
    return found


def families() -> set[str]:
    """Packages below cards that hold rules."""
    return {
        path.name
        for path in (ROOT / "cards").iterdir()
        if (path / "__init__.py").exists() and path.name not in NO_RULES_INSIDE
    }


def test_every_family_of_rules_is_protected_from_being_imported() -> None:
    protected = contract("protected", "cards.red_flags.*")["protected_modules"]
    assert {f"cards.{family}.*" for family in families()} <= set(protected)


def test_every_family_of_rules_stands_below_advise() -> None:
    below = contract("layers", "cards.advise")["layers"][1]
    named = {name.strip().strip("()") for name in below.split("|")}
    assert {f"cards.{family}" for family in families()} <= named
