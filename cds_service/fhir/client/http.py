"""One page: a GET or POST `_search`, its retries, its body up to the caps."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.parse import quote

from urllib3 import BaseHTTPResponse, PoolManager, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from cds_service.fhir.client.budget import Budget
from cds_service.fhir.client.guard import Guard, current_guard
from cds_service.fhir.client.origin import Base
from cds_service.fhir.client.outcome import NotFetched, not_fetched_for
from cds_service.fhir.client.settings import ClientSettings

_CHUNK = 64 * 1024
_SMALL_ERROR_BODY = 16 * 1024
_CONNECT_RETRY_AFTER = 0.02
_LEFT_AS_THEY_ARE = "!#$%&'()*+,/:;=?@[]~"  # reserved in a URL, or quoted already
_WAIT_STATUSES: Final = (429, 503)

TIMED_OUT = NotFetched("timeout", None, "no complete answer before the deadline")
NOT_BEGUN = NotFetched("timeout", None, "not begun before the deadline: too many queries at once")
_TOO_LARGE = NotFetched("too-large", 200, "the answer is larger than the limit")
_NOT_JSON = NotFetched("bad-content", 200, "the answer is not a JSON object")
_CODING = NotFetched("bad-content", 200, "the answer has a content coding that was not asked for")
_BROKEN = NotFetched("bad-content", None, "the answer broke off or was not HTTP")
_NO_TLS = NotFetched("unreachable", None, "no trusted TLS connection to the FHIR server")
_NO_CONNECTION = NotFetched("unreachable", None, "no connection to the FHIR server")


@dataclass(frozen=True)
class Ask:
    """`target` is path and query, built by us; `form` is the body of a POST `_search`."""

    target: str
    form: str | None = None


@dataclass(frozen=True)
class _Retry:
    outcome: NotFetched
    after_seconds: float


def ask_for(target: str, origin_length: int, max_url_length: int) -> Ask:
    """A search too long for a URL becomes POST `_search` with the same parameters as a form."""
    quoted = quote(target, _LEFT_AS_THEY_ARE)
    path, _, search = quoted.partition("?")
    if origin_length + len(quoted) <= max_url_length or not search:
        return Ask(quoted)
    return Ask(f"{path}/_search", search)


class Exchanges:
    """What all exchanges of one call share: the server's connections, the headers with the token, the budget."""

    def __init__(
        self,
        base: Base,
        token: str,
        connections: PoolManager,
        settings: ClientSettings,
        budget: Budget,
        headers: Mapping[str, str],
    ) -> None:
        self._pool = connections.connection_from_host(base.host, base.port, base.scheme)
        self._connect_timeout = settings.connect_timeout_seconds
        self._get = {
            **headers,
            "Accept": "application/fhir+json",
            "Accept-Encoding": "gzip",
            "Cache-Control": "no-cache",  # HAPI FHIR repeats a search's answer for a minute unless asked not to
            "Authorization": f"Bearer {token}",
            "User-Agent": "posterior-hip-cds",
        }
        self._post = self._get | {"Content-Type": "application/x-www-form-urlencoded"}
        self.budget = budget

    def send(self, ask: Ask, left: float) -> BaseHTTPResponse:
        """One request, within `left` seconds; nothing is retried or followed, and the body is not read yet."""
        return self._pool.urlopen(
            "GET" if ask.form is None else "POST",
            ask.target,
            ask.form,
            self._get if ask.form is None else self._post,
            retries=False,
            redirect=False,
            assert_same_host=False,
            timeout=Timeout(connect=min(self._connect_timeout, left), read=left),
            preload_content=False,
            decode_content=False,
        )


class PageReader:
    """Reads pages for one query. `noted` holds a failure that is certain before its exchange is over."""

    def __init__(self, exchanges: Exchanges, settings: ClientSettings, guard: Guard) -> None:
        self._exchanges = exchanges
        self._settings = settings
        self._budget = exchanges.budget
        self._guard = guard
        self.noted: NotFetched | None = None

    def read(self, ask: Ask) -> bytes | NotFetched:
        """The body of a 2xx answer that starts like a JSON object, or why there is none."""
        answer = self._exchange(ask)
        for _ in range(1, self._settings.max_attempts):
            if not isinstance(answer, _Retry) or answer.after_seconds >= self._budget.remaining():
                break
            self._guard.pause(answer.after_seconds)
            answer = self._exchange(ask)
        return answer.outcome if isinstance(answer, _Retry) else answer

    def _exchange(self, ask: Ask) -> bytes | NotFetched | _Retry:
        left = self._budget.remaining()
        if left <= 0:
            return NOT_BEGUN
        guarded = current_guard.set(self._guard)
        response: BaseHTTPResponse | None = None
        try:
            response = self._exchanges.send(ask, left)
            return self._accept(response)
        except (HTTPError, HTTPException, OSError) as fault:
            return TIMED_OUT if self._budget.spent() else _meaning_of(fault, answered=response is not None)
        finally:
            current_guard.reset(guarded)
            if response is not None:
                response.close()
                response.release_conn()
            self._guard.release()

    def _accept(self, response: BaseHTTPResponse) -> bytes | NotFetched | _Retry:
        failure = not_fetched_for(response.status)
        if failure is None:
            return self._body(response)
        self.noted = failure
        if _declared_length(response) <= _SMALL_ERROR_BODY:
            response.read1(_SMALL_ERROR_BODY, decode_content=False)  # so that the connection can be kept
        wait = response.headers.get("Retry-After", "").strip()
        if response.status in _WAIT_STATUSES and wait.isdecimal() and wait.isascii():
            return _Retry(failure, float(wait))
        return failure

    def _body(self, response: BaseHTTPResponse) -> bytes | NotFetched:
        if response.headers.get("Content-Encoding", "identity").strip().lower() not in ("gzip", "identity"):
            return _CODING
        limit = self._settings.max_page_bytes
        if "Content-Length" in response.headers and _declared_length(response) > limit:
            return _TOO_LARGE
        chunks: list[bytes] = []
        size, seen_brace = 0, False
        while chunk := response.read1(_CHUNK, decode_content=True):
            size += len(chunk)
            if size > limit or not self._budget.take(len(chunk)):
                return _TOO_LARGE
            if not seen_brace and (start := chunk.lstrip()):
                seen_brace = start.startswith(b"{")
                if not seen_brace:
                    return _NOT_JSON
            if self._budget.spent():
                return TIMED_OUT
            chunks.append(chunk)
        return b"".join(chunks) if seen_brace else _NOT_JSON


def _declared_length(response: BaseHTTPResponse) -> float:
    """Content-Length in bytes; infinite when there is none that can be read."""
    declared = response.headers.get("Content-Length", "")
    return float(declared) if declared.isdecimal() and declared.isascii() else float("inf")


def _meaning_of(fault: Exception, *, answered: bool) -> NotFetched | _Retry:
    """Worth another attempt is only a connection refused, or found stale before any answer came."""
    chain = _causes(fault)
    if isinstance(fault, SSLError):
        return _NO_TLS
    if not answered and _any(chain, NewConnectionError, ConnectionError):
        return _Retry(_NO_CONNECTION, _CONNECT_RETRY_AFTER)
    if _any(chain, ConnectTimeoutError):
        return _NO_CONNECTION
    if _any(chain, ReadTimeoutError, TimeoutError):
        return TIMED_OUT
    return _BROKEN if _any(chain, ProtocolError, DecodeError, HTTPException) else _NO_CONNECTION


def _any(chain: list[BaseException], *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in chain)


def _causes(fault: BaseException) -> list[BaseException]:
    """`fault` and what it wraps, in `args`, `reason` or `__cause__`."""
    found: list[BaseException] = []
    queue: list[object] = [fault]
    while queue:
        item = queue.pop()
        if isinstance(item, BaseException) and item not in found:
            found.append(item)
            queue += [*item.args, getattr(item, "reason", None), item.__cause__]
    return found
