"""What goes wrong in the soak, in an order that the seed decides: the FHIR server, the database, the workers."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from tests.fhir_client.hostile import Exchange, HostileServer, answers
from tests.soak.ehr import Excuses
from tests.store.postgres import Cluster

OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}


class MoodyFhirServer(HostileServer):
    """A FHIR server of the synthetic patients that can be in a bad mood."""

    def __init__(self, searches: Mapping[tuple[str, str], bytes]) -> None:
        super().__init__()
        self.searches = searches
        self.mood = "well"
        self.on("*", self._behave)

    def _behave(self, exchange: Exchange) -> None:
        self.received.clear()  # a soak asks hundreds of thousands of times
        if self.mood == "hangs up":
            exchange.raw(b"")
        elif self.mood == "fails":
            answers(OUTCOME, status=500)(exchange)
        elif self.mood == "sends half":
            exchange.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 5000\r\n\r\n{")
        elif self.mood == "refuses the token":
            answers(OUTCOME, status=401)(exchange)
        elif self.mood != "slow" or exchange.pause(1.5):
            exchange.answer(200, self._found(exchange.received.target))

    def _found(self, target: str) -> bytes:
        parts = urlsplit(target)
        kind, *rest = parts.path.removeprefix("/fhir/").split("/")
        patient = rest[0] if rest else parse_qs(parts.query)["patient"][0]
        return self.searches[kind, patient]


class Trouble:
    """Makes one trouble after another until told to stop; `made` counts them."""

    def __init__(
        self, fhir: MoodyFhirServer, postgres: Cluster | None, master: int, excuses: Excuses, seed: int
    ) -> None:
        self.fhir, self.postgres, self.master, self.excuses = fhir, postgres, master, excuses
        self.made: Counter[str] = Counter()
        self._chance = random.Random(seed)  # noqa: S311 - the same soak again, not a secret

    def run(self, until: float, say: Callable[[str], None]) -> None:
        """Trouble, a pause, trouble, until that moment of time.monotonic(); then all is well again."""
        kinds = {f"FHIR server {mood}": self._in_mood(mood) for mood in _MOODS} | {"worker killed": self._kill}
        if self.postgres is not None:
            kinds["PostgreSQL stopped"] = self._without_database
        while time.monotonic() < until - 12:
            kind = self._chance.choice(sorted(kinds))
            say(kind)
            self.made[kind] += 1
            kinds[kind]()
            time.sleep(self._chance.uniform(2, 5))

    def _in_mood(self, mood: str) -> Callable[[], None]:
        def moody() -> None:
            self.excuses.fhir_well_at = None
            self.fhir.mood = mood
            time.sleep(self._chance.uniform(4, 8))
            self.fhir.mood = "well"
            self.excuses.fhir_well_at = time.monotonic()

        return moody

    def _kill(self) -> None:
        workers = workers_of(self.master)
        if len(workers) > 1:
            self.excuses.killed_at = time.monotonic()
            os.kill(self._chance.choice(workers), signal.SIGKILL)

    def _without_database(self) -> None:
        assert self.postgres is not None
        self.excuses.database_down = True
        self.postgres.stop()
        time.sleep(self._chance.uniform(4, 8))
        self.postgres.start()
        self.excuses.database_up_at = time.monotonic()
        self.excuses.database_down = False


_MOODS = ("slow", "fails", "hangs up", "sends half", "refuses the token")


def workers_of(master: int) -> list[int]:
    """The process ids of a gunicorn master's workers."""
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return [int(pid) for pid in children]


def megabytes(pid: int) -> float:
    """A process's resident memory, 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)
