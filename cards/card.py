"""The shapes that CDS Hooks defines for advice, without their wire form."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from cards.codings import BASE
from cards.finding import Finding, Gap
from cards.orders import DraftOrder

Indicator = Literal["info", "warning", "critical"]
URGENCY: dict[Indicator, int] = {"critical": 0, "warning": 1, "info": 2}

SUMMARY_LIMIT = 139  # CDS Hooks: less than 140 characters


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing to do with one click: create an order, or change or delete a draft of the clinician's.

    Exactly one of `create`, `update` and `delete` is set. `delete` is the reference of a draft order;
    `update` is that reference with the order that takes its place.
    """

    label: str
    create: DraftOrder | None = None
    update: tuple[str, DraftOrder] | None = None
    delete: str | None = None
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An absolute link shown on the card."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class OverrideReason:
    """Why a clinician may set the advice aside; codes of HL7's non-adherence reasons."""

    code: str
    display: str
    system: str = "http://terminology.hl7.org/CodeSystem/non-adherence-reason-codes"


@dataclass(frozen=True, slots=True)
class Source:
    """The primary source of the guidance, and the rule that leads the card."""

    label: str
    topic: str
    topic_display: str
    url: str | None = None
    topic_system: str = f"{BASE}/CodeSystem/rule"


@dataclass(frozen=True, slots=True)
class RuleMark:
    """A rule that speaks on a card."""

    id: str
    version: str
    indicator: Indicator


@dataclass(frozen=True, slots=True)
class NotAssessed:
    """A rule that could not tell, what was missing for it, and why in words."""

    rule: str
    gaps: tuple[Gap, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The prefetch keys concerned, each once."""
        return tuple(dict.fromkeys(g.section for g in self.gaps))

    @property
    def why(self) -> str:
        """The reasons in words, each once."""
        return "; ".join(dict.fromkeys(str(g) for g in self.gaps))


@dataclass(frozen=True, slots=True)
class Card:
    """One piece of advice as a clinician reads it. `detail` is GitHub-flavoured Markdown without HTML."""

    indicator: Indicator
    summary: str
    detail: str
    source: Source
    rules: tuple[RuleMark, ...]
    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[Link, ...] = ()
    override_reasons: tuple[OverrideReason, ...] = ()
    facts: tuple[Finding, ...] = ()
    not_assessed: tuple[NotAssessed, ...] = field(default=())
