"""How appropriate each drafted study is, in the three words of an ordering programme, for clients that ask for it.

A rating repeats what the rule on imaging appropriateness decided; it decides nothing anew. There is none where a
record that could change it was not supplied, where the source rates the study "may be appropriate" or was not seen
to rate it, and none that says "appropriate" of a draft that a card speaks about, or of a change to it that leaves
what the card warns of. "No criteria apply" is said only of a study of another part of the body.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from cards.advise import Advice
from cards.appropriateness import Scenario
from cards.chart import Chart
from cards.facts.drafts import ImagingDraft, imaging_drafts, other_imaging_drafts
from cards.facts.flagged_imaging import flagged_studies
from cards.facts.imaging import KINDS
from cards.facts.imaging_judgement import Judgement, judged, judgements
from cards.orders import DraftOrder
from cards.rule import Advise, CannotTell

Word = Literal["appropriate", "not-appropriate", "no-criteria-apply"]
RULE = "imaging-order-appropriateness"


@dataclass(frozen=True, slots=True)
class Rated:
    """The rating of one draft. `scenario`: the row of the table that decided; `rule`: else the rule that did."""

    reference: str
    word: Word
    scenario: Scenario | None = None
    rule: str = RULE


@dataclass(frozen=True, slots=True)
class OrderRatings:
    """Of the drafts, each once, and of what a card offers to change one into, by draft and words of the study."""

    drafts: tuple[Rated, ...] = ()
    changes: Mapping[tuple[str, str], Rated] = field(default_factory=dict)


def order_ratings(chart: Chart, advice: Advice) -> OrderRatings:
    """The ratings of one call. Only after `advise` has asked the rules about this chart."""
    if chart.patient.deceased:
        return OrderRatings()
    other = tuple(Rated(order.reference, "no-criteria-apply") for order in other_imaging_drafts(chart))
    if advice.scope.place != "posterior":
        return OrderRatings(other)
    blind = any(
        isinstance(a.outcome, CannotTell) and (a.rule.family == "red_flags" or a.rule.id == RULE)
        for a in advice.answers
    )
    warned = _warned_of(advice)
    found = [_rated(j, blind=blind, warned=j.draft.reference in warned) for j in judgements(chart)]
    drafts = _unambiguous((*(r for r in found if r), *other))
    return OrderRatings(drafts, dict(_changes(chart, advice, warned, blind=blind)))


def _unambiguous(found: Iterable[Rated]) -> tuple[Rated, ...]:
    """Each draft once, and none where two of one id differ."""
    rated: dict[str, set[Rated]] = {}
    for one in found:
        rated.setdefault(one.reference, set()).add(one)
    return tuple(next(iter(several)) for several in rated.values() if len(several) == 1)


def _warned_of(advice: Advice) -> frozenset[str]:
    """The drafts about which a card on safety or earlier studies speaks."""
    found: set[str] = set()
    for answer in advice.answers:
        outcome, rule = answer.outcome, answer.rule
        if rule.family == "imaging" and rule.id != RULE and rule.status == "active":
            advices = (outcome,) if isinstance(outcome, Advise) else outcome if isinstance(outcome, tuple) else ()
            found |= {reference for one in advices for reference in one.about}
    return frozenset(found)


def _rated(judgement: Judgement, *, blind: bool, warned: bool) -> Rated | None:
    """`blind`: something that bears on it could not be looked up; a red flag that was seen decides all the same."""
    if blind and judgement.flag is None:
        return None
    word: Word
    if judgement.verdict == "appropriate" and not warned:
        word = "appropriate"
    elif judgement.verdict == "not-appropriate":
        word = "not-appropriate"
    else:
        return None
    rule = judgement.flag.rule if judgement.flag else RULE
    return Rated(judgement.draft.reference, word, judgement.scenario, rule)


def _changes(
    chart: Chart, advice: Advice, warned: frozenset[str], *, blind: bool
) -> Iterable[tuple[tuple[str, str], Rated]]:
    """What each offered change would be rated, judged as if it were drafted."""
    drafts = {d.reference: d for d in imaging_drafts(chart)}
    for reference, order in _offered(advice):
        draft = drafts.get(reference)
        changed = _changed(draft, order) if draft else None
        if draft is None or changed is None:
            continue
        still = reference in warned and changed.modality == draft.modality
        found = _rated(judged(chart, changed, flagged_studies(chart)), blind=blind, warned=still)
        if found:
            yield (reference, order.orderable.text), found


def _offered(advice: Advice) -> Iterator[tuple[str, DraftOrder]]:
    return (s.update for card in advice.cards for s in card.suggestions if s.update)


def _changed(draft: ImagingDraft, order: DraftOrder) -> ImagingDraft | None:
    kinds = [KINDS[name] for name in order.orderable.studies if name in KINDS]
    if not kinds:
        return None
    regions = frozenset(region for _, region in kinds)
    return ImagingDraft(draft.order, kinds[0][0], regions, "with contrast" in order.orderable.text)
