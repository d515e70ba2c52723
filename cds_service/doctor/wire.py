"""HTTP as the doctor needs it: nothing is followed, nothing is raised, everything is remembered."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from cds_service.doctor.exchange import Exchange, Kind
from cds_service.doctor.options import is_loopback

_MOST_CONNECTIONS = 32
_NOTHING: Mapping[str, str] = MappingProxyType({})


class Wire:
    """Sends requests from any thread; `exchanges` grows with each. Close it at the end."""

    def __init__(self, timeout: float, url: str) -> None:
        self.timeout = timeout
        self.exchanges: list[Exchange] = []
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(urlsplit(url).hostname)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=_MOST_CONNECTIONS))

    def send(
        self, kind: Kind, method: str, url: str, *, headers: Mapping[str, str] = _NOTHING, body: bytes = b""
    ) -> Exchange:
        """One exchange, at most `timeout` seconds from byte to byte. Where no answer comes, the status is 0."""
        begun = time.monotonic()
        status, came, content, failure = 0, {}, b"", ""
        try:
            answer = self._session.request(
                method, url, data=body or None, headers=dict(headers), allow_redirects=False, timeout=self.timeout
            )
            status, content = answer.status_code, answer.content
            came = {name.lower(): value for name, value in answer.headers.items()}
        except requests.Timeout:
            failure = f"nothing came within {self.timeout:g} s"
        except (requests.RequestException, OSError, ValueError) as error:
            failure = _plainly(error)
        seconds = time.monotonic() - begun
        exchange = Exchange(kind, method, url, dict(headers), body, status, came, content, seconds, failure)
        self.exchanges.append(exchange)
        return exchange

    def close(self) -> None:
        """Let the connections go."""
        self._session.close()


def _plainly(error: Exception) -> str:
    """What went wrong in a few words: the innermost cause, without addresses of objects."""
    inner: BaseException = error
    while (cause := inner.__cause__ or inner.__context__) is not None:
        inner = cause
    return f"{type(inner).__name__}: {inner}"[:160]
