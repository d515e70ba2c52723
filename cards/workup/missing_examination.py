"""Sources of posterior hip pain are told apart by examination; what was not examined cannot speak for or against
any of them, and a procedure aimed at a place that nobody has localised is aimed at the label.

Asked for when some examination finding is missing; missing history is only listed beside it. On an order hook
only where an injection or an operation is drafted while nothing recorded localises the source. Findings that stand
in a written note are not seen, and the card says so.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import DGS_GUIDE, POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.drafts import procedure_drafts
from cards.facts.examination import Item, localised, missing_items
from cards.facts.outcomes import watchful_waiting
from cards.facts.pain import pain
from cards.rule import Advise, CannotTell, Outcome, Silent, rule

MOST_NAMED = 3

HOLDS = our_choice("An examination counts for 12 weeks")


@rule(
    short="WU-01",
    title="Examination not recorded",
    version="1.0.0",
    status="active",
    pathway="assessment",
    rank=1,
    evidence=(POSTERIOR_HIP_ARTICLE, DGS_GUIDE, HOLDS),
    last_review=date(2026, 11, 21),
)
def missing_examination(chart: Chart) -> Outcome:
    ordering = bool(chart.drafts)
    procedures = procedure_drafts(chart)
    if ordering and not procedures:
        return Silent("no procedure is drafted")
    if ordering and localised(chart):
        return Silent("the source is localised")
    if watchful_waiting(chart):
        return Silent("mild and falling pain under care")
    missing, gaps = chart.gaps_of(missing_items)
    if gaps:
        return CannotTell(gaps)
    core = [item for item in missing if item.core]
    if not core:
        return Silent("the examination is recorded")
    return _ask_for(core, missing, chart)


def _ask_for(core: list[Item], missing: tuple[Item, ...], chart: Chart) -> Advise:
    named = ", ".join(item.name for item in core[:MOST_NAMED])
    rest = f" and {len(core) - MOST_NAMED} more" if len(core) > MOST_NAMED else ""
    history = [item.name for item in missing if not item.core]
    return Advise(
        "info",
        f"Examination not recorded: {named}{rest}.",
        f"examine and record: {', '.join(item.name for item in core)}.",
        pain(chart).evidence,
        wrong_if="the examination stands in a written note, which this service does not see.",
        beside=f"examination not recorded: {', '.join(item.name for item in core)}.",
        more=(f"**History not recorded:** {', '.join(history)}.",) if history else (),
    )
