"""Which studies the red flags of this call ask for. Only for rules that are asked after the red flags."""

from __future__ import annotations

from dataclasses import dataclass

from cards.appropriateness import Modality, Region
from cards.chart import Chart
from cards.facts.drafts import FAMILY
from cards.facts.imaging import KINDS
from cards.orders import Orderable, Priority
from cards.rule import Advise

_NO_PLACE = frozenset({"body"})


@dataclass(frozen=True, slots=True)
class Flagged:
    """A study that a red flag suggests: by which rule, how urgently, and what it would show."""

    rule: str
    advice: Advise
    orderable: Orderable
    priority: Priority
    modality: Modality
    regions: frozenset[Region]

    @property
    def urgent(self) -> bool:
        """The flag is more than a note."""
        return self.advice.indicator != "info"

    @property
    def contrast(self) -> bool:
        """The study is to be done with contrast."""
        return "with contrast" in self.orderable.text


def flagged_studies(chart: Chart) -> tuple[Flagged, ...]:
    """Every imaging study of hip, pelvis, sacrum, thigh or lumbar spine that a red flag suggests."""
    found = []
    for rule, advice in chart.red_flags.items():
        for one in advice.suggestions:
            order = one.create
            if order is None:
                continue
            kinds = [KINDS[s] for s in order.orderable.studies if s in KINDS]
            regions = frozenset(r for _, region in kinds for r in FAMILY.get(region, {region})) - _NO_PLACE
            if regions:
                found.append(Flagged(rule, advice, order.orderable, order.priority, kinds[0][0], regions))
    return tuple(found)
