"""A muscle bleed under anticoagulation hides in buttock, iliopsoas or thigh, presses on a nerve and can kill.

It needs both: a reason to bleed (a therapeutic anticoagulant, INR above 4.0 or platelets below 50) with pain of seven
days or less, which stands for sudden, and a sign: haemoglobin fallen by 20 g/L, a bruise, or a weak hip flexor or
quadriceps, a lost knee reflex or a hip held flexed. Pain without a date cannot be called sudden.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.compose import uncapital
from cards.evidence import general_knowledge, our_choice
from cards.facts.haemoglobin import haemoglobin_fall
from cards.facts.inflammation import brief
from cards.facts.medicines import anticoagulation
from cards.facts.pain import began_within, pain
from cards.facts.strength import weaknesses
from cards.finding import Finding, exam
from cards.orderables import CT_PELVIS_BLEED, LABS_BLEED, REFER_EMERGENCY
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

INR = value_set("lab-inr")
PLATELETS = value_set("lab-platelets")
NERVE_OR_PSOAS = (exam("knee-reflex", "reduced", "absent"), exam("hip-held-flexed"))
FEMORAL_NERVE = frozenset({"mrc-hip-flexion", "mrc-knee-extension"})

INR_ABOVE = Quantity.of(4.0, "{INR}")
PLATELETS_BELOW = Quantity.of(50, "10*9/L")
BRUISE_ABOVE = Quantity.of(0, "cm")
HB_FALL_FROM = 20
SUDDEN = timedelta(days=7)
PLATELETS_HOLD = timedelta(days=30)

BLEEDING = general_knowledge("Muscle haematoma under anticoagulation; no source was opened")
NUMBERS = our_choice("Onset of seven days or less stands for sudden; haemoglobin fall of 20 g/L in three months")


@rule(
    short="RF-19",
    title="Haematoma under anticoagulation",
    version="1.0.2",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(BLEEDING, NUMBERS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "img-ct-hip-pelvis"),
)
def anticoagulant_haematoma(chart: Chart) -> Outcome:
    if not began_within(chart, SUDDEN):
        return Silent("no pain that began in the last seven days")
    bleeds = _bleeds(chart)
    if not bleeds:
        return Silent("no anticoagulant, INR not above 4.0, platelets not below 50")
    signs = _signs(chart)
    if not signs:
        return Silent("no fall of haemoglobin, bruise or sign of the femoral nerve")
    return Advise(
        "critical",
        f"New pain, {uncapital(brief(bleeds[0]))}, {uncapital(brief(signs[0]))}: haematoma not ruled out. "
        "Emergency department now.",
        "send to the emergency department now for CT or ultrasound, blood count and clotting; stop and reverse the "
        "anticoagulant by protocol. Give no injection into the buttock and no NSAID.",
        bleeds + signs,
        wrong_if="the anticoagulant was not taken, or the bruise or anaemia has another proven cause.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(CT_PELVIS_BLEED, "stat"),
            suggest(LABS_BLEED, "stat"),
        ),
    )


def _bleeds(chart: Chart) -> tuple[Finding, ...]:
    inr = chart.latest(INR, within=SUDDEN)
    platelets = chart.latest(PLATELETS, within=PLATELETS_HOLD, worse="low")
    found = anticoagulation(chart)
    if isinstance(inr, Finding) and inr.quantity and inr.quantity > INR_ABOVE:
        found += (inr,)
    if isinstance(platelets, Finding) and platelets.quantity and platelets.quantity < PLATELETS_BELOW:
        found += (platelets,)
    return found


def _signs(chart: Chart) -> tuple[Finding, ...]:
    side = pain(chart).side
    fall = haemoglobin_fall(chart)
    found: tuple[Finding, ...] = (fall.now, fall.before) if fall and fall.grams >= HB_FALL_FROM else ()
    bruise = chart.latest("bruising", within=SUDDEN, side=side)
    if isinstance(bruise, Finding) and bruise.quantity and bruise.quantity > BRUISE_ABOVE:
        found += (bruise,)
    weak = [w for w in weaknesses(chart) if w.muscle in FEMORAL_NERVE and w.new and not w.side.opposite_of(side)]
    found += tuple(w.now for w in weak)
    return found + chart.every(*NERVE_OR_PSOAS, within=SUDDEN, side=side)
