"""The little that the client reads of a page: is it a JSON object, how many entries, where is the next.

Everything else of the body is the caller's to parse.
"""

from dataclasses import dataclass
from typing import Any

import msgspec


class _Page(msgspec.Struct):
    """The members of a Bundle that matter here; typed loosely, since a server may send anything."""

    resourceType: Any = None
    link: Any = None
    entry: msgspec.Raw = msgspec.Raw(b"")


@dataclass(frozen=True)
class PageFacts:
    """`next_link` as the server wrote it: "" when it has no usable URL, None when there is none."""

    next_link: str | None
    entries: int


_pages = msgspec.json.Decoder(_Page)
_entries = msgspec.json.Decoder(list[msgspec.Raw])


def page_facts(body: bytes) -> PageFacts | None:
    """None when `body` is not one whole JSON object (cut short, HTML, nested beyond reason)."""
    try:
        page = _pages.decode(body)
        entries = _count(page.entry)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if page.resourceType != "Bundle":
        return PageFacts(None, 0)
    return PageFacts(_next_link(page.link), entries)


def _next_link(links: object) -> str | None:
    """A Patient has a `link` too, so only a Bundle's is looked at."""
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return None


def _count(entry: msgspec.Raw) -> int:
    if bytes(memoryview(entry)[:1]) != b"[":
        return 0
    return len(_entries.decode(entry))
