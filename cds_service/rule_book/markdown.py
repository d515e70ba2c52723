"""Pieces of GitHub-flavoured Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_\[\]|~<>])")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """Text of one line that no character of formats, fit for a cell of a table."""
    return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", text).strip())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already. Nothing where there is no row."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *lines]) if lines else ""


def bullets(items: Iterable[str]) -> str:
    """A list; items are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def folded(title: str, body: str) -> str:
    """A part that opens on a click."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


def link(text: str, target: str) -> str:
    """A link; the text is Markdown already."""
    return f"[{text}]({target})"


def heading(level: int, text: str, anchor: str = "") -> str:
    """A heading, with an anchor of its own where one is given."""
    named = f'<a id="{anchor}"></a>\n\n' if anchor else ""
    return f"{named}{'#' * level} {text}"
