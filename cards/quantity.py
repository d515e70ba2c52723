"""Values with a UCUM unit. What cannot be converted safely is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from cards.immutable import Struct

Comparator = Literal["", "<", "<=", ">=", ">"]

_ROUNDING = 6  # decimals kept after a conversion, so that 100.4 [degF] is exactly 38 Cel


class UnitMismatch(TypeError):
    """Two quantities of different units were compared: a mistake in a rule, not in a chart."""


class Quantity(Struct, frozen=True, gc=False):
    """A number in a UCUM unit.

    `comparator` is FHIR's: "<" means that the true value lies below `value`.
    The ordering is the cautious one: `a >= b` is True only when it is certain.
    """

    value: float
    unit: str
    comparator: Comparator = ""

    @classmethod
    def of(cls, value: float, unit: str) -> Quantity:
        """An exact quantity, as thresholds are written."""
        return cls(value, unit)

    def __ge__(self, other: Quantity) -> bool:
        self._check(other)
        return self.comparator not in ("<", "<=") and self.value >= other.value

    def __gt__(self, other: Quantity) -> bool:
        self._check(other)
        if self.comparator == ">":
            return self.value >= other.value
        return self.comparator not in ("<", "<=") and self.value > other.value

    def __le__(self, other: Quantity) -> bool:
        self._check(other)
        return self.comparator not in (">", ">=") and self.value <= other.value

    def __lt__(self, other: Quantity) -> bool:
        self._check(other)
        if self.comparator == "<":
            return self.value <= other.value
        return self.comparator not in (">", ">=") and self.value < other.value

    def _check(self, other: Quantity) -> None:
        if self.unit != other.unit:
            raise UnitMismatch(f"{self.unit} compared with {other.unit}")

    def __str__(self) -> str:
        number = f"{self.value:.10g}"
        return f"{self.comparator}{number} {_SPOKEN.get(self.unit, self.unit)}".strip()


@dataclass(frozen=True, slots=True)
class Refused:
    """A value that cannot be used, and why in words for a card."""

    reason: str


@dataclass(frozen=True, slots=True)
class Measure:
    """How one kind of observation is measured.

    `units` maps each accepted spelling to (factor, offset): canonical = value * factor + offset.
    `low` and `high` are the plausible limits in the canonical unit, both included.
    """

    canonical: str
    units: Mapping[str, tuple[float, float]]
    low: float
    high: float

    def normalise(
        self, value: float, code: str | None, unit: str | None, comparator: Comparator = ""
    ) -> Quantity | Refused:
        """Convert to the canonical unit, or say why not. A UCUM code wins over a printed unit."""
        spelling = code or unit
        if not spelling:
            return Refused("no unit was given")
        conversion = self.units.get(spelling)
        if conversion is None:
            return Refused(f"unit '{_printable(spelling)}' is not known for this measurement")
        factor, offset = conversion
        converted = round(value * factor + offset, _ROUNDING)
        if not self.low <= converted <= self.high:
            return Refused("the value is outside plausible limits")
        return Quantity(converted, self.canonical, comparator)


def _printable(text: str) -> str:
    return "".join(ch for ch in text if ch.isalnum() or ch in "%/.*^[]{}_- ")[:24]


_SPOKEN = {
    "Cel": "°C",
    "{score}": "",
    "{INR}": "",
    "1": "",
    "mL/min/{1.73_m2}": "mL/min/1.73 m²",
    "10*9/L": "10⁹/L",
    "{drinks}/wk": "drinks/week",
    "wk": "weeks",
}
