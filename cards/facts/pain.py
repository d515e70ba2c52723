"""The pain at hand: since when, on which side, where, and how bad."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from cards.chart import Chart, fact
from cards.facts.scope import POSTERIOR, UNSPECIFIED, scope
from cards.finding import Finding
from cards.side import Side
from cards.valueset import value_set
from cards.when import When, newest_first

SEVERITY = value_set("pain-severity")


@dataclass(frozen=True, slots=True)
class Pain:
    """The pain that brought the patient.

    began: the earliest recorded onset, newest: the latest; None when no date is recorded. onset_known: False
    where those are only dates of recording or of a visit. side: of all its records together. evidence: what
    tells of it.
    """

    began: When | None
    newest: When | None
    side: Side
    evidence: tuple[Finding, ...]
    onset_known: bool

    def surely_longer_than(self, days: int, today: date) -> bool:
        """It began more than `days` ago, whichever day a partial date means. False when undated."""
        return self.began is not None and (today - self.began.latest).days > days

    def surely_at_least(self, days: int, today: date) -> bool:
        """It began `days` ago or longer, whichever day a partial date means. False when undated."""
        return self.began is not None and (today - self.began.latest).days >= days


@fact
def pain(chart: Chart) -> Pain:
    """Onset, side and records of the pain. Its dates are those of Conditions, else of what else tells of it."""
    evidence = scope(chart).evidence
    side = Side.UNKNOWN
    for found in evidence:
        side = side.joined(found.side)
    onsets = {c.reference for c in chart.all_conditions() if c.onset_known}
    conditions = [f for f in evidence if f.reference.startswith("Condition") and f.when]
    known = [f for f in conditions if f.reference in onsets]
    dated = known or conditions or [f for f in evidence if f.when and not f.reference.startswith("Observation")]
    ordered = sorted((f.when for f in dated if f.when), key=newest_first)
    return Pain(
        began=ordered[0] if ordered else None,
        newest=ordered[-1] if ordered else None,
        side=side,
        evidence=evidence,
        onset_known=bool(known),
    )


def began_within(chart: Chart, window: timedelta, *, undated_counts: bool = False) -> bool:
    """Some of the pain began no more than `window` ago, on some day that a partial date may mean.

    Where none is known to have, a problem that may be a newer pain and was not supplied is noted as a gap.
    """
    newest = pain(chart).newest
    found = newest.possibly_within(window, chart.today) if newest else undated_counts
    return found or further_pain(chart)


def began_by(chart: Chart, day: date) -> bool:
    """Some of the pain may have begun on that day or before; pain without a date may have. Notes gaps as above."""
    began = pain(chart).began
    return began is None or began.earliest <= day or further_pain(chart)


def further_pain(chart: Chart) -> Literal[False]:
    """No pain but the known one is on file. A problem that may be another and was not supplied is noted as a gap."""
    chart.supplied("conditions", *POSTERIOR, UNSPECIFIED)
    return False


@fact
def severity(chart: Chart) -> tuple[Finding, ...]:
    """Pain scores 0 to 10, newest first."""
    return chart.readings(SEVERITY)


def onset(chart: Chart) -> date | None:
    """The earliest day on which the pain may have begun; None when no date is recorded."""
    began = pain(chart).began
    return began.earliest if began else None
