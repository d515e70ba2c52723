"""Right, left, both, or not said."""

from __future__ import annotations

import pytest

from cards.side import Side

R, L, B, U = Side.RIGHT, Side.LEFT, Side.BOTH, Side.UNKNOWN


@pytest.mark.parametrize("one", Side)
@pytest.mark.parametrize("other", Side)
def test_only_right_and_left_are_opposite(one: Side, other: Side) -> None:
    assert one.opposite_of(other) is ((one, other) in {(R, L), (L, R)})


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [(U, U, U), (U, R, R), (L, U, L), (R, R, R), (R, L, B), (B, R, B), (L, B, B), (U, B, B), (B, U, B), (B, B, B)],
)
def test_two_sides_taken_together(one: Side, other: Side, together: Side) -> None:
    assert one.joined(other) is together
    assert other.joined(one) is together
