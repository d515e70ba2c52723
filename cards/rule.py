"""A rule: a question to the chart with its evidence, and the three ways to answer it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from cards.card import Indicator, Link, OverrideReason, Suggestion
from cards.chart import Chart
from cards.finding import Gap, Look

Hook = Literal["patient-view", "order-select", "order-sign"]
Family = Literal["red_flags", "scope", "safety", "imaging", "management", "workup", "follow_up"]
Place = Literal["posterior", "unspecified", "elsewhere", "child"]
Status = Literal["draft", "active", "retired"]
Mark = Literal["SEEN", "SEEN-2nd", "MEMORY", "DESIGN"]

ALL_HOOKS: tuple[Hook, ...] = ("patient-view", "order-select", "order-sign")
ORDER_HOOKS: tuple[Hook, ...] = ("order-select", "order-sign")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a statement comes from.

    mark: SEEN, the fact was read in the source itself; SEEN-2nd, in a secondary page that quotes it; MEMORY,
    general medical knowledge whose source was not opened; DESIGN, this project's own choice.
    """

    citation: str
    url: str | None = None
    grade: str = ""
    mark: Mark = "SEEN"


@dataclass(frozen=True, slots=True)
class Advise:
    """Something was found that calls for advice.

    summary: what was found and what to do, at most 139 characters, 110 by preference.
    because: what was found; look-ups that found nothing may stand among them and are left out.
    do: one sentence of what to do. wrong_if: what would make this advice wrong.
    more: further lines, few and short. about: references of the draft orders concerned.
    leads: False when the advice may only add to another card of its pathway, never stand alone.
    pathway, arranged_by: override the rule's own, for advice about one draft order or of another study.
    rests_on: those of the rule's sources that bear on this advice, told before the others.
    beside: the whole advice in a sentence or two, where it stands on another rule's card.
    """

    indicator: Indicator
    summary: str
    do: str
    because: tuple[Look, ...] = ()
    wrong_if: str = ""
    more: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    links: tuple[Link, ...] = ()
    about: tuple[str, ...] = ()
    leads: bool = True
    pathway: str | None = None
    override_reasons: tuple[OverrideReason, ...] | None = None
    lowered: bool = False  # urgent in itself, shown as info because what it asks for is arranged
    beside_critical: bool = False  # true of the urgent path itself: shown even where a critical card stands
    arranged_by: tuple[str, ...] | None = None
    rests_on: tuple[Evidence, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing to say, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class CannotTell:
    """What was needed was not supplied."""

    missing: tuple[Gap, ...]

    @classmethod
    def without(cls, *looks: Look) -> CannotTell:
        """Because these look-ups found nothing and could not be sure of it."""
        return cls(tuple(gap for look in looks for gap in look.gaps))


Outcome = Advise | tuple[Advise, ...] | Silent | CannotTell
Decide = Callable[[Chart], Outcome]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as published: everything a reader needs to judge it, and the decision itself.

    places: where the pain must be for the rule to run ("child": patients under 18 with hip, thigh, knee or
    buttock pain or a limp). pathway: rules of one pathway share a card. rank: which of them leads at equal
    indicator, lower first. yields_to: stays silent where one of these rules advises. arranged_by: names of
    studies or referrals that, once ordered or done, lower the card to "already arranged". result_decides: a study
    that was done lowers it only when coded normal: any other may show just what is feared.
    """

    id: str
    short: str
    title: str
    family: Family
    version: str
    status: Status
    hooks: tuple[Hook, ...]
    evidence: tuple[Evidence, ...]
    last_review: date
    places: tuple[Place, ...]
    pathway: str
    rank: int
    yields_to: tuple[str, ...]
    arranged_by: tuple[str, ...]
    result_decides: bool
    override_reasons: tuple[OverrideReason, ...]
    decide: Decide = field(compare=False)
    doc: str = field(compare=False, default="")


ARRANGED = OverrideReason("action-completed", "Already done or arranged")
KNOWN_AND_EXCLUDED = OverrideReason("cds-not-applicable", "Clinically excluded, or known and unchanged")
WRONG_DATA = OverrideReason("cds-suboptimal-context", "The recorded data are wrong or incomplete")
DECLINED = OverrideReason("patient-refuses", "Patient declined")
STANDARD_REASONS = (ARRANGED, KNOWN_AND_EXCLUDED, DECLINED, WRONG_DATA)


def rule(  # noqa: PLR0913 - the header of a rule, each line of which is read by the governance committee
    *,
    short: str,
    title: str,
    version: str,
    status: Status,
    evidence: tuple[Evidence, ...],
    last_review: date,
    hooks: tuple[Hook, ...] = ALL_HOOKS,
    places: tuple[Place, ...] = ("posterior",),
    pathway: str | None = None,
    rank: int = 0,
    yields_to: tuple[str, ...] = (),
    arranged_by: tuple[str, ...] = (),
    result_decides: bool = False,
    override_reasons: tuple[OverrideReason, ...] = STANDARD_REASONS,
) -> Callable[[Decide], Rule]:
    """Make a decision function a Rule. Its file is its id, its folder its family: nothing else is registered."""

    def publish(decide: Decide) -> Rule:
        family, name = decide.__module__.split(".")[-2:]
        rule_id = name.replace("_", "-")
        module = inspect.getmodule(decide)
        return Rule(
            id=rule_id,
            short=short,
            title=title,
            family=family,  # type: ignore[arg-type]
            version=version,
            status=status,
            hooks=hooks,
            evidence=evidence,
            last_review=last_review,
            places=places,
            pathway=pathway or rule_id,
            rank=rank,
            yields_to=yields_to,
            arranged_by=arranged_by,
            result_decides=result_decides,
            override_reasons=override_reasons,
            decide=decide,
            doc=inspect.getdoc(module) or "",
        )

    return publish
