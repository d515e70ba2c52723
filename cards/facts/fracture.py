"""Fractures of hip and pelvis: what makes one likely, whether one is known or treated, what imaging has shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from cards.chart import Chart, fact
from cards.codings import ICD10CM
from cards.facts.imaging import CROSS_SECTIONAL_HIP_PELVIS, XR_HIP_OR_PELVIS, Study, normal_study, ordered, studies
from cards.facts.injury import (
    DEFORMED,
    DISLOCATION,
    FRACTURE,
    UNABLE,
    WALKS,
    newest_injury,
    unable_to_bear_weight,
)
from cards.facts.pain import pain
from cards.finding import Finding, exam
from cards.hygiene import is_active
from cards.look import of_record
from cards.record import Condition
from cards.text_match import PhraseBook
from cards.valueset import ValueSet, value_set
from cards.when import When, newest_first

OPERATIONS = (value_set("proc-hip-pelvic-surgery"), value_set("proc-hip-arthroplasty"))
PAIN_ON_LOAD = (
    exam("log-roll", "positive"),
    exam("hip-internal-rotation", "painful"),
    exam("impact-pain"),
    exam("hop-test", "positive"),
    exam("patellar-pubic-percussion", "positive"),
)
WALKS_BADLY = (UNABLE, exam("walks-normally", False), exam("gait", "antalgic", "aided"))

_FOLLOW_UP = re.compile(r"[SM].{5}[D-S]")  # the seventh character tells a later visit or a sequela
_OLD = re.compile(r"\b(?:old|healed|healing|united|chronic)\b(?: \w+){0,3} fractures?\b", re.IGNORECASE)
_NOT_DISPLACED = re.compile(r"\bnon[- ]displaced\b", re.IGNORECASE)


def fracture_signs(chart: Chart, within: timedelta) -> dict[str, Finding]:
    """What makes an injury a likely fracture, each by its words for a summary."""
    violent = newest_injury(chart, within, "high")
    looks = {
        "cannot bear weight": unable_to_bear_weight(chart, within),
        "leg short or rotated": chart.finding(DEFORMED, within=within, undated_counts=True, side=pain(chart).side),
        "high energy": violent.finding if violent else None,
        "fracture or dislocation coded": coded_fracture(chart, within),
    }
    return {words: look for words, look in looks.items() if isinstance(look, Finding)}


def lasting_signs(chart: Chart, injured: date, still: timedelta) -> tuple[Finding, ...]:
    """Pain on rotation or load recorded since the injury, and a walk that is not normal `still` after it."""
    side = pain(chart).side
    hurts = chart.every(*PAIN_ON_LOAD, within=chart.today - injured, side=side)
    return hurts + chart.every(*WALKS_BADLY, within=chart.today - injured - still, side=side)


def coded_fracture(chart: Chart, within: timedelta) -> Finding | None:
    """A fracture or dislocation of hip or pelvis on the problem list, new and not yet in follow-up."""
    found = (
        of_record(c)
        for c in _fractures(chart)
        if not _in_follow_up(c) and (c.when is None or c.when.possibly_within(within, chart.today))
    )
    return next(found, None)


def fracture_since(chart: Chart, injured: date) -> Finding | None:
    """A fracture or dislocation coded as of that day or later."""
    return next((of_record(c) for c in _fractures(chart) if c.when and c.when.latest >= injured), None)


@fact
def treated_since(chart: Chart) -> When | None:
    """When the treatment of a fracture or dislocation on file was recorded; None where there is no such thing.

    Treatment is a later operation of the hip, or the code of a follow-up visit, dated by the fracture itself.
    """
    for fracture in _fractures(chart):
        operations = [p.when for p in chart.procedures(*OPERATIONS) if not p.side.opposite_of(pain(chart).side)]
        began = fracture.when
        later = [o for o in operations if o and began and o.latest >= began.earliest]
        if later:
            return later[0]
        if _in_follow_up(fracture):
            return began
    return None


def operated_since(chart: Chart, day: date) -> bool:
    """An operation of hip or pelvis on that day or later, not on the other side."""
    done = [p for p in chart.procedures(*OPERATIONS) if not p.side.opposite_of(pain(chart).side)]
    return any(p.when and p.when.latest >= day for p in done)


def imaged_since(chart: Chart, day: date) -> tuple[Study, ...]:
    """Radiographs, MRI and CT of hip and pelvis surely on or after that day, newest first."""
    return studies(chart, *XR_HIP_OR_PELVIS, *CROSS_SECTIONAL_HIP_PELVIS, since=day, side=pain(chart).side)


def film_since(chart: Chart, day: date) -> Study | None:
    """The newest radiograph of hip or pelvis surely on or after that day."""
    return next(iter(studies(chart, *XR_HIP_OR_PELVIS, since=day, side=pain(chart).side)), None)


def mri_or_ct_since(chart: Chart, day: date) -> tuple[Study, ...]:
    """MRI and CT of hip and pelvis surely on or after that day, newest first."""
    return studies(chart, *CROSS_SECTIONAL_HIP_PELVIS, since=day, side=pain(chart).side)


def ordered_since(chart: Chart, day: date, *kinds: ValueSet) -> bool:
    """One of these studies was ordered on or after that day, and not for the other side."""
    order = ordered(chart, *kinds, since=day)
    return order is not None and not order.side.opposite_of(pain(chart).side)


def cleared_since(chart: Chart, injured: When | None) -> bool:
    """Imaging since then is coded normal and the leg is on record as bearing weight again."""
    if injured is None or not normal_study(imaged_since(chart, injured.latest)):
        return False
    walks = chart.finding(*WALKS, side=pain(chart).side, surely=True)
    return isinstance(walks, Finding) and bool(walks.when and walks.when.earliest >= injured.latest)


def unstable_line(chart: Chart, since: date) -> Study | None:
    """A report since then whose words tell of a displaced or tension-side fracture: words alarm, never reassure."""
    told = ((s, _NOT_DISPLACED.sub(" ", s.conclusion or "")) for s in _read_since(chart, since))
    return next((s for s, words in told if _UNSTABLE.names_in(words)), None)


def told_fracture(chart: Chart, since: date) -> Study | None:
    """A report since then whose words tell of a new fracture or dislocation, where none is coded normal."""
    told = _read_since(chart, since)
    if normal_study(told):
        return None
    return next((s for s in told if _BROKEN.names_in(_OLD.sub(" ", s.conclusion or ""))), None)


def _read_since(chart: Chart, day: date) -> tuple[Study, ...]:
    """Studies whose words may alarm; a report of one that was not supplied is noted as a gap."""
    kinds = (*XR_HIP_OR_PELVIS, *CROSS_SECTIONAL_HIP_PELVIS)
    chart.supplied("diagnosticReports", *kinds, within=chart.today - day)
    return imaged_since(chart, day)


@fact
def _fractures(chart: Chart) -> tuple[Condition, ...]:
    found = [
        c
        for c in chart.all_conditions()
        if is_active(c)
        and any(c.concepts.get(v.name, "broad") != "broad" for v in (FRACTURE, DISLOCATION))
        and not c.side.opposite_of(pain(chart).side)
    ]
    return tuple(sorted(found, key=lambda c: newest_first(c.when), reverse=True))


def _in_follow_up(fracture: Condition) -> bool:
    return any(c.system == ICD10CM and _FOLLOW_UP.fullmatch(c.code) for c in fracture.codes)


def _phrases(words: Iterable[str]) -> PhraseBook:
    book = PhraseBook()
    for one in words:
        book.add(one, "said")
    return book


_UNSTABLE = _phrases(("tension side*", "superior cortex", "superolateral", "displaced"))
_BROKEN = _phrases(("fracture*", "dislocat*"))
