"""Devices in the body that must be checked before an MRI. Joint prostheses, stents and spinal hardware are none."""

from __future__ import annotations

from cards.chart import Chart, fact
from cards.finding import Finding
from cards.look import of_record
from cards.valueset import value_set

MRI_DEVICES = tuple(
    value_set(name)
    for name in (
        "pacemaker-icd",
        "neurostimulator",
        "cochlear-implant",
        "metallic-eye-foreign-body",
        "insulin-or-drug-pump",
        "aneurysm-clip",
    )
)


@fact
def mri_devices(chart: Chart) -> tuple[Finding, ...]:
    """Every such device on file, as a problem, an observation or the procedure that implanted it."""
    problems = chart.findings(*MRI_DEVICES)
    implanted = tuple(of_record(p) for p in chart.procedures(*MRI_DEVICES))
    if not problems and not implanted:
        chart.finding(*MRI_DEVICES)  # notes what could not be looked at
    return problems + implanted
