"""What codes mean, kept from call to call since charts repeat their codes. Nothing else of a chart is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from cards.code_system import hip_exam_codes
from cards.codings import HIP_EXAM, is_spelling

Codings = tuple[tuple[str, str], ...]
"""(system, code) as received."""
T = TypeVar("T")

MOST = 20_000
_MOST_TOGETHER = 4  # codings of one concept
_WRITTEN_AS_CODE = re.compile(r"[A-Z]{0,2}[0-9][0-9A-Z.]{0,16}(?:-[0-9])?\Z")


def remembered(compute: Callable[[Codings], T]) -> Callable[[Codings], T]:
    """Keep what `compute` finds for codes that look like codes of a system we know.

    Whatever else stands in place of a code, a name or a long text, is worked out each time and forgotten.
    """
    kept: dict[Codings, T] = {}

    def once(codings: Codings) -> T:
        found = kept.get(codings)
        if found is None:
            found = compute(codings)
            if may_be_kept(codings):
                if len(kept) >= MOST:
                    kept.clear()
                kept[codings] = found
        return found

    return once


def may_be_kept(codings: Codings) -> bool:
    """Few enough, and each written as its system writes codes."""
    return len(codings) <= _MOST_TOGETHER and all(is_spelling(s) and _is_code(s, c) for s, c in codings)


def _is_code(system: str, code: str) -> bool:
    return code in hip_exam_codes() if system == HIP_EXAM else _WRITTEN_AS_CODE.match(code) is not None
