"""Hips of children fail in other ways than those of adults: infection, a slipped epiphysis, Perthes disease. These
rules were made for adults, so under 18 this card is the only one.

A limp or pain with fever, a raised marker or a leg that bears no weight is taken for infection until it is
disproved; at 8 to 15 years any limp or hip, thigh, knee or buttock pain may be a slipped epiphysis, whatever the
weight of the child (the safer reading). Coded fever counts while no temperature was measured.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.compose import uncapital
from cards.evidence import PECK_2017, general_knowledge, our_choice
from cards.facts.inflammation import brief
from cards.facts.scope import scope
from cards.finding import Finding, Look
from cards.orderables import REFER_EMERGENCY, REFER_PAEDIATRIC_ORTHOPAEDICS, XR_BOTH_HIPS_FROG
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, rule
from cards.suggest import suggest
from cards.valueset import value_set

TEMPERATURE = value_set("body-temperature-observation")
FEVER = value_set("fever")
CRP = value_set("lab-crp")
ESR = value_set("lab-esr")
WBC = value_set("lab-wbc")
BEARS_NO_WEIGHT = value_set("unable-to-bear-weight")  # as a problem, and as the answer to the question of that name
KNOWN_HIP_DISEASE = value_set("slipped-epiphysis-or-perthes")

FEBRILE_FROM = Quantity.of(38.5, "Cel")
CRP_FROM = Quantity.of(20, "mg/L")
ESR_FROM = Quantity.of(40, "mm/h")
WBC_FROM = Quantity.of(12, "10*9/L")
FEVER_HOLDS = timedelta(hours=72)
MARKER_HOLDS = timedelta(days=14)
SLIPS_FROM_AGE = 8
SLIPS_TO_AGE = 15

KOCHER_CAIRD = general_knowledge("Criteria of Kocher and Caird for septic arthritis of a child's hip")
WINDOWS = our_choice("Temperature of 72 hours, markers and weight bearing of 14 days; any weight of the child")


@rule(
    short="RF-21",
    title="Under 18: outside what these rules were made for",
    version="1.0.0",
    status="active",
    places=("child",),
    evidence=(PECK_2017, KOCHER_CAIRD, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=("referral-emergency",),
)
def under_18(chart: Chart) -> Outcome:
    alarms = _alarms(chart)
    if alarms:
        return _septic_hip(chart, alarms)
    known = chart.finding(KNOWN_HIP_DISEASE)
    if known or SLIPS_FROM_AGE <= (chart.age or 0) <= SLIPS_TO_AGE:
        return _slipped_epiphysis(chart, known)
    return Advise(
        "info",
        f"Age {chart.age}: these rules are not validated under 18. Use paediatric guidance for this pain.",
        "assess by paediatric guidance: think of transient synovitis at 3 to 8 years, Perthes disease at 4 to 8 and "
        "a slipped epiphysis in adolescence. From 16 years NICE NG59 covers low back pain and sciatica.",
        scope(chart).evidence,
        wrong_if="the recorded birth date is wrong.",
        suggestions=(suggest(REFER_PAEDIATRIC_ORTHOPAEDICS, recommended=True),),
    )


def _alarms(chart: Chart) -> tuple[Finding, ...]:
    """What speaks for infection or a fracture."""
    looks = (
        _febrile(chart),
        chart.finding(BEARS_NO_WEIGHT, within=MARKER_HOLDS, undated_counts=True),
        _raised(chart.latest(CRP, within=MARKER_HOLDS), CRP_FROM),
        _raised(chart.latest(ESR, within=MARKER_HOLDS), ESR_FROM),
        _raised(chart.latest(WBC, within=MARKER_HOLDS), WBC_FROM),
    )
    return tuple(look for look in looks if isinstance(look, Finding))


def _febrile(chart: Chart) -> Look | None:
    measured = chart.latest(TEMPERATURE, within=FEVER_HOLDS)
    return _raised(measured, FEBRILE_FROM) if measured else chart.finding(FEVER, within=FEVER_HOLDS)


def _raised(look: Look, limit: Quantity) -> Look | None:
    return look if look.quantity and look.quantity >= limit else None


def _septic_hip(chart: Chart, alarms: tuple[Finding, ...]) -> Advise:
    return Advise(
        "critical",
        f"Age {chart.age} (rules not validated under 18), {uncapital(brief(alarms[0]))}: septic hip? Emergency "
        "department now.",
        "send to the emergency department or paediatric orthopaedics now, no weight bearing; infection, fracture and "
        "a slipped epiphysis are not ruled out. X-ray both hips, AP and frog-leg, on the way.",
        alarms + scope(chart).evidence,
        wrong_if="the recorded birth date or values are wrong.",
        suggestions=(
            suggest(REFER_EMERGENCY, "stat", recommended=True),
            suggest(REFER_PAEDIATRIC_ORTHOPAEDICS, "stat"),
            suggest(XR_BOTH_HIPS_FROG, "stat"),
        ),
    )


def _slipped_epiphysis(chart: Chart, known: Look) -> Advise:
    return Advise(
        "warning",
        f"Age {chart.age}: rules not validated under 18. Slipped epiphysis? X-ray both hips AP + frog-leg today.",
        "let the child put no weight on the leg; X-ray both hips, AP and frog-leg, and speak to paediatric "
        "orthopaedics today. Knee or thigh pain may come from the hip.",
        (known, *scope(chart).evidence),
        wrong_if="both hips were X-rayed since the pain began and are normal.",
        suggestions=(
            suggest(XR_BOTH_HIPS_FROG, "stat", recommended=True),
            suggest(REFER_PAEDIATRIC_ORTHOPAEDICS, "stat"),
        ),
    )
