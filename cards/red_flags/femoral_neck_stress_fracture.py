"""A fatigue fracture of the femoral neck goes on under load until it displaces, and then the femoral head may die;
the first radiographs are often normal.

Bone at risk (load raised, runner or recruit, low energy, osteoporosis), pain on impact and one more sign ask for
MRI within days and no weight until then. A positive hop test is pain on impact and that further sign. Choices:
examination counts for six weeks, a body mass index for a year. Only MRI since the onset that is coded normal
silences; a report that tells in words of a displaced or tension-side line makes it critical.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_STRESS_FRACTURE, ROBERTSON_WOOD_2017, our_choice
from cards.facts.bone_stress import LOAD_COUNTS, stress_risks
from cards.facts.fracture import film_since, unstable_line
from cards.facts.imaging import MRI_HIP_OR_PELVIS, normal_study, studies, told
from cards.facts.injury import unable_to_bear_weight
from cards.facts.pain import pain
from cards.facts.pregnancy import no_x_ray, pregnancy
from cards.finding import Finding, Look, exam
from cards.orderables import MRI_HIP, REFER_EMERGENCY, REFER_ORTHOPAEDICS, REFER_SPORTS, XR_PELVIS_AND_HIP
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set

HOP = exam("hop-test", "positive")
IMPACT = (HOP, exam("impact-pain"))
FURTHER_SIGNS = (
    HOP,
    exam("night-or-rest-pain"),
    value_set("night-pain"),
    exam("log-roll", "positive"),
    exam("hip-internal-rotation", "painful"),
    exam("gait", "antalgic"),
    value_set("limp"),
)

SPORT = frozenset({"raised training load", "runner or recruit"})

EXAMINATION_HOLDS = timedelta(weeks=6)
RECENT_INABILITY = timedelta(days=14)

CHOICES = our_choice("Examination counts for 6 weeks; orthopaedics or sports medicine within 72 hours")


@rule(
    short="RF-03",
    title="Possible femoral-neck stress fracture",
    version="1.1.2",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="fracture",
    rank=2,
    evidence=(ACR_STRESS_FRACTURE, ROBERTSON_WOOD_2017, CHOICES),
    last_review=date(2026, 11, 21),
    arranged_by=("img-mri-hip", "img-mri-pelvis", "referral-emergency"),
    result_decides=True,
)
def femoral_neck_stress_fracture(chart: Chart) -> Outcome:
    side = pain(chart).side
    impact = chart.finding(*IMPACT, within=EXAMINATION_HOLDS, undated_counts=True, side=side)
    if not isinstance(impact, Finding):
        return Silent("no pain on impact or weight bearing")
    sign = chart.finding(*FURTHER_SIGNS, within=EXAMINATION_HOLDS, undated_counts=True, side=side)
    if not isinstance(sign, Finding):
        return Silent("pain on impact without a further sign")
    risks = stress_risks(chart)
    if not risks:
        return Silent("neither raised load nor bone at risk")
    began = pain(chart).began
    since = began.latest if began else chart.today - LOAD_COUNTS
    if began and normal_study(studies(chart, *MRI_HIP_OR_PELVIS, since=since, side=side)):
        return Silent("MRI since the onset is normal")
    unable = unable_to_bear_weight(chart, RECENT_INABILITY)
    line = unstable_line(chart, since)
    if unable or line:
        grave = tuple(f for f in (unable, told(line) if line else None) if isinstance(f, Finding))
        return _emergency(risks, unable, (*grave, impact, sign))
    return _offload(chart, risks, (impact, sign), film=film_since(chart, since) is not None)


def _emergency(risks: dict[str, Finding], unable: Look, because: tuple[Finding, ...]) -> Advise:
    danger, mri = ("cannot bear weight", ", MRI hip") if unable else ("unstable line reported", "")
    image = "MRI of the hip without contrast at once" if unable else "with the images; MRI only where they ask for it"
    return Advise(
        "critical",
        f"Impact pain, {next(iter(risks))}, {danger}: femoral neck at risk. Emergency department{mri} now.",
        f"no weight on the leg; emergency department and orthopaedics today, {image}: a femoral neck that displaces "
        "may lose its head.",
        (*because, *risks.values()),
        wrong_if="MRI since shows no fracture line." if unable else "the line has been treated since.",
        suggestions=(
            suggest(MRI_HIP, "stat", recommended=bool(unable)),
            suggest(REFER_EMERGENCY, "stat", recommended=not unable),
        ),
        arranged_by=("referral-emergency",),
    )


def _offload(chart: Chart, risks: dict[str, Finding], because: tuple[Finding, ...], *, film: bool) -> Advise:
    xray = () if film or pregnancy(chart) else (suggest(XR_PELVIS_AND_HIP, "urgent"),)
    return Advise(
        "warning",
        f"Impact pain with {next(iter(risks))}: femoral-neck stress fracture not ruled out. Off-load, MRI hip at once.",
        "stop running and impact, crutches without weight on the leg until MRI; radiographs and MRI of the hip without "
        "contrast at once, a normal radiograph does not rule it out; orthopaedics or sports medicine within 72 hours.",
        (*because, *risks.values()),
        more=no_x_ray(chart),
        wrong_if="MRI since the onset shows a whole femoral neck.",
        suggestions=(
            suggest(MRI_HIP, "urgent", recommended=True),
            *xray,
            suggest(REFER_ORTHOPAEDICS, "urgent"),
            *((suggest(REFER_SPORTS, "urgent"),) if SPORT & set(risks) else ()),
        ),
    )
