"""Imaging before it can change anything delays care, finds what does not matter, and, for X-ray and CT, irradiates.

The table of ratings decides for the scenario that the chart shows; an order rated usually appropriate, and one
that a red flag asks for, is silence, and so is one that may be appropriate. A study of the wrong region or side is
named even beside a red flag. What repeats an earlier study is left to that rule. All drafts share one card. In
pregnancy no X-ray is asked for first. Where one draft is to give way to another study, it can be changed into that
by one click, with the urgency of the red flag that asks for it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from cards.appropriateness import MOST_RADIATION, WORDS, Region
from cards.card import Indicator, OverrideReason, Suggestion
from cards.chart import Chart
from cards.evidence import ACR_CHRONIC_HIP, ACR_LOW_BACK_PAIN, CHOOSING_WISELY, NICE_NG59, our_choice
from cards.facts.drafts import all_imaging_drafts
from cards.facts.duplicates import duplicates
from cards.facts.imaging import XR_HIP_OR_PELVIS, ordered
from cards.facts.imaging_judgement import Judgement, judgements
from cards.facts.naming import region_name, study_name
from cards.facts.pain import pain
from cards.facts.therapy import waiting_order
from cards.finding import Look
from cards.orderables import MRI_HIP, MRI_LUMBAR, MRI_PELVIS, MRI_SI, PHYSIOTHERAPY, XR_PELVIS_AND_HIP, XR_SI
from cards.orders import DraftOrder, Orderable
from cards.rule import ORDER_HOOKS, Advise, Outcome, Silent, rule
from cards.suggest import suggest

SUSPECTED = OverrideReason("cds-not-applicable", "Red flag or specific pathology suspected that is not recorded")
DONE_ELSEWHERE = OverrideReason("action-completed", "X-ray or six weeks of care done elsewhere")
CANDIDATE = OverrideReason("recipient-disagrees-evidence", "Result will decide on surgery or an intervention")
WRONG_DATA = OverrideReason("cds-suboptimal-context", "The recorded data are wrong or incomplete")
OWN_LOGIC = our_choice(
    "X-ray first, then MRI after six weeks or with care done; no source covers each region. The side is compared too"
)


@rule(
    short="IMG-02",
    title="Imaging appropriateness",
    version="1.1.0",
    status="active",
    hooks=ORDER_HOOKS,
    evidence=(ACR_CHRONIC_HIP, ACR_LOW_BACK_PAIN, NICE_NG59, CHOOSING_WISELY, OWN_LOGIC),
    last_review=date(2026, 11, 21),
    override_reasons=(SUSPECTED, DONE_ELSEWHERE, CANDIDATE, WRONG_DATA),
)
def imaging_order_appropriateness(chart: Chart) -> Outcome:
    repeated = {d.reference for d in duplicates(chart)}
    found = tuple(j for j in judgements(chart) if _is_named(j) and j.draft.reference not in repeated)
    elsewhere = tuple(j for j in found if j.elsewhere or j.wrong_side)
    if elsewhere and any(flag.indicator == "critical" for flag in chart.red_flags.values()):
        found = elsewhere
    if not found:
        return Silent("no drafted study is usually inappropriate")
    return Advise(
        _indicator(found),
        _summary(found),
        _do(found),
        (*_because(found), *pain(chart).evidence),
        more=tuple(dict.fromkeys(_line(j) for j in found)),
        wrong_if="a red flag, an X-ray or completed care is not in the record.",
        suggestions=_suggestions(chart, found),
        about=tuple(j.draft.reference for j in found),
        rests_on=tuple(dict.fromkeys(j.scenario.evidence for j in found if j.scenario)),
        beside_critical=found == elsewhere,
    )


def _is_named(judgement: Judgement) -> bool:
    return judgement.verdict == "not-appropriate" or judgement.wrong_side


def _indicator(found: tuple[Judgement, ...]) -> Indicator:
    """A warning for the highest dose, where the rating rests on more than memory."""
    high = any(j.rating and j.rating.radiation == MOST_RADIATION and j.rating.mark != "MEMORY" for j in found)
    return "warning" if high else "info"


def _summary(found: tuple[Judgement, ...]) -> str:
    other = next((j for j in found if j.wrong_side), None)
    if other:
        return f"{study_name(other.draft)}: the pain on file is on the other side. Check the side before signing."
    elsewhere = next((j for j in found if j.elsewhere), None)
    if elsewhere:
        return f"{study_name(elsewhere.draft)}: wrong region, findings point to the {_better_region(elsewhere)}."
    names = " and ".join(dict.fromkeys(study_name(j.draft) for j in found))
    if all(_is_other_study(j) for j in found):
        return f"{names}: usually not appropriate after an X-ray; MRI without contrast is."
    first = "X-ray" if any(j.no_xray for j in found) else "Physiotherapy"
    return f"{names}: usually not appropriate yet ({found[0].why}). {first} first."


def _better_region(judgement: Judgement) -> str:
    return region_name(judgement.points_to)


def _do(found: tuple[Judgement, ...]) -> str:
    if any(j.wrong_side for j in found):
        return "check the side of the order and of the record, and correct the one that is wrong."
    if any(j.elsewhere for j in found):
        return "image the region that the findings point to; remove or change the order of the wrong one."
    xray = "take an X-ray of pelvis and hip, " if any(j.no_xray for j in found) else ""
    care = "start physiotherapy with a home programme, " if any(j.no_care or j.no_xray for j in found) else ""
    if not care:
        return "choose the study that is rated usually appropriate here."
    return f"{xray}{care}and image again only if it will change what is done."


def _because(found: tuple[Judgement, ...]) -> tuple[Look, ...]:
    return tuple(dict.fromkeys(look for j in found for look in j.because))


def _line(judgement: Judgement) -> str:
    name = f"**{study_name(judgement.draft)}:**"
    if judgement.wrong_side:
        return f"{name} nothing on file is on this side."
    if judgement.rating is None or judgement.scenario is None:
        return f"{name} the findings point to the {_better_region(judgement)}."
    rating = judgement.rating
    unverified = ", unverified" if rating.mark == "MEMORY" else ""
    return (
        f"{name} {WORDS[rating.category]} ({judgement.why}; {judgement.scenario.citation}{unverified}); "
        f"radiation {rating.dose}."
    )


def _suggestions(chart: Chart, found: tuple[Judgement, ...]) -> tuple[Suggestion, ...]:
    instead = _instead(chart, found)
    chosen = [*instead, *(_changed(j, _without_contrast(j)) for j in found if _is_other_study(j))]
    study = next((s.create for s in instead if s.create and s.create.orderable.kind == "imaging"), None)
    if study and len(found) == 1:
        chosen.append(_changed(found[0], study, recommended=False))
    chosen += [Suggestion(f"Remove the draft of {study_name(j.draft)}", delete=j.draft.reference) for j in found]
    return tuple(chosen)


def _instead(chart: Chart, found: tuple[Judgement, ...]) -> tuple[Suggestion, ...]:
    wrong = next((j for j in found if j.elsewhere), None)
    if wrong and wrong.flag:
        return (suggest(wrong.flag.orderable, wrong.flag.priority, recommended=True),)
    if wrong:
        return (suggest(_study_of(wrong.points_to), recommended=True),)
    offered: list[Orderable] = []
    if any(j.no_xray for j in found) and not _xray_under_way(chart):
        si_only = all(j.draft.regions == {"sacroiliac"} for j in found if j.no_xray)
        offered.append(XR_SI if si_only else XR_PELVIS_AND_HIP)
    if any(j.no_care or j.no_xray for j in found) and not waiting_order(chart):
        offered.append(PHYSIOTHERAPY)
    return tuple(suggest(o, recommended=o is offered[0]) for o in offered)


def _study_of(regions: frozenset[Region]) -> Orderable:
    if "lumbar" in regions:
        return MRI_LUMBAR
    return MRI_SI if "sacroiliac" in regions else MRI_PELVIS


def _xray_under_way(chart: Chart) -> bool:
    drafted = any(d.modality == "xr" and "lumbar" not in d.regions for d in all_imaging_drafts(chart))
    return drafted or ordered(chart, *XR_HIP_OR_PELVIS) is not None


def _is_other_study(judgement: Judgement) -> bool:
    """Only contrast or modality is wrong: the draft can be changed into the right one."""
    return not (judgement.no_xray or judgement.no_care or judgement.elsewhere or judgement.wrong_side)


def _without_contrast(judgement: Judgement) -> DraftOrder:
    return DraftOrder(MRI_HIP if judgement.draft.regions == {"hip"} else MRI_PELVIS)


def _changed(judgement: Judgement, better: DraftOrder, *, recommended: bool = True) -> Suggestion:
    draft = judgement.draft
    words = f"Change {study_name(draft)} to {better.orderable.text}"
    return Suggestion(words, update=(draft.reference, replace(better, side=draft.side)), recommended=recommended)
