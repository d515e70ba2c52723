"""The cards of all answers so far, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, Skip
from cds_service.doctor.exchange import Exchange, Json


@dataclass(frozen=True, slots=True)
class Seen:
    """An object of an answer with its path; complaints about it carry the exchange."""

    path: str
    it: Json
    exchange: Exchange

    def wrong(self, what: str) -> Complaint:
        """Complain about it; `what` reads on after its path."""
        return Complaint(f"{self.path}{what}", self.exchange)

    def each(self, name: str) -> Iterator[Seen]:
        """The objects in one of its lists."""
        listed = self.it.get(name)
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(one, dict):
                yield Seen(f"{self.path}.{name}[{number}]", one, self.exchange)

    def has(self, name: str) -> bool:
        """The member is there, whatever it holds."""
        return name in self.it

    def get(self, name: str) -> Any:
        """The member, or None."""
        return self.it.get(name)


def cards(at: Bench) -> Iterator[Seen]:
    """Every card of every 200. Skips where there is none."""
    found = [card for exchange in at.successes() for card in _envelope(exchange).each("cards")]
    if not found:
        raise Skip("no card was seen; give a request that leads to one with --request")
    yield from found


def suggestions(at: Bench) -> Iterator[Seen]:
    """Every suggestion of every card. Skips where there is none."""
    yield from _required([one for card in cards(at) for one in card.each("suggestions")], "suggestion")


def links(at: Bench) -> Iterator[Seen]:
    """Every link of every card. Skips where there is none."""
    yield from _required([one for card in cards(at) for one in card.each("links")], "link")


def actions(at: Bench) -> Iterator[Seen]:
    """Every action of a suggestion, and every systemAction. Skips where there is none."""
    system = [one for exchange in at.successes() for one in _envelope(exchange).each("systemActions")]
    offered = [
        action
        for exchange in at.successes()
        for card in _envelope(exchange).each("cards")
        for suggestion in card.each("suggestions")
        for action in suggestion.each("actions")
    ]
    yield from _required([*offered, *system], "action")


def _required(found: list[Seen], what: str) -> list[Seen]:
    if not found:
        raise Skip(f"no {what} was seen; give a request that leads to one with --request")
    return found


def _envelope(exchange: Exchange) -> Seen:
    return Seen("$", exchange.json if isinstance(exchange.json, dict) else {}, exchange)
