"""Pus in the hip, the sacroiliac joint, the psoas or the gluteal muscles destroys the joint within days and
can kill; fever, raised markers and a hip that resists passive rotation tell of it early.

A newer normal CRP answers an older raised one, but fever is the highest temperature of 72 hours. A white count
alone is no warning. Two other explanations of a raised CRP or ESR are accepted: confirmed inflammatory arthritis
with a value near the patient's own baseline, and, where there is neither fever nor a sign at the hip, a confirmed
infection of lung or urinary tract of the last 30 days. An infection of hip or pelvis on the problem list for no
more than two weeks is treated as not yet controlled. Beside a hip prosthesis of the painful
side this adds to that card, where the prosthesis decides the path; it leads one only for an emergency of which
the rule of the prosthesis does not know: an infection on file, or a CRP of the weeks after the operation, which it
puts down to that or judges more mildly.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_SEPTIC_ARTHRITIS, MILLER_ESR, general_knowledge, our_choice
from cards.facts.host_risk import host_risk, immunosuppression
from cards.facts.inflammation import CRP, abnormal_white_cells, brief, crp, fever, infection_elsewhere, raised_esr
from cards.facts.injury import unable_to_bear_weight
from cards.facts.pain import pain
from cards.facts.pregnancy import pregnancy
from cards.facts.prosthesis import in_healing, raised_since_healing
from cards.finding import Finding, Look, exam
from cards.orderables import (
    LABS_INFECTION,
    MRI_PELVIS,
    MRI_PELVIS_CONTRAST,
    REFER_EMERGENCY,
    REFER_ORTHOPAEDICS,
    US_HIP,
    XR_PELVIS_AND_HIP,
)
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.side import Side
from cards.suggest import suggest
from cards.valueset import value_set

DIAGNOSED = value_set("hip-pelvic-infection-diagnosed")
PROSTHESIS = value_set("hip-prosthesis")
ARTHROPLASTY = value_set("proc-hip-arthroplasty")
IRRITABLE_HIP = (
    exam("log-roll", "positive"),
    exam("hip-internal-rotation", "painful"),
    exam("hip-held-flexed"),
)

CRP_WARNS_FROM = Quantity.of(20, "mg/L")
CRP_ALARMS_FROM = Quantity.of(100, "mg/L")
MARKERS_HOLD = timedelta(days=14)
SIGNS_HOLD = timedelta(days=14)
NEW_DIAGNOSIS = timedelta(days=14)

CUT_OFFS = general_knowledge("CRP 20 and 100 mg/L, white cells 12: from child and adult series of septic arthritis")
WINDOWS = our_choice("Fever of 72 hours, markers and signs of 14 days")


@rule(
    short="RF-05",
    title="Infection of hip, sacroiliac joint or pelvic soft tissue not excluded",
    version="1.1.2",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="infection",
    rank=1,
    evidence=(ACR_SEPTIC_ARTHRITIS, MILLER_ESR, CUT_OFFS, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency", "proc-hip-aspiration"),
)
def hip_pelvic_infection(chart: Chart) -> Outcome:
    known = chart.finding(DIAGNOSED, within=NEW_DIAGNOSIS)
    hot = fever(chart)
    protein = crp(chart, MARKERS_HOLD)
    raised = protein if protein.quantity and protein.quantity >= CRP_WARNS_FROM else None
    esr = raised_esr(chart, MARKERS_HOLD)
    cells = abnormal_white_cells(chart, MARKERS_HOLD)
    marker = raised or esr or cells
    if not (known or hot or marker):
        return Silent("no fever, no raised marker and no such infection on file")
    local = _local_sign(chart)
    found = tuple(look for look in (known, hot, raised, esr, cells, local) if look)
    very_high = protein.quantity and protein.quantity >= CRP_ALARMS_FROM
    if known or (local and very_high):
        return _emergency(chart, *found)
    if hot and (marker or local or host_risk(chart)):
        return _emergency(chart, *found, *host_risk(chart))
    if local and marker and immunosuppression(chart):
        return _emergency(chart, *found, *immunosuppression(chart))
    if not hot and not local and infection_elsewhere(chart):
        return Silent("an infection of lung or urinary tract explains the marker")
    if hot or raised or esr:
        return _same_day(chart, *found)
    return Silent("an abnormal white count alone")


def _local_sign(chart: Chart) -> Look:
    side = pain(chart).side
    return chart.finding(*IRRITABLE_HIP, within=SIGNS_HOLD, side=side) or unable_to_bear_weight(chart, SIGNS_HOLD)


def _emergency(chart: Chart, *because: Look) -> Advise:
    return Advise(
        "critical",
        f"{brief(because[0])} with hip or buttock pain: infection not excluded. Emergency department, cultures.",
        "send to the emergency department now; blood cultures before antibiotics if stable, image-guided aspiration "
        "of the hip, and no joint or gluteal injection until infection is excluded.",
        because,
        wrong_if="another cause of the fever or the raised marker has been found and the hip moves freely.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(LABS_INFECTION, "stat"),
            suggest(US_HIP, "stat"),
            suggest(MRI_PELVIS if pregnancy(chart) else MRI_PELVIS_CONTRAST, "urgent"),
        ),
        leads=not _prosthesis(chart) or _unseen_there(chart),
    )


def _same_day(chart: Chart, *because: Look) -> Advise:
    imaging = US_HIP if pregnancy(chart) else XR_PELVIS_AND_HIP
    return Advise(
        "warning",
        f"{brief(because[0])} with hip or buttock pain: infection not excluded. Examine and take cultures today.",
        "examine the hip today and repeat the markers with blood cultures; if passive rotation hurts or markers "
        "rise, same-day orthopaedic review and aspiration before antibiotics. A normal temperature or white count "
        "does not exclude infection.",
        because,
        wrong_if="another cause of the fever or the raised marker has been found.",
        suggestions=(
            suggest(LABS_INFECTION, "urgent", recommended=True),
            suggest(imaging, "urgent"),
            suggest(REFER_ORTHOPAEDICS, "urgent"),
        ),
        leads=not _prosthesis(chart),
    )


def _prosthesis(chart: Chart) -> bool:
    """A prosthesis that is surely on the painful side: one of unknown side takes the lead from no emergency."""
    side = pain(chart).side
    sides = {done.side for done in chart.procedures(ARTHROPLASTY)}
    sides |= {told.side for told in chart.findings(PROSTHESIS, surely=True)}
    return Side.BOTH in sides or (side in sides and side is not Side.UNKNOWN)


def _unseen_there(chart: Chart) -> bool:
    """The emergency rests on something that the rule of the prosthesis does not weigh."""
    marker = raised_since_healing(chart, CRP, CRP_WARNS_FROM, MARKERS_HOLD)
    weighed = fever(chart) or (isinstance(marker, Finding) and not in_healing(chart, marker))
    return bool(chart.finding(DIAGNOSED, within=NEW_DIAGNOSIS)) or not weighed
