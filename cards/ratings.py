"""How appropriate each drafted study is, in the three words of an ordering programme, for clients that ask for it.

A rating repeats what the rule on imaging appropriateness decided; it decides nothing anew. There is none where a
record that could change it was not supplied, where the source rates the study "may be appropriate" or was not seen
to rate it, and none that says "appropriate" of a draft that a card speaks about. "No criteria apply" is said only of
a study of another part of the body.
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
    spoken_of = {reference for one in _advices(advice) for reference in one.about}
    found = (_rated(j, blind=blind, spoken_of=j.draft.reference in spoken_of) for j in judgements(chart))
    return OrderRatings((*(r for r in found if r), *other), dict(_changes(chart, advice, blind=blind)))


def _advices(advice: Advice) -> Iterator[Advise]:
    for answer in advice.answers:
        outcome = answer.outcome
        if answer.rule.family == "imaging" and answer.rule.status == "active":
            yield from (outcome,) if isinstance(outcome, Advise) else outcome if isinstance(outcome, tuple) else ()


def _rated(judgement: Judgement, *, blind: bool, spoken_of: bool) -> Rated | None:
    """`blind`: something that bears on it could not be looked up; a red flag that was seen decides all the same."""
    if blind and judgement.flag is None:
        return None
    word: Word
    if judgement.verdict == "appropriate" and not spoken_of:
        word = "appropriate"
    elif judgement.verdict == "not-appropriate":
        word = "not-appropriate"
    else:
        return None
    rule = judgement.flag.rule if judgement.flag else RULE
    return Rated(judgement.draft.reference, word, judgement.scenario, rule)


def _changes(chart: Chart, advice: Advice, *, blind: bool) -> Iterable[tuple[tuple[str, str], Rated]]:
    """What each offered change would be rated, judged as if it were drafted."""
    drafts = {d.reference: d for d in imaging_drafts(chart)}
    for reference, order in _offered(advice):
        changed = _changed(drafts[reference], order) if reference in drafts else None
        if changed is None:
            continue
        found = _rated(judged(chart, changed, flagged_studies(chart)), blind=blind, spoken_of=False)
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
