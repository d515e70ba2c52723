"""Half characters in JSON: text that was cut to a length in the middle of an emoji."""

from __future__ import annotations

import re

_PAIR = rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_HALF = re.compile(
    rb"((?:[^\\]++|\\[^u]|\\u(?![dD][89a-fA-F])|" + _PAIR + rb")++)"  # all that is well, in one go
    rb"|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


def with_whole_characters(raw: bytes) -> bytes:
    """The same JSON with U+FFFD for each lone surrogate.

    They are allowed as escapes (RFC 8259, 8.2), and `JSON.stringify` writes them, but no decoder takes them.
    """
    return _HALF.sub(lambda found: found[1] or b"\\ufffd", raw)
