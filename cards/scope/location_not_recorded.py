"""A code for hip pain says which hip, not where at the hip it hurts; groin, outer side and buttock have different
sources and different tests, so the question comes before any advice on them.

The dangerous causes are looked for all the same.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import POSTERIOR_HIP_ARTICLE
from cards.facts.scope import scope
from cards.rule import Advise, Outcome, rule


@rule(
    short="SC-03",
    title="Location of the hip pain not recorded",
    version="1.0.0",
    status="active",
    places=("unspecified",),
    evidence=(POSTERIOR_HIP_ARTICLE,),
    last_review=date(2026, 11, 21),
)
def location_not_recorded(chart: Chart) -> Outcome:
    return Advise(
        "info",
        "Hip pain without a location: record whether it hurts in the groin, at the side or in the buttock.",
        "ask the patient to point to the pain and record it (buttock, ischium, sacroiliac joint, outer side or "
        "groin). Until then only the urgent checks were made.",
        scope(chart).evidence,
        wrong_if="the location is written down elsewhere, in a note that this service does not see.",
    )
