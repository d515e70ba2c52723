"""Which side of the body a record is about."""

from __future__ import annotations

from enum import Enum


class Side(Enum):
    """Right, left, both, or not said. An unsaid side never blocks a match."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "both"
    UNKNOWN = "unknown"

    def opposite_of(self, other: Side) -> bool:
        """True only where one is surely right and the other surely left."""
        if self is Side.RIGHT:
            return other is Side.LEFT
        return self is Side.LEFT and other is Side.RIGHT

    def joined(self, other: Side) -> Side:
        """The side of two records taken together."""
        if self is Side.UNKNOWN:
            return other
        if other in (Side.UNKNOWN, self):
            return self
        return Side.BOTH
