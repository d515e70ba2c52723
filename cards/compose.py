"""From a rule's advice to the words of a card."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cards.card import (
    SUMMARY_LIMIT,
    URGENCY,
    Card,
    Indicator,
    Link,
    NotAssessed,
    OverrideReason,
    RuleMark,
    Source,
    Suggestion,
)
from cards.finding import Finding
from cards.rule import Advise, Evidence, Rule

_BRACKETS = str.maketrans("[]`", "()'")  # a link or code without these reads the same to people
_MARKS = re.compile(r"[\\*~_](?:(?<!_)|(?<![^\W_]_)|(?![^\W_]))")  # what can format; a _ within a word cannot
_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_ADDRESS = re.compile(r"(?i)(?<=[a-z])(?=://)|(?<=\bwww)(?=\.)")  # what GitHub-flavoured Markdown makes a link of
_MOST_READ = 4_000  # characters of a text of which a line is made: a record may hold millions
_MOST_FACTS = 6
_MOST_LINES = 6
_MOST_SOURCES = 3
_MOST_BESIDE = 400
MOST_SUGGESTIONS = 4
_QUOTE_LIMIT = 200  # so that value and date stay behind the longest name
_STRENGTH = {
    "SEEN": "source read",
    "SEEN-2nd": "quoted second-hand",
    "MEMORY": "unverified: source not opened",
    "DESIGN": "this project's own choice, no study",
}
_RECORD_WORD = {
    "Condition": "problem list",
    "Observation": "observation",
    "MedicationRequest": "prescription",
    "MedicationStatement": "medication list",
    "DiagnosticReport": "report",
    "Procedure": "procedure",
    "ServiceRequest": "order",
    "AllergyIntolerance": "allergy list",
    "FamilyMemberHistory": "family history",
    "Encounter": "visit",
    "CarePlan": "care plan",
    "Patient": "patient record",
}

Voice = tuple[Rule, Advise, tuple[NotAssessed, ...]]
"""A rule, what it advises, and what it could not check while doing so."""


def plain(text: str, limit: int = SUMMARY_LIMIT) -> str:
    """One line of plain text, cut at a word when it is longer than `limit` characters."""
    cut = len(text) > _MOST_READ
    text = text[:_MOST_READ]
    if not text.isprintable():
        text = "".join(ch if ch.isprintable() else " " for ch in text)
    line = " ".join(text.split())
    if len(line) <= limit and not cut:
        return line
    return line[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def capital(words: str) -> str:
    """With a capital letter, as a sentence begins; "eGFR" and "iHOT" stay."""
    return words if words[1:2].isupper() else words[:1].upper() + words[1:]


def uncapital(words: str) -> str:
    """As it stands inside a sentence; "CRP" and "HIV disease" stay."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def escaped(text: str, limit: int = 160) -> str:
    """Text out of a chart made safe for Markdown: no formatting, no HTML, no link, one line.

    It stands within a line, and reads well where Markdown is shown as it is too.
    """
    text = text[: _MOST_READ + 1]
    if "://" in text or "www." in text.lower():
        text = _ADDRESS.sub(" ", text)
    text = plain(text, limit).translate(_BRACKETS)
    return _TAG.sub("< ", _MARKS.sub(r"\\\g<0>", text))


def quoted(found: Finding) -> str:
    """A finding for the detail of a card: what, value, date and which kind of record says so."""
    kind = found.reference.split("/", 1)[0]
    return f"{escaped(found.quote(), _QUOTE_LIMIT)} ({_RECORD_WORD.get(kind, kind)})"


def facts_of(advices: Iterable[Advise]) -> tuple[Finding, ...]:
    """What was found, each record once, in the order of the advice."""
    found = {f.reference: f for a in advices for f in a.because if isinstance(f, Finding)}
    return tuple(found.values())


def card_of(voices: list[Voice], overflow: list[Voice]) -> Card:
    """One card from the rules that share it, the leading one first.

    `overflow` are further warnings for which no card was left; they are named in the last line.
    """
    lead, advice, _ = voices[0]
    suggestions = _suggestions(a for _, a, _ in voices)
    return Card(
        indicator=advice.indicator,
        summary=plain(capital(advice.summary)),
        detail=_TAG.sub("< ", "\n\n".join(_lines(voices, overflow))),
        source=_source(lead, advice),
        rules=tuple(_mark(v, advice.indicator) for v in voices) + tuple(_mark(v, "critical") for v in overflow),
        suggestions=suggestions,
        links=_unique_links(advice.links for _, advice, _ in voices),
        override_reasons=_override_reasons(voices),
        facts=facts_of(a for _, a, _ in voices + overflow),
        not_assessed=tuple(n for _, _, missing in voices for n in missing),
    )


def _mark(voice: Voice, most: Indicator) -> RuleMark:
    """Advice that only adds to a card is no more urgent than the card."""
    rule, advice, _ = voice
    return RuleMark(rule.id, rule.version, max(advice.indicator, most, key=URGENCY.__getitem__))


def _lines(voices: list[Voice], overflow: list[Voice]) -> list[str]:
    lead, advice, _ = voices[0]
    facts = facts_of(a for _, a, _ in voices)
    lines = []
    if facts:
        more = f"; and {len(facts) - _MOST_FACTS} more" if len(facts) > _MOST_FACTS else ""
        lines.append(f"**Found:** {'; '.join(quoted(f) for f in facts[:_MOST_FACTS])}{more}.")
    lines.append(f"**Do:** {advice.do}")
    middle = [*advice.more, *(f"**Also:** {_beside(a)}" for _, a, _ in voices[1:])]
    evidence = f"**Evidence:** {_evidence(lead, advice)}."
    caveats = [f"**Less likely right if:** {advice.wrong_if}"] if advice.wrong_if else []
    missing = dict.fromkeys(n.why for _, _, missing in voices for n in missing)
    if missing:
        caveats.append(f"**Could not check:** {escaped('; '.join(missing), 300)}.")
    further = [f"**Also found:** {escaped(capital(a.summary))}" for _, a, _ in overflow]
    room = _MOST_LINES - len(lines) - 1
    if len(middle) + len(caveats) + len(further) > room:
        caveats, further = _fitted(caveats, 1), _fitted(further, 1)
    return [*lines, *_fitted(middle, room - len(caveats) - len(further)), evidence, *caveats, *further]


def _beside(advice: Advise) -> str:
    """What is said of it on another rule's card: its own words for that, else the summary and what to do."""
    if advice.beside:
        return escaped(capital(advice.beside), _MOST_BESIDE)
    return f"{escaped(capital(advice.summary))}{f' {capital(advice.do)}' if advice.leads else ''}"


def _fitted(lines: list[str], most: int) -> list[str]:
    """No more lines than there is room for: the neighbours that are shortest together share one."""
    while len(lines) > max(most, 1):
        at = min(range(len(lines) - 1), key=lambda n: len(lines[n]) + len(lines[n + 1]))
        lines = [*lines[:at], f"{lines[at]} {lines[at + 1]}", *lines[at + 2 :]]
    return lines


def _evidence(lead: Rule, advice: Advise) -> str:
    """The first sources, or those on which this advice rests, and every unverified one of them."""
    sources = advice.rests_on or lead.evidence
    shown = [e for n, e in enumerate(sources) if n < _MOST_SOURCES or e.mark == "MEMORY"]
    more = len(_sources(lead, advice)) - len(shown)
    return "; ".join(_cited(e) for e in shown) + (f"; and {more} more on the rule's page" if more else "")


def _cited(evidence: Evidence) -> str:
    said = f"[{evidence.citation}]({evidence.url})" if evidence.url else evidence.citation
    grade = "" if evidence.mark == "DESIGN" else evidence.grade
    strength = ", ".join(part for part in (grade, _STRENGTH[evidence.mark]) if part)
    return f"{said} ({strength})"


def _sources(lead: Rule, advice: Advise) -> tuple[Evidence, ...]:
    """The rule's sources, those on which this advice rests first."""
    return tuple(dict.fromkeys((*advice.rests_on, *lead.evidence)))


def _source(lead: Rule, advice: Advise) -> Source:
    first = _sources(lead, advice)[0]
    return Source(label=first.citation, url=first.url, topic=lead.id, topic_display=lead.title)


def _suggestions(advices: Iterable[Advise]) -> tuple[Suggestion, ...]:
    """Each order once; only the first recommended one stays recommended (CDS Hooks allows one)."""
    kept: dict[object, Suggestion] = {}
    for advice in advices:
        for one in advice.suggestions:
            kept.setdefault(_key(one), one)
    chosen = list(kept.values())[:MOST_SUGGESTIONS]
    first = next((s for s in chosen if s.recommended), None)
    return tuple(
        s if s is first or not s.recommended else Suggestion(s.label, s.create, s.update, s.delete) for s in chosen
    )


def _key(one: Suggestion) -> tuple[str, str]:
    """What it does, and to what."""
    if one.create:
        return "create", one.create.orderable.text
    return ("update", one.update[0]) if one.update else ("delete", one.delete or "")


def _unique_links(links: Iterable[tuple[Link, ...]]) -> tuple[Link, ...]:
    return tuple({link.url: link for group in links for link in group}.values())


def _override_reasons(voices: list[Voice]) -> tuple[OverrideReason, ...]:
    rule, advice, _ = voices[0]
    chosen = advice.override_reasons if advice.override_reasons is not None else rule.override_reasons
    return tuple(dict.fromkeys(chosen))


def by_urgency(voice: Voice) -> tuple[int, int, str]:
    """Which rule leads a shared card."""
    rule, advice, _ = voice
    return URGENCY[advice.indicator], rule.rank, rule.id
