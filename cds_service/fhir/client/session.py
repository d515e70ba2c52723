"""Connections that carry what they are told, where they are told, and nothing else."""

import logging
import ssl
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3 import PoolManager

from cds_service.fhir.client.guard import GuardedPool, GuardedTLSPool

THREAD_NAME = "fhir-fetch"
_URLLIB3_LOGGERS = ("urllib3.connection", "urllib3.connectionpool", "urllib3.response", "urllib3.util.retry")
_SERVERS_KEPT_OPEN = 32


class _Adapter(HTTPAdapter):
    """Guarded connections, one TLS context for all of them, no retries of urllib3's own."""

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_connections=_SERVERS_KEPT_OPEN, pool_maxsize=connections, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTLSPool}

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """The context verifies already; the base class would load its own bundle for each connection."""


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: `requests` would otherwise read a redirect's whole body, even when told not to follow."""


def open_pools(connections: int, ca_bundle: str | None) -> PoolManager:
    """Kept connections, guarded, for the queries of all calls; `connections` for each server.

    Below `requests` there are no cookies, no .netrc and no proxies of the environment, and a query costs half
    as much of the processor.
    """
    pools = PoolManager(_SERVERS_KEPT_OPEN, maxsize=connections, block=False, ssl_context=_context(ca_bundle))
    pools.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTLSPool}
    return pools


def _context(ca_bundle: str | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_bundle or DEFAULT_CA_BUNDLE_PATH)


def open_session(connections: int, ca_bundle: str | None) -> requests.Session:
    """A `requests` session without proxies, .netrc or cookies: each could carry a credential of another."""
    session = _Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = _Adapter(_context(ca_bundle), connections)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


class NoRequestLines(logging.Filter):
    """Drops what urllib3 logs in the threads of this client: its records name URLs, hence patients."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.threadName or "").startswith(THREAD_NAME)

    def install(self) -> None:
        for name in _URLLIB3_LOGGERS:
            logging.getLogger(name).addFilter(self)

    def remove(self) -> None:
        for name in _URLLIB3_LOGGERS:
            logging.getLogger(name).removeFilter(self)
