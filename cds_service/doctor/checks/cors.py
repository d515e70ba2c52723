"""What a client in a browser needs: preflights without credentials, and its origin allowed."""

from __future__ import annotations

from collections.abc import Iterator

from cds_service.doctor import spec
from cds_service.doctor.bench import Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import SUCCESS, Exchange

_FOREIGN = "https://doctor-foreign-page.example"
_NEEDED = ("authorization", "content-type")
_ALLOWED_ORIGIN = "access-control-allow-origin"


def _preflights(at: Bench, origin: str) -> list[tuple[str, Exchange]]:
    """The three addresses that a page calls, each with its method."""
    found = []
    for method, url in (("GET", at.discovery_url), ("POST", at.url()), ("POST", f"{at.url()}/feedback")):
        headers = {
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": ", ".join(_NEEDED),
        }
        found.append((method, at.send("preflight", "OPTIONS", url, headers=headers, signed=False)))
    return found


def _origin(at: Bench) -> str:
    if at.options.origin is None:
        raise Skip("no origin was named that the service should allow; name one with --origin")
    return at.options.origin


@check("cors-preflight", "Preflights are answered with 2xx, without a token", level="reading", section=spec.CORS)
def preflight(at: Bench) -> Iterator[Complaint]:
    """A browser sends no token with a preflight and follows no redirect. Discovery, calls and feedback need it."""
    for method, exchange in _preflights(at, at.options.origin or _FOREIGN):
        if exchange.status not in SUCCESS:
            yield Complaint(f"OPTIONS for {method} {exchange.url}: answered {exchange.outcome}", exchange)


@check("cors-origin", "The origin is allowed for calls with a token", level="reading", section=spec.CORS)
def allowed(at: Bench) -> Iterator[Complaint]:
    """Access-Control-Allow-Origin names the origin, Access-Control-Allow-Headers authorization and content-type."""
    origin = _origin(at)
    for method, exchange in _preflights(at, origin):
        if exchange.headers.get(_ALLOWED_ORIGIN) not in (origin, "*"):
            yield Complaint(f"{method} {exchange.url}: the origin is not allowed", exchange)
            continue
        headers = exchange.headers.get("access-control-allow-headers", "").lower()
        if method == "POST" and not all(name in headers for name in _NEEDED):
            yield Complaint(f"{method} {exchange.url}: not all of {', '.join(_NEEDED)} are allowed", exchange)


@check("cors-answers", "Answers and errors are readable for the page", level="reading", section=spec.CORS)
def answers(at: Bench) -> Iterator[Complaint]:
    """Without Access-Control-Allow-Origin on errors as well, the page learns nothing but that something failed."""
    origin = {"Origin": _origin(at), "Content-Type": "application/json"}
    at.require_admission()
    for what, exchange in {
        "discovery": at.send("discovery", "GET", at.discovery_url, headers=origin),
        "an error": at.send("call", "POST", at.url(), headers=origin, body=b"{"),
    }.items():
        if exchange.headers.get(_ALLOWED_ORIGIN) not in (origin["Origin"], "*"):
            yield Complaint(f"{what} does not allow the origin", exchange)


@check("cors-foreign", "A foreign origin is not let in with credentials", level="reading", section=spec.CORS)
def foreign(at: Bench) -> Iterator[Complaint]:
    """An Allow-Origin that repeats whatever asks, together with Allow-Credentials, opens the service to every page."""
    for method, exchange in _preflights(at, _FOREIGN):
        credentials = exchange.headers.get("access-control-allow-credentials", "").lower() == "true"
        if credentials and exchange.headers.get(_ALLOWED_ORIGIN) in (_FOREIGN, "*"):
            yield Complaint(f"{method} {exchange.url}: {_FOREIGN} is allowed, with credentials", exchange)
