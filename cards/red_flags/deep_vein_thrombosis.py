"""A clot in a deep vein of leg or pelvis can travel to the lung; swelling of one leg with the pain calls for a
duplex the same day.

Swelling of one leg or a calf more than 3 cm thicker is enough. Without a sign, two Wells risks count only where the
leg itself hurts: pain of the buttock alone never raises it. Swelling of both legs is another matter. Swelling
without a date cannot be called recent.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import general_knowledge, our_choice
from cards.facts.dvt_risk import thrombosis
from cards.facts.inflammation import brief
from cards.orderables import LEG_VEIN_DUPLEX, REFER_EMERGENCY
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

LIKELY_FROM_POINTS = 2

WELLS = general_knowledge("Wells score and same-day duplex, as in NICE NG158, not opened")
WINDOWS = our_choice("Signs of 14 days, surgery of 12 weeks; the score is counted from what is recorded")


@rule(
    short="RF-14",
    title="Deep vein thrombosis",
    version="1.0.2",
    status="active",
    places=("posterior", "unspecified"),
    evidence=(WELLS, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("img-leg-duplex", "referral-emergency"),
)
def deep_vein_thrombosis(chart: Chart) -> Outcome:
    found = thrombosis(chart)
    if not found.signs and not found.leg_pain:
        return Silent("no swelling of one leg; pain alone is no sign")
    if not found.signs and found.points < LIKELY_FROM_POINTS:
        return Silent("leg pain without swelling and fewer than two risks of thrombosis")
    sign = f"{brief(found.signs[0])} with the pain" if found.signs else "Leg pain and risks of thrombosis"
    return Advise(
        "warning",
        f"{sign} (Wells {found.points} or more): venous duplex for DVT today.",
        "examine both legs, complete the Wells score and arrange a venous duplex today; anticoagulate by local "
        "protocol if it is delayed. Breathlessness or chest pain is an emergency.",
        (*found.signs, *found.leg_pain, *found.risks),
        wrong_if="the swelling is old or of both legs, or a duplex since it began was normal.",
        suggestions=(
            suggest(LEG_VEIN_DUPLEX, "stat", recommended=True),
            suggest(REFER_EMERGENCY, "asap"),
        ),
    )
