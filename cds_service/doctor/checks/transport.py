"""HTTP around the calls: addresses, methods, media types."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLError
from urllib.parse import urlsplit, urlunsplit

from cds_service.doctor import spec
from cds_service.doctor.bench import JSON_TYPE, Bench
from cds_service.doctor.check import Complaint, Skip, check
from cds_service.doctor.exchange import REFUSAL, Exchange
from cds_service.doctor.expect import refused, unbroken

_METHOD_NOT_ALLOWED = 405
_ANNOUNCED = 2**30
_PATIENCE_S = 3.0


@check("http-unknown-service", "A service that does not exist is 404", level="reading", section=spec.CALLING)
def unknown_service(at: Bench) -> Iterator[Complaint]:
    """A client that misspells an id has to learn it; an empty list of cards would look like good news."""
    url = f"{at.discovery_url}/doctor-no-such-service"
    yield from refused(at.send("other", "POST", url, body=json.dumps(at.sample()).encode()), "an unknown id", (404,))


@check("http-method", "Calls are made with POST only", level="reading", section=spec.CALLING)
def method(at: Bench) -> Iterator[Complaint]:
    """A GET or PUT at the address of a service is 405 (or another 4xx)."""
    for exchange in _wrong_methods(at):
        yield from refused(exchange, exchange.method)


@check("http-allow", "A 405 says which methods are right", level="SHALL", section=spec.HTTP_ALLOW)
def allow(at: Bench) -> Iterator[Complaint]:
    """HTTP requires the header Allow in every 405."""
    refusals = [one for one in _wrong_methods(at) if one.status == _METHOD_NOT_ALLOWED]
    if not refusals:
        raise Skip("no 405 was answered")
    for exchange in refusals:
        if "allow" not in exchange.headers:
            yield Complaint(f"{exchange.method}: 405 without Allow", exchange)


def _wrong_methods(at: Bench) -> list[Exchange]:
    at.require_admission()
    return [at.send("other", name, at.url()) for name in ("GET", "PUT", "DELETE")]


@check(
    "http-media-type", "A body that is not JSON by its type is refused", level="reading", section=spec.HTTP_MEDIA_TYPE
)
def media_type(at: Bench) -> Iterator[Complaint]:
    """415. A form or plain text is also what a foreign web page can send without a preflight."""
    good = json.dumps(at.sample()).encode()
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        yield from refused(at.post(good, {"Content-Type": kind}), kind)


@check("http-charset", "JSON with a charset is JSON", level="reading", section=spec.JSON_USE)
def charset(at: Bench) -> Iterator[str | Complaint]:
    """Many clients send application/json; charset=utf-8."""
    good = json.dumps(at.good_sample()).encode()
    yield from at.unlike_baseline(at.post(good, {"Content-Type": "application/json; charset=utf-8"}), "with charset")


@check("http-slashes", "Doubled and trailing slashes are not redirected", level="reading", section=spec.CALLING)
def slashes(at: Bench) -> Iterator[Complaint]:
    """Clients join addresses by hand. Answer, or 404; a redirect turns POST into GET or fails the preflight."""
    body = json.dumps(at.sample()).encode()
    parts = urlsplit(at.url())
    for path in (f"{parts.path}/", parts.path.replace("/cds-services/", "/cds-services//"), f"/{parts.path}"):
        for name, sent in (("POST", body), ("OPTIONS", b"")):
            exchange = at.send("other", name, urlunsplit(parts._replace(path=path)), body=sent, headers=JSON_TYPE)
            yield from unbroken(exchange, f"{name} {path}")


@check("http-oversize", "A body without measure is refused early", level="reading", section=spec.HTTP_TOO_LARGE)
def oversize(at: Bench) -> Iterator[str]:
    """A gigabyte is announced and not sent. Answer 413 at once: who waits for it can be kept waiting by anybody."""
    at.require_admission()
    status = _announce(at)
    if status is None:
        yield f"{_ANNOUNCED:,} bytes announced: no answer within {_PATIENCE_S:g} s"
    elif status not in REFUSAL:
        yield f"{_ANNOUNCED:,} bytes announced: answered {status}, expected a 4xx"


def _announce(at: Bench) -> int | None:
    """The status that the mere announcement of a large body is answered with; None for none."""
    url = at.url()
    parts = urlsplit(url)
    if parts.hostname is None:
        raise Skip("the address has no host")
    make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = make(parts.hostname, parts.port, timeout=_PATIENCE_S)
    headers = {**JSON_TYPE, "Content-Length": str(_ANNOUNCED)}
    if at.admission == "signed":
        headers["Authorization"] = f"Bearer {at.keys.token(url)}"
    try:
        connection.request("POST", parts.path, headers=headers)
        return connection.getresponse().status
    except SSLError:
        raise Skip("the certificate is not trusted here; SSL_CERT_FILE names who signed it") from None
    except (HTTPException, OSError):
        return None
    finally:
        connection.close()
