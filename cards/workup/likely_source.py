"""Posterior hip pain is a place; what hurts there is told by history and examination together. This ranks what is
recorded, for and against, so that the next test and the therapy fit the likeliest sources.

It never names one certain diagnosis: at most three sources, each with two independent groups of features, and none
because of a code or of tenderness alone. Where strength, sensation or reflexes are not recorded the lumbar spine
is not excluded, and the card says so.
"""

from __future__ import annotations

from datetime import date

from cards.chart import Chart
from cards.evidence import (
    CACCHIO_2012,
    GOMEZ_HOYOS_2016,
    KIZAKI_2020,
    LASLETT_2005,
    MARTIN_2014,
    MONTANER_2023,
    PARK_2020,
    our_choice,
)
from cards.facts.examination import neuro_screened
from cards.facts.outcomes import watchful_waiting
from cards.facts.sources import Source, likely_sources, sources
from cards.rule import Advise, Outcome, Silent, rule

LEAST_SUPPORTED_TOLD = 2
MOST_NAMED = 2
TELL_APART = "test what would tell these apart, treat the likeliest first (several may hold together),"
CONFIRM = "take it for no more than a working diagnosis, look for what speaks against it,"
WEIGHTS = our_choice("Weights of the features; small studies, so they rank and prove nothing")


@rule(
    short="WU-02",
    title="Likely sources of the pain",
    version="1.0.1",
    status="active",
    hooks=("patient-view",),
    pathway="assessment",
    rank=0,
    evidence=(
        PARK_2020,
        KIZAKI_2020,
        MARTIN_2014,
        LASLETT_2005,
        CACCHIO_2012,
        GOMEZ_HOYOS_2016,
        MONTANER_2023,
        WEIGHTS,
    ),
    last_review=date(2026, 11, 21),
)
def likely_source(chart: Chart) -> Outcome:
    likely = likely_sources(chart)
    if not likely:
        return Silent("no source has two independent features recorded")
    if watchful_waiting(chart):
        return Silent("mild and falling pain under care")
    return Advise(
        "info",
        _summary(likely),
        f"{TELL_APART if len(likely) > 1 else CONFIRM} and examine hip and spine both.",
        tuple(f.look for f in likely[0].supports),
        wrong_if="the pain has moved, or new signs are not recorded yet.",
        more=(*_ranked(likely), *_less_likely(likely, sources(chart)), *_lumbar(chart)),
    )


def _summary(likely: tuple[Source, ...]) -> str:
    """The first sources by rank: a summary has room for the names of two."""
    told = ", then ".join(s.name.lower() for s in likely[:MOST_NAMED])
    more = f" and {len(likely) - MOST_NAMED} more" if len(likely) > MOST_NAMED else ""
    return f"Likely source: {told}{more}. Not proof: examine hip and spine."


def _ranked(likely: tuple[Source, ...]) -> tuple[str, ...]:
    return tuple(f"**{place}. {s.name}:** {s.told()}." for place, s in enumerate(likely, 1))


def _less_likely(likely: tuple[Source, ...], weighed: tuple[Source, ...]) -> tuple[str, ...]:
    others = sorted((s for s in weighed if s not in likely and s.against), key=lambda s: s.rank_against)
    told = [f"{s.name} ({s.told()})" for s in others[:LEAST_SUPPORTED_TOLD]]
    return (f"**Less supported:** {'; '.join(told)}.",) if told else ()


def _lumbar(chart: Chart) -> tuple[str, ...]:
    if neuro_screened(chart):
        return ()
    return ("**Lumbar source not excluded:** strength, sensation and reflexes of the leg are not all recorded.",)
