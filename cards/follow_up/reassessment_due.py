"""Care that nobody reviews drifts: barriers stay hidden, and a changed pain is taken for the old one.

The first review is due 4 weeks after therapy began, the next ones 6 weeks after each other until 12 weeks are over,
then 12 weeks, and half a year where the pain is better; overdue two weeks later. A visit for this pain or an
examination finding of the hip is a review; a laboratory result or a therapy session is none. Runs only where care
was started, and carries the bone-density check that a fragility fracture or a fall from 65 years on leaves behind.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import DGS_GUIDE, POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.bone_health import DXA_HOLDS, FRAGILE_FROM_AGE, FRAGILITY_FRACTURE, dxa_due
from cards.facts.contacts import contact
from cards.facts.outcomes import response, watchful_waiting
from cards.facts.therapy import Course, first_course
from cards.finding import Look, NotFound, exam
from cards.orderables import DXA
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

FALL = (value_set("low-energy-fall"), exam("injury-mechanism", "low-energy-fall"))

FIRST_REVIEW = timedelta(weeks=4)
EARLY_INTERVAL = timedelta(weeks=6)
SETTLED_FROM = timedelta(weeks=12)
INTERVAL = timedelta(weeks=12)
MAINTENANCE = timedelta(weeks=26)
GRACE = timedelta(days=14)
A_DAY = timedelta(days=1)

INTERVALS = our_choice("Review intervals; no trial compares them")


@rule(
    short="FU-01",
    title="Reassessment due",
    version="1.0.1",
    status="active",
    hooks=("patient-view",),
    pathway="care",
    rank=2,
    evidence=(DGS_GUIDE, POSTERIOR_HIP_ARTICLE, INTERVALS),
    last_review=date(2026, 11, 21),
)
def reassessment_due(chart: Chart) -> Outcome:
    begun = first_course(chart)
    if begun is None:
        return Silent("no care was started")
    if watchful_waiting(chart):
        return Silent("mild and falling pain under care")
    limit = _interval(begun, chart) + GRACE
    seen = contact(chart, limit)
    bone = _fragility(chart)
    if seen or chart.today - begun.started <= limit:
        return _bone_density(bone) if bone else Silent("reviewed in time")
    if not seen.certain:
        return CannotTell.without(seen)
    return _review(begun, limit, bone)


def _interval(begun: Course, chart: Chart) -> timedelta:
    if response(chart) == "better":
        return MAINTENANCE
    since = chart.today - begun.started
    if not contact(chart, since - A_DAY):
        return FIRST_REVIEW
    return EARLY_INTERVAL if since < SETTLED_FROM else INTERVAL


def _fragility(chart: Chart) -> Look:
    """A fragility fracture, or a low-energy fall at an age at which it may be one, without a bone density since."""
    if not dxa_due(chart):
        return NotFound()
    fracture = chart.finding(FRAGILITY_FRACTURE, history=True)
    if fracture or chart.age is None or chart.age < FRAGILE_FROM_AGE:
        return fracture
    return chart.finding(*FALL, within=DXA_HOLDS, history=True)


def _review(begun: Course, limit: timedelta, bone: Look) -> Advise:
    return Advise(
        "info",
        f"No review of this pain for over {limit.days // 7} weeks of care: reassess pain, function and barriers.",
        "see the patient: has the pain moved or new signs come, what stood in the way of the exercises, what does the "
        "therapist report; score pain and function, and repeat the warning signs.",
        (*begun.evidence[:1], bone),
        wrong_if="the patient was seen elsewhere, or the problem is over and can be closed.",
        beside=f"no review of this pain for over {limit.days // 7} weeks of care: ask whether it moved or new signs "
        "came, what stood in the way of the exercises, what the therapist reports; repeat the warning signs.",
        more=("**Bone health:** no bone density within two years of a fragility fracture or fall.",) if bone else (),
        suggestions=(suggest(DXA),) if bone else (),
    )


def _bone_density(bone: Look) -> Advise:
    return Advise(
        "info",
        "Fragility fracture or fall without a bone density in two years: arrange DXA.",
        "arrange DXA and a review of falls and bone health.",
        (bone,),
        wrong_if="bone density was measured elsewhere.",
        suggestions=(suggest(DXA, recommended=True),),
    )
