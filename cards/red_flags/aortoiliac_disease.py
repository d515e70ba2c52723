"""A narrowed aorta or iliac artery starves the buttock on walking and is mistaken for a nerve; a blocked one
costs the leg within hours.

Buttock or thigh pain that stops within ten minutes of standing still, with a vascular risk or sign, asks for
pulses, ankle pressures and a vascular opinion; pain that needs sitting to ease is the spine's. Signs of acute
ischaemia recorded in the last 14 days are critical however long the pain has lasted, an absent femoral pulse is
where the pain is as new and does not ease on standing (the safer readings). A normal ankle-brachial index does not
exclude disease of the internal iliac artery, one above 1.40 cannot be interpreted.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.compose import uncapital
from cards.evidence import MAHE_2015, general_knowledge, our_choice
from cards.facts.inflammation import brief
from cards.facts.pain import began_within, pain
from cards.finding import Finding, Look, exam
from cards.orderables import ANKLE_BRACHIAL_INDEX, AORTOILIAC_IMAGING, REFER_EMERGENCY, REFER_VASCULAR
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.side import Side
from cards.suggest import suggest
from cards.valueset import value_set

EASES_STANDING = exam("pain-eased-standing-still")
WEAK_PULSE = exam("femoral-pulse", "weak", "absent")
NO_PULSE = exam("femoral-pulse", "absent")
ARTERIAL_DISEASE = (
    value_set("pad"),
    value_set("coronary-disease"),
    value_set("aaa"),
    value_set("iliac-artery-aneurysm"),
)
ERECTILE_DYSFUNCTION = value_set("erectile-dysfunction")
SMOKES_OR_DIABETIC = (value_set("smoking"), value_set("diabetes"))
ACUTE_ISCHAEMIA = (value_set("acute-limb-ischaemia"), exam("limb-ischaemia-signs"))

ABI_UP_TO = Quantity.of(0.90, "1")
ABI_READABLE_UP_TO = Quantity.of(1.40, "1")
RISK_FROM_AGE = 50
ACUTE = timedelta(days=14)
HISTORY_HOLDS = timedelta(weeks=12)
ABI_HOLDS = timedelta(days=365)

ABI_LIMITS = general_knowledge("Ankle-brachial index of 0.90 or less is abnormal, above 1.40 not interpretable")
WINDOWS = our_choice("History and pulses of 12 weeks, pressures of one year, acute signs of 14 days")


@rule(
    short="RF-12",
    title="Aortoiliac artery disease",
    version="1.0.0",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(MAHE_2015, ABI_LIMITS, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-vascular-surgery", "img-aortoiliac"),
)
def aortoiliac_disease(chart: Chart) -> Outcome:
    ischaemia = chart.finding(*ACUTE_ISCHAEMIA, within=ACUTE)
    if ischaemia:
        return _emergency(ischaemia)
    eases = chart.finding(EASES_STANDING, within=HISTORY_HOLDS)
    no_pulse = chart.finding(NO_PULSE, within=ACUTE, side=pain(chart).side)
    if no_pulse and not eases and began_within(chart, ACUTE):
        return _emergency(no_pulse)
    if not eases:
        return Silent("no pain on walking that eases on standing still, no sign of acute ischaemia")
    risks = _risks(chart)
    if not risks:
        return Silent("walking pain eases on standing still, but no vascular risk or sign")
    return _claudication(chart, eases, risks)


def _risks(chart: Chart) -> tuple[Finding, ...]:
    side = pain(chart).side
    index = chart.latest("ankle-brachial-index", within=ABI_HOLDS, side=side, worse="low")
    pulse = chart.finding(WEAK_PULSE, within=HISTORY_HOLDS, side=side)
    known = chart.finding(*ARTERIAL_DISEASE, history=True)
    erectile = chart.finding(ERECTILE_DYSFUNCTION) if side is Side.BOTH else None
    aged = chart.age is not None and chart.age >= RISK_FROM_AGE
    habit = chart.finding(*SMOKES_OR_DIABETIC) if aged else None
    narrowed = index if index.quantity and index.quantity <= ABI_UP_TO else None
    return tuple(f for f in (narrowed, pulse, known, erectile, habit) if isinstance(f, Finding))


def _claudication(chart: Chart, eases: Look, risks: tuple[Finding, ...]) -> Advise:
    index = chart.latest("ankle-brachial-index", within=ABI_HOLDS, side=pain(chart).side)
    stiff = index.quantity is not None and index.quantity > ABI_READABLE_UP_TO
    return Advise(
        "warning",
        f"Walking pain eases standing still, {uncapital(brief(risks[0]))}: check pulses and ABI, vascular referral.",
        "feel the femoral and foot pulses, measure the ankle-brachial index at rest and after exercise, and refer to "
        "vascular surgery; a normal index does not exclude iliac disease.",
        (eases, *risks),
        wrong_if="the pain eases only on sitting or bending forward, which points to the spine.",
        more=("**Note:** an ankle-brachial index above 1.40 cannot be interpreted: use toe pressure or imaging.",)
        if stiff
        else (),
        suggestions=(
            suggest(REFER_VASCULAR, "urgent", recommended=True),
            suggest(ANKLE_BRACHIAL_INDEX),
            suggest(AORTOILIAC_IMAGING),
        ),
    )


def _emergency(sign: Look) -> Advise:
    found = "Pale, cold or pulseless leg" if sign.value else brief(sign)
    return Advise(
        "critical",
        f"{found}: acute ischaemia not ruled out. Emergency department and vascular team now.",
        "send to the emergency department now and call the vascular team; keep the leg warm and level, do not wait "
        "for imaging here.",
        (sign,),
        wrong_if="the sign is old, unchanged and known to the vascular team.",
        arranged_by=("referral-emergency",),
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(REFER_VASCULAR, "stat"),
            suggest(AORTOILIAC_IMAGING, "stat"),
        ),
    )
