"""Someone whose defences are weak can carry an infection without fever; new pain then deserves one blood test.

Silent where any of CRP, ESR and white cells was measured in the last 14 days, whatever the result, and where the
pain is surely older than 12 weeks (our choice: diabetes alone would otherwise call for it at every visit).
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_SEPTIC_ARTHRITIS, our_choice
from cards.facts.host_risk import host_risk
from cards.facts.inflammation import CRP, ESR, WHITE_CELLS, brief
from cards.facts.pain import began_within
from cards.orderables import LABS_INFECTION
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.suggest import suggest

MARKERS_HOLD = timedelta(days=14)
NEW_PAIN = timedelta(weeks=12)

WINDOWS = our_choice("Markers of 14 days answer; pain of no more than 12 weeks")


@rule(
    short="WU-03",
    title="Inflammatory markers before infection is put aside",
    version="1.1.1",
    status="active",
    hooks=("patient-view",),
    yields_to=("hip-pelvic-infection", "vertebral-infection", "painful-hip-prosthesis"),
    evidence=(ACR_SEPTIC_ARTHRITIS, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("lab-crp",),
)
def inflammatory_markers(chart: Chart) -> Outcome:
    if not began_within(chart, NEW_PAIN, undated_counts=True):
        return Silent("the pain is older than 12 weeks")
    risks = host_risk(chart)
    if not risks:
        return Silent("nothing that makes infection likelier")
    looks = [chart.latest(kind, within=MARKERS_HOLD) for kind in (CRP, ESR, WHITE_CELLS)]
    if any(looks):
        return Silent("a marker was measured in the last 14 days")
    if not all(look.certain for look in looks):
        return CannotTell.without(*looks)
    if chart.orders(CRP, ESR, within=MARKERS_HOLD):
        return Silent("a marker has been ordered")
    return Advise(
        "info",
        f"{brief(risks[0])} and new buttock pain, no recent CRP or ESR: check CRP, ESR, blood count, cultures.",
        "check CRP, ESR and full blood count, with blood cultures if unwell; a normal temperature does not exclude "
        "infection in this patient.",
        risks,
        wrong_if="the markers were measured elsewhere in the last two weeks.",
        suggestions=(suggest(LABS_INFECTION, recommended=True),),
    )
