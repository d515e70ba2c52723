"""What the demo prints to try, and what it tells the service."""

import shlex
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from cds_service.demo.guide import PATIENTS, Addresses, curl_command, guide, sandbox_link
from cds_service.demo.run import service_environment
from fhir_fixtures import names
from tests.demo.curl import body_of

AT = Addresses(service="http://127.0.0.1:8000", fhir="http://127.0.0.1:8081/fhir")


@pytest.mark.parametrize("patient", [patient for patient, _ in PATIENTS])
def test_each_command_brings_fhir_access_and_no_prefetch(patient: str) -> None:
    words = shlex.split(curl_command(AT, patient))
    assert words[:3] == ["curl", "-sS", "http://127.0.0.1:8000/cds-services/posterior-hip-patient-view"]
    assert "Content-Type: application/json" in words
    body = body_of(curl_command(AT, patient))
    assert set(body) == {"hook", "hookInstance", "fhirServer", "fhirAuthorization", "context"}
    assert body["fhirServer"] == "http://127.0.0.1:8081/fhir"
    assert body["context"]["patientId"] == body["fhirAuthorization"]["patient"] == patient
    assert {"access_token", "token_type", "expires_in", "scope", "subject"} <= set(body["fhirAuthorization"])
    assert str(UUID(body["hookInstance"])) == body["hookInstance"]


def test_three_patients_of_the_fixtures_are_offered_each_on_one_line() -> None:
    lines = guide(AT).splitlines()
    commands = [line for line in lines if line.startswith("curl ")]
    assert [body_of(command)["context"]["patientId"] for command in commands] == [
        "hp-v28",
        "hp-v14",
        "hp-v15",
    ]
    assert {patient.removeprefix("hp-").upper() for patient, _ in PATIENTS} <= set(names())
    assert any(AT.discovery in line for line in lines)


def test_the_sandbox_link_opens_the_page_on_both_servers() -> None:
    link = urlsplit(sandbox_link(AT, "hp-v28"))
    assert (link.scheme, link.netloc, link.path) == ("https", "sandbox.cds-hooks.org", "/")
    assert parse_qs(link.query) == {
        "fhirServiceUrl": ["http://127.0.0.1:8081/fhir"],
        "serviceDiscoveryURL": ["http://127.0.0.1:8000/cds-services"],
        "patientId": ["hp-v28"],
    }


def test_the_service_is_open_to_the_demos_server_and_the_sandbox_page() -> None:
    told = service_environment({"PATH": "/bin"}, AT, Path("/tmp/folder"))  # noqa: S108 - never opened
    assert told["PATH"] == "/bin"
    assert told["CDS_AUTH"] == "open"
    assert told["CDS_PUBLIC_BASE_URL"] == "http://127.0.0.1:8000"
    assert told["CDS_FHIR_SERVERS"] == "http://127.0.0.1:8081/fhir"
    assert told["CDS_ORIGINS"] == "https://sandbox.cds-hooks.org"
    assert told["CDS_DATABASE_URL"] == "sqlite:////tmp/folder/demo.sqlite"


def test_what_the_environment_already_lists_is_kept() -> None:
    inherited = {
        "CDS_FHIR_SERVERS": "https://fhir.example/r4, http://127.0.0.1:8081/fhir",
        "CDS_ORIGINS": "http://127.0.0.1:9001",
        "CDS_DATABASE_URL": "postgresql://db.example/cds",
        "CDS_AUTH": "required",
        "NO_PROXY": ".example",
    }
    told = service_environment(inherited, AT, Path("/tmp/folder"))  # noqa: S108 - never opened
    assert told["CDS_FHIR_SERVERS"] == "https://fhir.example/r4,http://127.0.0.1:8081/fhir"
    assert told["CDS_ORIGINS"] == "http://127.0.0.1:9001,https://sandbox.cds-hooks.org"
    assert told["CDS_DATABASE_URL"] == "postgresql://db.example/cds"
    assert told["CDS_AUTH"] == "open"
    assert told["NO_PROXY"] == ".example,127.0.0.1,localhost"
