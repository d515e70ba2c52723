"""Read a printed curl command."""

import json
import shlex
from typing import Any


def body_of(command: str) -> dict[str, Any]:
    """The JSON body that the command would send."""
    words = shlex.split(command)
    body: dict[str, Any] = json.loads(words[words.index("-d") + 1])
    return body
