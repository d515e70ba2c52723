"""Immutable values that cost little to make: the records of a whole chart are made anew for every call.

A frozen msgspec Struct is a frozen dataclass that is built five times as fast. Nothing else of msgspec is of any
use to the medicine: it reads no JSON.
"""

from msgspec import Struct
from msgspec.structs import replace

__all__ = ["Struct", "replace"]
