"""Signs and risks of a deep vein thrombosis: the items of the Wells score that the chart can tell.

Not all items are recorded, so the count is the least that the score can be. Alternative diagnoses are not
subtracted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding, Look, exam
from cards.quantity import Quantity
from cards.side import Side
from cards.valueset import value_set

SWELLING = value_set("leg-swelling")  # as a problem, and as the answer to the question of that name
CANCER = value_set("active-cancer")
EARLIER_DVT = value_set("dvt")
SURGERY = (
    value_set("surgical-procedure-category"),
    value_set("proc-hip-pelvic-surgery"),
    value_set("proc-lumbar-surgery"),
)
PARESIS = (value_set("leg-weakness"), value_set("foot-drop"), exam("leg-strength", "reduced"))
LEG_PAIN = (
    value_set("leg-pain"),
    value_set("thigh-pain"),
    exam("pain-location", "posterior-thigh", "below-knee"),
)

CALF_ABOVE = Quantity.of(3, "cm")
SIGN_HOLDS = timedelta(days=14)
SURGERY_WITHIN = timedelta(weeks=12)


@dataclass(frozen=True, slots=True)
class Thrombosis:
    """Signs of one leg, and risks that count a point each; `leg_pain` tells that the leg itself hurts."""

    signs: tuple[Finding, ...]
    risks: tuple[Finding, ...]
    leg_pain: tuple[Finding, ...]

    @property
    def points(self) -> int:
        """The least that the Wells score can be."""
        return len(self.signs) + len(self.risks)


@fact
def thrombosis(chart: Chart) -> Thrombosis:
    """What the chart tells of the last 14 days, surgery of the last 12 weeks, and earlier clots of any time."""
    swelling = chart.every(SWELLING, within=SIGN_HOLDS)
    one_leg = next((f for f in swelling if f.side is not Side.BOTH), None)
    calf = chart.latest("calf-difference", within=SIGN_HOLDS)
    thicker = calf if calf.quantity and calf.quantity > CALF_ABOVE else None
    surgery = chart.procedures(*SURGERY, within=SURGERY_WITHIN)
    operated = Finding(surgery[0].reference, surgery[0].text, when=surgery[0].when) if surgery else None
    risks: tuple[Look | None, ...] = (
        chart.finding(CANCER),
        operated,
        chart.finding(*PARESIS, within=SIGN_HOLDS),
        chart.finding(EARLIER_DVT, history=True),
    )
    return Thrombosis(
        tuple(f for f in (one_leg, thicker) if isinstance(f, Finding)),
        tuple(f for f in risks if isinstance(f, Finding)),
        chart.every(*LEG_PAIN, within=SIGN_HOLDS),
    )
