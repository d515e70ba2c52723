"""The doctor finds each fault planted in a small service, by the check that is meant to; without one it finds none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cds_service.doctor import Examination, Options, examine
from cds_service.doctor.checks import fhir_faults, load, transport
from cds_service.doctor.keys import Keys
from cds_service.doctor.registry import all_checks
from tests.doctor.faults import OPEN, SIGNED
from tests.doctor.gate import Gate
from tests.doctor.http_of_service import running
from tests.doctor.service import ORIGIN

ISSUER = "https://doctor-under-test.example"
NEVER_PLANTED = {"discovery-https"}
"""Needs a service on another machine."""
PROBLEMS = ("Sciatica", "Trochanteric bursitis")
REQUEST = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/1", "patientId": "p1"},
    "prefetch": {
        "patient": {"resourceType": "Patient", "id": "p1", "name": [{"family": "Unmistakable"}]},
        "problems": {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [
                {
                    "resource": {
                        "resourceType": "Condition",
                        "id": f"c{number}",
                        "code": {"text": text},
                        "subject": {"reference": "Patient/p1"},
                    }
                }
                for number, text in enumerate(PROBLEMS)
            ],
        },
    },
}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("doctor-keys")


@pytest.fixture(scope="module")
def small_service(keys: Path) -> Iterator[str]:
    made = Keys.of(Options(url="http://127.0.0.1", keys=keys, issuer=ISSUER))
    with running(Gate(ISSUER, made.key_set())) as url:
        yield url


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow server takes 1.5 s here, and an answer to an announced body has to come within 0.5 s."""
    monkeypatch.setattr(fhir_faults, "_SLOW_S", 1.5)
    monkeypatch.setattr(fhir_faults, "_PATIENCE_S", 1.2)
    monkeypatch.setattr(transport, "_PATIENCE_S", 0.5)


def options(url: str, keys: Path, *only: str) -> Options:
    return Options(
        url=url, requests=(REQUEST,), only=only, keys=keys, issuer=ISSUER, fhir_port=0, origin=ORIGIN, timeout=5
    )


def told(done: Examination) -> dict[str, list[str]]:
    """What is not in order, for the message of a failed test."""
    return {
        one.check.id: [one.outcome, one.note, *(complaint.text for complaint in one.complaints)]
        for one in done.results
        if one.outcome != "pass"
    }


@pytest.mark.parametrize("mode", ["open", "signed"])
def test_a_service_without_fault_gets_no_complaint(small_service: str, keys: Path, mode: str) -> None:
    done = examine(options(f"{small_service}/{mode}/none/cds-services", keys))
    skipped = {one.check.id for one in done.results if one.outcome == "skip"}
    assert {name: why for name, why in told(done).items() if name not in skipped | {"load-speed"}} == {}
    expected = {"discovery-https"}
    if mode == "open":
        expected |= {one.id for theme, one in all_checks() if theme.startswith("token")}
    assert skipped == expected
    assert done.exit_code == 0


CASES = [("open", fault, found) for fault, found in OPEN.items()] + [
    ("signed", fault, found) for fault, found in SIGNED.items()
]
NEEDS = {
    "response-token": ("fhir-fetch",),
    "action-target": ("request-answers",),
    "action-delete": ("request-answers",),
    "error-trace": ("request-malformed",),
    "error-json": ("request-malformed",),
    "error-outcome": ("request-malformed",),
    "error-5xx": ("request-malformed",),
    "error-silence": ("request-malformed",),
    "error-412": ("prefetch-absent",),
    "error-echo": ("prefetch-wrong-type",),
    "error-redirect": ("http-slashes",),
}
"""Checks that look at what others got."""


@pytest.mark.parametrize(("mode", "fault", "found"), CASES, ids=[fault for _, fault, _ in CASES])
def test_a_planted_fault_is_found_by_its_check(
    small_service: str, keys: Path, mode: str, fault: str, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if fault == "slow":
        monkeypatch.setattr(load, "_TARGET_S", 0.04)
    done = examine(options(f"{small_service}/{mode}/{fault}", keys, found, *NEEDS.get(found, ())))
    (result,) = (one for one in done.results if one.check.id == found)
    assert result.outcome == ("fail" if result.check.level == "SHALL" else "warn"), told(done)
    assert result.complaints[0].text
    assert (done.exit_code == 1) is any(one.outcome == "fail" for one in done.results)


def test_each_check_has_found_a_planted_fault() -> None:
    assert {one.id for _, one in all_checks()} - NEVER_PLANTED == set(OPEN.values()) | set(SIGNED.values())
