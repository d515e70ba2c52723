"""In fragile bone a fall from standing breaks the hip or pelvis of a patient who may still walk; a break that is
missed displaces, and one radiograph in many does not show it.

An injury of the last six weeks and one fragility risk ask for a radiograph today if none was done since; pain on
rotation or load, or a walk not normal after two days, asks for MRI after one that was done, whatever its words
say. The safer readings: any injury counts except a torn tendon, an undated one is recent, and every age from 65.
MRI or CT since the injury silences only when coded normal. A fracture already coded since is no longer occult.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.card import Suggestion
from cards.chart import Chart
from cards.evidence import ACR_ACUTE_HIP, ACR_LOW_BACK_PAIN, NICE_HIP_FRACTURE, our_choice
from cards.facts.bone_health import Risk, dxa_due, fragility_risks, records_of, words_of
from cards.facts.fracture import (
    fracture_since,
    imaged_since,
    lasting_signs,
    mri_or_ct_since,
    ordered_since,
    told_fracture,
)
from cards.facts.imaging import XR_HIP_OR_PELVIS, Study, normal_study, told
from cards.facts.injury import Injury, newest_injury
from cards.facts.pregnancy import pregnancy
from cards.finding import Finding
from cards.orderables import DXA, MRI_PELVIS_AND_HIP, REFER_ORTHOPAEDICS, XR_PELVIS_AND_HIP
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.suggest import suggest

RECENT_INJURY = timedelta(weeks=6)
WALKS_AGAIN_AFTER = timedelta(days=2)

CHOICES = our_choice("Injury within 6 weeks; age from 65 for women and men; MRI once it lasts 48 hours")
BY_MRI = ("referral-emergency", "img-mri-hip", "img-mri-pelvis", "img-ct-hip-pelvis")
BY_XR = (*BY_MRI, "img-xr-hip", "img-xr-pelvis")
FILMS_FIRST = (
    "protect weight bearing until a fracture is excluded; radiographs of the whole pelvis with sacrum and of the hip "
    "today, MRI without contrast if negative and still painful; orthopaedics if positive."
)
MRI_FIRST = (
    "protect weight bearing until a fracture is excluded; MRI of the whole pelvis with sacrum and of the hip without "
    "contrast today, in place of the X-ray in pregnancy; orthopaedics if positive."
)


@rule(
    short="RF-02",
    title="Possible occult hip or pelvic fracture",
    version="1.2.1",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="fracture",
    rank=1,
    evidence=(ACR_ACUTE_HIP, NICE_HIP_FRACTURE, ACR_LOW_BACK_PAIN, CHOICES),
    last_review=date(2026, 11, 21),
    arranged_by=BY_XR,
    result_decides=True,
)
def occult_hip_fracture(chart: Chart) -> Outcome:
    injury = newest_injury(chart, RECENT_INJURY, "low", "high")
    if not injury:
        return Silent("no fall or other injury in six weeks")
    day = injury.day(chart.today)
    if fracture_since(chart, day):
        return Silent("the fracture is known")
    if report := told_fracture(chart, day):
        return _read_the_report(injury, report)
    risks = fragility_risks(chart)
    if not risks:
        return Silent("an injury, but no fragility risk")
    if normal_study(mri_or_ct_since(chart, day)):
        return Silent("MRI or CT since the injury is normal")
    images = imaged_since(chart, day)
    signs = lasting_signs(chart, day, WALKS_AGAIN_AFTER) if images else ()
    if signs:
        return _mri_next(chart, injury, risks, images[0], signs)
    if images:
        return Silent("imaged since the injury, without a lasting sign")
    unseen = chart.section("diagnosticReports").gaps(frozenset(BY_XR), day)
    if unseen:
        return CannotTell(unseen)
    return _film_today(chart, injury, risks)


def _film_today(chart: Chart, injury: Injury, risks: tuple[Risk, ...]) -> Advise:
    since = injury.day(chart.today)
    ordered = ordered_since(chart, since, *XR_HIP_OR_PELVIS)
    first = XR_PELVIS_AND_HIP if not pregnancy(chart) else MRI_PELVIS_AND_HIP
    study = "X-ray pelvis and hip today; MRI if negative" if first is XR_PELVIS_AND_HIP else "MRI pelvis and hip today"
    return _advice(
        f"Fall or injury {injury.when or 'of unknown date'}, {words_of(risks)}: {study}.",
        FILMS_FIRST if first is XR_PELVIS_AND_HIP else MRI_FIRST,
        (injury.finding, *records_of(risks)),
        (suggest(first, "urgent", recommended=True), *_bone_health(chart)),
        BY_XR if ordered else BY_MRI,
        f"fragility risk ({words_of(risks)}): image the whole pelvis with the sacrum too, MRI if negative and still "
        "painful; falls and bone-health review later.",
    )


def _mri_next(chart: Chart, injury: Injury, risks: tuple[Risk, ...], film: Study, signs: tuple[Finding, ...]) -> Advise:
    return _advice(
        f"Injury {injury.when or 'of unknown date'}, {words_of(risks)}, still painful after imaging "
        f"{film.finding.when}: MRI pelvis and hip.",
        "protect weight bearing; MRI of pelvis and hip without contrast now, for a normal radiograph does not rule "
        "out a fracture (CT if MRI cannot be had within 24 h).",
        (*signs, film.finding, injury.finding, *records_of(risks)),
        (suggest(MRI_PELVIS_AND_HIP, "urgent", recommended=True), *_bone_health(chart)),
        BY_MRI,
    )


def _read_the_report(injury: Injury, report: Study) -> Advise:
    return _advice(
        f"Injury {injury.when or 'of unknown date'}: the report of {report.finding.when} speaks of a fracture. "
        "Read it today.",
        "read the report and the images now; protect weight bearing and give no exercise until a fracture is "
        "excluded; orthopaedics if it is confirmed.",
        (told(report), injury.finding),
        (suggest(REFER_ORTHOPAEDICS, "urgent", recommended=True),),
        ("referral-emergency", "referral-orthopaedics"),
    )


def _bone_health(chart: Chart) -> tuple[Suggestion, ...]:
    return (suggest(DXA),) if dxa_due(chart) and not pregnancy(chart) else ()


def _advice(
    summary: str,
    do: str,
    because: tuple[Finding, ...],
    suggestions: tuple[Suggestion, ...],
    arranged_by: tuple[str, ...],
    beside: str = "",
) -> Advise:
    return Advise(
        "warning",
        summary,
        do,
        because,
        wrong_if="imaging since the injury has shown the pelvis and hip to be whole.",
        more=("**Later:** falls and bone-health review (bone density, vitamin D, falls programme).",),
        suggestions=suggestions,
        arranged_by=arranged_by,
        beside=beside,
    )
