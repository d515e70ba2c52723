"""A procedure helps only where the source is known and rehabilitation has had its chance and goes on; without
that it treats the wrong place, or what would have settled.

Asked of every injection, ablation, stimulation and operation for the pain that is drafted. What could not be
looked up is not claimed to be missing. Therapy that has stopped and a talk not documented are notes, the rest
warns. An open suspicion of infection is left to the injection-safety rule where a needle is planned.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.card import OverrideReason, Suggestion
from cards.chart import Chart
from cards.evidence import DGS_GUIDE, ELZEINY_2025, MISIRLIOGLU_2015, POSTERIOR_HIP_ARTICLE, our_choice
from cards.facts.drafts import ProcedureDraft, procedure_drafts
from cards.facts.examination import localised
from cards.facts.pain import pain
from cards.facts.past_injections import injections, positive_block
from cards.facts.reasons import Reason, because, leading, said, sorted_reasons, to_do, worst
from cards.facts.therapy import adequate_trial, continuing, courses, therapy_gaps, waiting_order
from cards.finding import Finding, exam
from cards.orderables import PHYSIOTHERAPY
from cards.rule import ORDER_HOOKS, WRONG_DATA, Advise, Outcome, Silent, rule
from cards.suggest import suggest

INFECTION_FLAGS = ("hip-pelvic-infection", "vertebral-infection", "painful-hip-prosthesis")
SHARED_DECISION = exam("shared-decision-documented")

RESISTANT_DAYS = 183
FAILED_INJECTIONS = 2
INJECTIONS_REACH_BACK = timedelta(days=730)
TALK_HOLDS = timedelta(days=183)

DONE_ELSEWHERE = OverrideReason("action-completed", "Therapy or localising examination done, not recorded")
EXCEPTION = OverrideReason("cds-not-applicable", "Specific confirmed condition calls for the procedure now")
LIMITS = our_choice("Two tests or imaging localise; trial of six weeks; ablation after six months and two injections")


@rule(
    short="MG-04",
    title="Prerequisites of a procedure",
    version="1.1.0",
    status="active",
    hooks=ORDER_HOOKS,
    evidence=(DGS_GUIDE, POSTERIOR_HIP_ARTICLE, MISIRLIOGLU_2015, ELZEINY_2025, LIMITS),
    last_review=date(2026, 11, 21),
    override_reasons=(DONE_ELSEWHERE, EXCEPTION, WRONG_DATA),
)
def procedure_prerequisites(chart: Chart) -> Outcome:
    drafts = procedure_drafts(chart)
    if not drafts:
        return Silent("no procedure for the pain is drafted")
    judged = tuple((d, _missing(chart, d)) for d in drafts)
    found = tuple(_advice(chart, d, reasons) for d, reasons in judged if reasons)
    if not found:
        return Silent("every prerequisite is met")
    return found


def _missing(chart: Chart, draft: ProcedureDraft) -> tuple[Reason, ...]:
    return sorted_reasons(
        [
            _infection(chart),
            _trial(chart),
            _localisation(chart),
            *(_last_resort(chart) if draft.kind in ("radiofrequency", "neurostimulation") else ()),
            _unproven_source(chart) if draft.kind == "surgery" else None,
            _rehabilitation(chart),
            _talk(chart),
        ]
    )


def _advice(chart: Chart, draft: ProcedureDraft, reasons: tuple[Reason, ...]) -> Advise:
    needs_therapy = any(r.words in (NO_TRIAL, NOT_CONTINUING) for r in reasons)
    offered = (suggest(PHYSIOTHERAPY, recommended=True),) if needs_therapy and not waiting_order(chart) else ()
    remove = Suggestion(f"Remove the draft of the {_NAMES[draft.kind]}", delete=draft.reference)
    return Advise(
        worst(reasons),
        f"Before this {_NAMES[draft.kind]}: {said(leading(reasons), room=84)}.",
        "complete what is missing before the procedure; it adds to rehabilitation and does not replace it. Tell of "
        "transient numbness or weakness afterwards.",
        (*because(reasons), *pain(chart).evidence),
        more=to_do(reasons),
        wrong_if="therapy, examination or talk took place and are not in the record.",
        suggestions=(*offered, remove),
        about=(draft.reference,),
        pathway=f"order:{draft.reference}",
    )


def _infection(chart: Chart) -> Reason | None:
    """Any open suspicion, and a prosthesis that hurts and has not been worked up."""
    flags = {name: chart.red_flags[name] for name in INFECTION_FLAGS if name in chart.red_flags}
    suspected = next((flag for flag in flags.values() if flag.indicator != "info"), None)
    if suspected:
        return Reason("warning", "infection not excluded", "no needle or operation until it is.", suspected.because)
    implant = flags.get("painful-hip-prosthesis")
    if implant is None:
        return None
    return Reason("warning", "painful hip prosthesis", "radiograph, CRP and ESR come first.", implant.because)


def _trial(chart: Chart) -> Reason | None:
    if adequate_trial(chart) or therapy_gaps(chart):
        return None
    done = courses(chart)
    ask = "six weeks of physiotherapy or a home programme, really done; an order alone is no therapy."
    return Reason("warning", NO_TRIAL, ask, done[-1].evidence[:1] if done else ())


def _localisation(chart: Chart) -> Reason | None:
    if localised(chart) or positive_block(chart) or chart.gaps_of(localised)[1]:
        return None
    return Reason("warning", "pain not localised", "record two examination tests that agree, or imaging that shows it.")


def _last_resort(chart: Chart) -> tuple[Reason | None, ...]:
    early = None
    if not pain(chart).surely_at_least(RESISTANT_DAYS, chart.today):
        early = Reason("warning", "pain under 6 months or undated", "ablation and stimulation are for resistant pain.")
    given = injections(chart, INJECTIONS_REACH_BACK)
    few = None
    if len(given) < FAILED_INJECTIONS and chart.supplied("procedures"):
        few = Reason("warning", f"{len(given)} of 2 injections tried", "two injections that failed come first.", given)
    return early, few


def _unproven_source(chart: Chart) -> Reason | None:
    relief = chart.latest("block-pain-relief")
    if positive_block(chart) or not relief.certain:
        return None
    return Reason("warning", "no positive diagnostic block", "confirm the source by a block first.", (relief,))


def _rehabilitation(chart: Chart) -> Reason | None:
    if continuing(chart) or therapy_gaps(chart):
        return None
    return Reason("warning", NOT_CONTINUING, "arrange that physiotherapy or a home programme goes on.")


def _talk(chart: Chart) -> Reason | None:
    talk = chart.finding(SHARED_DECISION, within=TALK_HOLDS)
    if isinstance(talk, Finding) or not talk.certain:
        return None
    return Reason("info", "no shared decision recorded", "document choices, side effects and the decision.")


NO_TRIAL = "no completed conservative trial"
NOT_CONTINUING = "therapy not going on"
_NAMES = {
    "injection": "injection",
    "block": "diagnostic block",
    "radiofrequency": "radiofrequency treatment",
    "neurostimulation": "neurostimulation",
    "surgery": "operation",
}
