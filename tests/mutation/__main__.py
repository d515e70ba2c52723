"""Change the library in one place at a time: is there a change that no example patient notices?

    make mutants ARGS="cards.red_flags cards.facts.weight"

Prints every change that survives, with what the rows see of it: a decision that none of them asserts, words only,
or nothing. A survivor is equivalent, or wants a row in `tests/vignettes/` or a test in `tests/facts/` or
`tests/cards/`. A module takes 5 seconds to several minutes.
"""

from __future__ import annotations

import argparse
import difflib
import gc
import logging
import os
import sys
import time
from collections import Counter

from tests.mutation.operators import Mutant, mutants
from tests.mutation.reload import modules, source, warm
from tests.mutation.trial import cases, concerned, judged


def main() -> None:
    """Prints survivors as they are found, and a line for each module."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.splitlines()[0])
    parser.add_argument("module", nargs="+", help="a module or a package of the library, as cards.red_flags")
    parser.add_argument("--lines", default="0-", help="only what begins on these lines of it, as 60-90 or 60-")
    options = parser.parse_args()
    first, _, last = options.lines.partition("-")
    logging.disable()
    cases()
    gc.freeze()  # so that the processes of the mutants share their memory
    for name in modules():
        if any(name == one or name.startswith(one + ".") for one in options.module):
            tried(name, range(int(first), int(last or 10_000) + 1))


def tried(name: str, lines: range) -> None:
    """Try every mutant of one module, on these of its lines."""
    warm(name)
    among, began = concerned(name), time.monotonic()
    count: Counter[str] = Counter()
    for mutant in (m for m in mutants(name, source(name)) if m.line in lines):
        verdict = judged(mutant, among)
        count["killed" if verdict.killed else verdict.seen] += 1
        if not verdict.killed:
            print(f"{name}:{mutant.line} survives; seen of it: {verdict.seen} {verdict.row}\n{_change(mutant)}\n")
    told = ", ".join(f"{number} {what}" for what, number in sorted(count.items()))
    print(f"== {name}: {told}; {len(among)} rows, {time.monotonic() - began:.0f} s", flush=True)


def _change(mutant: Mutant) -> str:
    before, after = source(mutant.module).splitlines(), mutant.source.splitlines()
    lines = difflib.unified_diff(before, after, n=0, lineterm="")
    return "\n".join(f"    {line}" for line in lines if not line.startswith(("---", "+++", "@@")))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the service's threads are of no interest
