"""Where the pain is: whether these rules may speak at all.

Posterior hip pain is a place, not a diagnosis: pain of the buttock, the deep gluteal, ischial, sacral or
sacroiliac region, or a diagnosis that means it. A hip-pain code without a side of the joint says nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cards.chart import Chart, fact
from cards.finding import Finding, exam
from cards.hygiene import is_active
from cards.look import of_record
from cards.record import Condition, Encounter, Order
from cards.valueset import Strength, value_set
from cards.when import When, newest_first

POSTERIOR = frozenset(
    value_set(name).name
    for name in (
        "posterior-hip-pain",
        "buttock-pain",
        "deep-gluteal-syndrome",
        "sciatica",
        "lumbar-radiculopathy",
        "sacroiliac-pain-dysfunction",
        "sacroiliitis",
        "ischial-bursitis",
        "proximal-hamstring-tendinopathy",
        "coccydynia",
    )
)
UNSPECIFIED = value_set("hip-pain-unspecified").name
ANTERIOR = value_set("groin-pain").name
LATERAL = value_set("lateral-hip-pain").name
THIGH_OR_LEG = frozenset({value_set("thigh-pain").name, value_set("leg-pain").name})
PAIN = value_set("pain-words").name
POSTERIOR_SITE = value_set("posterior-site").name
GROIN_SITE = value_set("groin-site").name
LATERAL_SITE = value_set("lateral-site").name
POSTERIOR_WORD = value_set("posterior-direction").name
ANTERIOR_WORD = value_set("anterior-direction").name
LATERAL_WORD = value_set("lateral-direction").name
CHILD_COMPLAINTS = frozenset(
    {value_set(name).name for name in ("thigh-pain", "knee-pain", "limp", "hip-pain-unspecified", "groin-pain")}
)

POSTERIOR_ANSWER = exam("pain-location", "deep-buttock", "ischial", "sacroiliac")
GROIN_ANSWER = exam("pain-location", "groin")
OTHER_ANSWER = exam("pain-location", "groin", "lateral")
ANSWER_HOLDS = timedelta(weeks=6)
ADULT = 18
VISIT_HOLDS = timedelta(weeks=6)  # our choice: an older visit's reason says nothing of today's pain

_PAINS = POSTERIOR | CHILD_COMPLAINTS | THIGH_OR_LEG | {UNSPECIFIED, ANTERIOR, LATERAL, PAIN}
_Says = Callable[[Mapping[str, Strength], Mapping[str, Strength]], bool]
Where = Literal["posterior", "unspecified", "elsewhere", "child", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the pain is, and what says so.

    `place` is "none" where nothing tells of hip pain and everything was there to look at, "unknown" where
    it was not. `evidence` are the records: problems, visits, drafted orders, answers, of each kind the newest first.
    """

    place: Where
    evidence: tuple[Finding, ...] = ()


@fact
def scope(chart: Chart) -> Scope:
    """Where this patient's pain is."""
    if chart.age is not None and chart.age < ADULT:
        return _child(chart)
    posterior = posterior_pain(chart)
    if posterior:
        return Scope("posterior", posterior)
    elsewhere = _told(chart, _is_elsewhere) + chart.findings(OTHER_ANSWER, within=ANSWER_HOLDS)
    unspecified = _told(chart, lambda concepts, _: UNSPECIFIED in concepts)
    unexplained = tuple(f for f in unspecified if all(f.side.opposite_of(e.side) for e in elsewhere))
    if unexplained:
        return Scope("unspecified", unexplained)
    if unspecified or any(not f.reference.startswith("Observation") for f in elsewhere):
        return Scope("elsewhere", _each_once(elsewhere + unspecified))
    return _nowhere(chart)


@fact
def posterior_pain(chart: Chart) -> tuple[Finding, ...]:
    """What says that there is posterior hip pain now: Conditions, reasons of visits and orders, answers.

    A visit or an answer from before such a problem was resolved tells of that problem, not of today.
    """
    over = _resolved_on(chart, _is_posterior)
    answers = chart.findings(POSTERIOR_ANSWER, within=ANSWER_HOLDS)
    return _told(chart, _is_posterior) + tuple(a for a in answers if _after(a.when, over))


@fact
def groin_pain(chart: Chart) -> bool:
    """Some of what says where it hurts says the groin or the front of the hip."""
    answered = chart.findings(GROIN_ANSWER, within=ANSWER_HOLDS)
    return bool(answered or _told(chart, _is_anterior))


def visits_for_pain(chart: Chart, within: timedelta) -> tuple[Finding, ...]:
    """Visits of that time for posterior hip pain or hip pain without a place, newest first."""
    seen = chart.gaps_of(lambda c: c.encounters(within=within))[0]
    return tuple(of_record(e) for e in seen if UNSPECIFIED in e.concepts or _is_posterior(e.concepts, {}))


def _child(chart: Chart) -> Scope:
    complaints = _told(
        chart,
        lambda concepts, sites: _is_posterior(concepts, sites) or bool(CHILD_COMPLAINTS & set(concepts)),
    )
    if complaints:
        return Scope("child", complaints)
    return _nowhere(chart)


def _nowhere(chart: Chart) -> Scope:
    """No pain told; a problem that could not be read matters where it could be a pain."""
    return Scope("none" if chart.supplied("conditions", *_PAINS) else "unknown")


def _is_posterior(concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    if any(concepts[name] != "broad" for name in POSTERIOR & set(concepts)):
        return True
    if _is_at(POSTERIOR_SITE, POSTERIOR_WORD, concepts, sites):
        return True
    return POSTERIOR_SITE in {*sites, *concepts} and not (THIGH_OR_LEG | POSTERIOR).isdisjoint(concepts)


def _is_elsewhere(concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    return LATERAL in concepts or _is_anterior(concepts, sites) or _is_at(LATERAL_SITE, LATERAL_WORD, concepts, sites)


def _is_anterior(concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    return concepts.get(ANTERIOR) in ("exact", "text") or _is_at(GROIN_SITE, ANTERIOR_WORD, concepts, sites)


def _is_at(site: str, word: str, concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    said = {*sites, *concepts}
    return (site in said and PAIN in concepts) or (UNSPECIFIED in concepts and not said.isdisjoint((site, word)))


def _told(chart: Chart, says: _Says) -> tuple[Finding, ...]:
    """Active problems, reasons of recent visits and of drafted orders that say it."""
    over = _resolved_on(chart, says)
    found = [
        Finding(c.reference, c.text, when=c.when, side=c.side, concepts=frozenset(c.concepts))
        for c in _telling(chart)
        if is_active(c) and says(c.concepts, c.sites or {})
    ]
    found += [
        Finding(e.reference, e.text, when=e.when, side=e.side, concepts=frozenset(e.concepts))
        for e in _visits(chart)
        if says(e.concepts, {}) and _after(e.when, over)
    ]
    found += [
        Finding(
            o.reference,
            "; ".join(o.reason_texts) or o.text,
            side=o.reason_side,
            concepts=frozenset(o.reasons),
        )
        for o in chart.drafts
        if isinstance(o, Order) and o.reasons and says(o.reasons, {})
    ]
    return tuple(found)


@fact
def _telling(chart: Chart) -> tuple[Condition, ...]:
    """The few Conditions that say anything of pain at all, newest first in whatever order they came."""
    found = (c for c in chart.all_conditions() if not _PAINS.isdisjoint(c.concepts))
    return tuple(sorted(found, key=lambda c: (newest_first(c.when), c.reference), reverse=True))


def _visits(chart: Chart) -> tuple[Encounter, ...]:
    """Recent visits. That none were supplied is no gap: the problem list alone can say where the pain is."""
    return chart.gaps_of(lambda c: c.encounters(within=VISIT_HOLDS))[0]


def _resolved_on(chart: Chart, says: _Says) -> date | None:
    """The last day by which a problem that says it was surely resolved."""
    ends = [
        c.ended.earliest for c in _telling(chart) if c.ended and not is_active(c) and says(c.concepts, c.sites or {})
    ]
    return max(ends, default=None)


def _after(when: When | None, day: date | None) -> bool:
    return when is None or day is None or when.latest > day


def _each_once(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple({f.reference: f for f in found}.values())
