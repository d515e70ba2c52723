"""Where the pain is: whether these rules may speak at all.

Posterior hip pain is a place, not a diagnosis: pain of the buttock, the deep gluteal, ischial, sacral or
sacroiliac region, or a diagnosis that means it. A hip-pain code without a side of the joint says nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from cards.chart import Chart, fact
from cards.finding import Finding, exam
from cards.hygiene import is_active
from cards.record import Order
from cards.rule import Place
from cards.valueset import Strength, value_set

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
CHILD_COMPLAINTS = frozenset(
    {value_set(name).name for name in ("thigh-pain", "knee-pain", "limp", "hip-pain-unspecified", "groin-pain")}
)

POSTERIOR_ANSWER = exam("pain-location", "deep-buttock", "ischial", "sacroiliac")
OTHER_ANSWER = exam("pain-location", "groin", "lateral")
ANSWER_HOLDS = timedelta(weeks=6)
ADULT = 18
VISIT_HOLDS = timedelta(weeks=6)  # our choice: an older visit's reason says nothing of today's pain

_Says = Callable[[Mapping[str, Strength], Mapping[str, Strength]], bool]
Where = Literal["posterior", "unspecified", "elsewhere", "child", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the pain is, and what says so.

    `place` is "none" where nothing tells of hip pain and everything was there to look at, "unknown" where
    it was not. `evidence` are the records, newest first.
    """

    place: Where
    evidence: tuple[Finding, ...] = ()

    @property
    def judged(self) -> Place | None:
        """The place, where rules may speak."""
        return None if self.place == "none" or self.place == "unknown" else self.place


@fact
def scope(chart: Chart) -> Scope:
    """Where this patient's pain is."""
    if chart.age is not None and chart.age < ADULT:
        return _child(chart)
    posterior = posterior_pain(chart)
    if posterior:
        return Scope("posterior", posterior)
    elsewhere = _told(chart, _is_elsewhere) + chart.findings(OTHER_ANSWER, within=ANSWER_HOLDS)
    unspecified = _told(chart, _is_unspecified)
    if elsewhere and any(f.reference.startswith(("Condition/", "Encounter/", "ServiceRequest/")) for f in elsewhere):
        return Scope("elsewhere", elsewhere)
    if unspecified:
        return Scope("elsewhere", unspecified + elsewhere) if elsewhere else Scope("unspecified", unspecified)
    return Scope("unknown" if not chart.supplied("conditions") else "none")


@fact
def posterior_pain(chart: Chart) -> tuple[Finding, ...]:
    """What says that there is posterior hip pain now: Conditions, reasons of visits and orders, answers."""
    return _told(chart, _is_posterior) + chart.findings(POSTERIOR_ANSWER, within=ANSWER_HOLDS)


def _child(chart: Chart) -> Scope:
    complaints = _told(
        chart,
        lambda concepts, sites: _is_posterior(concepts, sites) or bool(CHILD_COMPLAINTS & set(concepts)),
    )
    if complaints:
        return Scope("child", complaints)
    return Scope("unknown" if not chart.supplied("conditions") else "none")


def _is_posterior(concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    sited = POSTERIOR_SITE in sites or POSTERIOR_SITE in concepts
    if any(concepts[name] != "broad" for name in POSTERIOR & set(concepts)):
        return True
    says_pain = PAIN in concepts or UNSPECIFIED in concepts or bool((THIGH_OR_LEG | POSTERIOR) & set(concepts))
    return sited and says_pain


def _is_elsewhere(concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    if LATERAL in concepts or concepts.get(ANTERIOR) in ("exact", "text"):
        return True
    sited = {GROIN_SITE, LATERAL_SITE} & (set(sites) | set(concepts))
    return bool(sited) and (UNSPECIFIED in concepts or PAIN in concepts)


def _is_unspecified(concepts: Mapping[str, Strength], sites: Mapping[str, Strength]) -> bool:
    return UNSPECIFIED in concepts


def _told(chart: Chart, says: _Says) -> tuple[Finding, ...]:
    """Active problems, reasons of recent visits and of drafted orders that say it."""
    found = [
        Finding(c.reference, c.text, when=c.when, side=c.side, concepts=frozenset(c.concepts))
        for c in chart.all_conditions()
        if is_active(c) and says(c.concepts, c.sites or {})
    ]
    found += [
        Finding(e.reference, e.text, when=e.when, side=e.side, concepts=frozenset(e.concepts))
        for e in chart.encounters(within=VISIT_HOLDS)
        if says(e.concepts, e.sites or {})
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
