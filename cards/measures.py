"""The measure of each observation kind: accepted units with their conversion, and plausible limits.

Conversions: CRP mg/dL x 10 = mg/L; calcium mg/dL x 0.2495 = mmol/L; creatinine umol/L / 88.4 = mg/dL;
haemoglobin g/dL x 10 = g/L; [lb_av] x 0.45359237 = kg; a drink is the US one of 14 g. Limits are this project's
own choice (they catch swapped units) except temperature, CRP, ESR, white cells, weight and calcium, which its
clinical content fixes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from cards.quantity import Measure


def _same(*spellings: str) -> dict[str, tuple[float, float]]:
    return dict.fromkeys(spellings, (1.0, 0.0))


def _times(factor: float, *spellings: str) -> dict[str, tuple[float, float]]:
    return dict.fromkeys(spellings, (factor, 0.0))


_FAHRENHEIT = dict.fromkeys(("[degF]", "degF", "°F", "F"), (5 / 9, -160 / 9))
_CELL_COUNT = _same(
    "10*9/L", "10*3/uL", "10^9/L", "x10E9/L", "10^3/uL", "10*3/mm3", "x10E3/uL", "K/uL", "thou/uL", "10*3/µL"
) | _times(0.001, "/uL", "/mm3")
_SCORE = _same("{score}", "1", "score", "{points}", "points")
_MINUTES = _same("min", "minutes", "mins") | _times(60, "h")
_LENGTH = _same("cm") | _times(0.1, "mm") | _times(2.54, "[in_i]")
_MASS = _same("kg") | _times(0.45359237, "[lb_av]", "lb", "lbs") | _times(0.001, "g")
_ENZYME = _same("U/L", "[IU]/L", "IU/L")
_EGFR = _same(
    "mL/min/{1.73_m2}",
    "mL/min/1.73m2",
    "mL/min/1.73.m2",
    "mL/min/1.73_m2",
    "mL/min/{1.73m2}",
    "mL/min/1.73 m2",
)

_SCORE_100 = Measure("{score}", _SCORE | _same("%"), 0, 100)
_T_SCORE = Measure("{score}", _SCORE | _same("{T-score}", "{Tscore}", "T-score"), 0, 100)
_COUNT = _SCORE | _same("{count}", "{tests}", "{grade}")

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        # value sets of observations
        "body-temperature-observation": Measure("Cel", _same("Cel", "°C", "C", "degC") | _FAHRENHEIT, 30, 44),
        "body-weight-observation": Measure("kg", _MASS, 20, 350),
        "bmi": Measure("kg/m2", _same("kg/m2", "kg/m^2", "kg/m²"), 8, 100),
        "lab-crp": Measure("mg/L", _same("mg/L") | _times(10, "mg/dL"), 0, 700),
        "lab-esr": Measure("mm/h", _same("mm/h", "mm/hr", "mm/1h", "mm"), 0, 150),
        "lab-wbc": Measure("10*9/L", _CELL_COUNT, 0, 500),
        "lab-platelets": Measure("10*9/L", _CELL_COUNT, 0, 3000),
        "lab-hemoglobin": Measure("g/L", _same("g/L") | _times(10, "g/dL"), 10, 300),
        "lab-alp": Measure("U/L", _ENZYME, 0, 10000),
        "lab-ggt": Measure("U/L", _ENZYME, 0, 10000),
        "lab-calcium": Measure("mmol/L", _same("mmol/L") | _times(0.2495, "mg/dL"), 1, 5),
        "lab-albumin": Measure("g/L", _same("g/L") | _times(10, "g/dL"), 5, 80),
        "lab-bilirubin": Measure("umol/L", _same("umol/L") | _times(17.1, "mg/dL"), 0, 1000),
        "lab-creatinine": Measure("mg/dL", _same("mg/dL") | _times(1 / 88.4, "umol/L", "µmol/L"), 0.1, 25),
        "lab-egfr": Measure("mL/min/{1.73_m2}", _EGFR, 1, 250),
        "lab-inr": Measure("{INR}", _same("{INR}", "INR", "1", "{ratio}"), 0.5, 20),
        "lab-psa": Measure("ng/mL", _same("ng/mL", "ug/L", "µg/L"), 0, 10000),
        "lab-hba1c": Measure("%", _same("%", "%{HbA1c}"), 3, 25),
        "pain-severity": Measure("{score}", _SCORE | _same("{0-10}", "/10"), 0, 10),
        "odi-score": _SCORE_100,
        "prom-hoos": _SCORE_100,
        "prom-hoos-adl": _SCORE_100,
        "prom-promis-physical-function": _T_SCORE,
        "promis-physical-function-6b": _T_SCORE,
        "promis-pain-interference-6a": _T_SCORE,
        "prom-promis-pain-interference": _T_SCORE,
        "phq9-score": Measure("{score}", _SCORE, 0, 27),
        "gad7-score": Measure("{score}", _SCORE, 0, 21),
        "alcohol-intake": Measure(
            "{drinks}/wk",
            _same("{drinks}/wk", "drinks/wk") | _times(7, "{drinks}/d") | _times(1 / 14, "g/wk"),
            0,
            300,
        ),
        "systolic-blood-pressure": Measure("mm[Hg]", _same("mm[Hg]", "mmHg"), 30, 300),
        # questions of the hip examination
        "sitting-tolerance": Measure("min", _MINUTES, 0, 1440),
        "morning-stiffness": Measure("min", _MINUTES, 0, 1440),
        "post-void-residual": Measure("mL", _same("mL", "ml") | _times(1000, "L"), 0, 5000),
        "bruising": Measure("cm", _LENGTH, 0, 100),
        "gluteal-mass-size": Measure("cm", _LENGTH, 0, 60),
        "calf-difference": Measure("cm", _LENGTH, 0, 40),
        "aortic-diameter": Measure("cm", _LENGTH, 0.5, 15),
        "leg-length-difference": Measure("cm", _LENGTH, 0, 30),
        "ankle-brachial-index": Measure("1", _same("1", "{ratio}", "ratio"), 0, 3),
        "block-pain-relief": Measure("%", _same("%"), 0, 100),
        "gestational-age": Measure("wk", _same("wk", "weeks") | _times(1 / 7, "d"), 0, 45),
        "lefs-score": Measure("{score}", _SCORE, 0, 80),
        "ihot12-score": _SCORE_100,
        "sij-positive-tests": Measure("1", _COUNT, 0, 6),
        **{
            f"mrc-{muscle}": Measure("1", _COUNT, 0, 5)
            for muscle in (
                "hip-flexion",
                "hip-abduction",
                "knee-extension",
                "knee-flexion",
                "ankle-dorsiflexion",
                "great-toe-extension",
                "ankle-plantarflexion",
            )
        },
    }
)
BARE_NUMBERS = frozenset({"sij-positive-tests", "lefs-score"}) | {name for name in MEASURES if name.startswith("mrc-")}
"""Questions answered by a bare integer: there a missing unit is no reason to refuse."""
JUDGED_BY_THEIR_LIMIT = frozenset({"lab-alp", "lab-ggt", "lab-bilirubin"})
"""Measurements that are judged by the upper limit that the laboratory gives beside them."""
