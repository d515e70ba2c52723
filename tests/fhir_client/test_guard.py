"""Breaking off ends one exchange, never that of the query which has the connection next."""

import socket
from collections.abc import Iterator

import pytest

from cds_service.fhir.client.guard import BrokenOffError, Guard, GuardedPool


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.settimeout(0.2)
        yield ours, theirs


def is_open(theirs: socket.socket) -> bool:
    try:
        return theirs.recv(1) != b""
    except TimeoutError:
        return True


def test_a_guard_shuts_the_connection_that_it_watches(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    guard = Guard()
    guard.watch(GuardedPool.ConnectionCls("127.0.0.1"), ours)
    assert is_open(theirs)
    guard.break_off()
    assert not is_open(theirs)
    guard.release()


def test_a_guard_spares_a_connection_that_serves_another_query_by_now(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    connection = GuardedPool.ConnectionCls("127.0.0.1")
    first, second = Guard(), Guard()
    first.watch(connection, ours)
    second.watch(connection, ours)
    first.break_off()
    assert is_open(theirs)
    second.break_off()
    assert not is_open(theirs)
    first.release()
    second.release()


def test_a_guard_that_was_released_leaves_its_connection_alone(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ours, theirs = ends
    guard = Guard()
    guard.watch(GuardedPool.ConnectionCls("127.0.0.1"), ours)
    guard.release()
    guard.break_off()
    assert is_open(theirs)


def test_a_connection_made_too_late_is_not_used(ends: tuple[socket.socket, socket.socket]) -> None:
    guard = Guard()
    guard.break_off()
    with pytest.raises(BrokenOffError):
        guard.watch(GuardedPool.ConnectionCls("127.0.0.1"), ends[0])
