"""Endometriosis of the sciatic nerve, an ectopic pregnancy and disease of womb and ovaries can all hurt in the
buttock; only the question about the cycle, a test or a diagnosis on file tells them from a hip.

Pain that has tracked the cycle for three months is info alone, a warning with endometriosis on file or a sign of the
leg's nerves. A pregnancy of at most 16 weeks, or of unknown length, with pain of at most 14 days, bleeding or a faint
is taken for ectopic until disproved; later in pregnancy girdle pain is common and this rule is silent. Pelvic
inflammation, bleeding after the menopause and a pelvic mass are warnings.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from cards.chart import Chart
from cards.evidence import ACR_PLEXOPATHY, AL_KHODAIRY_2007, general_knowledge, our_choice
from cards.facts.menstruation import cyclic_pain
from cards.facts.pain import began_within
from cards.facts.pregnancy import Pregnancy, pregnancy
from cards.facts.root_weakness import leg_signs
from cards.finding import Finding, exam
from cards.orderables import (
    LAB_PREGNANCY,
    MRI_PELVIS,
    MRI_PLEXUS,
    PELVIC_ULTRASOUND,
    REFER_EMERGENCY,
    REFER_GYNAECOLOGY,
)
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

LAB_TEST = value_set("lab-pregnancy-test")
ECTOPIC = value_set("ectopic-pregnancy")
BLEEDING_OR_FAINT = (value_set("early-pregnancy-bleeding"), value_set("syncope"))
ENDOMETRIOSIS = value_set("endometriosis")
TINGLING = exam("pain-descriptor", "tingling", "numbness")
INFLAMMATION = value_set("pelvic-inflammatory")
BLEEDING_OR_MASS = (value_set("postmenopausal-bleeding"), value_set("pelvic-mass"))

ACUTE = timedelta(days=14)
ECTOPIC_TO_WEEK = 16
TINGLING_HOLDS = timedelta(weeks=6)
INFLAMMATION_HOLDS = timedelta(weeks=6)
BLEEDING_OR_MASS_HOLDS = timedelta(days=365)

GYNAECOLOGY = general_knowledge("Ectopic pregnancy, pelvic inflammation, bleeding after the menopause, pelvic mass")
WINDOWS = our_choice("Ectopic to 16 weeks; acute is 14 days; cyclic is three months, up to the age of 55")


@rule(
    short="RF-16",
    title="Gynaecologic or obstetric source",
    version="1.0.2",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(AL_KHODAIRY_2007, ACR_PLEXOPATHY, GYNAECOLOGY, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-gynaecology",),
)
def gynaecologic_source(chart: Chart) -> Outcome:
    if chart.patient.sex == "male":
        return Silent("male")
    ectopic = _ectopic(chart)
    if ectopic:
        return _emergency(ectopic)
    inflamed = chart.every(INFLAMMATION, within=INFLAMMATION_HOLDS)
    if inflamed:
        return _refer(f"{inflamed[0].label[:36]} on file", inflamed)
    source = chart.every(*BLEEDING_OR_MASS, within=BLEEDING_OR_MASS_HOLDS)
    if source:
        return _refer(f"{source[0].label[:36]} with the pain", source)
    cyclic = cyclic_pain(chart)
    if not cyclic:
        return Silent("no cyclic pain, pregnancy in question or gynaecologic disease on file")
    more = chart.findings(ENDOMETRIOSIS, history=True) + leg_signs(chart)
    more += chart.findings(TINGLING, within=TINGLING_HOLDS)
    return _cyclic("warning" if more else "info", cyclic + more)


def _ectopic(chart: Chart) -> tuple[Finding, ...]:
    known = chart.every(ECTOPIC, within=ACUTE, undated_counts=True)
    if known:
        return known
    pregnant = pregnancy(chart)
    if pregnant is None or _weeks_at_least(pregnant, chart.today) > ECTOPIC_TO_WEEK:
        return ()
    signs = chart.every(*BLEEDING_OR_FAINT, within=ACUTE)
    if signs or began_within(chart, ACUTE):
        return (pregnant.evidence, *signs)
    return ()


def _weeks_at_least(pregnant: Pregnancy, today: date) -> int:
    """Weeks recorded, else the weeks since it was first told of."""
    if pregnant.weeks is not None:
        return pregnant.weeks
    return pregnant.evidence.when.days_before(today) // 7 if pregnant.evidence.when else 0


def _emergency(because: tuple[Finding, ...]) -> Advise:
    return Advise(
        "critical",
        "Early or undated pregnancy with new pain, bleeding or faint: ectopic not ruled out. Emergency department now.",
        "send to the emergency department or the early pregnancy unit now for ultrasound and serum hCG; no X-ray or "
        "CT of the pelvis for this pain before that.",
        because,
        wrong_if="ultrasound has shown the pregnancy inside the womb, or the pregnancy has ended.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(PELVIC_ULTRASOUND, "stat"),
            *(() if any(LAB_TEST.name in f.concepts for f in because) else (suggest(LAB_PREGNANCY, "stat"),)),
        ),
        arranged_by=("referral-emergency",),
    )


def _refer(found: str, because: tuple[Finding, ...]) -> Advise:
    return Advise(
        "warning",
        f"{found}: pelvic source possible. Gynaecology and pelvic ultrasound first.",
        "ask for fever, discharge, bleeding and pain of the lower abdomen, examine the abdomen, refer to gynaecology "
        "(the same day with fever) with ultrasound of the pelvis.",
        because,
        wrong_if="gynaecology has seen this since, or the pain is clearly of the joint or tendon.",
        suggestions=(
            suggest(REFER_GYNAECOLOGY, "urgent", recommended=True),
            suggest(PELVIC_ULTRASOUND, "urgent"),
        ),
    )


def _cyclic(indicator: Literal["warning", "info"], because: tuple[Finding, ...]) -> Advise:
    return Advise(
        indicator,
        "Buttock pain tracks the menstrual cycle: think of endometriosis; gynaecology and MRI pelvis.",
        "ask for pain of three or more cycles, on passing stool and on intercourse, and refer to gynaecology; MRI of "
        "the pelvis with the lumbosacral plexus, best in the days of pain.",
        because,
        wrong_if="the pain is the same through the whole month.",
        suggestions=(
            suggest(REFER_GYNAECOLOGY, "urgent" if indicator == "warning" else "routine", recommended=True),
            suggest(MRI_PELVIS),
            suggest(MRI_PLEXUS),
        ),
    )
