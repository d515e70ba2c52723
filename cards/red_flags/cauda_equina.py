"""Compression of the cauda equina takes bladder, bowel and saddle sensation for good if it is not
decompressed within hours; any one of these signs with back, buttock or leg pain calls for an emergency MRI.

Both legs weak and getting weaker belongs to the same emergency. Both legs painful or numb, with saddle sensation
or bladder not asked about in two days, asks for an examination the same day. A bladder sign that has another
explanation on file, and incontinence without more, are a warning while no leg deficit goes with them. Signs
older than the window, or long-standing and imaged since, are silent; undated ones count as recent. An order that
names the syndrome as its reason suspects it now, unless an older record of it is on file.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import ACR_LOW_BACK_PAIN, AHCPR_RED_FLAGS, BMJ_CAUDA_EQUINA, our_choice
from cards.facts.cauda_signs import (
    CAUDA_EQUINA,
    RECENT,
    bladder_explained,
    both_leg_symptoms,
    cauda_signs,
    saddle_and_bladder_normal,
    stands_alone,
    suspected_by_an_order,
)
from cards.facts.inflammation import brief
from cards.facts.root_weakness import worsening_of_both_legs
from cards.finding import Finding, Look
from cards.orderables import MRI_LUMBAR, REFER_EMERGENCY, REFER_SPINE
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

WINDOWS = our_choice(
    "A normal answer holds 48 hours, symptoms of both legs 12 weeks, a drug explains retention for six weeks, "
    "an unchanged and imaged sign is long-standing after six months; incontinence alone is a warning"
)


@rule(
    short="RF-09",
    title="Suspected cauda equina syndrome",
    version="1.1.1",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="lumbar-emergency",
    rank=0,
    evidence=(BMJ_CAUDA_EQUINA, ACR_LOW_BACK_PAIN, AHCPR_RED_FLAGS, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "img-mri-lumbar"),
)
def cauda_equina(chart: Chart) -> Outcome:
    known = chart.finding(CAUDA_EQUINA, within=RECENT, undated_counts=True)
    if known:
        return _emergency("Cauda equina syndrome on file", known)
    if suspected_by_an_order(chart):
        return _emergency("Cauda equina is the reason of an order", *suspected_by_an_order(chart))
    signs = cauda_signs(chart)
    if signs.saddle:
        return _emergency("Saddle numbness", *signs.saddle, *signs.retention, *signs.bowel)
    if signs.bowel:
        return _emergency("New loss of bowel control", *signs.bowel, *signs.retention)
    if signs.sexual:
        return _emergency("New sexual dysfunction", *signs.sexual, *signs.retention)
    if worsening_of_both_legs(chart):
        return _emergency("Both legs getting weaker", *worsening_of_both_legs(chart), *signs.retention)
    explained = bladder_explained(chart) is not None and stands_alone(chart)
    if signs.retention and not explained:
        return _emergency("Bladder not emptying", *signs.retention)
    if signs.incontinence and not stands_alone(chart):
        return _emergency("Incontinence with a leg deficit", *signs.incontinence)
    if signs.retention or signs.incontinence:
        bladder = (*signs.retention, *signs.incontinence)
        return _examine_today(brief(bladder[0]), *bladder, *_other(chart))
    if both_leg_symptoms(chart) and not saddle_and_bladder_normal(chart):
        return _examine_today("Symptoms of both legs", *both_leg_symptoms(chart))
    return Silent("no new saddle, bladder, bowel or sexual sign, and no unexamined symptom of both legs")


def _other(chart: Chart) -> tuple[Finding, ...]:
    other = bladder_explained(chart)
    return (other,) if other else ()


def _emergency(sign: str, *because: Look) -> Advise:
    first = next(look for look in because if isinstance(look, Finding))
    return Advise(
        "critical",
        f"{sign}, {first.when or 'date not recorded'}: cannot rule out cauda equina. Emergency MRI and spinal "
        "team now.",
        "send to the emergency department now for MRI of the lumbar spine and the spinal team; a bladder scan only "
        "if it costs no time. A residual below 200 mL does not rule it out.",
        because,
        wrong_if="the sign is old, unchanged, and has been imaged since.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(MRI_LUMBAR, "stat"),
            suggest(REFER_SPINE, "stat"),
        ),
    )


def _examine_today(sign: str, *because: Look) -> Advise:
    return Advise(
        "warning",
        f"{sign}: cannot rule out cauda equina. Examine saddle area, bladder, bowel and legs today.",
        "examine saddle sensation, bladder (post-void residual), bowel control and leg power today; send for "
        "emergency MRI if any of them is abnormal or unclear.",
        because,
        wrong_if="saddle sensation and bladder function were examined in the last two days and are normal.",
        suggestions=(suggest(MRI_LUMBAR, "urgent", recommended=True),),
    )
