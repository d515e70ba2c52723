"""A hip prosthesis that hurts may be infected, loose, dislocated or cracked around its stem; antibiotics before
aspiration hide the germ, and a missed infection costs the implant.

Infection: drainage, fever, CRP or ESR raised. Sudden failure: a fall, a leg that is short or does not bear weight.
Neither: a radiograph, and the surgeon when it lasts. Choices: fever counts for 72 hours, and up to 30 days while no
newer temperature is normal; a sinus tract counts until it is answered no; a coded infection of the implant is at
least a warning; pain beyond six weeks is a warning, below it an info; "sudden" is pain no older than the fall.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.compose import uncapital
from cards.evidence import ACR_AFTER_THA, ICM_2018, our_choice
from cards.facts.fracture import film_since, ordered_since
from cards.facts.imaging import XR_HIP_OR_PELVIS
from cards.facts.inflammation import brief
from cards.facts.pain import pain
from cards.facts.prosthesis import (
    DRAINS,
    INFECTED,
    SEPSIS,
    febrile,
    gives_way,
    hip_prosthesis,
    raised_markers,
)
from cards.finding import Finding, Look
from cards.orderables import (
    HIP_ASPIRATION,
    LAB_CRP,
    REFER_EMERGENCY,
    REFER_ORTHOPAEDICS,
    XR_PELVIS_AND_HIP,
)
from cards.quantity import Quantity
from cards.rule import Advise, Outcome, Silent, rule
from cards.side import Side
from cards.suggest import suggest

CRP_ABOVE = Quantity.of(10, "mg/L")
ESR_ABOVE = Quantity.of(30, "mm/h")
MARKERS_COUNT = timedelta(days=30)
SUDDEN = timedelta(days=14)
SURGEON_AFTER = 42  # days of pain
MARKERS = suggest(LAB_CRP, note="Add an ESR.", label="CRP and ESR")

CHOICES = our_choice("Falls and new inability count for 14 days; pain beyond 6 weeks goes to the surgeon")


@rule(
    short="RF-07",
    title="Painful hip prosthesis",
    version="1.0.3",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="infection",
    rank=0,
    evidence=(ACR_AFTER_THA, ICM_2018, CHOICES),
    last_review=date(2026, 11, 21),
    arranged_by=("proc-hip-aspiration", "referral-emergency"),
)
def painful_hip_prosthesis(chart: Chart) -> Outcome:
    implant = hip_prosthesis(chart)
    if not isinstance(implant, Finding):
        return Silent("no hip prosthesis on the painful side")
    grave = _grave(chart)
    raised = raised_markers(chart, CRP_ABOVE, ESR_ABOVE, MARKERS_COUNT)
    coded = chart.finding(INFECTED, side=pain(chart).side)
    failure = gives_way(chart, SUDDEN)
    if failure:
        return _failed(implant, failure, tuple(f for f in (*grave, *raised, coded) if isinstance(f, Finding)))
    if grave or raised or coded:
        return _infected(chart, implant, grave, (*raised, coded))
    if pain(chart).surely_longer_than(SURGEON_AFTER, chart.today):
        return _lasting(implant, chart)
    return _new(implant, chart)


def _grave(chart: Chart) -> tuple[Finding, ...]:
    drains = chart.finding(DRAINS, side=pain(chart).side)
    septic = chart.finding(SEPSIS, within=MARKERS_COUNT)
    return tuple(f for f in (drains, febrile(chart, MARKERS_COUNT), septic) if isinstance(f, Finding))


def _infected(chart: Chart, implant: Finding, grave: tuple[Finding, ...], others: tuple[Look, ...]) -> Advise:
    sign = uncapital(brief(next(look for look in (*grave, *others) if look)))
    film = film_since(chart, _onset(chart))
    aspiration = suggest(HIP_ASPIRATION, "urgent", recommended=film is not None)
    xray = () if film else (suggest(XR_PELVIS_AND_HIP, "urgent", recommended=True),)
    emergency = (suggest(REFER_EMERGENCY, "stat"),) if grave else ()
    return Advise(
        "critical" if grave else "warning",
        f"Painful {_sided(implant)}hip prosthesis, {sign}: X-ray, then aspiration before any antibiotic.",
        "radiograph of the hip, then image-guided aspiration with culture and cell count; no antibiotic before it "
        f"unless unstable; arthroplasty surgeon {'within 24 hours' if grave else 'within a week'}.",
        (*grave, *others, implant),
        wrong_if="another illness explains the values and aspiration was negative.",
        more=("**Next imaging:** MRI without contrast or white-cell scan, never the first test.",),
        suggestions=(*xray, *emergency, aspiration, suggest(REFER_ORTHOPAEDICS, "urgent")),
    )


def _failed(implant: Finding, failure: dict[str, Finding], infection: tuple[Finding, ...]) -> Advise:
    words, first = next(iter(failure.items()))
    also = "**Infection possible too:** drainage, fever or markers on file; aspirate before any antibiotic."
    return Advise(
        "critical",
        f"Painful hip prosthesis, {words} ({first.when or 'no date'}): dislocation or fracture? Emergency X-ray now.",
        "no weight on the leg; emergency radiographs of the hip with the whole stem; CT without contrast if they are "
        "negative; orthopaedic trauma team.",
        (*failure.values(), *infection, implant),
        more=(also,) if infection else (),
        wrong_if="imaging since shows the implant in place and the bone whole.",
        suggestions=(suggest(XR_PELVIS_AND_HIP, "stat", recommended=True), suggest(REFER_EMERGENCY, "stat")),
        beside=f"the painful hip has a prosthesis ({words}): radiograph the whole stem; if it is negative the next "
        "study is CT without contrast, not MRI.",
        pathway="fracture",
        arranged_by=("referral-emergency", "img-ct-hip-pelvis"),
    )


def _lasting(implant: Finding, chart: Chart) -> Outcome:
    xray = () if film_since(chart, _onset(chart)) else (suggest(XR_PELVIS_AND_HIP, recommended=True),)
    surgeon = suggest(REFER_ORTHOPAEDICS, recommended=not xray)
    return Advise(
        "warning",
        f"Painful {_sided(implant)}hip prosthesis since {pain(chart).began}: X-ray, CRP and ESR, orthopaedic review.",
        "radiograph of the hip, CRP and ESR, and review by an arthroplasty surgeon; physiotherapy alone is not enough.",
        (*pain(chart).evidence[:1], implant),
        wrong_if="the surgeon has seen this pain and knows its cause.",
        suggestions=(*xray, surgeon, MARKERS),
        arranged_by=("referral-orthopaedics",),
    )


def _new(implant: Finding, chart: Chart) -> Outcome:
    since = _onset(chart)
    if film_since(chart, since) or ordered_since(chart, since, *XR_HIP_OR_PELVIS):
        return Silent("new pain of a prosthesis, a radiograph done or ordered since, no sign of infection")
    return Advise(
        "info",
        "Painful hip prosthesis: X-ray hip first, CRP and ESR; orthopaedic review if it lasts beyond six weeks.",
        "radiograph of the hip, CRP and ESR; refer to orthopaedics if the pain lasts beyond six weeks.",
        (*pain(chart).evidence[:1], implant),
        wrong_if="the pain is old, unchanged and explained.",
        beside="the painful hip has a prosthesis: radiograph, CRP and ESR; orthopaedics if it hurts beyond six weeks.",
        suggestions=(suggest(XR_PELVIS_AND_HIP, recommended=True), MARKERS),
    )


def _sided(implant: Finding) -> str:
    return f"{implant.side.value} " if implant.side in (Side.LEFT, Side.RIGHT) else ""


def _onset(chart: Chart) -> date:
    began = pain(chart).began
    return began.latest if began else chart.today
