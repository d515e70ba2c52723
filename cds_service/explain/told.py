"""An explanation in words for a terminal, and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from cds_service.explain.explanation import Explanation, RuleAnswer
from cds_service.explain.notes import Found
from cds_service.rule_book.rule_page import KNOWN

_MOST_RECORDS = 12


def as_json(told: Explanation) -> dict[str, Any]:
    """Everything, in members that hold strings, numbers, lists and objects only."""
    return {
        "service": told.service.id,
        "hook": told.service.hook,
        "today": told.today.isoformat(),
        "pain": {"place": told.place, "because": [asdict(one) for one in told.place_because]},
        "supplied": dict(told.supplied),
        "setAside": told.set_aside,
        "cards": [{"indicator": c["indicator"], "summary": c["summary"]} for c in told.cards],
        "rules": [_rule_json(one) for one in told.rules],
    }


def _rule_json(one: RuleAnswer) -> dict[str, Any]:
    rule = one.rule
    return {
        "id": rule.id,
        "title": rule.title,
        "version": rule.version,
        "status": rule.status,
        "lastReview": rule.last_review.isoformat(),
        "answer": one.said,
        "reason": one.reason,
        "missing": list(one.missing),
        "shown": one.shown,
        "advice": [asdict(a) for a in one.advice],
        "lookedAt": [asdict(f) for f in one.looked_at],
        "soughtInVain": list(one.in_vain),
        "thresholds": [
            {"name": t.path, "label": t.label, "value": t.value, "known": KNOWN[t.mark], "source": t.source}
            for t in one.thresholds
        ],
        "evidence": [
            {"citation": e.citation, "url": e.url or "", "grade": e.grade, "known": KNOWN[e.mark]}
            for e in rule.evidence
        ],
    }


def as_text(told: Explanation) -> str:
    """For a reader at a terminal: the cards, then the rules that speak, that could not tell, and the rest."""
    return "\n".join([*_head(told), *_speaking(told), *_quiet(told)]) + "\n"


def _head(told: Explanation) -> Iterator[str]:
    yield f"{told.service.hook} as of {told.today}; pain: {told.place}"
    yield from (f"  because of {line(one)}" for one in told.place_because)
    yield "Supplied"
    yield from (f"  {key}: {what}" for key, what in told.supplied.items())
    if told.set_aside:
        yield f"  set aside: {told.set_aside} (of another patient, or unreadable)"
    yield f"Cards: {len(told.cards) or 'none'}"
    yield from (f"  {n}. {c['indicator']}: {c['summary']}" for n, c in enumerate(told.cards, 1))


def _speaking(told: Explanation) -> Iterator[str]:
    for one in told.having("advises"):
        yield f"\n{_name(one)} ADVISES ({one.shown})"
        for a in one.advice:
            yield f"  {a.indicator}: {a.summary}"
            yield from (f"    because of {line(f)}" for f in a.because)
        yield from _details(one)
    for one in told.having("cannot tell"):
        yield f"\n{_name(one)} CANNOT TELL"
        yield from _details(one)


def _quiet(told: Explanation) -> Iterator[str]:
    for one in told.having("silent"):
        yield f"\n{_name(one)} SILENT: {one.reason}"
        yield from _details(one)
    not_asked = told.having("not asked")
    if not_asked:
        yield "\nNot asked"
        yield from (f"  {one.rule.short} {one.rule.id}: {one.reason}" for one in not_asked)


def _details(one: RuleAnswer) -> Iterator[str]:
    yield from (f"  missing: {gap}" for gap in one.missing)
    yield from (f"  looked at: {line(f)}" for f in one.looked_at[:_MOST_RECORDS])
    if len(one.looked_at) > _MOST_RECORDS:
        yield f"  and {len(one.looked_at) - _MOST_RECORDS} more records"
    if one.in_vain:
        more = f"; and {len(one.in_vain) - _MOST_RECORDS} more" if len(one.in_vain) > _MOST_RECORDS else ""
        yield f"  nothing found of: {'; '.join(one.in_vain[:_MOST_RECORDS])}{more}"
    if one.thresholds:
        yield f"  thresholds: {'; '.join(f'{t.label} {t.value}' for t in one.thresholds)}"
    yield f"  evidence: {'; '.join(f'{e.citation} ({KNOWN[e.mark]})' for e in one.rule.evidence)}"


def _name(one: RuleAnswer) -> str:
    return f"{one.rule.short} {one.rule.id} {one.rule.version}"


def line(one: Found) -> str:
    """A record in one line."""
    said = f"{one.display} {one.value}".strip()
    return f"{said}, {one.date or 'date not recorded'} [{one.reference}]"
