"""A check: a question to a service, the requirement behind it, and how it is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from inspect import getdoc
from typing import TYPE_CHECKING, Literal

from cds_service.doctor.exchange import Exchange
from cds_service.doctor.spec import Level

if TYPE_CHECKING:
    from cds_service.doctor.bench import Bench

Outcome = Literal["pass", "fail", "warn", "skip", "error"]
"""fail: a SHALL is not kept; warn: a SHOULD or our reading is not; skip: could not be looked at; error: our fault."""


class Skip(Exception):
    """The check does not apply or lacks what it needs; the message says why, and what would change that."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is not as required. Without an exchange of its own it is about the last one."""

    text: str
    exchange: Exchange | None = None


Look = Callable[["Bench"], Iterable[str | Complaint]]


@dataclass(frozen=True, slots=True)
class Check:
    """`look` yields what is wrong: nothing is a pass. `title` is what holds of a service that conforms; `why` what
    the specification says, or what goes wrong otherwise."""

    id: str
    title: str
    level: Level
    section: str
    why: str
    look: Look = field(compare=False)


def check(check_id: str, title: str, *, level: Level, section: str) -> Callable[[Look], Check]:
    """Make a function a Check. Its module is its theme; nothing else is registered."""

    def publish(look: Look) -> Check:
        why = " ".join((getdoc(look) or "").split())
        return Check(check_id, title, level, section, why, look)

    return publish
