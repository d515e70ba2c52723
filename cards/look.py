"""How one record becomes a Finding."""

from __future__ import annotations

from cards.finding import Answer, Finding, What
from cards.hygiene import UNCONFIRMED
from cards.quantity import Quantity
from cards.record import Condition, Observation, Record


def says_yes(o: Observation, what: What) -> bool:
    """The Observation affirms what was asked."""
    if isinstance(what, Answer):
        return not isinstance(o.value, Quantity) and o.value in what.values
    return not o.denied and o.value is not False and o.refused is None and o.concepts.get(what.name) != "broad"


def of_record(r: Record) -> Finding:
    """Any record as a card quotes it: what it says and when."""
    return Finding(r.reference, r.text, when=r.when)


def of_sided(r: Record) -> Finding:
    """The same with the side that it is about, for what has to match the painful one."""
    return Finding(r.reference, r.text, when=r.when, side=r.side)


def of_condition(c: Condition) -> Finding:
    """A Condition as found."""
    return Finding(
        c.reference,
        c.text,
        when=c.when,
        side=c.side,
        unconfirmed=c.verification in UNCONFIRMED,
        concepts=frozenset(c.concepts),
    )


def of_observation(o: Observation) -> Finding:
    """An Observation as found, with its value."""
    return Finding(
        o.reference,
        o.text,
        value=o.value,
        when=o.when,
        side=o.side,
        preliminary=o.status == "preliminary",
        upper_limit=o.upper_limit,
        concepts=frozenset(o.concepts),
    )


def magnitude(found: Finding) -> tuple[float, str]:
    """For sorting values of one kind: numbers by size, answers by name."""
    if found.quantity:
        return found.quantity.value, ""
    if isinstance(found.value, bool):
        return float(found.value), ""
    return 0.0, str(found.value)


def in_conflict(worse: Finding, other: Finding) -> Finding:
    """The worse of two values of one day, which also tells the other."""
    return Finding(
        worse.reference,
        worse.label,
        worse.value,
        worse.when,
        worse.side,
        worse.preliminary,
        worse.unconfirmed,
        conflict=str(other.value),
        upper_limit=worse.upper_limit,
        concepts=worse.concepts,
    )
