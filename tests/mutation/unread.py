"""Does a record on file hide another that cannot be read?

    .venv/bin/python -m tests.mutation.unread red_flags

To each example patient for whom a rule is silent, each record of the rule's other patients is added. Where it makes the
rule speak, the rule must not stay silent when the same record cannot be read, or when the rest of its section was cut
off: then it cannot tell. Prints where it does stay silent; half a minute for the red flags.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from cards.advise import ask
from cards.chart import Chart
from cards.immutable import replace as struct_replace
from cards.record import Observation, Record, SectionName
from cards.rule import Rule, Silent
from cards.rulebook import FAMILIES, all_rules
from cards.section import Section
from tests.mutation.trial import Case, cases
from tests.vignettes.run import said

SPEAKS = ("critical", "warning", "info")


def main() -> None:
    """Prints what is hidden, each kind of record once for each reason of a rule to be silent."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation.unread", description=__doc__.splitlines()[0])
    parser.add_argument("family", nargs="+", choices=FAMILIES)
    families = parser.parse_args().family
    logging.disable()
    rows: dict[str, list[Case]] = defaultdict(list)
    for case in cases():
        rows[case.row.rule].append(case)
    for rule in all_rules():
        if rule.family in families:
            for line in dict.fromkeys(hidden(rule, rows[rule.id])):
                print(f"{rule.id}: {line}", flush=True)


def hidden(rule: Rule, among: list[Case]) -> Iterator[str]:
    """What record stays unseen where it cannot be read, and why the rule says that it is silent."""
    known = {
        repr((case.chart.today, record)): (case.chart.today, name, record)
        for case in among
        for name, section in case.chart._sections.items()
        for record in section.records
    }
    for case in among:
        silent = isinstance(ask(rule, _with(case.chart)).outcome, Silent)
        if silent and case.hook in rule.hooks and not case.chart.has_preliminary:
            for today, name, record in known.values():
                if today == case.chart.today:
                    yield from _unseen(rule, case.chart, name, record)


def _unseen(rule: Rule, chart: Chart, name: SectionName, record: Record) -> Iterator[str]:
    section = chart.section(name) if name in chart._sections else Section(name)
    more = struct_replace(record, reference=f"{record.reference}-more")
    if said(ask(rule, _with(chart, replace(section, records=(*section.records, more)))).outcome) not in SPEAKS:
        return
    could_be = frozenset(record.concepts)
    if isinstance(record, Observation) and record.question:
        could_be |= {record.question}
    if not could_be:  # it could be anything then, and everybody notes it
        return
    for how, left in {
        "unreadable": replace(section, unreadable={**section.unreadable, more.reference: could_be}),
        "cut off": replace(section, missing="cut off"),
    }.items():
        outcome = ask(rule, _with(chart, left)).outcome
        if isinstance(outcome, Silent):
            yield f"{name} {', '.join(sorted(could_be))} {how}; silent for {outcome.reason!r}"


def _with(chart: Chart, *sections: Section) -> Chart:
    """The chart as a rule sees it at first, with these sections in place of its own."""
    made = Chart(chart.patient, chart.today, {**chart._sections, **{s.name: s for s in sections}}, chart.drafts)
    made.red_flags = chart.red_flags
    return made


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # the service's threads are of no interest
