"""Breaks off an exchange from outside, at whatever stage it hangs.

A socket timeout starts anew with each byte received, so a server that drips can hold a thread for hours
in the TLS handshake, the status line, the headers or a chunk. A `Guard` therefore keeps a second handle
(dup) on the socket of the exchange under way; shutting that down ends every blocking call on it.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class BrokenOffError(TimeoutError):
    """The caller has stopped waiting for this exchange."""


class Guard:
    """Owned by one query; follows it over its pages, each perhaps on another connection."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._broken_off = threading.Event()
        self._connection: _GuardedConnection | None = None
        self._handle: socket.socket | None = None

    def watch(self, connection: "_GuardedConnection", sock: socket.socket) -> None:
        """Guard this connection from now on. Raises BrokenOffError when it is too late for that."""
        with self._lock:
            if self._broken_off.is_set():
                raise BrokenOffError
            self._let_go()
            self._handle = socket.socket(fileno=os.dup(sock.fileno()))
            self._connection = connection
            connection.guard = self

    def release(self) -> None:
        """The exchange is over."""
        with self._lock:
            self._let_go()

    def break_off(self) -> None:
        with self._lock:
            self._broken_off.set()
            # Back in the pool, the connection may be at work for another query already: spare it.
            if self._handle and self._connection and self._connection.guard is self:
                with contextlib.suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until `break_off`."""
        self._broken_off.wait(seconds)

    def _let_go(self) -> None:
        if self._handle is not None:
            self._handle.close()
        self._handle = self._connection = None


# Set by the thread that runs an exchange, read by the connection that urllib3 picks for it.
current_guard: ContextVar[Guard | None] = ContextVar("current_guard", default=None)


@contextlib.contextmanager
def broken_off_after(seconds: float) -> Iterator[None]:
    """A guard over what this thread asks meanwhile, where nobody else waits for it."""
    guard = Guard()
    timer = threading.Timer(seconds, guard.break_off)
    timer.daemon = True
    timer.start()
    guarded = current_guard.set(guard)
    try:
        yield
    finally:
        current_guard.reset(guarded)
        timer.cancel()
        guard.release()


class _GuardedConnection(HTTPConnection):
    guard: Guard | None = None

    def _new_conn(self) -> socket.socket:
        return self._watched(super()._new_conn())

    def request(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is not None:  # kept alive from an earlier exchange
            self._watched(self.sock)
        super().request(*args, **kwargs)

    def _watched(self, sock: socket.socket) -> socket.socket:
        guard = current_guard.get()
        if guard is not None:
            try:
                guard.watch(self, sock)
            except OSError:
                sock.close()
                raise
        return sock


class _GuardedTLSConnection(_GuardedConnection, HTTPSConnection):
    pass


class GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class GuardedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTLSConnection
