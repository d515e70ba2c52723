"""The facts that rules share: what each of these modules says of itself, and who rests on it."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator

from cards.rule import Rule
from cds_service.rule_book.markdown import heading, link
from cds_service.rule_book.reach import reached_from_rule

FACTS = "cards.facts."


def anchor(module: str) -> str:
    """Where the section of a fact module starts."""
    return "facts-" + module.removeprefix(FACTS).replace("_", "-")


def docstring(module: str) -> str:
    """A module's own introduction as paragraphs of one line each."""
    text = inspect.getdoc(importlib.import_module(module)) or ""
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in text.split("\n\n"))


def fact_pages(rules: tuple[Rule, ...]) -> Iterator[str]:
    """One section for each fact module on which some rule rests."""
    users: dict[str, list[str]] = {}
    for rule in rules:
        for module in {p.module for p in reached_from_rule(rule) if p.module.startswith(FACTS)}:
            users.setdefault(module, []).append(rule.id)
    for module, ids in sorted(users.items()):
        path = module.replace(".", "/") + ".py"
        used = ", ".join(link(one, f"#{one}") for one in ids)
        yield heading(3, module.removeprefix(FACTS).replace("_", " ").capitalize(), anchor(module))
        yield f"{docstring(module)}\n\nUsed by {used}. Source text: {link(f'`{path}`', f'../{path}')}"
