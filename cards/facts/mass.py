"""A lump of buttock, thigh or pelvis: how large, whether it grows, hurts or lies deep, and what imaging called it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cards.chart import Chart
from cards.facts.pain import pain
from cards.finding import Finding, exam
from cards.quantity import Quantity
from cards.record import Report
from cards.valueset import TERMINOLOGY, value_set

LUMP = (value_set("soft-tissue-mass"), value_set("pelvic-mass"))
PAIN = value_set("pain-words")
GROWING_OR_DEEP = exam("gluteal-mass-growing-or-deep")
_SENTENCE_END = re.compile(r"[.;]\s")
IMAGED = "seen on imaging"
IMAGING = ("img-any-mri", "img-any-ct", "img-any-xr", "img-us-hip-gluteal")


def suspicious_lump(chart: Chart, large_above: Quantity) -> dict[str, Finding]:
    """What makes a lump suspicious, each by its words. A lump of which no size is known hurts until shown small."""
    side = pain(chart).side
    size = chart.latest("gluteal-mass-size", side=side)
    lump = chart.finding(*LUMP, side=side)
    painful = isinstance(lump, Finding) and PAIN.name in lump.concepts
    looks = {
        f"{size.quantity}": size if size.quantity and size.quantity > large_above else None,
        "growing or deep": chart.finding(GROWING_OR_DEEP, side=side),
        "painful": lump if painful else None,
        "size not recorded": lump if not size else None,
        IMAGED: next(_reported(chart), None),
    }
    return {words: look for words, look in looks.items() if isinstance(look, Finding)}


def _reported(chart: Chart) -> Iterator[Finding]:
    """Reports since the pain began whose codes or words name a mass: words may alarm."""
    began = pain(chart).began
    names = {kind.name for kind in LUMP}
    chart.supplied("diagnosticReports", *IMAGING)
    for report in chart.reports(*IMAGING):
        old = began is not None and report.when is not None and report.when.latest < began.earliest
        if not old and names & _said(report) and not report.side.opposite_of(pain(chart).side):
            yield Finding(report.reference, _quoted(report, names), when=report.when, side=report.side)


def _said(report: Report) -> set[str]:
    coded = {name for name, strength in report.results.items() if strength != "broad"}
    return coded | set(TERMINOLOGY.concepts([], report.conclusion or ""))


def _quoted(report: Report, names: set[str]) -> str:
    """The study, and the sentence of its conclusion that names a mass: a long report would be cut before it."""
    sentences = _SENTENCE_END.split(report.conclusion or "")
    words = next((s for s in sentences if not names.isdisjoint(TERMINOLOGY.concepts([], s))), "")
    return f"{report.text}: {words.strip().rstrip('. ')}" if words else report.text
