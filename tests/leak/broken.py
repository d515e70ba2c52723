"""The service's own command line, with a rule that breaks and a draft that makes the whole call break.

Both quote all they can of what they were given, as an exception in a library would; so do a library's log line and a
warning. What is planted comes with the environment.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any

import cds_service.hooks.call
from cards.rulebook import all_rules
from cds_service.cli import main

BROKEN_RULE = "malignancy"
BREAKS_ALL = "breaks-all"


def _quote(*_: Any) -> Any:
    told = os.environ["PLANTED"]
    logging.getLogger("urllib3.connectionpool").warning("Retrying: %s", told, extra={"url": told})
    logging.getLogger("sqlalchemy.engine").error("parameters: %s", told, exc_info=ValueError(told))
    warnings.warn(told, stacklevel=1)
    raise ValueError(told)


def _break() -> None:
    (rule,) = (each for each in all_rules() if each.id == BROKEN_RULE)
    object.__setattr__(rule, "decide", _quote)
    drafts_of = cds_service.hooks.call.drafts_of

    def breaking(drafts: Any, *others: Any) -> Any:
        return _quote() if BREAKS_ALL in str(drafts) else drafts_of(drafts, *others)

    cds_service.hooks.call.drafts_of = breaking


if __name__ == "__main__":
    _break()
    sys.exit(main())
