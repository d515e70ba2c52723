"""Calls that bring no prefetch: the service has to ask a slow FHIR server for everything."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import charts


@dataclass(frozen=True)
class Fetching:
    """What a round of calls told: FHIR queries for each call, the median and the slowest call."""

    queries: float
    median_ms: float
    slowest_ms: float


def measure(service_port: int, path: str, fhir_port: int, at_once: int, rounds: int) -> Fetching:
    """Sends `at_once` calls together, `rounds` times, and asks the stub how many queries they cost.

    Raises RuntimeError when a call is answered with another status than 200.
    """
    body = json.dumps(_request(fhir_port)).encode()
    _queries_since(fhir_port)
    with ThreadPoolExecutor(at_once) as pool:
        times = sorted(
            took
            for _ in range(rounds)
            for took in pool.map(lambda _: _timed_call(service_port, path, body), range(at_once))
        )
    calls = at_once * rounds
    return Fetching(_queries_since(fhir_port) / calls, 1000 * times[len(times) // 2], 1000 * times[-1])


def _request(fhir_port: int) -> charts.Json:
    return charts.patient_view(
        fhirServer=f"http://127.0.0.1:{fhir_port}/fhir",
        fhirAuthorization={
            "access_token": "bench",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.rs",
            "subject": "bench",
            "patient": charts.PATIENT_ID,
        },
    )


def _timed_call(port: int, path: str, body: bytes) -> float:
    start = time.perf_counter()
    post(port, path, body)
    return time.perf_counter() - start


def post(port: int, path: str, body: bytes) -> charts.Json:
    """One call on a connection of its own; the decoded answer. Raises RuntimeError when it is no 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer: charts.Json = json.loads(response.read())
    finally:
        connection.close()
    if response.status != 200:
        raise RuntimeError(f"POST {path} was answered {response.status}: {json.dumps(answer)[:500]}")
    return answer


def _queries_since(fhir_port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", fhir_port, timeout=20)
    try:
        connection.request("GET", "/queries")
        count: int = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return count
