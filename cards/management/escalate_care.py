"""Pain that an adequate trial of active care did not change needs its source localised, by imaging and a diagnostic
block, before anything more is done to it; non-response is no reason for an operation.

Failure is counted from the first therapy done and read from two scores of one instrument, never from the length of
the pain. Twelve weeks are given, eighteen where care helped in part; where severe pain or disability stands still, the
six weeks of the trial itself are enough. An adequate trial lasts six weeks with four sessions, or as long on a home
programme, and ended within half a year. An X-ray comes before the MRI; what has been done since the onset is not
suggested again. After half a year of care pain medicine is offered too.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.card import Suggestion
from cards.chart import Chart
from cards.compose import capital
from cards.evidence import (
    ACR_CHRONIC_HIP,
    DGS_GUIDE,
    FISHMAN_2002,
    MISIRLIOGLU_2015,
    OSTELO_2008,
    our_choice,
)
from cards.facts.imaging import MRI_HIP_OR_PELVIS, XR_HIP_OR_PELVIS, studies
from cards.facts.imaging import MRI_LUMBAR as LUMBAR_MRI
from cards.facts.outcomes import Change, disabled, function_change, pain_change, plateau, response, watchful_waiting
from cards.facts.pain import onset
from cards.facts.pregnancy import pregnancy
from cards.facts.sources import likely_sources, pelvic_floor
from cards.facts.therapy import Course, adequate_trial, continuing, first_course
from cards.orderables import (
    DIAGNOSTIC_BLOCK,
    MRI_LUMBAR,
    MRI_PELVIS_AND_HIP,
    REFER_ORTHOPAEDICS,
    REFER_PAIN,
    REFER_PELVIC_FLOOR,
    REFER_SPINE,
    XR_PELVIS_AND_HIP,
)
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest
from cards.when import When

FAILED_AFTER = timedelta(weeks=12)
FAILED_IN_PART_AFTER = timedelta(weeks=18)
RESISTANT_AFTER = timedelta(days=183)

TO_THE_BUTTOCK = (
    "MRI of pelvis and hip and/or an ultrasound-guided diagnostic block (a fall of half or more in pain within the "
    "anaesthetic window is positive), and an orthopaedic opinion."
)
TO_THE_SPINE = (
    "the features fit the lumbar spine: MRI there first, of pelvis and hip if it does not explain the pain, and an "
    "orthopaedic or spinal opinion."
)
KEEP_GOING = "Keep the exercises going."
RESTART = "Restart the exercises: none have gone on for four weeks."

STAGE_GATES = our_choice("Stages of care at 6, 12 and 18 weeks and at half a year; no trial compares them")


@rule(
    short="MG-03",
    title="No response to adequate conservative care",
    version="1.1.1",
    status="active",
    hooks=("patient-view", "order-select"),
    pathway="care",
    rank=0,
    yields_to=("imaging-order-appropriateness", "duplicate-imaging", "procedure-prerequisites"),
    evidence=(ACR_CHRONIC_HIP, DGS_GUIDE, OSTELO_2008, FISHMAN_2002, MISIRLIOGLU_2015, STAGE_GATES),
    last_review=date(2026, 11, 21),
)
def escalate_care(chart: Chart) -> Outcome:
    trial, first = adequate_trial(chart), first_course(chart)
    if trial is None or first is None:
        return Silent("no adequate trial of active care")
    if watchful_waiting(chart):
        return Silent("mild and falling pain under care")
    answer = response(chart)
    if answer in ("better", "unknown"):
        return Silent("better, or not measured twice")
    waited = chart.today - first.started
    if answer == "partly" and waited < FAILED_IN_PART_AFTER:
        return Silent("partly better: one more round of progressed care first")
    if waited >= FAILED_AFTER:
        return _escalate(chart, trial)
    if plateau(chart) and disabled(chart):
        return _escalate(chart, trial)
    return Silent("less than twelve weeks since the first therapy")


def _escalate(chart: Chart, trial: Course) -> Advise:
    changes = [c for c in (pain_change(chart), function_change(chart)) if c]
    spine = _lumbar_first(chart)
    how = "lumbar MRI first" if spine else "MRI, diagnostic block"
    span = f"{When.on(trial.started)} to {'today' if trial.going_on else When.on(trial.ended)}"
    return Advise(
        "info",
        f"Adequate therapy, {_in_short(changes)}: localise the source ({how}), refer.",
        f"localise the source before anything else. {capital(TO_THE_SPINE if spine else TO_THE_BUTTOCK)} "
        f"{KEEP_GOING if continuing(chart) else RESTART}",
        (*(f for c in changes for f in (c.now, c.before)), *trial.evidence[:1]),
        wrong_if="adherence was poor, or better scores were taken elsewhere.",
        more=(
            f"**Therapy done:** {_described(trial)}, {span}.",
            f"**Response:** {'; '.join(c.told() for c in changes)}.",
            "**Not now:** anything more invasive. In one trial added steroid gave no more relief.",
        ),
        suggestions=_suggestions(chart),
    )


def _in_short(changes: list[Change]) -> str:
    return ", ".join(f"{c.instrument.short} {c.scores()}" for c in changes)


def _described(trial: Course) -> str:
    kind = f"{trial.sessions} sessions" if trial.sessions else "active therapy"
    return f"{kind} over {trial.days} days"


def _suggestions(chart: Chart) -> tuple[Suggestion, ...]:
    return (*(_for_the_spine(chart) if _lumbar_first(chart) else _for_the_buttock(chart)), *_team(chart))


def _for_the_spine(chart: Chart) -> tuple[Suggestion, ...]:
    """A block in the buttock answers nothing where the features fit the spine."""
    since = onset(chart)
    lumbar = () if studies(chart, LUMBAR_MRI, since=since) else (suggest(MRI_LUMBAR, recommended=True),)
    pelvis = () if studies(chart, *MRI_HIP_OR_PELVIS, since=since) else (suggest(MRI_PELVIS_AND_HIP),)
    return *lumbar, suggest(REFER_SPINE, recommended=not lumbar), suggest(REFER_ORTHOPAEDICS), *pelvis


def _for_the_buttock(chart: Chart) -> tuple[Suggestion, ...]:
    since = onset(chart)
    imaged = studies(chart, *MRI_HIP_OR_PELVIS, since=since)
    others = suggest(DIAGNOSTIC_BLOCK, recommended=bool(imaged)), suggest(REFER_ORTHOPAEDICS)
    if imaged:
        return others
    x_rayed = pregnancy(chart) or studies(chart, *XR_HIP_OR_PELVIS, since=since)
    return suggest(MRI_PELVIS_AND_HIP if x_rayed else XR_PELVIS_AND_HIP, recommended=True), *others


def _team(chart: Chart) -> tuple[Suggestion, ...]:
    """Who else is asked in resistant pain: the pelvic floor by its features, pain medicine after half a year."""
    first = first_course(chart)
    resistant = first is not None and chart.today - first.started >= RESISTANT_AFTER
    return (
        *((suggest(REFER_PELVIC_FLOOR),) if pelvic_floor(chart) else ()),
        *((suggest(REFER_PAIN),) if resistant else ()),
    )


def _lumbar_first(chart: Chart) -> bool:
    return any(s.name == "Lumbar radiculopathy" for s in likely_sources(chart)[:1])
