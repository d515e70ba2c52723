"""What a query came to. Nothing here holds a URL, a token or a patient id."""

from dataclasses import dataclass
from typing import Literal

Cause = Literal[
    "timeout",
    "unreachable",
    "unauthorized",
    "forbidden",
    "not-found",
    "server-error",
    "bad-content",
    "too-large",
    "redirect",
    "circuit-open",
    "rate-limited",
    "client-error",
]


@dataclass(frozen=True)
class Fetched:
    """At least one page. `pages` are the bodies after content decoding, each a whole JSON object.

    `complete` is False when a `next` link was not followed to its end; `why_partial` then says why.
    """

    pages: tuple[bytes, ...]
    complete: bool
    why_partial: str | None


@dataclass(frozen=True)
class NotFetched:
    """No page at all. `status` is the HTTP status when the server gave one.

    `detail` is one clause for operators and for the text of a 412.
    """

    cause: Cause
    status: int | None
    detail: str


Outcome = Fetched | NotFetched


def not_fetched_for(status: int) -> NotFetched | None:
    """The failure that an HTTP status means, None for 2xx."""
    if 200 <= status < 300:  # noqa: PLR2004 - the success class of RFC 9110
        return None
    return NotFetched(_cause_of(status), status, f"the FHIR server answered {status}")


_CAUSES: dict[int, Cause] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    410: "not-found",
    429: "rate-limited",
}


def _cause_of(status: int) -> Cause:
    if status in _CAUSES:
        return _CAUSES[status]
    match status // 100:
        case 3:
            return "redirect"
        case 4:
            return "client-error"
        case 5:
            return "server-error"
        case _:
            return "bad-content"
