"""An abdominal aortic aneurysm on file that was not repaired, its size, and signs that it leaks."""

from __future__ import annotations

from datetime import timedelta

from cards.chart import Chart, fact
from cards.finding import Finding, exam
from cards.quantity import Quantity
from cards.valueset import value_set

UNREPAIRED = value_set("aaa-unrepaired")
RUPTURED = value_set("aaa-ruptured")
REPAIRED = value_set("aaa-repaired")
PULSATILE_MASS = exam("pulsatile-abdominal-mass")
DIAMETER = "aortic-diameter"
COLLAPSE = (value_set("hypotension"), value_set("syncope"))
PRESSURE = value_set("systolic-blood-pressure")

ANEURYSM_FROM = Quantity.of(3.0, "cm")
LARGE_MEN_FROM = Quantity.of(5.5, "cm")
LARGE_FROM = Quantity.of(5.0, "cm")  # women, and where the sex is not recorded
PRESSURE_BELOW = Quantity.of(90, "mm[Hg]")
PRESSURE_HOLDS = timedelta(days=3)
RECENT = timedelta(days=14)
MASS_HOLDS = timedelta(days=182)


@fact
def aneurysm(chart: Chart) -> tuple[Finding, ...]:
    """What tells of it: a diagnosis, a measured diameter of 3 cm or more, a pulsatile mass of six months.

    After a repair only the pulsatile mass counts.
    """
    mass = chart.every(PULSATILE_MASS, within=MASS_HOLDS)
    known = chart.every(RUPTURED, UNREPAIRED)
    size = chart.latest(DIAMETER)
    if isinstance(size, Finding) and size.quantity and size.quantity >= ANEURYSM_FROM:
        known += (size,)
    return mass if known and _repaired(chart) else known + mass


@fact
def leak_signs(chart: Chart) -> tuple[Finding, ...]:
    """Collapse in 14 days, a systolic pressure below 90 in three days, or a diameter at which it may burst."""
    found = chart.every(*COLLAPSE, within=RECENT)
    pressure = chart.latest(PRESSURE, within=PRESSURE_HOLDS, worse="low")
    if isinstance(pressure, Finding) and pressure.quantity and pressure.quantity < PRESSURE_BELOW:
        found += (pressure,)
    size = chart.latest(DIAMETER)
    large = LARGE_MEN_FROM if chart.patient.sex == "male" else LARGE_FROM
    if isinstance(size, Finding) and size.quantity and size.quantity >= large:
        found += (size,)
    return found


def _repaired(chart: Chart) -> bool:
    told = chart.finding(REPAIRED, history=True, surely=True)
    return bool(told or chart.procedures(REPAIRED))
