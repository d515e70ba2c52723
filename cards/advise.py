"""Ask every rule, settle precedence, and write the cards."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from cards.card import Card, NotAssessed
from cards.chart import Chart
from cards.compose import Voice, card_of, escaped
from cards.facts.imaging import NORMAL_RESULT
from cards.facts.outcomes import watchful_waiting
from cards.facts.pain import pain
from cards.facts.scope import Scope, scope
from cards.finding import Finding, Gap
from cards.not_assessed import unknown_scope_card, with_not_assessed
from cards.precedence import capped, host_of, merged, unsaid, without_care, without_suppressed
from cards.record import Order, Procedure, Record, Report
from cards.rule import Advise, CannotTell, Hook, Outcome, Rule, Silent
from cards.rulebook import all_rules
from cards.suggest import completed

log = logging.getLogger(__name__)

_ARRANGED_SINCE = timedelta(days=2)  # an order this long before the newest finding still answers it; our choice


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule said, and what it could not look at while saying it."""

    rule: Rule
    outcome: Outcome
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The result of one call: the cards, every rule's answer, and where the pain is."""

    cards: tuple[Card, ...]
    answers: tuple[Answer, ...]
    scope: Scope

    @property
    def not_assessed(self) -> tuple[NotAssessed, ...]:
        """The rules that could not tell; a draft rule's answer is told to nobody."""
        return tuple(
            NotAssessed(a.rule.id, a.outcome.missing)
            for a in _active(self.answers)
            if isinstance(a.outcome, CannotTell)
        )


def advise(chart: Chart, hook: Hook) -> Advice:
    """The cards for one patient at one hook: at most three, the most urgent first.

    Rules with status "draft" are asked and their answers returned, but no card and no other rule knows of them.
    Where it cannot be told whether there is posterior hip pain, `scope.place` is "unknown" and its gaps say why.
    """
    where, gaps = chart.gaps_of(scope)
    if chart.patient.deceased or where.place == "none":
        return Advice((), (), where)
    if where.place == "unknown":
        return Advice((unknown_scope_card(gaps),), (), where)
    rules = [r for r in all_rules() if hook in r.hooks and where.place in r.places]
    flags = [ask(r, chart) for r in rules if r.family == "red_flags"]
    chart.red_flags = {a.rule.id: one for a in _active(flags) for one in _advices(a.outcome)}
    answers = flags + [ask(r, chart) for r in rules if r.family != "red_flags"]
    return Advice(_cards(answers, chart), tuple(answers), where)


def ask(rule: Rule, chart: Chart) -> Answer:
    """One rule's answer. A rule that breaks, or finds nothing in a chart with gaps, cannot tell.

    Preliminary observations are counted only where they make a card critical.
    """
    answer = _ask(rule, chart)
    if rule.family in ("red_flags", "scope") and chart.has_preliminary:
        early = _ask(rule, chart.with_preliminary())
        if any(a.indicator == "critical" and a.leads for a in _advices(early.outcome)):
            return early
    return answer


def _ask(rule: Rule, chart: Chart) -> Answer:
    try:
        outcome, gaps = chart.gaps_of(rule.decide)
    except Exception as broken:  # noqa: BLE001 - the one place that turns a broken rule into "cannot tell"
        log.error("rule_failed", extra={"rule": rule.id, "error": type(broken).__name__})
        gap = Gap("rules", "this rule failed and did not answer")
        return Answer(rule, CannotTell((gap,)), (gap,))
    if isinstance(outcome, Silent) and gaps:
        outcome = CannotTell(gaps)
    return Answer(rule, outcome, gaps)


def _advices(outcome: Outcome) -> tuple[Advise, ...]:
    if isinstance(outcome, Advise):
        return (outcome,)
    return outcome if isinstance(outcome, tuple) else ()


def _active(answers: Iterable[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.rule.status == "active"]


def _cards(answers: list[Answer], chart: Chart) -> tuple[Card, ...]:
    active = _active(answers)
    voices = [voice for answer in active for voice in _voices(answer, chart)]
    if watchful_waiting(chart):
        voices = without_care(voices)
    blind = [a for a in active if a.rule.family == "red_flags" and isinstance(a.outcome, CannotTell)]
    groups, overflow = capped(merged(without_suppressed(voices)))
    left = overflow + unsaid(voices)
    groups = groups or [[voice] for voice in left[:1]]
    cards = tuple(card_of(group, [v for v in left if host_of(v, groups) is group]) for group in groups)
    if not blind:
        return cards
    flags = [a for a in active if a.rule.family == "red_flags"]
    return with_not_assessed(cards, [(a.rule, a.gaps) for a in blind], no_flag_judged=all(_blinded(a) for a in flags))


def _blinded(answer: Answer) -> bool:
    """It could not tell for want of a whole section, not only because single records could not be read."""
    return isinstance(answer.outcome, CannotTell) and any(gap.reference is None for gap in answer.gaps)


def _voices(answer: Answer, chart: Chart) -> Iterable[Voice]:
    missing = (NotAssessed(answer.rule.id, answer.gaps),) if answer.gaps else ()
    for advice in _advices(answer.outcome):
        yield answer.rule, completed(_already_arranged(answer.rule, advice, chart), chart), missing


def _already_arranged(rule: Rule, advice: Advise, chart: Chart) -> Advise:
    """Lower the advice to info where what it asks for has been ordered or done since, and not for the other side.

    A routine order does not answer a critical finding; a study not coded as normal answers no rule that asks
    for its result.
    """
    dates = [f.when.latest for f in advice.because if isinstance(f, Finding) and f.when]
    names = rule.arranged_by if advice.arranged_by is None else advice.arranged_by
    if not names or not dates or advice.indicator == "info":
        return advice
    newest, side = max(dates), pain(chart).side
    ordered = [(o, newest - _ARRANGED_SINCE) for o in chart.orders(*names)]
    done = [(d, newest) for d in (*chart.reports(*names), *chart.procedures(*names))]
    answers = [o for o, since in ordered + done if o.when and o.when.earliest >= since and not o.side.opposite_of(side)]
    unread = [o for o in answers if rule.result_decides and _may_show_it(o)]
    urgent = advice.indicator == "critical"
    for one in answers:
        routine = urgent and isinstance(one, Order) and one.priority == "routine"
        if one not in unread and not routine:
            return _lowered(advice, one)
    if unread:
        told = f"**On file:** {escaped(unread[0].text)}, {unread[0].when}, not coded as normal: read it first."
        return replace(advice, more=(*advice.more, told))
    return advice


def _may_show_it(arranged: Record) -> bool:
    """Imaging that was done and is not coded normal: it may have found just what is feared."""
    if isinstance(arranged, Report):
        return NORMAL_RESULT not in arranged.results
    return isinstance(arranged, Procedure) and any(name.startswith("img-") for name in arranged.concepts)


def _lowered(advice: Advise, arranged: Record) -> Advise:
    trigger = advice.summary.split(": ")[0]
    summary = f"{trigger}: already arranged on {arranged.when}. Make sure that it is acted on."
    return replace(
        advice,
        indicator="info",
        lowered=True,
        summary=summary,
        beside=summary,
        do=f"make sure that it happens in time; otherwise {advice.do}",
        more=(*advice.more, f"**Arranged:** {escaped(arranged.text)}, {arranged.when}."),
        suggestions=(),
    )
