"""An aneurysm of the abdominal aorta that leaks or grows hurts in the back or buttock before it bursts.

New pain of back or abdomen with an aneurysm that was not repaired is critical whatever the blood pressure and the
size; so is any new pain with collapse, low pressure or a large aneurysm. New buttock or hip pain alone with a
smaller one asks for a call the same day. Pain is new for 14 days; pain without a date cannot be called new. A measured
diameter of 3 cm counts as an aneurysm on file (the safer reading).
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import general_knowledge, our_choice
from cards.facts.aneurysm import RUPTURED, aneurysm, leak_signs
from cards.facts.pain import began_within
from cards.finding import Finding, exam
from cards.orderables import AORTA_IMAGING, REFER_EMERGENCY, REFER_VASCULAR
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

BACK_OR_ABDOMEN = (value_set("low-back-pain"), value_set("abdominal-pain"), exam("pain-location", "low-back"))

NEW = timedelta(days=14)

ANEURYSM_CARE = general_knowledge("Abdominal aortic aneurysm: as in NICE NG156 and ACR guidance, not opened")
WINDOWS = our_choice("Pain is new for 14 days; systolic pressure below 90 mm[Hg] in three days")


@rule(
    short="RF-13",
    title="Abdominal aortic aneurysm with new pain",
    version="1.0.1",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(ANEURYSM_CARE, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "img-aortoiliac"),
)
def abdominal_aortic_aneurysm(chart: Chart) -> Outcome:
    known = aneurysm(chart)
    if not known:
        return Silent("no unrepaired aortic aneurysm and no pulsatile mass on file")
    if chart.findings(RUPTURED, within=NEW, undated_counts=True):
        return _emergency("Ruptured aneurysm on file", known)
    back = chart.every(*BACK_OR_ABDOMEN, within=NEW)
    if not back and not began_within(chart, NEW):
        return Silent("aneurysm on file, but no pain that began in the last 14 days")
    signs = leak_signs(chart)
    if back or signs:
        return _emergency(f"{known[0].label[:40]} with new pain", back + known + signs)
    return _call_today(known)


def _emergency(found: str, because: tuple[Finding, ...]) -> Advise:
    return Advise(
        "critical",
        f"{found}: rupture or expansion not ruled out. Emergency department now.",
        "send to the emergency department by ambulance now and call the vascular team; bedside ultrasound or CT "
        "angiography of the aorta there. A normal blood pressure or a small diameter does not rule it out.",
        because,
        wrong_if="the aneurysm has been repaired, or the aorta was imaged since this pain began.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(AORTA_IMAGING, "stat"),
            suggest(REFER_VASCULAR, "stat"),
        ),
    )


def _call_today(known: tuple[Finding, ...]) -> Advise:
    return Advise(
        "warning",
        f"{known[0].label[:40]} and new buttock or hip pain: call the vascular team today, ultrasound of the aorta.",
        "examine abdomen, blood pressure and pulses now and call the vascular team today; any back or abdominal pain, "
        "faint or low pressure makes it an emergency.",
        known,
        wrong_if="the aneurysm has been repaired, or another cause of this pain is proven.",
        suggestions=(
            suggest(REFER_VASCULAR, "asap", recommended=True),
            suggest(AORTA_IMAGING, "asap"),
        ),
    )
