"""The Chart: typed, immutable facts about one patient, which says "not supplied" where it was not told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal, TypeVar, TypeVarTuple, Unpack

from cards import hygiene
from cards.finding import Answer, Finding, Gap, Look, NotFound, What
from cards.look import in_conflict, magnitude, of_condition, of_observation, says_yes
from cards.record import (
    Allergy,
    CarePlan,
    Condition,
    Encounter,
    Medication,
    Observation,
    Order,
    Patient,
    Procedure,
    Record,
    Relative,
    Report,
    SectionName,
)
from cards.section import Section
from cards.side import Side
from cards.supplied import NOTHING, Supplied, key
from cards.when import When, newest_first

if TYPE_CHECKING:
    from cards.rule import Advise

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
R = TypeVar("R", bound=Record)

MANY_ANSWERS = frozenset({"pain-location", "pain-descriptor", "palpation-tenderness", "injury-mechanism"})
"""Questions with an Observation for each answer: a newer answer does not take the place of an older one."""

_DAYS_A_YEAR = 365.25


_TOLD_IN: tuple[SectionName, ...] = ("conditions", "observations")


class Chart(Supplied):
    """What is known of one patient today.

    A look-up that finds something needs only that one record. One that finds nothing is certain only where the
    whole section was supplied; otherwise it notes a Gap, and the rule that asked cannot claim "none".
    """

    def __init__(
        self,
        patient: Patient,
        today: date,
        sections: Mapping[SectionName, Section],
        drafts: Iterable[Order | Medication] = (),
        *,
        preliminary: bool = False,
    ) -> None:
        super().__init__(today, sections)
        self.patient = patient
        self.preliminary = preliminary
        self.drafts = tuple(drafts)
        self._preliminary_seen: bool | None = None
        self.red_flags: Mapping[str, Advise] = {}  # by rule id, for the rules asked after the red flags

    # -- who ---------------------------------------------------------------------------------------------

    @property
    def age(self) -> int | None:
        """Completed years, the least that the recorded birth date allows; None when it is not recorded."""
        born = self.patient.born
        if born is None:
            return None
        last = born.latest
        return self.today.year - last.year - ((self.today.month, self.today.day) < (last.month, last.day))

    def age_on(self, when: When) -> float | None:
        """Age in years at a date, from the middles of what the two dates may mean."""
        born = self.patient.born
        if born is None:
            return None
        days = (when.earliest - born.earliest).days + (when.latest - born.latest).days
        return days / 2 / _DAYS_A_YEAR

    def with_preliminary(self) -> Chart:
        """The same chart, counting preliminary observations too."""
        return Chart(self.patient, self.today, self._sections, self.drafts, preliminary=True)

    @property
    def has_preliminary(self) -> bool:
        """Some observation is only preliminary."""
        if self._preliminary_seen is None:
            self._preliminary_seen = any(o.status == "preliminary" for o in self._all("observations", Observation))
        return self._preliminary_seen

    # -- findings ----------------------------------------------------------------------------------------

    def finding(
        self,
        *what: What,
        within: timedelta | None = None,
        undated_counts: bool = False,
        side: Side = Side.UNKNOWN,
        history: bool = False,
        surely: bool = False,
    ) -> Look:
        """The newest Condition or Observation that says one of `what`.

        within: the clinical date lies no more than this before today. A partial date counts when some day of
        it does, with `surely` only when every day of it does. undated_counts: a record without date is taken
        for recent. side: records of the opposite side are passed over. history: resolved problems count too.
        surely: for logic that silences; unconfirmed problems and conflicting answers of one day do not count.
        """
        told = self._told
        for one in what:
            if one.key in told:
                found = self.findings(
                    *what, within=within, undated_counts=undated_counts, side=side, history=history, surely=surely
                )
                return found[0] if found else self._none(_TOLD_IN, what, within)
        return NOTHING if self._everything else self._none(_TOLD_IN, what, within)

    def findings(
        self,
        *what: What,
        within: timedelta | None = None,
        undated_counts: bool = False,
        side: Side = Side.UNKNOWN,
        history: bool = False,
        surely: bool = False,
    ) -> tuple[Finding, ...]:
        """All of them, newest first, as `finding` has it. An empty tuple says nothing of "none"."""
        hits: list[Finding] = []
        for one in what:
            if one.key not in self._told:
                continue
            hits += [of_condition(c) for c in self._conditions(one.key, history, surely)]
            hits += self._positive(one, side, surely, within)
        if not hits:
            return ()
        kept = [
            found
            for found in hits
            if not found.side.opposite_of(side) and self._dated(found.when, within, undated_counts, surely)
        ]
        if len(kept) < 2:  # noqa: PLR2004 - nothing to put in order
            return tuple(kept)
        kept.sort(key=lambda found: newest_first(found.when), reverse=True)
        return tuple({found.reference: found for found in kept}.values())

    def every(
        self,
        *what: What,
        within: timedelta | None = None,
        undated_counts: bool = False,
        side: Side = Side.UNKNOWN,
        history: bool = False,
    ) -> tuple[Finding, ...]:
        """All of them, as `findings` has it, where each may decide: a further one not supplied is noted as a gap."""
        self._none(_TOLD_IN, what, within)
        return self.findings(*what, within=within, undated_counts=undated_counts, side=side, history=history)

    def latest(
        self,
        what: What | str,
        *,
        within: timedelta | None = None,
        side: Side = Side.UNKNOWN,
        worse: Literal["high", "low"] = "high",
        surely: bool = False,
    ) -> Look:
        """The newest value of a measurement (value set) or of a hip-exam question (its code).

        Of differing values of one day the worse is taken and both are told; with `surely`, neither.
        """
        if key(what) not in self._told:
            return self._none(("observations",), (what,), within)
        readings = [o for o in self._usable(what, within, side) if o.value is not None]
        if not readings:
            return self._none(("observations",), (what,), within)
        newest = readings[0]
        self._none(("observations",), (what,), within, newer_than=newest.when)
        same_day = [o for o in readings if o.when and newest.when and o.when.latest == newest.when.latest]
        if len(same_day) < 2 or len({str(o.value) for o in same_day}) < 2:  # noqa: PLR2004 - two make a conflict
            return of_observation(newest)
        if surely:
            return NotFound()
        order = sorted(map(of_observation, same_day), key=magnitude, reverse=worse == "high")
        return in_conflict(order[0], order[-1])

    def readings(
        self, what: What | str, *, within: timedelta | None = None, side: Side = Side.UNKNOWN
    ) -> tuple[Finding, ...]:
        """All usable values, newest first; those that could not be evaluated are noted as gaps."""
        return tuple(of_observation(o) for o in self._usable(what, within, side))

    def all_conditions(self) -> tuple[Condition, ...]:
        """Every usable Condition, active or not."""
        return self._all("conditions", Condition)

    # -- other sections ----------------------------------------------------------------------------------

    def procedures(
        self, *what: What | str, within: timedelta | None = None, under_way: bool = False
    ) -> tuple[Procedure, ...]:
        """Procedures carried out (with `under_way` those in progress too), newest first."""
        wanted = [
            p
            for one in what
            for p in self._of("procedures", key(one), Procedure)
            if (hygiene.is_done(p) or (under_way and hygiene.is_under_way(p)))
            and self._dated(p.when, within, within is None, False)
        ]
        return self._sorted(wanted, "procedures", what, within)

    def medications(self, *what: What | str, systemic: bool = True) -> tuple[Medication, ...]:
        """Medicines taken now; topical and other local forms only with `systemic=False`."""
        wanted = [
            m
            for one in what
            for m in self._of("medications", key(one), Medication)
            if hygiene.is_taken(m, self.today) and (m.systemic or not systemic)
        ]
        return self._sorted(wanted, "medications", what, None)

    def past_medications(self, *what: What | str) -> tuple[Medication, ...]:
        """Every usable prescription or statement, ended ones too, drafts and proposals not."""
        wanted = [
            m
            for one in what
            for m in self._of("medications", key(one), Medication)
            if m.status in ("active", "completed", "stopped") and m.intent not in ("proposal", "plan")
        ]
        return self._sorted(wanted, "medications", what, None)

    def reports(self, *what: What | str, within: timedelta | None = None) -> tuple[Report, ...]:
        """Final reports, newest first."""
        wanted = [
            r
            for one in what
            for r in self._of("diagnosticReports", key(one), Report)
            if hygiene.is_reported(r) and self._dated(r.when, within, within is None, False)
        ]
        return self._sorted(wanted, "diagnosticReports", what, within)

    def orders(self, *what: What | str, within: timedelta | None = None) -> tuple[Order, ...]:
        """Orders really placed, newest first."""
        wanted = [
            o
            for one in what
            for o in self._of("serviceRequests", key(one), Order)
            if hygiene.is_ordered(o) and self._dated(o.when, within, within is None, False)
        ]
        return self._sorted(wanted, "serviceRequests", what, within)

    def allergies(self, *what: What | str) -> tuple[Allergy, ...]:
        """Active allergies and intolerances."""
        wanted = [a for one in what for a in self._of("allergies", key(one), Allergy) if hygiene.is_allergy_active(a)]
        return self._sorted(wanted, "allergies", what, None)

    def relatives(self, *what: What | str) -> tuple[Relative, ...]:
        """First-degree relatives with one of these conditions. Never evidence about the patient's own past."""
        wanted = [r for one in what for r in self._of("familyHistory", key(one), Relative) if r.first_degree]
        return self._sorted(wanted, "familyHistory", what, None)

    def encounters(self, *, within: timedelta | None = None) -> tuple[Encounter, ...]:
        """Visits that took or take place, newest first."""
        wanted = [
            e
            for e in self._all("encounters", Encounter)
            if e.status not in ("planned", "cancelled", "entered-in-error", "unknown")
            and self._dated(e.when, within, within is None, False)
        ]
        if wanted:  # one visit says nothing of the others
            self._none(("encounters",), (), within)
        return self._sorted(wanted, "encounters", (), within)

    def care_plans(self, *what: What | str) -> tuple[CarePlan, ...]:
        """Care plans with one of these activities, in progress or completed."""
        wanted = [
            p
            for one in what
            for p in self._of("carePlans", key(one), CarePlan)
            if p.status in ("active", "completed") and not (p.started and p.started.in_future(self.today))
        ]
        return self._sorted(wanted, "carePlans", what, None)

    # -- inside ------------------------------------------------------------------------------------------

    @cached_property
    def _conditions_of(self) -> Mapping[str, list[Condition]]:
        """Conditions by value set."""
        return self._index("conditions")  # type: ignore[return-value]

    @cached_property
    def _observations_of(self) -> Mapping[str, list[Observation]]:
        """Observations by value set and question."""
        return self._index("observations")  # type: ignore[return-value]

    @cached_property
    def _told(self) -> frozenset[str]:
        """Everything of which some Condition or Observation tells: most looks need no more than this."""
        return frozenset((*self._conditions_of, *self._observations_of))

    def _conditions(self, name: str, history: bool, surely: bool) -> Iterator[Condition]:
        for condition in self._conditions_of.get(name, ()):
            if not history and not hygiene.is_active(condition):
                continue
            if surely and hygiene.is_unconfirmed(condition):
                continue
            yield condition

    def _observations(self, name: str) -> Iterator[Observation]:
        for o in self._observations_of.get(name, ()):
            if o.status != "preliminary" or self.preliminary:
                yield o

    def _usable(self, what: What | str, within: timedelta | None, side: Side) -> list[Observation]:
        usable: list[Observation] = []
        for o in self._observations(key(what)):
            if o.side.opposite_of(side) or not self._dated(o.when, within, False, False):
                continue
            if o.refused:
                self._gaps.append(_not_evaluated(o))
            else:
                usable.append(o)
        return usable

    def _positive(self, what: What, side: Side, surely: bool, within: timedelta | None) -> Iterator[Finding]:
        """Observations that say yes: for each side, only the answers of the last day on which it was asked.

        An answer that could not be read is noted as a gap and takes the place of none.
        """
        last_day: dict[Side, date | None] = {}
        many = isinstance(what, Answer) and what.question in MANY_ANSWERS
        for o in self._observations(key(what)):
            if o.side.opposite_of(side):
                continue
            if o.refused:
                if self._dated(o.when, within, False, False):
                    self._gaps.append(_not_evaluated(o))
                continue
            day = o.when.latest if o.when else None
            if not many and day is not None and last_day.setdefault(o.side, day) != day:
                continue
            if says_yes(o, what) and not (surely and self._contradicted(o, what)):
                yield of_observation(o)

    def _contradicted(self, yes: Observation, what: What) -> bool:
        return any(
            o.when == yes.when and o.side == yes.side and (o.value is not None or o.denied) and not says_yes(o, what)
            for o in self._observations(key(what))
            if not (isinstance(what, Answer) and what.question in MANY_ANSWERS)
        )

    def _dated(self, when: When | None, within: timedelta | None, undated_counts: bool, surely: bool) -> bool:
        if within is None:
            return True
        if when is None:
            return undated_counts
        return when.certainly_within(within, self.today) if surely else when.possibly_within(within, self.today)


def _not_evaluated(o: Observation) -> Gap:
    return Gap("observations", f"{o.text}: {o.refused}", o.reference)


def fact(compute: Callable[[Chart], T]) -> Callable[[Chart], T]:
    """Mark a function of the chart as a fact: worked out once for each chart, gaps and all."""

    def once(chart: Chart) -> T:
        known = chart.settled.get(compute)
        if known is None or known[1]:
            return chart.fact(compute)
        return known[0]  # type: ignore[no-any-return]

    once.__doc__, once.__name__, once.__module__ = compute.__doc__, compute.__name__, compute.__module__
    return once


def fact_about(compute: Callable[[Chart, Unpack[Ts]], T]) -> Callable[[Chart, Unpack[Ts]], T]:
    """A fact about one of few things, such as a kind of study: worked out once for each chart and each of them."""

    @cache
    def about(*what: *Ts) -> Callable[[Chart], T]:
        return lambda chart: compute(chart, *what)

    def once(chart: Chart, *what: *Ts) -> T:
        return chart.fact(about(*what))

    once.__doc__, once.__name__, once.__module__ = compute.__doc__, compute.__name__, compute.__module__
    return once
