"""Which study comes next after an X-ray and care without relief: matched to the place that the features point to."""

from __future__ import annotations

from dataclasses import dataclass

from cards.appropriateness import Scenario, scenario
from cards.chart import Chart, fact
from cards.facts.examination import neuro_deficits
from cards.facts.imaging import (
    MRI_HIP_OR_PELVIS,
    MRI_LUMBAR,
    MRI_PLEXUS,
    MRI_SI,
    US_HIP,
    Study,
    normal_study,
    ordered,
    studies,
)
from cards.facts.imaging_judgement import DEEP_GLUTEAL
from cards.facts.pain import onset, pain
from cards.finding import Look, exam
from cards.orderables import MRI_BOTH_HIPS, MRI_PELVIS
from cards.orderables import MRI_LUMBAR as LUMBAR
from cards.orderables import MRI_PLEXUS as PLEXUS
from cards.orderables import MRI_SI as SI
from cards.orders import Orderable
from cards.valueset import ValueSet, value_set

ROOT = (
    value_set("lumbar-radiculopathy"),
    exam("straight-leg-raise", "positive"),
    exam("slump-test", "positive"),
    exam("crossed-straight-leg-raise", "positive"),
    exam("below-knee-dermatomal-pain"),
)
SACROILIITIS = value_set("sacroiliitis")


@dataclass(frozen=True, slots=True)
class NextStudy:
    """What to order, by which scenario, and why in a few words."""

    orderable: Orderable
    scenario: Scenario
    why: str
    because: tuple[Look, ...]
    done_by: tuple[ValueSet, ...]


def next_study(chart: Chart) -> NextStudy | None:
    """The study that the features call for; None where it was done since the onset or is ordered.

    Only for rules asked after the red flags: a note of possible osteonecrosis or spondyloarthritis decides first.
    """
    wanted = _wanted(chart)
    since = onset(chart)
    if studies(chart, *wanted.done_by, since=since) or ordered(chart, *wanted.done_by, since=since):
        return None
    return wanted


def _wanted(chart: Chart) -> NextStudy:
    if "femoral-head-osteonecrosis" in chart.red_flags:
        because = chart.red_flags["femoral-head-osteonecrosis"].because
        row = scenario("osteonecrosis-after-xray")
        return NextStudy(MRI_BOTH_HIPS, row, "osteonecrosis possible", because, MRI_HIP_OR_PELVIS)
    inflamed = chart.finding(SACROILIITIS)
    if inflamed or "axial-spondyloarthritis" in chart.red_flags:
        row = scenario("spondyloarthritis-after-xray")
        return NextStudy(SI, row, "inflammatory sacroiliac pattern", (inflamed,), (MRI_SI,))
    return _nerve(chart) or _gluteal(chart)


def _nerve(chart: Chart) -> NextStudy | None:
    deficits = neuro_deficits(chart)
    root = chart.finding(*ROOT, side=pain(chart).side)
    spine = _lumbar_normal(chart)
    if spine and (root or deficits):
        because = (spine.finding, root, *deficits)
        return NextStudy(PLEXUS, scenario("plexopathy"), "nerve signs, normal lumbar MRI", because, (MRI_PLEXUS,))
    if root:
        row = scenario("low-back-after-care")
        return NextStudy(LUMBAR, row, "root pattern", (root, *deficits), (MRI_LUMBAR,))
    if deficits:
        return NextStudy(PLEXUS, scenario("plexopathy"), "nerve signs outside a root", deficits, (MRI_PLEXUS,))
    return None


def _gluteal(chart: Chart) -> NextStudy:
    coded = chart.finding(DEEP_GLUTEAL)
    row = scenario("deep-gluteal-after-xray" if coded else "soft-tissue-after-xray")
    return NextStudy(MRI_PELVIS, row, "deep gluteal or tendon source", (coded,), (*MRI_HIP_OR_PELVIS, US_HIP))


@fact
def _lumbar_normal(chart: Chart) -> Study | None:
    return normal_study(studies(chart, MRI_LUMBAR, since=onset(chart)))
