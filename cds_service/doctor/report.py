"""The report: lines for a terminal as results come, JSON for a program, and the list of checks."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version

from cds_service.doctor.check import Complaint, Outcome
from cds_service.doctor.examine import Examination, Result
from cds_service.doctor.exchange import Exchange, Json
from cds_service.doctor.registry import THEMES, all_checks
from cds_service.doctor.spec import VERSION

OUTCOMES: tuple[Outcome, ...] = ("pass", "fail", "warn", "skip", "error")
LEVELS = {"SHALL": "SHALL", "SHOULD": "SHOULD", "reading": "our reading"}
_VERDICTS = (
    "conforms, as far as it was examined",
    "does not conform: a SHALL is not kept",
    "could not be examined, or not to the end",
)
"""By exit code."""
_WIDTH = 110


def result_lines(result: Result) -> Iterator[str]:
    """One line for a pass, more for what needs attention: what is wrong, what was sent, what came, where to read."""
    yield f"{result.outcome:5}  {result.check.id:24} {result.check.title}"
    if result.note:
        yield from _indented(result.note)
    for complaint in result.complaints:
        yield from _indented(f"- {complaint.text}")
    if result.more:
        yield from _indented(f"- and {result.more} more")
    if result.complaints:
        yield from _exchange_lines(result.complaints[0].exchange)
        yield from _indented(f"{LEVELS[result.check.level]}: {result.check.why}")
        yield f"       {result.check.section}"


def _exchange_lines(exchange: Exchange | None) -> Iterator[str]:
    if exchange is None:
        return
    told = exchange.told()
    came = told["came"]
    yield f"       sent: {exchange.method} {exchange.url}"
    if exchange.sent:
        yield from _indented(told["sent"]["body"], "             ")
    yield f"       came: {came.get('status', came.get('failure'))} {came['headers'].get('content-type', '')}".rstrip()
    if exchange.body:
        yield from _indented(came["body"], "             ")


def _indented(text: str, margin: str = "       ") -> Iterator[str]:
    yield from textwrap.wrap(" ".join(text.split()), _WIDTH, initial_indent=margin, subsequent_indent=margin + "  ")


def summary_lines(done: Examination) -> Iterator[str]:
    """Counts, how the doctor got in, and how to let it in further."""
    counts = ", ".join(f"{done.count(outcome)} {outcome}" for outcome in OUTCOMES if done.count(outcome))
    yield ""
    yield f"{done.url}: {counts} of {len(done.results)} checks against {VERSION}"
    if done.service:
        how = {
            "open": "without a token",
            "signed": "with a signed token",
            "refused": "in vain, with and without a token",
        }
        yield f"examined in depth: {done.service}, called {how[done.admission]}"
    if done.admission == "refused":
        yield from _register(done.issuer)
    yield _VERDICTS[done.exit_code]


def _register(issuer: str) -> Iterator[str]:
    yield "To be let in, have the service trust"
    yield f"  issuer    {issuer} (--issuer names another)"
    yield "  keys      the JSON Web Key Set that --keys DIR keeps in DIR/jwks.json; use the same DIR each time"
    yield "  algorithm ES384 (--algorithm RS384 signs with the other key of the set)"


def as_json(done: Examination) -> Json:
    """The whole report."""
    return {
        "doctor": {"name": "posterior-hip-cds doctor", "version": _version()},
        "specification": VERSION,
        "url": done.url,
        "service": done.service,
        "admission": done.admission,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "summary": {outcome: done.count(outcome) for outcome in OUTCOMES},
        "exitCode": done.exit_code,
        "results": [_result(one) for one in done.results],
    }


def _result(result: Result) -> Json:
    told: Json = {
        "id": result.check.id,
        "theme": result.theme,
        "title": result.check.title,
        "outcome": result.outcome,
        "requirement": {
            "level": LEVELS[result.check.level],
            "text": result.check.why,
            "section": result.check.section,
        },
        "seconds": round(result.seconds, 3),
    }
    if result.note:
        told["note"] = result.note
    if result.complaints:
        told["complaints"] = [_complaint(one) for one in result.complaints]
        told["moreComplaints"] = result.more
    elif result.exchange is not None:
        told |= result.exchange.told()
    return told


def _complaint(complaint: Complaint) -> Json:
    return {"text": complaint.text} | (complaint.exchange.told() if complaint.exchange else {})


def check_list() -> Iterator[str]:
    """All checks in Markdown: a table a theme."""
    for theme, title in THEMES.items():
        yield f"### {title} (`{theme}`)"
        yield ""
        yield "| check | what holds of a service that conforms | level |"
        yield "|---|---|---|"
        for own, one in all_checks():
            if own == theme:
                yield f"| `{one.id}` | {one.title} | [{LEVELS[one.level]}]({one.section}) |"
        yield ""


def _version() -> str:
    try:
        return version("posterior-hip-cds")
    except PackageNotFoundError:
        return "unknown"
