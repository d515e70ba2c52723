"""A femoral head that has lost its blood supply collapses within months; an MRI shows it long before an X-ray does.

Steroid, alcohol, sickle cell disease, lupus and the other causes on file raise the question, painful or limited
rotation or pain on weight bearing raises the urgency. An examination not recorded, or recorded normal, leaves
it at info: early disease moves freely (the safer reading). A fracture or dislocation of the last six weeks is the
injury of now, no earlier one. Pain of the sitting bone or the SI joint alone, a normal MRI since onset and a
painful hip that is a prosthesis are silent.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.compose import uncapital
from cards.evidence import ACR_OSTEONECROSIS, ARCO_ALCOHOL, ARCO_GLUCOCORTICOID, our_choice
from cards.facts.alcohol import heavy_drinking
from cards.facts.imaging import MRI_HIP_OR_PELVIS, XR_HIP_OR_PELVIS, normal_study, studies
from cards.facts.pain import pain
from cards.facts.pain_place import only_ischial_or_sacroiliac
from cards.facts.pregnancy import pregnancy
from cards.facts.steroids import Exposure, exposure
from cards.finding import Finding, Gap, exam
from cards.look import of_sided
from cards.orderables import MRI_BOTH_HIPS, REFER_ORTHOPAEDICS, XR_BOTH_HIPS_FROG
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.side import Side
from cards.suggest import suggest
from cards.valueset import value_set

DISEASES = (
    value_set("sickle-cell"),
    value_set("sle"),
    value_set("antiphospholipid"),
    value_set("hiv"),
    value_set("gaucher"),
)
PAST_EVENTS = (
    value_set("avascular-necrosis"),
    value_set("organ-transplant"),
    value_set("pelvic-radiotherapy"),
    value_set("decompression-sickness"),
)
PAST_PROCEDURES = (value_set("organ-transplant"), value_set("pelvic-radiotherapy"))
INJURIES_OF_THIS_HIP = (value_set("femoral-neck-fracture-history"), value_set("hip-dislocation"))
PROSTHESIS = value_set("hip-prosthesis")
HIP_SIGNS = (
    exam("hip-internal-rotation", "limited", "painful"),
    exam("log-roll", "positive"),
    exam("impact-pain"),
    value_set("unable-to-bear-weight"),
)

STEROID_ABOVE_MG = 2000
EXAM_HOLDS = timedelta(weeks=6)
EARLIER_FROM = timedelta(weeks=6)

ARCO_AS_THRESHOLDS = our_choice(
    "Consensus criteria made to classify cases are used here as thresholds; an injury is earlier from 6 weeks on"
)
SPARE = "spare the hip until then."
EXAMINE = "examine internal rotation and pain on weight bearing now, and spare the hip where either hurts."


@rule(
    short="RF-11",
    title="Osteonecrosis of the femoral head",
    version="1.1.3",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    evidence=(ACR_OSTEONECROSIS, ARCO_GLUCOCORTICOID, ARCO_ALCOHOL, ARCO_AS_THRESHOLDS),
    last_review=date(2026, 11, 21),
    arranged_by=("img-mri-hip", "img-mri-pelvis", "referral-orthopaedics"),
    result_decides=True,
)
def femoral_head_osteonecrosis(chart: Chart) -> Outcome:
    if only_ischial_or_sacroiliac(chart):
        return Silent("pain of the sitting bone or of the sacroiliac joint only")
    steroid = exposure(chart)
    risks = _risks(chart)
    if steroid.most_mg > STEROID_ABOVE_MG:
        risks = (*steroid.evidence, *risks)
    if not risks and steroid.unknown:
        return CannotTell(tuple(Gap("medications", "dose not known", f.reference) for f in steroid.unknown))
    if not risks:
        return Silent("no steroid, alcohol or other cause of osteonecrosis on file")
    if _replaced(chart):
        return Silent("the painful hip is a prosthesis")
    began = pain(chart).began
    if began and normal_study(studies(chart, *MRI_HIP_OR_PELVIS, since=began.latest)):
        return Silent("MRI since the pain began is normal")
    signs = chart.findings(*HIP_SIGNS, within=EXAM_HOLDS, side=pain(chart).side)
    return _image(chart, _worded(steroid, risks), risks, signs)


def _risks(chart: Chart) -> tuple[Finding, ...]:
    """Causes on file; a fracture or dislocation only of the painful side."""
    found = heavy_drinking(chart)
    found += chart.every(*DISEASES)
    found += chart.every(*PAST_EVENTS, history=True)
    injuries = chart.every(*INJURIES_OF_THIS_HIP, history=True, side=pain(chart).side)
    found += tuple(f for f in injuries if f.when is None or f.when.earliest <= chart.today - EARLIER_FROM)
    done = chart.procedures(*PAST_PROCEDURES)
    return found + tuple(of_sided(p) for p in done)


def _replaced(chart: Chart) -> bool:
    side = pain(chart).side
    told = chart.findings(PROSTHESIS, history=True, surely=True)
    sides = {f.side for f in told} | {p.side for p in chart.procedures(PROSTHESIS)}
    return side in (Side.LEFT, Side.RIGHT) and bool(sides & {side, Side.BOTH})


def _worded(steroid: Exposure, risks: tuple[Finding, ...]) -> str:
    """The leading cause in the few words that a summary has room for."""
    if steroid.most_mg > STEROID_ABOVE_MG:
        return f"{steroid.most_mg / 1000:.3g} g of steroid in 3 months"
    drinks = risks[0].quantity
    return f"{drinks.value:g} drinks a week" if drinks else uncapital(risks[0].label[:44])


def _image(chart: Chart, cause: str, risks: tuple[Finding, ...], signs: tuple[Finding, ...]) -> Advise:
    onset = pain(chart).began
    x_rayed = studies(chart, *XR_HIP_OR_PELVIS, since=onset.earliest if onset else chart.today)
    mri_first = bool(x_rayed) or pregnancy(chart) is not None
    study = "MRI of both hips" if mri_first else "X-ray, then MRI of both hips"
    mri = suggest(MRI_BOTH_HIPS, "urgent", recommended=mri_first)
    x_ray = suggest(XR_BOTH_HIPS_FROG, "urgent", recommended=True)
    return Advise(
        "warning" if signs else "info",
        f"Hip or buttock pain and {cause}: {study} for osteonecrosis.",
        f"arrange {study} without contrast (a normal X-ray does not rule it out) and orthopaedic review within two "
        f"weeks, one week if the X-ray shows collapse; {SPARE if signs else EXAMINE}",
        risks + signs,
        wrong_if="both hips were imaged by MRI since the pain began, or the dose recorded was not taken.",
        suggestions=(mri, suggest(REFER_ORTHOPAEDICS, "urgent"))
        if mri_first
        else (x_ray, mri, suggest(REFER_ORTHOPAEDICS, "urgent")),
    )
