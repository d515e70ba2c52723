"""Quantities compare cautiously, and convert or refuse."""

from __future__ import annotations

import pytest

from cards.quantity import Comparator, Measure, Quantity, Refused, UnitMismatch

LIMIT = Quantity.of(200, "mL")
MASS = Measure("kg", {"kg": (1.0, 0.0), "[lb_av]": (0.45359237, 0.0)}, 20, 350)


def volume(value: float, comparator: Comparator = "") -> Quantity:
    return Quantity(value, "mL", comparator)


@pytest.mark.parametrize(
    ("found", "ge", "gt", "le", "lt"),
    [
        (volume(199), False, False, True, True),
        (volume(200), True, False, True, False),
        (volume(201), True, True, False, False),
        (volume(300, "<"), False, False, False, False),  # anything below 300
        (volume(200, "<"), False, False, True, True),
        (volume(200, "<="), False, False, True, False),
        (volume(300, "<="), False, False, False, False),
        (volume(200, ">"), True, True, False, False),
        (volume(200, ">="), True, False, False, False),
        (volume(100, ">"), False, False, False, False),  # anything above 100
        (volume(100, ">="), False, False, False, False),
        (volume(201, ">="), True, True, False, False),
    ],
)
def test_a_comparison_holds_only_when_it_is_certain(found: Quantity, ge: bool, gt: bool, le: bool, lt: bool) -> None:
    assert (found >= LIMIT, found > LIMIT, found <= LIMIT, found < LIMIT) == (ge, gt, le, lt)


def test_two_units_are_never_compared() -> None:
    other = Quantity.of(200, "L")
    for compare in (Quantity.__ge__, Quantity.__gt__, Quantity.__le__, Quantity.__lt__):
        with pytest.raises(UnitMismatch):
            compare(LIMIT, other)


@pytest.mark.parametrize(("code", "unit"), [("kg", None), (None, "kg"), ("kg", "anything printed"), ("kg", "[lb_av]")])
def test_a_code_wins_over_what_is_printed(code: str | None, unit: str | None) -> None:
    assert MASS.normalise(70, code, unit) == Quantity(70, "kg")


@pytest.mark.parametrize(("code", "unit"), [(None, None), ("", ""), (None, ""), ("", None)])
def test_without_a_unit_nothing_is_guessed(code: str | None, unit: str | None) -> None:
    assert MASS.normalise(70, code, unit) == Refused("no unit was given")


def test_an_unknown_code_is_refused_even_beside_a_known_printed_unit() -> None:
    assert isinstance(MASS.normalise(70, "stone", "kg"), Refused)


def test_a_refusal_repeats_no_markup_and_no_long_text() -> None:
    refused = MASS.normalise(70, None, "<script>alert('x')</script>" * 9)
    assert isinstance(refused, Refused)
    assert "<" not in refused.reason
    assert len(refused.reason) < 90


@pytest.mark.parametrize(("pounds", "inside"), [(44.0, False), (44.1, True), (771.0, True), (772.0, False)])
def test_limits_apply_after_conversion(pounds: float, inside: bool) -> None:
    assert isinstance(MASS.normalise(pounds, "[lb_av]", None), Quantity) is inside


def test_a_comparator_survives_the_conversion() -> None:
    found = MASS.normalise(100, "[lb_av]", None, ">")
    assert found == Quantity(45.359237, "kg", ">")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Quantity.of(142, "mg/L"), "142 mg/L"),
        (Quantity(38.6, "Cel"), "38.6 °C"),
        (Quantity(5, "mg/L", "<"), "<5 mg/L"),
        (Quantity.of(6, "{score}"), "6"),
        (Quantity.of(15.2, "10*9/L"), "15.2 10⁹/L"),
    ],
)
def test_a_quantity_reads_as_a_clinician_writes_it(found: Quantity, words: str) -> None:
    assert str(found) == words
