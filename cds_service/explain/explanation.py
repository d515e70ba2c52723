"""What led to an answer: what was supplied, where the pain is, and what every rule made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Literal

from cards.advise import Advice, Answer
from cards.facts import scope
from cards.finding import Finding, Gap
from cards.record import Patient
from cards.rule import Advise, CannotTell, Rule, Silent
from cards.rulebook import all_rules
from cds_service.explain.notes import Found, Look, NotingChart
from cds_service.fhir.gather import Access, Gatherer
from cds_service.fhir.supply import Supply
from cds_service.hooks.call import answer
from cds_service.hooks.incoming import read_call
from cds_service.hooks.problem import NotFound
from cds_service.hooks.response import EXTENSION
from cds_service.hooks.services import SERVICES, Service
from cds_service.rule_book.reach import reached_from_rule
from cds_service.rule_book.thresholds import Threshold, thresholds
from cds_service.telemetry import Note

Said = Literal["advises", "cannot tell", "silent", "not asked"]


@dataclass(frozen=True, slots=True)
class Told:
    """One piece of advice and the records that it rests on."""

    indicator: str
    summary: str
    do: str
    because: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """What one rule said.

    reason: why it was silent or not asked. missing: what it could not look at. shown: where its advice stands, or
    why it stands nowhere. looked_at: every record that a look brought up. in_vain: what was sought and not found.
    """

    rule: Rule
    said: Said
    advice: tuple[Told, ...] = ()
    reason: str = ""
    missing: tuple[str, ...] = ()
    shown: str = ""
    looked_at: tuple[Found, ...] = ()
    in_vain: tuple[str, ...] = ()

    @property
    def thresholds(self) -> tuple[Threshold, ...]:
        """The numbers on which the rule's answer depends."""
        return _thresholds(self.rule)


@dataclass(frozen=True, slots=True)
class Explanation:
    """One request explained. `supplied` tells for each prefetch key what came of it."""

    service: Service
    today: date
    place: str
    place_because: tuple[Found, ...]
    supplied: Mapping[str, str]
    set_aside: int
    cards: tuple[Mapping[str, Any], ...]
    rules: tuple[RuleAnswer, ...] = field(default=())

    def having(self, said: Said) -> tuple[RuleAnswer, ...]:
        """The rules that answered this."""
        return tuple(one for one in self.rules if one.said == said)


def explain(raw: bytes, gatherer: Gatherer, today: date, service_id: str | None = None) -> Explanation:
    """Answer the request once more, taking notes. Without `service_id` its hook tells which service is meant.

    Raises Problem where the service would refuse the call.
    """
    services = [s for s in SERVICES if service_id in (None, s.id)]
    if not services:
        raise NotFound("There is no such service.")
    call = read_call(raw, services)
    charts: list[NotingChart] = []

    def noting(*given: Any) -> NotingChart:
        charts.append(NotingChart(*given))
        return charts[-1]

    supplies = _NotingGatherer(gatherer.client, gatherer.allowed, gatherer.deadline_seconds)
    body, advice = answer(call, supplies, today, chart_of=noting)
    place = advice.scope if advice else None
    return Explanation(
        service=call.service,
        today=today,
        place=place.place if place else "the patient does not exist",
        place_because=tuple(Found.of(one) for one in place.evidence) if place else (),
        supplied={key: _supplied(supply) for key, supply in supplies.noted.items()},
        set_aside=body["extension"][EXTENSION].get("setAside", 0),
        cards=tuple(body["cards"]),
        rules=_rules(advice, call.service, charts[-1], body["cards"]) if advice else (),
    )


@dataclass(frozen=True)  # with slots there would be no super()
class _NotingGatherer(Gatherer):
    """Gathers as any does, and remembers what came."""

    noted: dict[str, Supply] = field(default_factory=dict)

    def gather(
        self, prefetch: Mapping[str, Any], patient_id: str, access: Access | None, note: Note | None = None
    ) -> dict[str, Supply]:
        found = super().gather(prefetch, patient_id, access, note)
        self.noted.update(found)
        return found


def _supplied(supply: Supply) -> str:
    if supply.kind == "given":
        many = f"{len(supply.entries)} resource{'' if len(supply.entries) == 1 else 's'}"
        return f"{many}; not all: {supply.missing}" if supply.missing else many
    if supply.kind == "empty":
        return "none, as the EHR says"
    return supply.missing or supply.kind


def _rules(
    advice: Advice, service: Service, chart: NotingChart, cards: Iterable[Mapping[str, Any]]
) -> tuple[RuleAnswer, ...]:
    answers = {a.rule.id: a for a in advice.answers}
    shown = _places_of(cards)
    speaking = {a.rule.id for a in advice.answers if _advices(a)}
    return tuple(
        _told(answers[rule.id], chart, shown.get(rule.id, ""), speaking)
        if rule.id in answers
        else RuleAnswer(rule, "not asked", reason=_not_asked(rule, service, advice, chart.patient))
        for rule in all_rules()
    )


def _told(given: Answer, chart: NotingChart, shown: str, speaking: set[str]) -> RuleAnswer:
    rule, outcome = given.rule, given.outcome
    looks = chart.looks_of.get(rule.decide, ())
    advice = tuple(Told(a.indicator, a.summary, a.do, _because(a)) for a in _advices(given))
    said: Said = "advises" if advice else "cannot tell" if isinstance(outcome, CannotTell) else "silent"
    return RuleAnswer(
        rule=rule,
        said=said,
        advice=advice,
        reason=outcome.reason if isinstance(outcome, Silent) else "",
        missing=tuple(dict.fromkeys(_gap(gap) for gap in given.gaps)),
        shown="" if not advice else shown or _not_shown(rule, speaking),
        looked_at=tuple({one.reference: one for look in looks for one in look.found}.values()),
        in_vain=_in_vain(looks),
    )


def _advices(given: Answer) -> tuple[Advise, ...]:
    if isinstance(given.outcome, Advise):
        return (given.outcome,)
    return given.outcome if isinstance(given.outcome, tuple) else ()


def _because(advice: Advise) -> tuple[Found, ...]:
    return tuple(Found.of(one) for one in advice.because if isinstance(one, Finding))


def _gap(gap: Gap) -> str:
    return f"{gap} ({gap.reference})" if gap.reference else str(gap)


def _in_vain(looks: Iterable[Look]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            f"{' or '.join(look.sought)}{f' in the last {look.within.days} days' if look.within else ''}"
            for look in looks
            if not look.found and look.sought
        )
    )


def _places_of(cards: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    places: dict[str, str] = {}
    for number, card in enumerate(cards, 1):
        for at, mark in enumerate(card["extension"][EXTENSION]["rules"]):
            places.setdefault(mark["id"], f"card {number}, {'leading it' if at == 0 else 'added to it'}")
    return places


def _not_shown(rule: Rule, speaking: set[str]) -> str:
    if rule.status != "active":
        return f"not shown: the rule is {rule.status}"
    others = sorted(speaking & set(rule.yields_to))
    if others:
        return f"not shown: yields to {', '.join(others)}"
    return "not shown: makes way for more urgent advice, or for watching mild pain that settles"


def _not_asked(rule: Rule, service: Service, advice: Advice, patient: Patient) -> str:
    if patient.deceased:
        return "the patient has died"
    if advice.scope.place == "none":
        return "nothing on record tells of posterior hip pain"
    if advice.scope.place == "unknown":
        return "it could not be told whether there is posterior hip pain"
    if service.hook not in rule.hooks:
        return f"runs at {', '.join(rule.hooks)} only"
    return f"runs for pain that is {', '.join(rule.places)}; this is {advice.scope.place}"


@cache
def _thresholds(rule: Rule) -> tuple[Threshold, ...]:
    return tuple(thresholds(p for p in reached_from_rule(rule) if p.module != scope.__name__))
