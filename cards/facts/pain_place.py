"""Where exactly it hurts, for rules that pain of the sitting bone or the sacroiliac joint alone does not concern."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.facts.pain import further_pain, pain
from cards.facts.scope import POSTERIOR_ANSWER
from cards.valueset import value_set

AWAY_FROM_THE_HIP = frozenset({"ischial", "sacroiliac"})
LOCAL_DIAGNOSES = frozenset(
    value_set(name).name
    for name in (
        "sacroiliac-pain-dysfunction",
        "sacroiliitis",
        "ischial-bursitis",
        "proximal-hamstring-tendinopathy",
        "coccydynia",
    )
)
OTHER_PLACES = frozenset(
    value_set(name).name for name in ("hip-pain-unspecified", "groin-pain", "thigh-pain", "lateral-hip-pain")
)
ANSWER_HOLDS = timedelta(weeks=6)


@fact
def only_ischial_or_sacroiliac(chart: Chart) -> bool:
    """Every place recorded in six weeks is the sitting bone or the SI joint; without a place, every diagnosis is."""
    places = {str(r.value) for r in chart.readings("pain-location", within=ANSWER_HOLDS) if r.value}
    told = [f.concepts for f in pain(chart).evidence]
    local = bool(told) and all(c & LOCAL_DIAGNOSES and not c & OTHER_PLACES for c in told)
    if not (places <= AWAY_FROM_THE_HIP if places else local):
        return False
    chart.every(POSTERIOR_ANSWER, within=ANSWER_HOLDS)  # notes what could tell of another place
    return not further_pain(chart)
