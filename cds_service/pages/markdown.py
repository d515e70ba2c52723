"""Markdown as HTML that is safe to show: HTML in it stays text, scripts cannot be linked to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

Relink = Callable[[str], str | None]
_ANCHOR = re.compile(r'<a id="[a-z_-]+"></a>\s*')


def html_of(text: str, relink: Relink | None = None) -> Markup:
    """The text as HTML blocks. `relink` gives each link its address here, or None to leave only its words."""
    md = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = md.parse(_ANCHOR.sub("", text))
    for token in tokens:
        token.children = _linked(token.children or [], relink) if token.children else token.children
    return Markup(md.renderer.render(tokens, md.options, {}))  # noqa: S704 - the parser escapes what it was given


def _linked(tokens: Sequence[Token], relink: Relink | None) -> list[Token]:
    kept: list[Token] = []
    dropped: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            target = _target(token.attrs, relink)
            dropped.append(target is None)
            if target is not None:
                token.attrs["href"] = target
                token.attrs["rel"] = "noreferrer"
        if not (token.type in ("link_open", "link_close") and dropped[-1]):
            kept.append(token)
        if token.type == "link_close":
            dropped.pop()
    return kept


def _target(attributes: dict[str, Any], relink: Relink | None) -> str | None:
    href = str(attributes.get("href", ""))
    return relink(href) if relink else href
