"""What makes an infection more likely in this patient, or more dangerous.

Each item counts inside its own window; immunosuppression is told apart because it lowers the threshold for alarm.
"""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.medicines import as_finding
from cards.facts.pain import pain
from cards.facts.steroids import Course, courses
from cards.finding import Finding, Look, NotFound
from cards.look import of_record
from cards.record import Medication
from cards.valueset import ValueSet, value_set

INJECTING_DRUGS = value_set("injecting-drug-use")
IMMUNOSUPPRESSION = (value_set("immunosuppression"), value_set("hiv"), value_set("organ-transplant"))
HIV = value_set("hiv")
CHEMOTHERAPY = value_set("chemotherapy-history")
CHEMOTHERAPY_DRUGS = value_set("med-chemotherapy")
BIOLOGIC = value_set("med-biologic-or-jak")
DIABETES = value_set("diabetes")
DIALYSIS = value_set("dialysis")
BACTERAEMIA = value_set("bacteraemia-endocarditis")
AUREUS = value_set("staphylococcus-aureus-bacteraemia")
SKIN_INFECTION = value_set("skin-soft-tissue-infection")
HIP_PROCEDURES = tuple(
    value_set(name)
    for name in (
        "proc-hip-injection",
        "proc-si-joint-injection",
        "proc-piriformis-injection",
        "proc-hip-aspiration",
        "proc-hip-pelvic-surgery",
        "proc-hip-arthroplasty",
    )
)
SPINAL_PROCEDURES = (value_set("proc-spinal-procedure"), value_set("proc-lumbar-surgery"))

INJECTED_WITHIN = timedelta(days=365)
CHEMOTHERAPY_WITHIN = timedelta(days=183)
BACTERAEMIA_WITHIN = timedelta(days=92)
AUREUS_WITHIN = timedelta(days=365)
PROCEDURE_WITHIN = timedelta(days=92)
SKIN_INFECTION_WITHIN = timedelta(days=28)
HIGH_STEROID_FROM = 20.0  # mg of prednisolone a day, taken still
HIGH_STEROID_FOR = timedelta(days=14)


@fact
def host_risk(chart: Chart) -> tuple[Finding, ...]:
    """Everything that makes an infection more likely, immunosuppression first; empty when nothing was found."""
    looks = (
        *immunosuppression(chart),
        injecting_drugs(chart),
        bacteraemia(chart),
        chart.finding(SKIN_INFECTION, within=SKIN_INFECTION_WITHIN, history=True),
        procedure_of(chart, *HIP_PROCEDURES, sided=True),
        chart.finding(DIALYSIS),
        chart.finding(DIABETES),
    )
    return tuple(look for look in looks if isinstance(look, Finding))


@fact
def immunosuppression(chart: Chart) -> tuple[Finding, ...]:
    """Weakened defence: HIV, immunodeficiency, transplant, chemotherapy, biologics, lasting high-dose steroid."""
    looks = (
        chart.finding(*IMMUNOSUPPRESSION),
        chart.finding(CHEMOTHERAPY, within=CHEMOTHERAPY_WITHIN, history=True),
        *(as_finding(m) for m in chart.past_medications(CHEMOTHERAPY_DRUGS) if _taken_lately(m, chart)),
        *(as_finding(m) for m in chart.medications(BIOLOGIC)),
        *(c.told for c in courses(chart) if _high_and_lasting(c, chart)),
    )
    return tuple(look for look in looks if isinstance(look, Finding))


@fact
def injecting_drugs(chart: Chart) -> Look:
    """Injecting drug use coded in the last 12 months; a use disorder that does not say the route is not enough."""
    return chart.finding(INJECTING_DRUGS, within=INJECTED_WITHIN, history=True)


@fact
def bacteraemia(chart: Chart) -> Look:
    """Bacteria in the blood or on a valve in the last 3 months, Staphylococcus aureus in the last 12."""
    lately = chart.finding(BACTERAEMIA, within=BACTERAEMIA_WITHIN, history=True)
    return lately or chart.finding(AUREUS, within=AUREUS_WITHIN, history=True)


@fact
def spine_risk(chart: Chart) -> tuple[Finding, ...]:
    """What makes infection of the spine likelier: injecting, dialysis, diabetes, HIV, a recent spinal procedure."""
    looks = (
        procedure_of(chart, *SPINAL_PROCEDURES),
        injecting_drugs(chart),
        chart.finding(DIALYSIS),
        chart.finding(HIV),
        chart.finding(DIABETES),
    )
    return tuple(look for look in looks if isinstance(look, Finding))


def procedure_of(chart: Chart, *kinds: ValueSet, sided: bool = False) -> Look:
    """The newest of these procedures done in the last 3 months; with `sided`, none of the opposite side."""
    side = pain(chart).side
    chart.supplied("procedures", *kinds)  # one of the other side says nothing of this one
    done = chart.procedures(*kinds, within=PROCEDURE_WITHIN)
    found = next((p for p in done if not (sided and p.side.opposite_of(side))), None)
    return of_record(found) if found else NotFound()


def _taken_lately(medicine: Medication, chart: Chart) -> bool:
    """Taken now, or prescribed or ended inside the window."""
    if not medicine.systemic:
        return False
    ended = medicine.until or (medicine.when if medicine.status != "active" else None)
    if ended is None:
        return medicine.status == "active"
    return ended.possibly_within(CHEMOTHERAPY_WITHIN, chart.today)


def _high_and_lasting(course: Course, chart: Chart) -> bool:
    taken = course.last - course.first + timedelta(days=1)
    enough = course.mg is not None and course.mg >= HIGH_STEROID_FROM
    return enough and taken >= HIGH_STEROID_FOR and course.last >= chart.today
