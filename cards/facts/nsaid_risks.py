"""What in a chart speaks against a systemic NSAID: heart, vessels, gut and allergies."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.reasons import Reason
from cards.finding import Look
from cards.look import of_record
from cards.record import Allergy
from cards.valueset import value_set

HEART_FAILURE = value_set("heart-failure")
DECOMPENSATED = value_set("heart-failure-decompensated")
VASCULAR_EVENT = value_set("myocardial-infarction-stroke-stent")
ULCER = value_set("peptic-ulcer")
BLEED = value_set("gi-bleed")
ULCER_HISTORY = value_set("peptic-ulcer-history")
ALLERGEN = value_set("nsaid-allergen")
INTOLERANCE = value_set("nsaid-intolerance")
AERD = value_set("aspirin-exacerbated-respiratory-disease")

ADMITTED_WITHIN = timedelta(days=90)
VASCULAR_WITHIN = timedelta(days=365)
ULCER_WITHIN = timedelta(days=365)
MAJOR_BLEED_WITHIN = timedelta(days=30)
ADMISSION = frozenset({"IMP", "EMER", "ACUTE", "NONAC", "OBSENC"})


@fact
def major_bleed(chart: Chart) -> Look:
    """Bleeding from the gut in the last 30 days."""
    return chart.finding(BLEED, within=MAJOR_BLEED_WITHIN, history=True)


@fact
def heart_failure(chart: Chart) -> Reason | None:
    """Decompensated or admitted for it lately, standing, or resolved."""
    acute = chart.finding(DECOMPENSATED, within=ADMITTED_WITHIN, history=True)
    admitted = next(
        (
            of_record(e)
            for e in chart.encounters(within=ADMITTED_WITHIN)
            if e.kind in ADMISSION and HEART_FAILURE.name in e.concepts
        ),
        None,
    )
    if acute or admitted:
        return Reason("critical", "recent heart failure", "fluid retention: avoid.", (admitted or acute,))
    standing = chart.finding(HEART_FAILURE)
    if standing:
        return Reason("warning", "heart failure", "an NSAID retains fluid: avoid.", (standing,))
    past = chart.finding(HEART_FAILURE, history=True)
    return Reason("info", "past heart failure", "watch weight and oedema.", (past,)) if past else None


@fact
def vascular_event(chart: Chart) -> Reason | None:
    """Infarction, stroke or stent in the last 12 months."""
    event = chart.finding(VASCULAR_EVENT, within=VASCULAR_WITHIN, history=True)
    if not event:
        return None
    return Reason("warning", "vascular event in 12 months", "no diclofenac and no COX-2 inhibitor; avoid.", (event,))


@fact
def gut(chart: Chart) -> Reason | None:
    """Ulcer or bleeding: active or of the last 12 months, or longer ago."""
    now = chart.finding(ULCER, BLEED)
    recent = now or chart.finding(ULCER, BLEED, within=ULCER_WITHIN, history=True)
    if recent:
        return Reason("critical", "ulcer or GI bleeding", "bleeding risk: avoid.", (recent,))
    past = chart.finding(ULCER, BLEED, ULCER_HISTORY, history=True)
    if not past:
        return None
    return Reason("warning", "past ulcer or GI bleeding", "avoid, or add a proton pump inhibitor.", (past,))


@fact
def allergy(chart: Chart) -> Reason | None:
    """Allergy or intolerance to an NSAID or aspirin: how dangerous it is decides."""
    respiratory = chart.finding(AERD)
    if respiratory:
        return Reason("critical", "aspirin-exacerbated asthma", "do not give.", (respiratory,))
    listed = chart.allergies(ALLERGEN, INTOLERANCE, AERD)
    if listed:
        worst = next((a for a in listed if _dangerous(a)), listed[0])
        found = of_record(worst)
        if _dangerous(worst):
            return Reason("critical", f"{worst.text} allergy", "do not give: serious reaction on file.", (found,))
        return Reason("warning", f"{worst.text} intolerance", "clarify the reaction before any NSAID.", (found,))
    problem = chart.finding(INTOLERANCE)
    if problem:
        return Reason("warning", "NSAID intolerance", "clarify the reaction before any NSAID.", (problem,))
    return None


def _dangerous(one: Allergy) -> bool:
    confirmed = one.verification in (None, "confirmed")
    return confirmed and (one.criticality == "high" or one.severe or AERD.name in one.concepts)
