"""A root or nerve that loses power recovers the less the longer it is compressed: new, severe or worsening
weakness of a leg is seen by a spinal team, within a day where it is severe, worsening or of both legs.

Sensory or reflex change alone is no red flag. Weak knee flexion or hip abduction beside an injured tendon is
that tendon's, once ankle or toe power is recorded normal; until then it is a warning. Weakness on file without a
grade, and foot drop older than 14 days but not six weeks, are warnings (the safer reading). A finding of an
examination without date counts as recent; an old and unchanged weakness is silent.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACP_APS, ACR_PLEXOPATHY, POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.root_weakness import (
    A_GRADE,
    bilateral_weakness,
    root_weaknesses,
    tendon_weaknesses,
    unproven_tendon_weakness,
)
from cards.facts.strength import Weakness
from cards.finding import Finding, Look, exam
from cards.orderables import MRI_LUMBAR, MRI_PLEXUS, REFER_NEUROLOGY, REFER_SPINE
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

FOOT_DROP = value_set("foot-drop")
BOTH_LEGS = value_set("bilateral-leg-weakness")
WORSENING = value_set("worsening-leg-weakness")
WEAK_LEG = (value_set("leg-weakness"), exam("leg-strength", "reduced"))

RECENT = timedelta(days=14)
NEW = timedelta(weeks=6)

GRADES = our_choice("MRC grade 3 or less, or a loss of one grade within six weeks, is urgent; grade 4 is a warning")


@rule(
    short="RF-10",
    title="New or worsening weakness of a leg",
    version="1.0.1",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="lumbar-emergency",
    rank=1,
    evidence=(ACP_APS, ACR_PLEXOPATHY, POSTERIOR_HIP_ARTICLE, GRADES),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "referral-spine-surgery", "referral-neurology", "img-mri-lumbar"),
)
def motor_deficit(chart: Chart) -> Outcome:
    both = bilateral_weakness(chart) or chart.every(BOTH_LEGS, within=NEW, undated_counts=True)
    if both:
        return _urgent("Both legs weak", *both)
    unproven = unproven_tendon_weakness(chart)
    proven = [w for w in root_weaknesses(chart) if w not in unproven]
    worse = _weakest([w for w in proven if w.drop >= A_GRADE])
    if worse:
        return _urgent(f"{worse.name} fell to MRC {worse.grade:g}/5", *worse.findings)
    severe = _weakest([w for w in proven if w.severe])
    if severe:
        return _urgent(f"New weakness, {severe.name} MRC {severe.grade:g}/5", *severe.findings)
    foot_drop = chart.finding(FOOT_DROP, within=RECENT, undated_counts=True)
    if foot_drop:
        return _urgent("New foot drop", foot_drop)
    worsening = chart.finding(WORSENING, within=NEW, undated_counts=True)
    if worsening:
        return _urgent("Worsening weakness of a leg", worsening)
    new = _weakest([w for w in (*proven, *unproven) if w.new])
    if new:
        return _soon(f"{new.name} MRC {new.grade:g}/5", *new.findings)
    leg = chart.finding(*WEAK_LEG, FOOT_DROP, within=NEW, undated_counts=True)
    if leg and not tendon_weaknesses(chart):
        return _soon("leg power reduced, grade not recorded", leg)
    return Silent("no new or worsening weakness of a leg")


def _weakest(weak: list[Weakness]) -> Weakness | None:
    return min(weak, key=lambda w: w.grade, default=None)


def _urgent(sign: str, *because: Look) -> Advise:
    first = next(look for look in because if isinstance(look, Finding))
    return Advise(
        "critical",
        f"{sign[:1].upper()}{sign[1:]}, {first.when or 'date not recorded'}: urgent neurological assessment and "
        "MRI within 24 hours.",
        "have the spinal team assess power, sensation, reflexes, bladder and saddle area within 24 hours, with MRI "
        "of the lumbar spine; MRI of the plexus and neurology if that is normal.",
        because,
        wrong_if="the weakness is old and unchanged, or pain alone limited the test.",
        suggestions=(
            suggest(REFER_SPINE, "asap", recommended=True),
            suggest(MRI_LUMBAR, "asap"),
            suggest(REFER_NEUROLOGY, "asap"),
        ),
    )


def _soon(sign: str, *because: Look) -> Advise:
    return Advise(
        "warning",
        f"New leg weakness ({sign}): examine all leg nerves, spinal referral within 1 to 2 weeks.",
        "examine power, sensation and reflexes of both legs now and again within days; refer within one to two weeks "
        "with MRI of the lumbar spine. Any further loss of power is an emergency.",
        because,
        wrong_if="the weakness is old and unchanged, pain alone limited the test, or an injured tendon explains it.",
        suggestions=(
            suggest(REFER_SPINE, "urgent", recommended=True),
            suggest(MRI_LUMBAR, "urgent"),
            suggest(MRI_PLEXUS),
        ),
    )
