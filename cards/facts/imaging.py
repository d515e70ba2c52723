"""Imaging that was done or ordered: which region, which modality, which side, when, and with what result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cards.appropriateness import Modality, Region
from cards.chart import Chart, fact_about
from cards.finding import Finding
from cards.immutable import replace
from cards.look import of_sided
from cards.record import Order, Procedure, Report
from cards.side import Side
from cards.valueset import Strength, ValueSet, value_set
from cards.when import newest_first

XR_HIP = value_set("img-xr-hip")
XR_PELVIS = value_set("img-xr-pelvis")
XR_SI = value_set("img-xr-si")
XR_LUMBAR = value_set("img-xr-lumbar")
MRI_HIP = value_set("img-mri-hip")
MRI_PELVIS = value_set("img-mri-pelvis")
MRI_SI = value_set("img-mri-sacroiliac")
MRI_LUMBAR = value_set("img-mri-lumbar")
MRI_THIGH = value_set("img-mri-thigh")
MRI_PLEXUS = value_set("img-mr-neurography")
CT_HIP_PELVIS = value_set("img-ct-hip-pelvis")
CT_LUMBAR = value_set("img-ct-lumbar")
US_HIP = value_set("img-us-hip-gluteal")
BONE_SCAN = value_set("img-bone-scan")
DXA = value_set("img-dxa")
NORMAL_RESULT = value_set("img-result-normal").name

XR_HIP_OR_PELVIS = (XR_HIP, XR_PELVIS)
MRI_HIP_OR_PELVIS = (MRI_HIP, MRI_PELVIS)
CROSS_SECTIONAL_HIP_PELVIS = (MRI_HIP, MRI_PELVIS, MRI_SI, CT_HIP_PELVIS)

KINDS: dict[str, tuple[Modality, Region]] = {
    XR_HIP.name: ("xr", "hip"),
    XR_PELVIS.name: ("xr", "pelvis"),
    XR_SI.name: ("xr", "sacroiliac"),
    XR_LUMBAR.name: ("xr", "lumbar"),
    MRI_HIP.name: ("mri", "hip"),
    MRI_PELVIS.name: ("mri", "pelvis"),
    MRI_SI.name: ("mri", "sacroiliac"),
    MRI_LUMBAR.name: ("mri", "lumbar"),
    MRI_THIGH.name: ("mri", "thigh"),
    MRI_PLEXUS.name: ("mri", "plexus"),
    CT_HIP_PELVIS.name: ("ct", "pelvis"),
    CT_LUMBAR.name: ("ct", "lumbar"),
    US_HIP.name: ("us", "hip"),
    BONE_SCAN.name: ("nm", "body"),
    DXA.name: ("dxa", "body"),
}
"""Modality and region of each value set of studies."""


@dataclass(frozen=True, slots=True)
class Study:
    """One study done. `normal` only where a conclusion code says so; words never reassure.

    `reported` is False for a study known only as a Procedure, whose result is not on file.
    """

    reference: str
    text: str
    sets: frozenset[str]
    side: Side
    finding: Finding
    normal: bool
    reported: bool
    conclusion: str | None = None

    @property
    def day(self) -> date | None:
        """The latest day that its date may mean."""
        return self.finding.when.latest if self.finding.when else None


def studies(chart: Chart, *kinds: ValueSet, since: date | None = None, side: Side = Side.UNKNOWN) -> tuple[Study, ...]:
    """Studies of these kinds that were done, newest first.

    since: surely on or after this day. side: those of the opposite side are passed over. A code that fits any
    joint of the leg is no study of the hip unless its words say so.
    """
    return tuple(
        s
        for s in _done(chart, kinds)
        if not s.side.opposite_of(side) and (since is None or (s.finding.when and s.finding.when.earliest >= since))
    )


@fact_about
def _done(chart: Chart, kinds: tuple[ValueSet, ...]) -> tuple[Study, ...]:
    done = [*map(_reported, chart.reports(*kinds)), *map(_performed, chart.procedures(*kinds))]
    return tuple(sorted(done, key=lambda s: newest_first(s.finding.when), reverse=True))


def normal_study(found: Iterable[Study]) -> Study | None:
    """The newest of these whose coded conclusion is "no abnormality"."""
    return next((s for s in found if s.normal), None)


def told(study: Study) -> Finding:
    """The study as a card quotes it: with the words of its conclusion, where there are any."""
    words = f"{study.text}: {study.conclusion.rstrip('. ')}" if study.conclusion else study.text
    return replace(study.finding, label=words)


def ordered(chart: Chart, *kinds: ValueSet, since: date | None = None) -> Order | None:
    """The newest order (not a draft) for one of these, placed on or after `since`."""
    orders = chart.orders(*kinds)
    return next((o for o in orders if since is None or (o.when and o.when.earliest >= since)), None)


def _sure(concepts: Mapping[str, Strength]) -> frozenset[str]:
    return frozenset(name for name, strength in concepts.items() if strength != "broad")


def _reported(report: Report) -> Study:
    normal = NORMAL_RESULT in report.results
    finding = of_sided(report)
    return Study(
        report.reference,
        report.text,
        _sure(report.concepts),
        report.side,
        finding,
        normal,
        True,
        report.conclusion,
    )


def _performed(procedure: Procedure) -> Study:
    finding = of_sided(procedure)
    return Study(
        procedure.reference,
        procedure.text,
        _sure(procedure.concepts),
        procedure.side,
        finding,
        False,
        False,
    )
