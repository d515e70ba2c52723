"""Pregnancy, implanted devices, contrast and weak kidneys can make the right study the wrong one for a patient.

Judged wherever imaging is drafted, and for studies that a red flag suggests. Joint prostheses, stents and spinal
hardware are no contraindication to MRI; iodine or shellfish allergy predicts nothing about contrast. A device
asks for a check, it does not block. Radiation in pregnancy is a note where the study is our own urgent suggestion; a
pregnancy that nobody asked about is a question before any CT of the pelvis, our own too.
"""

from __future__ import annotations

from datetime import date

from cards.card import Suggestion
from cards.chart import Chart
from cards.compose import capital
from cards.evidence import ACOG_CO_723, ACR_CONTRAST, general_knowledge
from cards.facts.imaging_risks import (
    Planned,
    device,
    gadolinium,
    iodinated,
    planned_studies,
    pregnancy_not_asked,
    radiation_in_pregnancy,
)
from cards.facts.reasons import Reason, because, resting_on, said, sorted_reasons, sources, to_do, worst
from cards.orderables import LAB_PREGNANCY, MRI_LUMBAR, MRI_PELVIS
from cards.orders import DraftOrder
from cards.rule import Advise, Outcome, Silent, rule
from cards.suggest import suggest

DEVICES = general_knowledge("Devices to be checked before MRI; iodinated contrast, metformin and weak kidneys")


@rule(
    short="IMG-05",
    title="Imaging safety",
    version="1.2.0",
    status="active",
    places=("posterior", "unspecified", "elsewhere"),
    evidence=(ACOG_CO_723, ACR_CONTRAST, DEVICES),
    last_review=date(2026, 11, 21),
)
def imaging_safety(chart: Chart) -> Outcome:
    studies = planned_studies(chart)
    if not studies:
        return Silent("no imaging is drafted or suggested")
    judged = tuple((s, _reasons(chart, s)) for s in studies)
    found = _together(judged)
    if not found:
        return Silent("nothing recorded against these studies")
    return tuple(_advice(group, reasons) for reasons, group in found.items())


def _reasons(chart: Chart, study: Planned) -> tuple[Reason, ...]:
    return sorted_reasons(
        [
            *resting_on(ACOG_CO_723, radiation_in_pregnancy(chart, study)),
            *resting_on(DEVICES, device(chart, study)),
            *resting_on(ACR_CONTRAST, *gadolinium(chart, study)),
            *resting_on(DEVICES, *iodinated(chart, study)),
            *resting_on(ACOG_CO_723, pregnancy_not_asked(chart, study)),
        ]
    )


def _together(judged: tuple[tuple[Planned, tuple[Reason, ...]], ...]) -> dict[tuple[Reason, ...], list[Planned]]:
    """Studies with the same reasons share a card; a suggested one joins a drafted one."""
    groups: dict[tuple[Reason, ...], list[Planned]] = {}
    for study, reasons in judged:
        if reasons:
            groups.setdefault(reasons, []).append(study)
    return groups


def _advice(group: list[Planned], reasons: tuple[Reason, ...]) -> Advise:
    names = " and ".join(dict.fromkeys(s.name for s in group))
    drafted = tuple(s.reference for s in group if s.reference)
    return Advise(
        worst(reasons),
        f"{capital(said(reasons))}: {reasons[0].ask} ({names}).",
        reasons[0].do if len(reasons) == 1 else "settle each of these before the study.",
        because(reasons),
        more=to_do(reasons) if len(reasons) > 1 else (),
        wrong_if="the recorded state no longer holds or has been cleared by radiology.",
        suggestions=_suggestions(group, reasons),
        about=drafted,
        rests_on=sources(reasons),
        pathway=f"order:{drafted[0]}" if drafted else None,
    )


def _suggestions(group: list[Planned], reasons: tuple[Reason, ...]) -> tuple[Suggestion, ...]:
    drafted = [s for s in group if not s.flagged]
    if any(r.words == "pregnancy not asked" for r in reasons):
        return (suggest(LAB_PREGNANCY, recommended=True),)
    pregnant = any(r.words.startswith("pregnant") for r in reasons)
    refused = worst(reasons) == "critical" or pregnant
    if not refused:
        return ()
    removed = (Suggestion(f"Remove the draft of {s.name}", delete=s.reference) for s in drafted)
    return (*(_without_risk(s, first=s is drafted[0]) for s in drafted), *removed)


def _without_risk(study: Planned, *, first: bool) -> Suggestion:
    """The draft changed into an MRI without contrast of the same region."""
    better = MRI_LUMBAR if "lumbar" in study.regions else MRI_PELVIS
    words = f"Change {study.name} to {better.text}"
    return Suggestion(words, update=(study.reference, DraftOrder(better)), recommended=first)
