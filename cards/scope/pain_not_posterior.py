"""Groin pain is mostly of the hip joint, pain at the outer side mostly of the gluteal tendons: rules made for
pain behind the hip would lead the wrong way, so all but the dangerous causes are left out, and that is said.

A groin pain wins over a lateral one, since it asks for the joint to be looked at.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import POSTERIOR_HIP_ARTICLE, REIMAN_2015, general_knowledge
from cards.facts.scope import groin_pain, scope
from cards.rule import Advise, Outcome, rule

USUAL_SOURCES = general_knowledge("Groin pain points to the joint, lateral pain to the gluteal tendons")


@rule(
    short="SC-01",
    title="Pain not posterior",
    version="1.0.0",
    status="active",
    places=("elsewhere",),
    evidence=(POSTERIOR_HIP_ARTICLE, REIMAN_2015, USUAL_SOURCES),
    last_review=date(2026, 11, 21),
)
def pain_not_posterior(chart: Chart) -> Outcome:
    where = scope(chart).evidence
    if groin_pain(chart):
        return Advise(
            "info",
            "Groin pain, not posterior hip pain: examine and image the hip joint itself.",
            "work up an intra-articular source: rotation and impingement tests of the hip; X-ray of pelvis and hip "
            "first where imaging is wanted. Of this service only the urgent checks were made.",
            where,
            wrong_if="there is pain in the buttock too; record it and the full set of checks runs.",
        )
    return Advise(
        "info",
        "Lateral hip pain, not posterior: think of gluteal tendons and trochanteric bursa.",
        "palpate the greater trochanter and test 30-second single-leg stance. Of this service only the urgent "
        "checks were made.",
        where,
        wrong_if="there is pain in the buttock too; record it and the full set of checks runs.",
    )
