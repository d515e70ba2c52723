"""Compression of the cauda equina takes bladder, bowel and saddle sensation for good if it is not
decompressed within hours; any one of these signs with back, buttock or leg pain calls for an emergency MRI.

Both legs weak and getting weaker belongs to the same emergency. Both legs painful, with saddle sensation or
bladder not asked about in two days, asks for an examination the same day. Retention that has another
explanation on file and stands alone is a warning, and so is incontinence alone, which the sources do not list
(the safer reading of "overflow"). Signs older than the window are silent; undated ones count as recent.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_LOW_BACK_PAIN, AHCPR_RED_FLAGS, BMJ_CAUDA_EQUINA, our_choice
from cards.facts.strength import worsening_of_both_legs
from cards.finding import Look, exam
from cards.orderables import MRI_LUMBAR, REFER_EMERGENCY, REFER_SPINE
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

CAUDA_EQUINA = value_set("cauda-equina-syndrome")
SADDLE_NUMBNESS = (value_set("saddle-anaesthesia"), exam("saddle-sensation", "reduced", "absent"))
RETENTION = (value_set("urinary-retention"), exam("bladder-function-change"))
INCONTINENCE = value_set("bladder-incontinence")
BOWEL = (value_set("fecal-incontinence"), exam("bowel-function-change"))
SEXUAL = exam("sexual-function-change")
BLADDER_EXPLAINED = value_set("bladder-explanation")
BLADDER_DRUGS = (value_set("med-anticholinergic-bladder"), value_set("med-opioid"))
BILATERAL_LEG_SYMPTOMS = (value_set("bilateral-sciatica"), value_set("bilateral-leg-symptoms"))
SADDLE_ASKED = exam("saddle-sensation", "normal")
BLADDER_ASKED = exam("bladder-function-change", False)

RETAINS_FROM = Quantity.of(200, "mL")
RECENT = timedelta(days=14)
ANSWER_HOLDS = timedelta(days=2)

NORMAL_ANSWER_HOLDS = our_choice("A normal answer holds for 48 hours; incontinence alone is a warning")


@rule(
    short="RF-09",
    title="Suspected cauda equina syndrome",
    version="1.0.0",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="lumbar-emergency",
    rank=0,
    evidence=(BMJ_CAUDA_EQUINA, ACR_LOW_BACK_PAIN, AHCPR_RED_FLAGS, NORMAL_ANSWER_HOLDS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "referral-spine-surgery", "img-mri-lumbar"),
)
def cauda_equina(chart: Chart) -> Outcome:
    known = chart.finding(CAUDA_EQUINA, within=RECENT, undated_counts=True)
    saddle = chart.finding(*SADDLE_NUMBNESS, within=RECENT, undated_counts=True)
    bowel = chart.finding(*BOWEL, SEXUAL, within=RECENT, undated_counts=True)
    retention = chart.finding(*RETENTION, within=RECENT, undated_counts=True)
    residual = chart.latest("post-void-residual", within=RECENT)
    retains = residual if residual.quantity and residual.quantity >= RETAINS_FROM else None
    weak = worsening_of_both_legs(chart)
    if known or saddle or bowel:
        return _emergency(known, saddle, bowel, retention, residual)
    if weak:
        return _emergency(*weak, residual)
    bladder = retention or retains
    if bladder and not _explained(chart):
        return _emergency(bladder, residual)
    if bladder:
        return _examine_today(bladder, residual)
    incontinence = chart.finding(INCONTINENCE, within=RECENT, undated_counts=True)
    if incontinence:
        return _examine_today(incontinence, residual)
    both_legs = chart.finding(*BILATERAL_LEG_SYMPTOMS, within=RECENT)
    if both_legs and not _answered(chart):
        return _examine_today(both_legs)
    return Silent("no new saddle, bladder, bowel or sexual sign, and no weakness of both legs")


def _explained(chart: Chart) -> bool:
    other = chart.finding(BLADDER_EXPLAINED, surely=True)
    return bool(other or chart.medications(*BLADDER_DRUGS))


def _answered(chart: Chart) -> bool:
    saddle = chart.finding(SADDLE_ASKED, within=ANSWER_HOLDS, surely=True)
    bladder = chart.finding(BLADDER_ASKED, within=ANSWER_HOLDS, surely=True)
    return bool(saddle and bladder)


def _emergency(*because: Look) -> Advise:
    first = next(look for look in because if look)
    return Advise(
        "critical",
        f"{first.label}, {first.when or 'no date'}: cauda equina not ruled out. Emergency MRI and spinal team now.",
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


def _examine_today(*because: Look) -> Advise:
    return Advise(
        "warning",
        "Possible cauda equina sign: examine saddle sensation, bladder, bowel and leg power today.",
        "examine saddle sensation, anal tone, bladder (post-void residual) and leg power today; emergency MRI if "
        "any is abnormal or unclear.",
        because,
        wrong_if="saddle sensation and bladder function were examined in the last two days and are normal.",
        suggestions=(suggest(MRI_LUMBAR, "urgent"),),
    )
