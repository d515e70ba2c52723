"""Each drafted study judged: the scenario it falls under, how it is rated there, and what decided.

A study of one hip or thigh where all that is on file is on the other side is of the wrong side. A red flag that asks
for imaging of the same region settles it; one that points elsewhere makes the study one of the wrong region. So does a
serious or specific cause that the order names as its reason. Without either the table of ratings decides, by the
X-rays done since the onset of the pain, its duration and the care so far. Where those cannot be told, nothing is
judged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cards.appropriateness import Rating, Region, Scenario, scenario
from cards.chart import Chart, fact
from cards.facts.drafts import ImagingDraft, imaging_drafts
from cards.facts.flagged_imaging import Flagged, flagged_studies
from cards.facts.imaging import (
    MRI_LUMBAR,
    XR_HIP_OR_PELVIS,
    XR_SI,
    Study,
    normal_study,
    studies,
)
from cards.facts.pain import pain
from cards.facts.pregnancy import pregnancy
from cards.facts.scope import POSTERIOR
from cards.facts.therapy import adequate_trial, therapy_gaps
from cards.finding import Look, exam
from cards.hygiene import is_active
from cards.side import Side
from cards.valueset import ValueSet, value_set

IMPINGEMENT = (value_set("femoroacetabular-impingement"), value_set("hip-labral-tear"))
DEEP_GLUTEAL = value_set("deep-gluteal-syndrome")
LUMBAR_SURGERY = value_set("proc-lumbar-surgery")
LUMBAR_SOURCE = tuple(
    value_set(n) for n in ("low-back-pain", "lumbar-radiculopathy", "sciatica", "lumbar-spinal-stenosis")
)
LUMBAR_SIGN = (
    exam("pain-location", "low-back", "below-knee", "deep-buttock"),
    exam("straight-leg-raise", "positive"),
    exam("slump-test", "positive"),
    exam("below-knee-dermatomal-pain"),
)
ISCHIAL_SITE = exam("pain-location", "ischial")
NERVE_SIGN = (
    exam("leg-sensation", "reduced", "absent"),
    exam("knee-reflex", "reduced", "absent"),
    exam("ankle-reflex", "reduced", "absent"),
    exam("leg-strength", "reduced"),
)

_SPINE: frozenset[Region] = frozenset({"lumbar"})
_HIP_PELVIS: frozenset[Region] = frozenset({"hip", "pelvis"})
_SACRUM: frozenset[Region] = frozenset({"sacroiliac"})
REASON_ROWS: tuple[tuple[ValueSet, frozenset[Region], str], ...] = (
    (value_set("cauda-equina-syndrome"), _SPINE, "cauda-equina"),
    (value_set("vertebral-infection-diagnosed"), _SPINE, "spine-infection"),
    (value_set("active-infection"), _SPINE, "lumbar-serious-cause"),
    (value_set("active-infection"), _HIP_PELVIS, "joint-infection-after-xray"),
    (value_set("active-cancer"), _SPINE, "lumbar-serious-cause"),
    (value_set("active-cancer"), _HIP_PELVIS, "bone-metastasis"),
    (value_set("bone-metastasis"), _SPINE, "lumbar-serious-cause"),
    (value_set("bone-metastasis"), _HIP_PELVIS, "bone-metastasis"),
    (value_set("hip-pelvis-fracture"), _HIP_PELVIS, "acute-hip-after-xray"),
    (value_set("stress-insufficiency-fracture"), _HIP_PELVIS | {"thigh"}, "stress-fracture-after-xray"),
    (value_set("stress-insufficiency-fracture"), _SACRUM, "sacral-fracture-after-xray"),
    (value_set("avascular-necrosis"), _HIP_PELVIS, "osteonecrosis-after-xray"),
    (value_set("soft-tissue-mass"), _HIP_PELVIS | {"thigh"}, "deep-mass-first"),
    (value_set("axial-spondyloarthritis"), _SACRUM, "spondyloarthritis-after-xray"),
    (value_set("sacroiliitis"), _SACRUM, "spondyloarthritis-after-xray"),
)
"""What an order's own reason may suspect: the value set, the regions ordered, and the scenario that then decides."""

EARLY_DAYS = 42
XRAY_HOLDS = timedelta(days=183)  # where no onset is recorded
EXAM_HOLDS = timedelta(days=183)
YOUNG_BELOW = 45
LASTING_DAYS = 90

Verdict = Literal["appropriate", "not-appropriate", "unsettled", "unknown"]
HIP: frozenset[Region] = frozenset({"hip", "pelvis", "body"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of one drafted study.

    unsettled: no source rates it here, or only as "may be appropriate". unknown: data are missing. why: the
    deciding facts in a few words. flag: the red flag's study that decided. elsewhere: flag, reason or pain point
    to another region, `points_to`. wrong_side: the pain is on the other side. no_xray, no_care: what would have to
    come first.
    """

    draft: ImagingDraft
    verdict: Verdict
    why: str
    scenario: Scenario | None = None
    rating: Rating | None = None
    because: tuple[Look, ...] = ()
    flag: Flagged | None = None
    elsewhere: bool = False
    points_to: frozenset[Region] = frozenset()
    wrong_side: bool = False
    no_xray: bool = False
    no_care: bool = False


def judgements(chart: Chart) -> tuple[Judgement, ...]:
    """One for each drafted study that the hook asks about. Only for callers after the red flags."""
    flags = flagged_studies(chart)
    return tuple(judged(chart, draft, flags) for draft in imaging_drafts(chart))


def judged(chart: Chart, draft: ImagingDraft, flags: tuple[Flagged, ...]) -> Judgement:
    """The judgement of one draft beside these red-flag studies."""
    if _is_of_the_other_side(chart, draft):
        where = pain(chart).evidence[:1]
        return Judgement(draft, "unsettled", "the pain is on the other side", because=where, wrong_side=True)
    covering = [f for f in flags if f.regions & draft.shown_regions]
    if covering:
        exact = next((f for f in covering if f.modality == draft.modality), None)
        return Judgement(draft, "appropriate" if exact else "unsettled", "red flag", flag=exact or covering[0])
    if draft.other_question:
        return Judgement(draft, "unsettled", "a study for another question")
    reasons = [row for row in REASON_ROWS if row[0].name in (draft.order.reasons or {})]
    suspected = next((name for _, regions, name in reasons if regions & draft.regions), None)
    if suspected:
        return _by_table(draft, suspected, "the order's own reason")
    if reasons and draft.modality not in ("nm", "dxa", "us"):
        points_to = reasons[0][1]
        asked = next((f for f in flags if f.urgent and f.regions & points_to), None)
        return Judgement(draft, "not-appropriate", "wrong region", flag=asked, elsewhere=True, points_to=points_to)
    urgent = next((f for f in flags if f.urgent), None)
    if urgent and draft.modality in ("nm", "dxa", "us"):
        return Judgement(draft, "unsettled", "beside a red flag", flag=urgent)
    if urgent:
        return Judgement(
            draft,
            "not-appropriate",
            "wrong region",
            because=urgent.advice.because,
            flag=urgent,
            elsewhere=True,
            points_to=urgent.regions,
        )
    if "lumbar" in draft.regions:
        return _lumbar(chart, draft)
    if draft.modality in ("xr", "us", "dxa"):
        return Judgement(draft, "appropriate" if draft.modality == "xr" else "unsettled", "first-line study")
    return _hip(chart, draft)


def _is_of_the_other_side(chart: Chart, draft: ImagingDraft) -> bool:
    """The pain is on the other side, and neither a problem on file nor the order's own reason is on this one."""
    if draft.regions.isdisjoint({"hip", "thigh"}) or not draft.side.opposite_of(pain(chart).side):
        return False
    order = draft.order
    own_reason = bool(order.reasons) and POSTERIOR.isdisjoint(order.reasons or ())
    here = any(
        is_active(c) and not c.side.opposite_of(draft.side) and c.side is not Side.UNKNOWN
        for c in chart.all_conditions()
    )
    return not (own_reason or here or order.reason_side is not Side.UNKNOWN)


@fact
def xrays(chart: Chart) -> tuple[Study, ...]:
    """Radiographs of pelvis, hip or sacroiliac joints that may have been taken since the pain began."""
    return tuple(s for s in studies(chart, *XR_HIP_OR_PELVIS, XR_SI) if s.day and s.day >= _begun(chart))


@fact
def early(chart: Chart) -> bool:
    """The pain may have begun less than six weeks ago. False where no onset is recorded."""
    known = pain(chart)
    return known.began is not None and known.onset_known and not known.surely_at_least(EARLY_DAYS, chart.today)


def _begun(chart: Chart) -> date:
    known = pain(chart)
    return known.began.earliest if known.began and known.onset_known else chart.today - XRAY_HOLDS


def _lumbar(chart: Chart, draft: ImagingDraft) -> Judgement:
    if chart.procedures(LUMBAR_SURGERY):
        return _by_table(draft, "lumbar-surgery", "earlier lumbar surgery")
    course = adequate_trial(chart)
    if course is None and therapy_gaps(chart):
        return Judgement(draft, "unknown", "care so far could not be looked up")
    if course is None:
        row = "low-back-acute" if early(chart) else "low-back-no-care"
        time = "pain under 6 weeks" if early(chart) else "no 6 weeks of care"
        return _by_table(draft, row, f"no red flag, {time}", no_care=True)
    if _only_ischial(chart):
        where = chart.finding(ISCHIAL_SITE, within=EXAM_HOLDS)
        ischium: frozenset[Region] = frozenset({"pelvis", "thigh"})
        return Judgement(draft, "not-appropriate", "ischial pain", because=(where,), elsewhere=True, points_to=ischium)
    return _by_table(draft, "low-back-after-care", "persists after care", course.evidence[:1])


def _only_ischial(chart: Chart) -> bool:
    if not chart.finding(ISCHIAL_SITE, within=EXAM_HOLDS, surely=True):
        return False
    return not chart.finding(*LUMBAR_SOURCE, *LUMBAR_SIGN, *NERVE_SIGN)


def _hip(chart: Chart, draft: ImagingDraft) -> Judgement:
    done = xrays(chart)
    course = adequate_trial(chart)
    unread = bool(chart.gaps_of(xrays)[1]) and not done
    if _needs_xray(chart, draft) and not done and not unread and not pregnancy(chart):
        row = "spondyloarthritis-first" if draft.regions == {"sacroiliac"} else "chronic-hip-first"
        return _by_table(
            draft, row, "no X-ray since the pain began", no_xray=True, no_care=course is None and early(chart)
        )
    if early(chart) and course is None and not _nerve_question(chart, draft):
        if therapy_gaps(chart):
            return Judgement(draft, "unknown", "care so far could not be looked up")
        return _by_table(draft, "early-without-care", "pain under 6 weeks, no care yet", no_care=True)
    if unread and _needs_xray(chart, draft):
        return Judgement(draft, "unknown", "X-rays could not be looked up")
    return _by_table(draft, _later_row(chart, draft), "X-ray done", tuple(s.finding for s in done[:1]))


def _needs_xray(chart: Chart, draft: ImagingDraft) -> bool:
    if draft.regions == {"sacroiliac"}:
        young = chart.age is not None and chart.age < YOUNG_BELOW
        return not (young and pain(chart).surely_longer_than(LASTING_DAYS, chart.today))
    return not HIP.isdisjoint(draft.regions)


def _nerve_question(chart: Chart, draft: ImagingDraft) -> bool:
    if "plexus" not in draft.regions:
        return False
    sign = chart.finding(*NERVE_SIGN, within=EXAM_HOLDS)
    return bool(sign or normal_study(studies(chart, MRI_LUMBAR, since=_begun(chart))))


def _later_row(chart: Chart, draft: ImagingDraft) -> str:
    if "plexus" in draft.regions:
        return "plexopathy"
    if draft.regions == {"sacroiliac"}:
        return "spondyloarthritis-after-xray"
    if chart.finding(*IMPINGEMENT):
        return "impingement-after-xray"
    return "deep-gluteal-after-xray" if chart.finding(DEEP_GLUTEAL) else "soft-tissue-after-xray"


def _by_table(
    draft: ImagingDraft,
    row: str,
    why: str,
    because: tuple[Look, ...] = (),
    *,
    no_xray: bool = False,
    no_care: bool = False,
) -> Judgement:
    found = scenario(row)
    rating = found.rating(draft.modality, draft.regions, contrast=draft.contrast)
    verdicts: dict[str, Verdict] = {"UA": "appropriate", "MBA": "unsettled", "UNA": "not-appropriate"}
    verdict: Verdict = verdicts[rating.category] if rating else "unsettled"
    return Judgement(draft, verdict, why, found, rating, because, no_xray=no_xray, no_care=no_care)
