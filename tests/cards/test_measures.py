"""Every unit conversion against an independent UCUM implementation, and the limits at their edges."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pytest

from cards.measures import BARE_NUMBERS, JUDGED_BY_THEIR_LIMIT, MEASURES
from cards.quantity import Quantity, Refused

PRINTED = {
    "°C": "Cel", "C": "Cel", "degC": "Cel", "degF": "[degF]", "°F": "[degF]", "F": "[degF]",
    "lb": "[lb_av]", "lbs": "[lb_av]", "kg/m^2": "kg/m2", "kg/m²": "kg/m2",
    "mm/hr": "mm/h", "mm/1h": "mm/h",
    "x10E9/L": "10*9/L", "x10E3/uL": "10*3/uL", "K/uL": "10*3/uL", "thou/uL": "10*3/uL", "10*3/µL": "10*3/uL",
    "µmol/L": "umol/L", "µg/L": "ug/L", "drinks/wk": "{drinks}/wk", "mmHg": "mm[Hg]",
    "minutes": "min", "mins": "min", "weeks": "wk", "IU/L": "[IU]/L",
    "mL/min/1.73m2": "mL/min/{1.73_m2}", "mL/min/1.73.m2": "mL/min/{1.73_m2}",
    "mL/min/1.73_m2": "mL/min/{1.73_m2}", "mL/min/1.73 m2": "mL/min/{1.73_m2}",
    "INR": "1", "score": "1", "points": "1", "T-score": "1", "ratio": "1", "/10": "1", "mm": "mm",
}  # fmt: skip
"""What laboratories print, as the UCUM unit that they mean."""
MOLAR_MASS = {"lab-calcium": 40.078, "lab-creatinine": 113.12, "lab-bilirubin": 584.66}  # g/mol
SAME_BY_DEFINITION = {("[IU]/L", "U/L"): 1.0, ("mm", "mm/h"): 1.0, ("g/wk", "{drinks}/wk"): 1 / 14}
"""Enzyme units; the ESR after one hour; a drink of 14 g. UCUM has no conversion for these."""
SCORE = "{score} 1 score {points} points"
CELLS = "10*9/L 10*3/uL 10^9/L x10E9/L 10^3/uL 10*3/mm3 x10E3/uL K/uL thou/uL 10*3/µL /uL /mm3"
EGFR = "mL/min/{1.73_m2} mL/min/1.73m2 mL/min/1.73.m2 mL/min/1.73_m2 mL/min/{1.73m2}"
LENGTH, COUNT = "cm mm [in_i]", f"{SCORE} {{count}} {{tests}} {{grade}}"
T_SCORE = f"{SCORE} {{T-score}} {{Tscore}} T-score"
ACCEPTED: dict[str, tuple[float, float, str]] = {
    "body-temperature-observation": (30, 44, "Cel °C C degC [degF] degF °F F"),
    "body-weight-observation": (20, 350, "kg [lb_av] lb lbs g"),
    "bmi": (8, 100, "kg/m2 kg/m^2 kg/m²"),
    "lab-crp": (0, 700, "mg/L mg/dL"),
    "lab-esr": (0, 150, "mm/h mm/hr mm/1h mm"),
    "lab-wbc": (0, 500, CELLS),
    "lab-platelets": (0, 3000, CELLS),
    "lab-hemoglobin": (10, 300, "g/L g/dL"),
    "lab-albumin": (5, 80, "g/L g/dL"),
    "lab-alp": (0, 10000, "U/L [IU]/L IU/L"),
    "lab-ggt": (0, 10000, "U/L [IU]/L IU/L"),
    "lab-calcium": (1, 5, "mmol/L mg/dL"),
    "lab-bilirubin": (0, 1000, "umol/L mg/dL"),
    "lab-creatinine": (0.1, 25, "mg/dL umol/L µmol/L"),
    "lab-egfr": (1, 250, EGFR),
    "lab-inr": (0.5, 20, "{INR} INR 1 {ratio}"),
    "lab-psa": (0, 10000, "ng/mL ug/L µg/L"),
    "lab-hba1c": (3, 25, "% %{HbA1c}"),
    "pain-severity": (0, 10, f"{SCORE} {{0-10}} /10"),
    "odi-score": (0, 100, f"{SCORE} %"),
    "prom-hoos": (0, 100, f"{SCORE} %"),
    "prom-hoos-adl": (0, 100, f"{SCORE} %"),
    "ihot12-score": (0, 100, f"{SCORE} %"),
    "prom-promis-physical-function": (0, 100, T_SCORE),
    "promis-physical-function-6b": (0, 100, T_SCORE),
    "promis-pain-interference-6a": (0, 100, T_SCORE),
    "prom-promis-pain-interference": (0, 100, T_SCORE),
    "phq9-score": (0, 27, SCORE),
    "gad7-score": (0, 21, SCORE),
    "lefs-score": (0, 80, SCORE),
    "alcohol-intake": (0, 300, "{drinks}/wk drinks/wk {drinks}/d g/wk"),
    "systolic-blood-pressure": (30, 300, "mm[Hg] mmHg"),
    "sitting-tolerance": (0, 1440, "min minutes mins h"),
    "morning-stiffness": (0, 1440, "min minutes mins h"),
    "post-void-residual": (0, 5000, "mL ml L"),
    "bruising": (0, 100, LENGTH),
    "gluteal-mass-size": (0, 60, LENGTH),
    "calf-difference": (0, 40, LENGTH),
    "aortic-diameter": (0.5, 15, LENGTH),
    "leg-length-difference": (0, 30, LENGTH),
    "ankle-brachial-index": (0, 3, "1 {ratio} ratio"),
    "block-pain-relief": (0, 100, "%"),
    "gestational-age": (0, 45, "wk weeks d"),
    "sij-positive-tests": (0, 6, COUNT),
    "mrc-hip-flexion": (0, 5, COUNT),
    "mrc-hip-abduction": (0, 5, COUNT),
    "mrc-knee-extension": (0, 5, COUNT),
    "mrc-knee-flexion": (0, 5, COUNT),
    "mrc-ankle-dorsiflexion": (0, 5, COUNT),
    "mrc-great-toe-extension": (0, 5, COUNT),
    "mrc-ankle-plantarflexion": (0, 5, COUNT),
}
"""Of each measure the plausible limits and every spelling of a unit (but the one with a space in it)."""
CASES = [(name, unit) for name, measure in MEASURES.items() for unit in measure.units]


@cache
def registry() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ucumvert import PintUcumRegistry  # type: ignore[import-untyped]  # noqa: PLC0415 - its import warns

        return PintUcumRegistry()


def converted(name: str, unit: str, value: float) -> float:
    """The value in the measure's canonical unit by UCUM (and molar mass where the kind of unit changes)."""
    canonical = MEASURES[name].canonical
    ucum = PRINTED.get(unit, unit)
    if (ucum, canonical) in SAME_BY_DEFINITION:
        return value * SAME_BY_DEFINITION[ucum, canonical]
    if dimensionless(ucum):
        assert dimensionless(canonical)
        return value
    ureg = registry()
    amount = ureg.Quantity(value, units_of(ucum))
    if name in MOLAR_MASS and amount.dimensionality != ureg.Quantity(1, units_of(canonical)).dimensionality:
        mass = ureg.Quantity(MOLAR_MASS[name], "g/mol")
        amount = amount / mass if amount.check("[mass]/[length]**3") else amount * mass
    return float(amount.to(units_of(canonical)).magnitude)


def units_of(unit: str) -> Any:
    return registry().from_ucum(unit).units


def dimensionless(unit: str) -> bool:
    return unit in ("1", "%", "%{HbA1c}") or (unit.startswith("{") and unit.endswith("}"))


@pytest.mark.parametrize(("name", "unit"), CASES, ids=[f"{name} {unit}" for name, unit in CASES])
def test_each_accepted_unit_converts_as_ucum_has_it(name: str, unit: str) -> None:
    measure = MEASURES[name]
    middle = (measure.low + measure.high) / 2
    factor, offset = measure.units[unit]
    given = (middle - offset) / factor
    found = measure.normalise(given, unit, None)
    assert isinstance(found, Quantity)
    assert found.unit == measure.canonical
    assert found.value == pytest.approx(converted(name, unit, given), rel=1e-3)


def test_each_measure_takes_the_units_and_the_limits_of_the_table() -> None:
    told = {name: (m.low, m.high, {*m.units} - {"mL/min/1.73 m2"}) for name, m in MEASURES.items()}
    assert told == {name: (low, high, {*units.split()}) for name, (low, high, units) in ACCEPTED.items()}
    assert "mL/min/1.73 m2" in MEASURES["lab-egfr"].units


@pytest.mark.parametrize("name", MEASURES)
def test_the_plausible_limits_are_included_and_nothing_beyond(name: str) -> None:
    measure = MEASURES[name]
    step = 0.001
    for value, usable in (
        (measure.low, True),
        (measure.high, True),
        (measure.low - step, False),
        (measure.high + step, False),
    ):
        found = measure.normalise(value, measure.canonical, None)
        assert isinstance(found, Quantity if usable else Refused), (name, value)


@pytest.mark.parametrize(
    ("name", "value", "unit", "canonical"),
    [
        ("lab-crp", 0.9, "mg/dL", 9.0),
        ("body-temperature-observation", 98.2, "[degF]", 36.777778),
        ("body-temperature-observation", 100.4, "[degF]", 38.0),
        ("body-weight-observation", 165, "[lb_av]", 74.842741),
        ("lab-calcium", 10.6, "mg/dL", 2.6447),
        ("lab-creatinine", 88.4, "umol/L", 1.0),
        ("lab-wbc", 15.2, "10*3/uL", 15.2),
        ("lab-wbc", 12000, "/uL", 12.0),
        ("lab-hemoglobin", 12.5, "g/dL", 125.0),
        ("lab-psa", 20, "ug/L", 20.0),
        ("gestational-age", 182, "d", 26.0),
        ("post-void-residual", 0.2, "L", 200.0),
    ],
)
def test_values_at_thresholds_convert_to_the_digit(name: str, value: float, unit: str, canonical: float) -> None:
    found = MEASURES[name].normalise(value, unit, None)
    assert isinstance(found, Quantity)
    assert found.value == pytest.approx(canonical, abs=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("body-temperature-observation", 98.2, "Cel"),
        ("body-temperature-observation", 37.0, "[degF]"),
        ("body-weight-observation", 74000, "kg"),
        ("lab-crp", 9, "g/L"),
        ("lab-crp", 9, "mmol/L"),
        ("lab-calcium", 10.6, "mmol/L"),
        ("lab-crp", -1, "mg/L"),
        ("pain-severity", 60, "{score}"),
        ("odi-score", 4, "/10"),
        ("lab-crp", float("nan"), "mg/L"),
        ("lab-crp", float("inf"), "mg/L"),
    ],
)
def test_a_swapped_or_foreign_unit_is_refused(name: str, value: float, unit: str) -> None:
    assert isinstance(MEASURES[name].normalise(value, unit, None), Refused)


def test_questions_that_take_a_bare_number_are_measured_in_unit_one_or_in_points() -> None:
    assert {name for name in ACCEPTED if name.startswith("mrc-")} | {"sij-positive-tests", "lefs-score"} == BARE_NUMBERS
    assert {MEASURES[name].canonical for name in BARE_NUMBERS} <= {"1", "{score}"}


def test_enzymes_and_bilirubin_are_judged_by_the_limit_of_their_laboratory() -> None:
    assert {"lab-alp", "lab-ggt", "lab-bilirubin"} == JUDGED_BY_THEIR_LIMIT
