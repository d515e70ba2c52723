"""Which advice is shown: suppression, merging and the cap of three cards.

Order: critical before warning before info; at equal urgency by family, then by rule id. At most two critical,
two warning, and one info beside them (two when nothing higher shows). Choices of this project's clinical content.
"""

from __future__ import annotations

from collections.abc import Iterable

from cards.card import URGENCY, Indicator
from cards.compose import Voice, by_urgency
from cards.rulebook import FAMILIES

MOST_CARDS = 3
MOST: dict[Indicator, int] = {"critical": 2, "warning": 2, "info": 2}
MOST_INFO_BESIDE_HIGHER = 1

_CARE = frozenset({"management", "workup", "follow_up"})
"""Families that give way to a critical card, and to pain that settles by itself."""
NOT_BESIDE_RED_FLAG = frozenset({"conservative-care", "progress-care", "escalate-care", "likely-source"})
_NEVER_DROPPED = frozenset({"red_flags", "safety", "imaging"})


def without_suppressed(voices: Iterable[Voice]) -> list[Voice]:
    """Leave out what must not stand beside a critical card or a red flag, and rules that yield to one that speaks."""
    voices = list(voices)
    unled = unsaid(voices)
    voices = _led(voices)
    speaking = {r.id for r, _, _ in voices}
    critical = any(a.indicator == "critical" for _, a, _ in voices)
    flags = [a for r, a, _ in voices if r.family == "red_flags"]
    urgent = bool(unled) or any(a.indicator == "warning" or a.lowered for a in flags)
    kept = []
    for voice in voices:
        rule = voice[0]
        if speaking & set(rule.yields_to):
            continue
        rating = rule.id == "imaging-order-appropriateness" and not voice[1].beside_critical
        if critical and (rating or rule.family in _CARE):
            continue
        if urgent and rule.id in NOT_BESIDE_RED_FLAG:
            continue
        if critical and rule.family == "safety" and not (voice[1].about or voice[1].indicator == "critical"):
            continue  # beside a critical card only of what is ordered
        kept.append(voice)
    return kept


def unsaid(voices: Iterable[Voice]) -> list[Voice]:
    """Critical red flags that may not lead a card and whose pathway has none: said on another card, never left out."""
    voices = list(voices)
    led = _led(voices)
    critical = (v for v in voices if v[0].family == "red_flags" and v[1].indicator == "critical")
    return [v for v in critical if v not in led]


def _led(voices: list[Voice]) -> list[Voice]:
    """Advice that may only add to a card is not shown where its pathway has none, so it suppresses nothing."""
    led = {a.pathway or r.pathway for r, a, _ in voices if a.leads}
    return [voice for voice in voices if (voice[1].pathway or voice[0].pathway) in led]


def without_care(voices: Iterable[Voice]) -> list[Voice]:
    """For pain that is mild and settling with no red flag: nothing about its care or work-up.

    What protects from a drafted order stays.
    """
    voices = list(voices)
    if any(r.family == "red_flags" for r, _, _ in voices):
        return voices
    return [v for v in voices if v[0].family not in _CARE or v[0].id == "procedure-prerequisites"]


def merged(voices: Iterable[Voice]) -> list[list[Voice]]:
    """Group the advice that shares a card: one pathway, or red flags that recommend the same study."""
    pathways: dict[str, list[Voice]] = {}
    for voice in voices:
        rule, advice, _ = voice
        pathways.setdefault(advice.pathway or rule.pathway, []).append(voice)
    groups = [
        sorted(group, key=lambda v: (not v[1].leads, *by_urgency(v)))
        for group in pathways.values()
        if any(a.leads for _, a, _ in group)
    ]
    return _same_study_joined(sorted(groups, key=_rank))


def _same_study_joined(groups: list[list[Voice]]) -> list[list[Voice]]:
    joined: list[list[Voice]] = []
    hosts: dict[str, int] = {}  # a study -> the first group that recommends it
    for group in groups:
        studies = _recommended_studies(group)
        host = min((hosts[study] for study in studies if study in hosts), default=len(joined))
        if host == len(joined):
            joined.append(group)
        else:
            joined[host].extend(group)
        hosts |= {study: min(host, hosts.get(study, host)) for study in studies}
    return joined


def _recommended_studies(group: list[Voice]) -> set[str]:
    return {
        suggestion.create.orderable.text
        for rule, advice, _ in group
        if rule.family == "red_flags"
        for suggestion in advice.suggestions
        if suggestion.recommended and suggestion.create and suggestion.create.orderable.kind == "imaging"
    }


def _rank(group: list[Voice]) -> tuple[int, int, str]:
    rule, advice, _ = group[0]
    return URGENCY[advice.indicator], FAMILIES.index(rule.family), rule.id


def host_of(voice: Voice, groups: list[list[Voice]]) -> list[Voice] | None:
    """The card on which advice without a card of its own is said: the last that is as urgent, else the first.

    None where it has a card.
    """
    if any(voice in group for group in groups):
        return None
    as_urgent = [g for g in groups if URGENCY[g[0][1].indicator] <= URGENCY[voice[1].indicator]]
    return as_urgent[-1] if as_urgent else groups[0]


def capped(groups: list[list[Voice]]) -> tuple[list[list[Voice]], list[Voice]]:
    """The groups that become cards, and the urgent advice for which no card was left."""
    shown: list[list[Voice]] = []
    overflow: list[Voice] = []
    counts: dict[Indicator, int] = {"critical": 0, "warning": 0, "info": 0}
    for group in groups:
        indicator = group[0][1].indicator
        higher = counts["critical"] + counts["warning"] > 0
        most = MOST_INFO_BESIDE_HIGHER if indicator == "info" and higher else MOST[indicator]
        if counts[indicator] < most and len(shown) < MOST_CARDS:
            counts[indicator] += 1
            shown.append(group)
        elif indicator != "info":
            overflow += [v for v in group if v[0].family in _NEVER_DROPPED]
    return shown, overflow
