"""Writes `icd10cm-leaves.json` anew: `python -m tests.terminology.lock`. Read the diff before committing."""

from __future__ import annotations

import json

from tests.terminology.contents import LEAVES, leaf_counts


def main() -> None:
    """Counts the leaves of every category named by a value set."""
    counts = dict(sorted(leaf_counts().items()))
    LEAVES.write_text(json.dumps({"release": "2026-04", "leaves": counts}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
