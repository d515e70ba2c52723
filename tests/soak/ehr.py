"""The EHR of the soak: calls, feedback and nonsense at a steady rate, each answer held against what it must be."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from tests.end_to_end.calls import EXTENSION, shown

Json = dict[str, Any]
SENDERS = 24
WELL_AGAIN_S = 8.0  # the service leaves a server that failed alone for a while


@dataclass(frozen=True)
class Case:
    """One call of one synthetic patient. `fetched`: nothing is prefetched, the FHIR server has to be asked."""

    name: str
    request: Json
    fetched: bool

    @property
    def service(self) -> str:
        """The id of the service called."""
        return f"posterior-hip-{self.request['hook']}"


@dataclass
class Seen:
    """What the run has seen so far; `wrong` holds what must never be, in words."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    milliseconds: list[float] = field(default_factory=list)
    calm: int = 0
    not_recovered: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, kind: str, wrong: str | None = None) -> None:
        """Count one answer; `wrong` says what was wrong about it."""
        with self.lock:
            self.answers[kind] += 1
            if wrong is not None:
                self.wrong.append(f"{kind}: {wrong}")


class Ehr:
    """Sends to one service; `excuses` tells what trouble there is now, and excuses what it may cause."""

    def __init__(self, url: str, cases: list[Case], excuses: Excuses, seed: int) -> None:
        self.url, self.cases, self.excuses = url, cases, excuses
        self.seen = Seen()
        self._chance = random.Random(seed)  # noqa: S311 - the same soak again, not a secret
        self._sessions = threading.local()
        self._expected: dict[tuple[str, bool], Any] = {}

    def learn(self) -> None:
        """What each case is answered while all is well. Raises AssertionError when one is not answered."""
        for case in self.cases:
            answer = self._post(f"/cds-services/{case.service}", case.request)
            assert answer.status_code == 200, f"{case.name}: {answer.status_code} {answer.text[:300]}"
            self._expected[case.name, case.fetched] = shown(answer.json()["cards"])

    def capacity(self, seconds: float) -> float:
        """Calls a second when every sender sends as soon as it is answered."""
        end = time.monotonic() + seconds
        done = Counter[str]()

        def send(_: int) -> None:
            while time.monotonic() < end:
                self._call(self._chance.choice(self.cases))
                done["calls"] += 1

        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(send, range(SENDERS)))
        return done["calls"] / seconds

    def run(self, rate: float, until: float) -> None:
        """Send `rate` requests a second until that moment of time.monotonic()."""
        start = time.monotonic()
        turns = iter(range(int((until - start) * rate)))
        lock = threading.Lock()

        def send(_: int) -> None:
            while True:
                with lock:
                    turn = next(turns, None)
                    what = self._choice()
                if turn is None:
                    return
                time.sleep(max(0.0, start + turn / rate - time.monotonic()))
                what()

        with ThreadPoolExecutor(SENDERS) as pool:
            list(pool.map(send, range(SENDERS)))

    def _choice(self) -> Callable[[], None]:
        draw = self._chance.random()
        if draw < 0.03:
            return self._nonsense
        case = self._chance.choice(self.cases)
        return lambda: self._call(case, feedback=draw > 0.85)

    def _call(self, case: Case, *, feedback: bool = False) -> None:
        kind = "call, data fetched" if case.fetched else "call, data prefetched"
        began, calm = time.monotonic(), case.fetched and self.excuses.fhir_well()
        try:
            answer = self._post(f"/cds-services/{case.service}", case.request)
        except requests.RequestException as broken:
            self.seen.note(f"{kind}: connection cut", self.excuses.unless_killed(type(broken).__name__))
            return
        self.seen.milliseconds.append(1000 * (time.monotonic() - began))
        self.seen.note(f"{kind}: {answer.status_code}", self._fault(case, answer))
        if calm and self.excuses.fhir_well():  # trouble may have come while the call was answered
            self.seen.calm += 1
            self.seen.not_recovered += not self._as_in_quiet_times(case, answer)
        if feedback and answer.status_code == 200:
            for card in answer.json()["cards"][:1]:
                self._accept(case, card)

    def _fault(self, case: Case, answer: requests.Response) -> str | None:
        """What is wrong with the answer to a call."""
        if answer.status_code == 412 and case.fetched:
            return None
        if answer.status_code != 200:
            return f"{case.name} was answered {answer.status_code}"
        if self._as_in_quiet_times(case, answer):
            return None
        if not case.fetched:
            return f"{case.name} got other cards than in quiet times"
        told = answer.json()["extension"][EXTENSION].get("notAssessed")
        return None if told else f"{case.name} got other cards, and nothing says what was not assessed"

    def _as_in_quiet_times(self, case: Case, answer: requests.Response) -> bool:
        expected = self._expected[case.name, case.fetched]
        return answer.status_code == 200 and shown(answer.json()["cards"]) == expected

    def _accept(self, case: Case, card: Json) -> None:
        item = {
            "card": card["uuid"],
            "outcome": "overridden",
            "outcomeTimestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        try:
            answer = self._post(f"/cds-services/{case.service}/feedback", {"feedback": [item]})
        except requests.RequestException as broken:
            self.seen.note("feedback: connection cut", self.excuses.unless_killed(type(broken).__name__))
            return
        if answer.status_code == 200:
            self.seen.acknowledged.add(card["uuid"])
        wrong = None
        if answer.status_code == 503:
            wrong = self.excuses.unless_database_down("503")
            wrong = wrong or (None if "Retry-After" in answer.headers else "503 without Retry-After")
        elif answer.status_code != 200:
            wrong = f"answered {answer.status_code}"
        self.seen.note(f"feedback: {answer.status_code}", wrong)

    def _nonsense(self) -> None:
        path = f"/cds-services/{self.cases[0].service}"
        try:
            answer = self._session().post(
                self.url + path, data=b'{"hook": ', headers={"Content-Type": "application/json"}, timeout=30
            )
        except requests.RequestException as broken:
            self.seen.note("nonsense: connection cut", self.excuses.unless_killed(type(broken).__name__))
            return
        wrong = None if answer.status_code == 400 else f"answered {answer.status_code}"
        self.seen.note(f"nonsense: {answer.status_code}", wrong)

    def _post(self, path: str, body: Json) -> requests.Response:
        return self._session().post(self.url + path, json=body, timeout=30)

    def _session(self) -> requests.Session:
        if not hasattr(self._sessions, "own"):
            self._sessions.own = requests.Session()
            self._sessions.own.trust_env = False
        own: requests.Session = self._sessions.own
        return own


@dataclass
class Excuses:
    """Since when there has been trouble that explains an answer; a moment's grace after it has ended."""

    grace_s: float = 6.0
    killed_at: float = -1e9
    database_down: bool = False
    database_up_at: float = -1e9
    fhir_well_at: float | None = -1e9  # None: it is not

    def fhir_well(self) -> bool:
        """The FHIR server has been well for long enough that the service should know."""
        return self.fhir_well_at is not None and time.monotonic() - self.fhir_well_at > WELL_AGAIN_S

    def unless_killed(self, what: str) -> str | None:
        """None within the grace after a worker was killed."""
        return None if time.monotonic() - self.killed_at < self.grace_s else f"{what} though no worker was killed"

    def unless_database_down(self, what: str) -> str | None:
        """None while the database is down, and within the grace after."""
        up_again = time.monotonic() - self.database_up_at < self.grace_s
        return None if self.database_down or up_again else f"{what} though the database was up"
