"""Whether care works can only be told from scores; without one nobody can say "better" or "failed".

One pain score or one function measure within six weeks is enough. Runs only where care was started.
"""

from __future__ import annotations

from datetime import date, timedelta

from cards.chart import Chart
from cards.evidence import DGS_GUIDE, OSTELO_2008, our_choice
from cards.facts.therapy import first_course
from cards.rule import Advise, CannotTell, Outcome, Silent, rule
from cards.valueset import value_set

SCORES = (
    value_set("pain-severity"),
    value_set("odi-score"),
    "lefs-score",
    "ihot12-score",
    value_set("prom-hoos"),
    value_set("prom-promis-physical-function"),
    value_set("prom-promis-pain-interference"),
)

SCORE_HOLDS = timedelta(weeks=6)

HOLDS = our_choice("A score counts for six weeks")
SCORE = "record a pain score (0 to 10) and one function measure (ODI, LEFS or iHOT-12), and the same again at review."


@rule(
    short="FU-02",
    title="Outcome measure missing",
    version="1.0.0",
    status="active",
    hooks=("patient-view",),
    pathway="care",
    rank=3,
    evidence=(DGS_GUIDE, OSTELO_2008, HOLDS),
    last_review=date(2026, 11, 21),
)
def outcome_measure_missing(chart: Chart) -> Outcome:
    begun = first_course(chart)
    if begun is None:
        return Silent("no care was started")
    scores = [chart.latest(score, within=SCORE_HOLDS) for score in SCORES]
    if any(scores):
        return Silent("a score of the last six weeks is on file")
    if not all(score.certain for score in scores):
        return CannotTell.without(*scores)
    return Advise(
        "info",
        "Care under way, no pain or function score in 6 weeks: record NPRS and one function measure.",
        SCORE,
        begun.evidence[:1],
        wrong_if="scores are kept in another system.",
        beside=f"no pain or function score in 6 weeks: {SCORE}",
    )
