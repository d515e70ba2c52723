"""Hamstrings torn off the ischium retract and scar to the sciatic nerve; repair is easy for a few weeks and hard
after that, and what is taken for a strain is treated until it is too late.

A pop or tear, or a hamstring injury coded as new, of the last six weeks with one sign of avulsion asks for MRI and
a surgeon within a week. Choices: a bruise is large from 5 cm; an undated injury is recent; MRI since the injury
silences only when coded normal, a repair since the injury always does.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import CACCHIO_2012, general_knowledge, our_choice
from cards.facts.fracture import operated_since
from cards.facts.hamstring import avulsion_signs
from cards.facts.imaging import MRI_HIP, MRI_PELVIS, MRI_THIGH, normal_study, studies
from cards.facts.injury import newest_injury
from cards.facts.pain import pain
from cards.orderables import MRI_THIGH as ORDER_MRI_THIGH
from cards.orderables import REFER_ORTHOPAEDICS
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

RECENT_TEAR = timedelta(weeks=6)
LARGE_BRUISE_FROM = Quantity.of(5, "cm")
WEAK_UP_TO = Quantity.of(4, "1")

SURGERY_TIMING = general_knowledge("Proximal hamstring avulsion: repair is best within four to six weeks")
CHOICES = our_choice("Tear within 6 weeks, bruise from 5 cm, surgeon within 7 days")


@rule(
    short="RF-17",
    title="Possible proximal hamstring avulsion",
    version="1.1.1",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(SURGERY_TIMING, CACCHIO_2012, CHOICES),
    last_review=date(2026, 11, 21),
    arranged_by=("img-mri-thigh", "img-mri-pelvis", "img-mri-hip"),
    result_decides=True,
)
def hamstring_avulsion(chart: Chart) -> Outcome:
    injury = newest_injury(chart, RECENT_TEAR, "tear")
    if not injury:
        return Silent("no pop or tear of the hamstrings in six weeks")
    signs = avulsion_signs(chart, RECENT_TEAR, LARGE_BRUISE_FROM, WEAK_UP_TO)
    if not signs:
        return Silent("a tear without a sign of avulsion")
    day = injury.day(chart.today)
    if operated_since(chart, day):
        return Silent("operated since the injury")
    if normal_study(studies(chart, MRI_THIGH, MRI_PELVIS, MRI_HIP, since=day, side=pain(chart).side)):
        return Silent("MRI since the injury is normal")
    return Advise(
        "warning",
        f"Pop or tear at the buttock {injury.when or '(no date)'}, {next(iter(signs))}: hamstring avulsion? "
        "MRI and surgeon within 7 days.",
        "MRI of thigh and pelvis without contrast (ultrasound if it is faster) and an orthopaedic opinion within "
        "seven days, because repair is time-sensitive; no conservative treatment alone until imaged.",
        (injury.finding, *signs.values()),
        wrong_if="imaging since the injury shows the tendon origin intact.",
        suggestions=(
            suggest(ORDER_MRI_THIGH, "urgent", recommended=True),
            suggest(REFER_ORTHOPAEDICS, "urgent"),
        ),
    )
