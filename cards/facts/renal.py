"""Kidney function as far as it is recorded, and how far a value may be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding, Look
from cards.quantity import Quantity
from cards.valueset import value_set

EGFR = value_set("lab-egfr")
CKD = value_set("ckd")
CKD_4_5 = value_set("ckd-4-5")
AKI = value_set("acute-kidney-injury")
DIALYSIS = value_set("dialysis")

HOLDS = timedelta(days=365)
HOLDS_IN_KIDNEY_DISEASE = timedelta(days=90)  # where it may have changed since
INJURY_RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Kidney:
    """What is known. `egfr` is the newest value of the last year; `fresh`: it may still be relied on.

    ckd: chronic disease of any stage. severe: stage 4 or 5. injury: acute, of the last 14 days. dialysis: now.
    """

    egfr: Look
    fresh: bool
    ckd: Look
    severe: Look
    injury: Look
    dialysis: Look

    @property
    def rate(self) -> Quantity | None:
        """The eGFR in mL/min/{1.73_m2}."""
        return self.egfr.quantity


@fact
def kidney(chart: Chart) -> Kidney:
    """Kidney function today. Of differing values of one day the lower counts."""
    egfr = chart.latest(EGFR, within=HOLDS, worse="low")
    ckd = chart.finding(CKD)
    injury = chart.finding(AKI, within=INJURY_RECENT, history=True)
    changing = ckd or chart.finding(AKI, within=HOLDS_IN_KIDNEY_DISEASE, history=True)
    fresh = isinstance(egfr, Finding) and (
        not changing or bool(egfr.when and egfr.when.possibly_within(HOLDS_IN_KIDNEY_DISEASE, chart.today))
    )
    return Kidney(egfr, fresh, ckd, chart.finding(CKD_4_5), injury, chart.finding(DIALYSIS))
