"""Six weeks of care without a clear gain are the time to look again and to build up, not yet to escalate: the
examination, adherence and load are what most often needs changing.

The clock starts with the first therapy done. A gain counts when pain, and function where it was measured, reached
their minimal important change between two scores two weeks apart; not measured is not better. A score that got
worse by as much is looked at whenever it shows. Where problems or observations were not supplied nothing is built
up: scores and the signs that forbid exercise could not be looked for.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.card import Suggestion
from cards.chart import Chart
from cards.evidence import DGS_GUIDE, OSTELO_2008, POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.imaging import MRI_HIP_OR_PELVIS, XR_HIP_OR_PELVIS, studies
from cards.facts.outcomes import response, watchful_waiting, worse
from cards.facts.pain import onset, pain
from cards.facts.pregnancy import pregnancy
from cards.facts.sources import therapy_aim
from cards.facts.therapy import first_course, unseen_signs
from cards.finding import Finding
from cards.orderables import PHYSIOTHERAPY, XR_PELVIS
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.suggest import suggest
from cards.valueset import value_set
from cards.when import When

ATHLETE = value_set("athlete-or-recruit")

BUILD_UP_AFTER = timedelta(weeks=6)

STAGE_GATES = our_choice("Stages of care at 6 and 12 weeks; no trial compares them")


@rule(
    short="MG-02",
    title="Progress conservative care",
    version="1.1.1",
    status="active",
    hooks=("patient-view", "order-select"),
    pathway="care",
    rank=0,
    yields_to=("escalate-care", "imaging-order-appropriateness", "duplicate-imaging", "procedure-prerequisites"),
    evidence=(DGS_GUIDE, POSTERIOR_HIP_ARTICLE, OSTELO_2008, STAGE_GATES),
    last_review=date(2026, 11, 21),
)
def progress_care(chart: Chart) -> Outcome:
    begun = first_course(chart)
    if begun is None:
        return Silent("no active therapy on file")
    if watchful_waiting(chart):
        return Silent("mild and falling pain under care")
    gaps = unseen_signs(chart)
    if gaps:
        return CannotTell(gaps)
    worsening = worse(chart)
    if worsening:
        return _build_up(
            f"Worse under care, {worsening.instrument.short} {worsening.scores()}",
            chart,
            worsening.now,
            worsening.before,
        )
    if chart.today - begun.started < BUILD_UP_AFTER:
        return Silent("less than six weeks since the first therapy")
    answer = response(chart)
    if answer == "better":
        return Silent("pain and function improved by their minimal important change")
    return _build_up(f"Care since {When.on(begun.started)}, {_WORDS[answer]}", chart, *begun.evidence[:1])


_WORDS = {"partly": "only partly better", "not": "not better", "unknown": "no gain recorded"}


def _build_up(why: str, chart: Chart, *because: Finding) -> Advise:
    return Advise(
        "info",
        f"{why}: re-examine, check adherence and build up physiotherapy.",
        "examine again (pelvis, leg length, trunk control, nerves), ask what stood in the way of the exercises, then "
        "build up load; add manual therapy and, carefully, nerve glides that stop if symptoms worsen. A brace or "
        "a short unloading may help. Adjust work and driving. MRI only if the diagnosis is unclear or a procedure is "
        "considered.",
        (*because, *pain(chart).evidence),
        wrong_if="therapy was interrupted, or scores taken elsewhere show a gain.",
        more=_for_athletes(chart),
        suggestions=_next_steps(chart),
    )


def _next_steps(chart: Chart) -> tuple[Suggestion, ...]:
    physiotherapy = suggest(PHYSIOTHERAPY, recommended=True, note=therapy_aim(chart))
    if pregnancy(chart) or studies(chart, *XR_HIP_OR_PELVIS, *MRI_HIP_OR_PELVIS, since=onset(chart)):
        return (physiotherapy,)
    return physiotherapy, suggest(XR_PELVIS)


def _for_athletes(chart: Chart) -> tuple[str, ...]:
    if not chart.finding(ATHLETE):
        return ()
    return ("**Sport:** graded return with a flexible timeline, by symptoms and strength.",)
