"""Which URLs may be asked, and hence where a token may go.

A request URL is always put together from a parsed `Base` and a checked path, never taken from a string
that came over the wire, so two URL parsers cannot disagree about its host.
"""

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_VISIBLE_ASCII = re.compile(r"[!-\[\]-~]+")  # no space, no control character, no backslash
_HOST_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
_BASE_PATH = re.compile(r"(/[A-Za-z0-9$_~.:@+,=-]+)*")
_QUERY_PATH = re.compile(r"[A-Za-z]+(/[A-Za-z0-9.-]+)*")
_SPACE = re.compile(r"\s")
_DOT_SEGMENTS = {".", ".."}


@dataclass(frozen=True)
class Base:
    """A FHIR base in one spelling: lower-case scheme and host, no default port, no trailing slash."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        return self.origin + self.path

    @property
    def is_loopback(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_base(server: str) -> Base | None:
    """None when `server` is not a plain absolute http(s) URL (user info, query, fragment, dot segments …)."""
    parts = _split(server)
    if parts is None or parts.query or parts.fragment or "?" in server or "#" in server:
        return None
    path = parts.path.rstrip("/")
    if not _BASE_PATH.fullmatch(path) or _DOT_SEGMENTS.intersection(path.split("/")):
        return None
    return _base_of(parts, path)


def server_allowed(server: str, allowed: Collection[str]) -> str | None:
    """None when `server` may be queried, else the reason, which does not repeat the URL.

    Being listed is what makes a private or link-local address legal. https only, unless loopback.
    """
    base = parse_base(server)
    if base is None:
        return "fhirServer is not a plain absolute http(s) URL"
    if reason := insecure(base):
        return reason
    if base not in {parse_base(listed) for listed in allowed}:
        return "fhirServer is not on the list of servers that may be queried"
    return None


def same_origin(server: str, link: str) -> bool:
    """A `next` link, absolute or relative to the base, stays on the origin of `server`."""
    base = parse_base(server)
    return base is not None and next_target(base, link) is not None


def insecure(base: Base) -> str | None:
    """Why no token may be sent to `base`; None when it is https or loopback."""
    if base.scheme == "https" or base.is_loopback:
        return None
    return "fhirServer must use https"


def query_target(base: Base, query: str) -> str | None:
    """Path and query of a relative FHIR read or search; None when `query` would leave the base."""
    path, _, search = query.partition("?")
    if not _QUERY_PATH.fullmatch(path) or _DOT_SEGMENTS.intersection(path.split("/")):
        return None
    if "#" in search or not search.isprintable() or _SPACE.search(search):
        return None
    return f"{base.path}/{query}"


def next_target(base: Base, link: str) -> str | None:
    """Path and query of a `next` link; None when it leads to another origin.

    A relative link counts from the base. Only the origin has to match: paging links are opaque.
    """
    if not _VISIBLE_ASCII.fullmatch(link):
        return None
    try:
        parts = _split(urljoin(base.url + "/", link))
    except ValueError:
        return None
    other = _base_of(parts, base.path) if parts else None
    if parts is None or other != base:
        return None
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _split(url: str) -> SplitResult | None:
    if not _VISIBLE_ASCII.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    legal = parts.scheme in _DEFAULT_PORTS and "@" not in parts.netloc and port != 0
    return parts if legal and _canonical_host(parts) else None


def _canonical_host(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if "[" in parts.netloc:
        try:
            return str(ipaddress.IPv6Address(host))
        except ValueError:
            return None
    return host if _HOST_NAME.fullmatch(host) else None


def _base_of(parts: SplitResult, path: str) -> Base | None:
    host = _canonical_host(parts)
    return Base(parts.scheme, host, parts.port or _DEFAULT_PORTS[parts.scheme], path) if host else None
