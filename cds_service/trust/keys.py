"""Where a client's public keys come from: its file, or its registered address, kept for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from cds_service.fhir.client.guard import broken_off_after
from cds_service.fhir.client.session import open_session
from cds_service.trust.client import Client
from cds_service.trust.jwk import BadKeySet, Jwk, read_key_set

log = logging.getLogger(__name__)

_KEPT_SECONDS = 3_600.0
_REFETCH_SECONDS = 30.0
_TIMEOUT_SECONDS = (1.0, 2.0)
_PATIENCE_SECONDS = 0.5  # for keys that another call fetches, where there are keys already: our own choice
_MOST_BYTES = 256 * 1024


@dataclass(slots=True)
class Keys:
    """The keys of one client.

    A file is read once. An address is fetched when first needed, again after an hour, and for an unknown key id,
    never more often than every 30 seconds. While it cannot be fetched the keys that are known stay valid. `ca_bundle`:
    PEM file of the authorities to trust there instead of the public ones.
    """

    client: Client
    clock: Callable[[], float] = time.monotonic
    ca_bundle: str | None = None
    _known: tuple[Jwk, ...] = ()
    _fetched_at: float | None = None
    _tried_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, key_id: str) -> tuple[Jwk, ...]:
        """The keys with this id: usually one, none when it is unknown."""
        if self.client.jwks is not None:
            if not self._known:
                self._known = read_key_set(self.client.jwks.read_bytes())
            return self._with(key_id)
        stale = self._fetched_at is None or self.clock() - self._fetched_at > _KEPT_SECONDS
        if stale or not self._with(key_id):
            self._refetch()
        return self._with(key_id)

    def _with(self, key_id: str) -> tuple[Jwk, ...]:
        return tuple(key for key in self._known if key.id == key_id)

    def _refetch(self) -> None:
        asked_at = self.clock()
        if not self._lock.acquire(timeout=_PATIENCE_SECONDS if self._known else -1):
            return
        try:
            if self._tried_at is not None and asked_at - self._tried_at < _REFETCH_SECONDS:
                return
            self._tried_at = self.clock()
            self._known = read_key_set(fetch_key_set(self.client.jwks_url or "", self.ca_bundle))
            self._fetched_at = self.clock()
        except (OSError, BadKeySet) as error:
            log.warning("keys not fetched", extra={"client": self.client.name, "cause": type(error).__name__})
        finally:
            self._lock.release()


def fetch_key_set(url: str, ca_bundle: str | None) -> bytes:
    """GET the registered address: no redirect followed, no proxy, no cookie, at most 256 KiB in three seconds.

    Raises OSError (of which requests' exceptions are) or BadKeySet.
    """
    seconds = sum(_TIMEOUT_SECONDS)
    give_up = time.monotonic() + seconds
    with (
        broken_off_after(seconds),
        open_session(1, ca_bundle) as session,
        session.get(
            url,
            timeout=_TIMEOUT_SECONDS,
            allow_redirects=False,
            stream=True,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        ) as answer,
    ):
        if answer.status_code != requests.codes.ok:
            raise BadKeySet(f"was not had: the server answered {answer.status_code}")
        raw = b""
        for part in answer.iter_content(16 * 1024):
            raw += part
            if len(raw) > _MOST_BYTES or time.monotonic() > give_up:
                raise BadKeySet("is too large or too slow")
        return raw
