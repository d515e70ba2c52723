"""The orders that a card can suggest. They are drafts: a clinician reads and signs them, or does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cards.codings import Coding
from cards.side import Side

Kind = Literal["imaging", "laboratory", "referral", "therapy", "procedure"]
Priority = Literal["routine", "urgent", "asap", "stat"]


@dataclass(frozen=True, slots=True)
class Orderable:
    """Something that can be ordered: its words, its codes, and for a sided study the codes of each side.

    `studies` are the value sets of which the order is, so that it can be recognised when already arranged.
    An orderable without a verified code carries words only.
    """

    text: str
    kind: Kind
    codings: tuple[tuple[Coding, str | None], ...] = ()
    sided: Mapping[Side, tuple[tuple[Coding, str | None], ...]] = field(default_factory=dict)
    studies: tuple[str, ...] = ()
    body_site: tuple[Coding, str] | None = None


@dataclass(frozen=True, slots=True)
class DraftOrder:
    """One suggested order. `reasons` are references of the records that call for it, filled in from the chart."""

    orderable: Orderable
    priority: Priority = "routine"
    side: Side = Side.UNKNOWN
    reasons: tuple[str, ...] = ()
    note: str = ""
