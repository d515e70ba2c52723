"""Kidney function as far as it is recorded, and how far a value may be trusted.

Where only creatinine is on file, the eGFR is worked out by the CKD-EPI equation of 2021 without race (Inker 2021,
N Engl J Med 385:1737, doi 10.1056/NEJMoa2102953), as laboratories do. Sex not recorded counts as female: the lower.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding, Look
from cards.immutable import replace
from cards.quantity import Quantity
from cards.valueset import value_set

EGFR = value_set("lab-egfr")
CREATININE = value_set("lab-creatinine")
CKD = value_set("ckd")
CKD_4_5 = value_set("ckd-4-5")
AKI = value_set("acute-kidney-injury")
DIALYSIS = value_set("dialysis")

HOLDS = timedelta(days=365)
HOLDS_IN_KIDNEY_DISEASE = timedelta(days=90)  # where it may have changed since
INJURY_RECENT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Kidney:
    """What is known. `egfr` is the newest value of the last year, reported or else from creatinine.

    `fresh`: it may still be relied on.

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
    egfr = egfr or _from_creatinine(chart) or egfr
    ckd = chart.finding(CKD)
    injury = chart.finding(AKI, within=INJURY_RECENT, history=True)
    changing = ckd or chart.finding(AKI, within=HOLDS_IN_KIDNEY_DISEASE, history=True)
    fresh = isinstance(egfr, Finding) and (
        not changing or bool(egfr.when and egfr.when.possibly_within(HOLDS_IN_KIDNEY_DISEASE, chart.today))
    )
    return Kidney(egfr, fresh, ckd, chart.finding(CKD_4_5), injury, chart.finding(DIALYSIS))


def _from_creatinine(chart: Chart) -> Finding | None:
    """The eGFR that the newest creatinine of the last year means."""
    measured = chart.latest(CREATININE, within=HOLDS)
    if not isinstance(measured, Finding) or measured.quantity is None or chart.age is None:
        return None
    rate = round(_ckd_epi_2021(measured.quantity.value, chart.age, male=chart.patient.sex == "male"))
    label = f"eGFR worked out from creatinine {measured.quantity}"
    return replace(measured, label=label, value=Quantity.of(rate, "mL/min/{1.73_m2}"))


def _ckd_epi_2021(creatinine: float, age: int, *, male: bool) -> float:
    """mL/min/1.73 m2 from mg/dL and years."""
    kappa, alpha, factor = (0.9, -0.302, 1.0) if male else (0.7, -0.241, 1.012)
    ratio = creatinine / kappa
    return float(142 * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2 * 0.9938**age * factor)
