"""Drafted studies that repeat one already done, with nothing new since that would call for another.

New means: a red flag, an injury, a neurological sign or an operation after the study, pain that surely began after
it, another region or side, a question of contrast, or an earlier study that was itself called limited or
non-diagnostic.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from cards.appropriateness import Modality
from cards.chart import Chart, fact
from cards.facts.drafts import (
    ELECTRODIAGNOSTICS,
    WITH_CONTRAST,
    ImagingDraft,
    electrodiagnostic_drafts,
    imaging_drafts,
)
from cards.facts.imaging import DXA, KINDS, Study, studies
from cards.facts.injury import INJURIES, MECHANISM
from cards.facts.naming import study_name
from cards.facts.pain import pain
from cards.facts.strength import weaknesses
from cards.finding import What, exam
from cards.record import Order
from cards.valueset import value_set

NERVE_SIGN: tuple[What, ...] = (
    *(value_set(n) for n in ("foot-drop", "leg-weakness", "bilateral-leg-weakness", "abnormal-reflexes")),
    *(value_set(n) for n in ("numbness", "paraesthesia")),
    exam("leg-sensation", "reduced", "absent"),
    exam("knee-reflex", "reduced", "absent", "brisk"),
    exam("ankle-reflex", "reduced", "absent", "brisk"),
    exam("leg-strength", "reduced"),
)
OPERATION = tuple(
    value_set(n) for n in ("proc-hip-arthroplasty", "proc-hip-pelvic-surgery", "proc-lumbar-surgery", "proc-neurolysis")
)

XRAY_HOLDS = timedelta(days=183)
CROSS_SECTION_HOLDS = timedelta(days=365)
ULTRASOUND_HOLDS = timedelta(days=183)
NERVE_STUDY_HOLDS = timedelta(days=365)
DXA_HOLDS = timedelta(days=730)

_LIMITED = re.compile(r"\b(limited|non-?diagnostic|motion artefact|motion artifact|incomplete|repeat (is )?advised)\b")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A draft and the study that it repeats. `name` is the draft in plain words."""

    reference: str
    name: str
    study: Study
    days: int


@fact
def duplicates(chart: Chart) -> tuple[Duplicate, ...]:
    """Every selected draft that repeats a study. Only for rules asked after the red flags."""
    if not imaging_drafts(chart) and not electrodiagnostic_drafts(chart):
        return ()
    if any(a.indicator != "info" for a in chart.red_flags.values()):
        return ()
    found = [_of_image(chart, d) for d in imaging_drafts(chart)]
    found += [_of_nerve_study(chart, o) for o in electrodiagnostic_drafts(chart)]
    return tuple(d for d in found if d and not _something_new(chart, d.study))


def _of_image(chart: Chart, draft: ImagingDraft) -> Duplicate | None:
    wanted = {(draft.modality, region) for region in draft.regions}
    kinds = [value_set(name) for name, kind in KINDS.items() if kind in wanted]
    for study in studies(chart, *kinds, side=draft.side):
        days = _age(study, chart.today)
        if days is not None and days <= _holds(draft.modality).days and not _other_question(draft, study):
            return Duplicate(draft.reference, study_name(draft), study, days)
    return None


def _of_nerve_study(chart: Chart, order: Order) -> Duplicate | None:
    for study in studies(chart, ELECTRODIAGNOSTICS, side=order.side):
        days = _age(study, chart.today)
        if days is not None and days <= NERVE_STUDY_HOLDS.days:
            return Duplicate(order.reference, "nerve conduction study or EMG", study, days)
    return None


def _age(study: Study, today: date) -> int | None:
    return (today - study.day).days if study.day else None


def _holds(modality: Modality) -> timedelta:
    if modality == "xr":
        return XRAY_HOLDS
    if modality == "us":
        return ULTRASOUND_HOLDS
    return DXA_HOLDS if modality == "dxa" else CROSS_SECTION_HOLDS


def _other_question(draft: ImagingDraft, study: Study) -> bool:
    limited = bool(study.conclusion and _LIMITED.search(study.conclusion.lower()))
    return limited or draft.other_question or (draft.contrast and WITH_CONTRAST.isdisjoint(study.sets))


def _pain_is_newer(chart: Chart, study: Study, day: date) -> bool:
    """All of the pain began after the study. Bone density is no question of pain."""
    known = pain(chart)
    began = known.began if known.onset_known else None
    return began is not None and began.earliest > day and DXA.name not in study.sets


def _something_new(chart: Chart, study: Study) -> bool:
    day = study.day
    if day is None or _pain_is_newer(chart, study, day):
        return True
    dates = [f.when for f in chart.findings(*INJURIES, MECHANISM, *NERVE_SIGN, history=True)]
    dates += [w.now.when for w in weaknesses(chart)]
    dates += [p.when for p in chart.procedures(*OPERATION)]
    return any(when.latest > day for when in dates if when)
