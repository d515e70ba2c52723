"""What of a chart was supplied: its sections, indexed by value set, and the gaps met while looking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Self, TypeVar, get_args

from cards import hygiene
from cards.finding import Gap, NotFound, What
from cards.record import Observation, Record, SectionName
from cards.section import Section
from cards.when import When, newest_first

T = TypeVar("T")
R = TypeVar("R", bound=Record)


class Supplied:
    """The sections of one patient's chart, with a notebook of what was looked for in vain.

    Hygiene is applied here, once: records that may not be used never leave this class.
    """

    def __init__(self, today: date, sections: Mapping[SectionName, Section]) -> None:
        self.today = today
        self._sections = sections
        self._records: dict[SectionName, tuple[Record, ...]] = {}
        self._by_concept: dict[SectionName, dict[str, list[Record]]] = {}
        self._gaps: list[Gap] = []
        self._everything = set(sections) >= _ALL and all(section.whole for section in sections.values())
        self._facts: dict[Callable[[Any], Any], tuple[Any, tuple[Gap, ...]]] = {}
        self.settled = self._facts  # where facts are looked up at first: most reads need no more

    def supplied(self, section: SectionName, *what: What | str, within: timedelta | None = None) -> bool:
        """The section is there, whole and readable; noted as a gap when it is not.

        With `what`, a record that could not be read but is none of these does not matter; with `what` and `within`,
        nor does what was cut off from before.
        """
        missing = self._none((section,), what, within)
        return missing.certain if what else self.section(section).whole

    def section(self, name: SectionName) -> Section:
        """The section as supplied; a section never heard of is not supplied."""
        return self._sections.get(name) or Section(name, missing="not supplied")

    def gaps_of(self, decide: Callable[[Self], T]) -> tuple[T, tuple[Gap, ...]]:
        """Run `decide` on this chart and tell what it asked for in vain because it was not supplied."""
        outer, self._gaps = self._gaps, []
        try:
            answer = decide(self)
            return answer, tuple(dict.fromkeys(self._gaps)) if self._gaps else ()
        finally:
            self._gaps = outer

    def fact(self, compute: Callable[[Self], T]) -> T:
        """Work out a fact once; each rule that reads it inherits the gaps met on the way."""
        known = self._facts.get(compute)
        if known is None:
            known = self._facts[compute] = self.gaps_of(compute)
        answer, gaps = known
        if gaps:
            self._gaps.extend(gaps)
        return answer  # type: ignore[no-any-return]

    def lacks(self, gap: Gap) -> None:
        """Note something that was not looked at, as a gap of whoever asks."""
        self._gaps.append(gap)

    def _none(
        self,
        sections: Iterable[SectionName],
        what: Iterable[What | str],
        within: timedelta | None,
        *,
        newer_than: When | None = None,
    ) -> NotFound:
        """Note what stands in the way of saying "none" (or, with `newer_than`, "none newer")."""
        if self._everything:
            return NOTHING
        concepts = frozenset(key(one) for one in what)
        start = self.today - within if within is not None else None
        if newer_than is not None:
            start = newer_than.latest + timedelta(days=1)
        gaps = tuple(g for s in sections for g in self.section(s).gaps(concepts, start))
        self._gaps.extend(gaps)
        return NotFound(gaps)

    def _sorted(
        self, records: list[R], section: SectionName, what: Iterable[What | str], within: timedelta | None
    ) -> tuple[R, ...]:
        if not records:
            self._none((section,), what, within)
            return ()
        unique = {r.reference: r for r in records}
        return tuple(sorted(unique.values(), key=lambda r: newest_first(r.when), reverse=True))

    def _all(self, section: SectionName, kind: type[R]) -> tuple[R, ...]:  # noqa: ARG002 - for the type checker
        if section not in self._records:
            records = self.section(section).records
            self._records[section] = tuple(r for r in records if hygiene.counts(r, self.today))
        return self._records[section]  # type: ignore[return-value]

    def _of(self, section: SectionName, concept: str, kind: type[R]) -> list[R]:  # noqa: ARG002 - as above
        index = self._by_concept.get(section)
        return (self._index(section) if index is None else index).get(concept, [])  # type: ignore[return-value]

    def _index(self, section: SectionName) -> dict[str, list[Record]]:
        """The section's records by value set and by question, each list newest first.

        A broad match that nothing confirms is no match here; where the pain is weighs those by itself.
        """
        index: dict[str, list[Record]] = {}
        for record in sorted(self._all(section, Record), key=_newest_first, reverse=True):
            for name, strength in record.concepts.items():
                if strength != "broad":
                    index.setdefault(name, []).append(record)
            if isinstance(record, Observation) and record.question:
                index.setdefault(record.question, []).append(record)
        self._by_concept[section] = index
        return index


NOTHING = NotFound()
_ALL = frozenset(get_args(SectionName))


def _newest_first(record: Record) -> tuple[date, datetime]:
    return newest_first(record.when)


def key(what: What | str) -> str:
    """The name under which a value set, an answer's question or a bare question is indexed."""
    return what if isinstance(what, str) else what.key
