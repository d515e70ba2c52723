"""A sacrum too weak for everyday load cracks without a fall; the pain sits in the buttock or looks like sciatica,
radiographs miss it, and so does MRI of the lumbar spine that stops above the sacrum.

New pain, no high-energy injury, and one strong or two weak risks ask for MRI of the pelvis with the sacrum. Choices:
pain or a fragility fracture without a date counts as recent; a fusion is new for a year; kidney disease counts by
its coded stage; "no significant trauma" means no high-energy one, and after a minor one the fall rule leads
alone, and a fracture of hip or pelvis coded since the onset is no longer looked for.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import ACR_STRESS_FRACTURE, KAO_2017, KIM_2018, SCHINDLER_2007, our_choice
from cards.facts.bone_health import dxa_due, insufficiency_risks, records_of, words_of
from cards.facts.fracture import film_since, fracture_since
from cards.facts.imaging import CT_HIP_PELVIS, MRI_PELVIS, MRI_SI, normal_study, studies
from cards.facts.injury import newest_injury
from cards.facts.pain import began_within, pain
from cards.facts.pregnancy import no_x_ray, pregnancy
from cards.orderables import DXA, MRI_SACRUM, XR_PELVIS
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

NEW_PAIN = timedelta(weeks=12)
WEAK_RISKS_FROM = 2

CHOICES = our_choice("Which risks are strong and which weak; pain of up to 12 weeks; a fusion is new for a year")


@rule(
    short="RF-04",
    title="Possible sacral insufficiency fracture",
    version="1.1.2",
    status="active",
    places=("posterior", "unspecified"),
    pathway="fracture",
    rank=3,
    yields_to=("occult-hip-fracture",),
    evidence=(ACR_STRESS_FRACTURE, KAO_2017, KIM_2018, SCHINDLER_2007, CHOICES),
    last_review=date(2026, 11, 21),
    arranged_by=("img-mri-pelvis", "img-mri-sacroiliac", "img-ct-hip-pelvis"),
    result_decides=True,
)
def sacral_insufficiency_fracture(chart: Chart) -> Outcome:
    if not began_within(chart, NEW_PAIN, undated_counts=True):
        return Silent("the pain is older than twelve weeks")
    strong, weak = insufficiency_risks(chart)
    if not strong and len(weak) < WEAK_RISKS_FROM:
        return Silent("fewer risks than one strong or two weak ones")
    if newest_injury(chart, NEW_PAIN, "high"):
        return Silent("a high-energy injury explains the pain")
    began = pain(chart).began
    since = began.latest if began else chart.today
    if fracture_since(chart, since):
        return Silent("a fracture coded since the onset is known")
    if normal_study(studies(chart, MRI_PELVIS, MRI_SI, CT_HIP_PELVIS, since=since)):
        return Silent("MRI or CT of the pelvis since the onset is normal")
    risks = (*strong, *weak)
    xray = () if film_since(chart, since) or pregnancy(chart) else (suggest(XR_PELVIS),)
    bone = (suggest(DXA),) if dxa_due(chart) and not pregnancy(chart) else ()
    return Advise(
        "warning",
        f"Buttock or sacral pain, {words_of(strong or weak)}: sacral fracture not ruled out. MRI pelvis with sacrum.",
        "protect mobility; radiograph first, but it misses most; MRI of pelvis and sacrum without contrast within two "
        "weeks (CT if MRI is not possible; a lumbar MRI may not reach the sacrum); bone-health work-up.",
        (*pain(chart).evidence[:1], *records_of(risks)),
        more=no_x_ray(chart),
        wrong_if="MRI or CT that covers the sacrum was normal since the pain began.",
        suggestions=(suggest(MRI_SACRUM, "urgent", recommended=True), *xray, *bone),
    )
