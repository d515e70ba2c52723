"""A broken or dislocated hip loses its blood supply, and the patient independence, with every hour of delay.

An injury of the last two weeks with a leg that does not bear weight, is short or rotated, or took a high-energy
blow is a fracture until imaging says otherwise; so is a leg that newly stopped bearing weight without an injury
(then think of infection and of diseased bone too). The safer readings: an undated injury is recent; a coded new
fracture or dislocation without treatment on file counts as such a sign; only imaging coded normal, together with
weight borne again, gives the all-clear. A radiograph already done moves the advice on to MRI.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.card import Suggestion
from cards.chart import Chart
from cards.evidence import ACR_ACUTE_HIP, NICE_HIP_FRACTURE, REIMAN_2013, our_choice
from cards.facts.fracture import cleared_since, film_since, fracture_signs, ordered_since, treated_since
from cards.facts.imaging import XR_HIP_OR_PELVIS
from cards.facts.injury import Injury, newest_injury, unable_since, unable_to_bear_weight
from cards.facts.pregnancy import postpartum, pregnancy
from cards.finding import Finding
from cards.orderables import MRI_PELVIS_AND_HIP, REFER_EMERGENCY, XR_PELVIS_AND_HIP
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

RECENT_INJURY = timedelta(days=14)
NEW_INABILITY = timedelta(days=7)

WINDOWS = our_choice("Injury within 14 days; new inability to bear weight within 7 days")
BY_XR = ("referral-emergency", "img-xr-hip", "img-xr-pelvis")
XR = suggest(XR_PELVIS_AND_HIP, "stat", recommended=True)
MRI = suggest(MRI_PELVIS_AND_HIP, "stat", recommended=True)
EMERGENCY = suggest(REFER_EMERGENCY, "stat")
INFECTION = ("**Think of:** septic arthritis and fracture through diseased bone; temperature and CRP now.",)
BY_MRI = ("referral-emergency", "img-mri-hip", "img-mri-pelvis", "img-ct-hip-pelvis")
MRI_NOW = "MRI of pelvis and hip without contrast (CT if MRI cannot be had within 24 h)."
FILMS_FIRST = f"pelvis AP with hip AP and cross-table lateral; if negative or unclear, {MRI_NOW}"


@rule(
    short="RF-01",
    title="Possible acute hip or pelvic fracture",
    version="1.1.2",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    pathway="fracture",
    rank=0,
    evidence=(ACR_ACUTE_HIP, NICE_HIP_FRACTURE, REIMAN_2013, WINDOWS),
    last_review=date(2026, 11, 21),
    arranged_by=BY_XR,
    result_decides=True,
)
def acute_hip_fracture(chart: Chart) -> Outcome:
    injury = newest_injury(chart, RECENT_INJURY)
    signs = fracture_signs(chart, RECENT_INJURY)
    unable = unable_to_bear_weight(chart, NEW_INABILITY)
    if not signs:
        return Silent("no injury with a sign of fracture, and the leg bears weight")
    if _known_and_treated(chart, injury):
        return Silent("the fracture is known and treated")
    if injury and cleared_since(chart, injury.when):
        return Silent("imaging since the injury is normal and the leg bears weight")
    if injury:
        return _after_injury(chart, injury, signs)
    if isinstance(unable, Finding) and _is_new(chart):
        return _without_injury(chart, unable)
    return Silent("no injury, and the leg has not borne weight for longer")


def _known_and_treated(chart: Chart, injury: Injury | None) -> bool:
    treated = treated_since(chart)
    if treated is None:
        return False
    return injury is None or injury.when is None or injury.when.latest <= treated.latest


def _is_new(chart: Chart) -> bool:
    since = unable_since(chart)
    return since is None or since.possibly_within(NEW_INABILITY, chart.today)


def _after_injury(chart: Chart, injury: Injury, signs: dict[str, Finding]) -> Advise:
    day, sign = injury.when or "of unknown date", next(iter(signs))
    because = (injury.finding, *signs.values())
    film = film_since(chart, injury.day(chart.today))
    if film:
        summary = f"Injury {day}, {sign}, X-ray done {film.finding.when}: fracture not ruled out. MRI today."
        return _emergency(summary, (*because, film.finding), (MRI, EMERGENCY), BY_MRI)
    summary = f"Injury {day}, {sign}: treat as fracture. Emergency X-ray of pelvis and hip now."
    return _emergency(summary, because, (XR, EMERGENCY), _by_xr(chart, injury.day(chart.today)))


def _without_injury(chart: Chart, unable: Finding) -> Advise:
    since = unable.when.latest if unable.when else chart.today
    pregnant, after = pregnancy(chart), postpartum(chart)
    birth = pregnant.evidence if pregnant else after
    mri_first = bool(birth or film_since(chart, since))
    study = "MRI" if mri_first else "X-ray"
    summary = (
        f"Cannot bear weight since {unable.when or 'an unknown date'}, no injury: emergency {study}, exclude infection."
    )
    if mri_first:
        return _emergency(summary, (unable, birth or unable), (MRI, EMERGENCY), BY_MRI, INFECTION)
    return _emergency(summary, (unable,), (XR, EMERGENCY), _by_xr(chart, since), INFECTION)


def _by_xr(chart: Chart, since: date) -> tuple[str, ...]:
    """A film from before the injury, or of the other hip, arranges nothing: only an order since then does."""
    return BY_XR if ordered_since(chart, since, *XR_HIP_OR_PELVIS) else BY_XR[:1]


def _emergency(
    summary: str,
    because: tuple[Finding, ...],
    suggestions: tuple[Suggestion, ...],
    arranged_by: tuple[str, ...],
    more: tuple[str, ...] = (),
) -> Advise:
    return Advise(
        "critical",
        summary,
        f"no weight on the leg, analgesia without delay, orthopaedic trauma assessment in the emergency department "
        f"now; {FILMS_FIRST if XR in suggestions else MRI_NOW}",
        because,
        wrong_if="the leg bears weight again and imaging since shows no fracture.",
        more=more,
        suggestions=suggestions,
        arranged_by=arranged_by,
    )
