"""What holds of every card."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, check
from cds_service.doctor.expect import is_address, is_coding, is_text
from cds_service.doctor.seen import cards, links

_LONGEST = 139
_INDICATORS = ("info", "warning", "critical")
_BEHAVIOURS = ("at-most-one", "any")
_MARKUP = re.compile(r"<(?:[a-z][a-z0-9]*|/[a-z]+|!--)[^>]*>", re.IGNORECASE)


@check("card-summary", "The summary has fewer than 140 characters", level="SHALL", section=spec.CARD)
def summary(at: Bench) -> Iterator[Complaint]:
    """Required: one sentence, on one line."""
    for card in cards(at):
        if not is_text(card.get("summary")):
            yield card.wrong(".summary is missing or no text")
        elif len(card.it["summary"]) > _LONGEST:
            yield card.wrong(f".summary has {len(card.it['summary'])} characters")


@check("card-indicator", "The indicator is info, warning or critical", level="SHALL", section=spec.CARD)
def indicator(at: Bench) -> Iterator[Complaint]:
    """Required; in lower case."""
    for card in cards(at):
        if card.get("indicator") not in _INDICATORS:
            yield card.wrong(f".indicator is {card.get('indicator')!r}")


@check("card-source", "The source has a label", level="SHALL", section=spec.SOURCE)
def source(at: Bench) -> Iterator[Complaint]:
    """Required: an object that says where the guidance comes from."""
    for card in cards(at):
        told = card.get("source")
        if not isinstance(told, dict) or not is_text(told.get("label")):
            yield card.wrong(".source.label is missing or no text")


@check("card-source-urls", "Addresses of the source are absolute", level="SHALL", section=spec.SOURCE)
def source_urls(at: Bench) -> Iterator[Complaint]:
    """`url` and `icon` are opened by the client's browser."""
    for card in cards(at):
        told = card.get("source")
        for name in ("url", "icon"):
            if isinstance(told, dict) and name in told and not is_address(told[name]):
                yield card.wrong(f".source.{name} is no absolute http(s) address")


@check("card-topic", "The topic is a Coding", level="SHALL", section=spec.SOURCE)
def topic(at: Bench) -> Iterator[Complaint]:
    """With code and system."""
    for card in cards(at):
        told = card.get("source")
        if isinstance(told, dict) and "topic" in told and not is_coding(told["topic"]):
            yield card.wrong(".source.topic lacks code or system")


@check("card-uuid", "Each card has a UUID of its own", level="reading", section=spec.CARD)
def uuid(at: Bench) -> Iterator[Complaint]:
    """Optional, but without it no feedback comes; the same one twice makes feedback ambiguous."""
    seen = Counter(card.get("uuid") for card in cards(at) if isinstance(card.get("uuid"), str))
    for card in cards(at):
        value = card.get("uuid")
        if not is_uuid(value):
            yield card.wrong(".uuid is missing or no UUID")
        elif seen[value] > 1:
            yield card.wrong(f".uuid was used for {seen[value]} cards")


def is_uuid(value: object) -> bool:
    """In one of the spellings of a UUID."""
    try:
        return bool(UUID(value.removeprefix("urn:uuid:"))) if isinstance(value, str) else False
    except ValueError:
        return False


@check("card-detail", "The detail is Markdown without HTML", level="reading", section=spec.CARD)
def detail(at: Bench) -> Iterator[Complaint]:
    """GitHub Flavored Markdown would allow HTML; clients that render it open their page to whatever the text holds."""
    for card in cards(at):
        if card.has("detail") and not is_text(card.get("detail")):
            yield card.wrong(".detail is no text")
        elif card.has("detail") and (found := _MARKUP.search(card.it["detail"])):
            yield card.wrong(f".detail holds HTML: {found[0][:40]}")


@check("card-selection", "Suggestions come with a selectionBehavior", level="SHALL", section=spec.CARD)
def selection(at: Bench) -> Iterator[Complaint]:
    """Required where there are suggestions: at-most-one or any. Clients treat a card with another value as an error."""
    for card in cards(at):
        behaviour = card.get("selectionBehavior")
        if card.has("suggestions") and behaviour is None:
            yield card.wrong(".selectionBehavior is missing beside suggestions")
        elif behaviour is not None and behaviour not in _BEHAVIOURS:
            yield card.wrong(f".selectionBehavior is {behaviour!r}")


@check("card-override-reasons", "Override reasons are Codings with a display", level="SHALL", section=spec.REASONS)
def override_reasons(at: Bench) -> Iterator[Complaint]:
    """code, system, and a display for the person who chooses."""
    for card in cards(at):
        if card.has("overrideReasons") and not isinstance(card.get("overrideReasons"), list):
            yield card.wrong(".overrideReasons is no array")
        for reason in card.each("overrideReasons"):
            if not is_coding(reason.it) or not is_text(reason.get("display")):
                yield reason.wrong(" lacks code, system or display")


@check("link-members", "Links have label, address and type", level="SHALL", section=spec.LINK)
def link_members(at: Bench) -> Iterator[Complaint]:
    """All three are required; the type is absolute or smart."""
    for link in links(at):
        if not is_text(link.get("label")):
            yield link.wrong(".label is missing or no text")
        if link.get("type") not in ("absolute", "smart"):
            yield link.wrong(f".type is {link.get('type')!r}")


@check("link-absolute", "Links are absolute", level="SHALL", section=spec.LINK)
def link_absolute(at: Bench) -> Iterator[Complaint]:
    """They are opened from the client's page, where a relative address leads elsewhere."""
    for link in links(at):
        if not is_address(link.get("url")):
            yield link.wrong(".url is no absolute http(s) address")


@check("link-app-context", "appContext stands on smart links only", level="SHALL", section=spec.LINK)
def app_context(at: Bench) -> Iterator[Complaint]:
    """It is not valid for absolute links; it is text."""
    for link in links(at):
        if link.has("appContext") and (link.get("type") != "smart" or not isinstance(link.get("appContext"), str)):
            yield link.wrong(".appContext is no text, or the link is absolute")
