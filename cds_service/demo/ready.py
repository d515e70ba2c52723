"""Wait until a server answers, and notice at once if it dies or if nobody waits any longer."""

import time
from http import HTTPStatus

import requests

from cds_service.demo.child import Child
from cds_service.demo.errors import NotReadyError
from cds_service.demo.stop import Stop

PATIENCE_S = 60.0
PAUSE_S = 0.05
ANSWER_S = 5.0


def loopback_session() -> requests.Session:
    """A session that goes to this machine directly, whatever proxy the environment names."""
    session = requests.Session()
    session.trust_env = False
    return session


def wait_until_ready(url: str, child: Child, stopping: Stop) -> bool:
    """True once `url` answers 200, False if `stopping` was set first.

    Raises ServerDiedError if the child ended, NotReadyError after PATIENCE_S seconds.
    """
    deadline = time.monotonic() + PATIENCE_S
    with loopback_session() as session:
        while not stopping.wait(PAUSE_S):
            child.require_alive()
            if _answers(session, url):
                return True
            if time.monotonic() > deadline:
                raise NotReadyError(f"The {child.name} did not answer at {url} within {PATIENCE_S:.0f} s.")
    return False


def answers_within(url: str, seconds: float) -> bool:
    """Whether `url` answers 200 now or within so many seconds."""
    deadline = time.monotonic() + seconds
    with loopback_session() as session:
        while not _answers(session, url):
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE_S)
    return True


def _answers(session: requests.Session, url: str) -> bool:
    try:
        return session.get(url, timeout=ANSWER_S).status_code == HTTPStatus.OK
    except requests.RequestException:
        return False
