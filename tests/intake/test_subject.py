"""By which references a resource is about the patient of the call."""

from __future__ import annotations

import pytest

from cds_service.fhir.subject import Subject, base_of

SERVER = "https://ehr.example/fhir"
URN = "urn:uuid:5f0c8c5e-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("reference", "server", "full_url", "meant"),
    [
        ("Patient/p1", None, None, True),
        ("Patient/p1", SERVER, "https://other.example/fhir/Condition/1", True),
        ("Patient/p1/_history/3", None, None, True),
        ("Patient/p2", SERVER, None, False),
        ("Patient/p11", SERVER, None, False),
        ("Patient/P1", SERVER, None, False),
        ("p1", SERVER, None, False),
        ("Group/p1", SERVER, None, False),
        ("", SERVER, None, False),
        (None, SERVER, None, False),
        (f"{SERVER}/Patient/p1", SERVER, None, True),
        (f"{SERVER}/Patient/p1/_history/3", SERVER, None, True),
        ("https://EHR.example/fhir/Patient/p1", SERVER, None, True),
        (f"{SERVER}/Patient/p1", SERVER + "/", None, True),
        (f"{SERVER}/Patient/p2", SERVER, None, False),
        ("https://other.example/fhir/Patient/p1", SERVER, None, False),
        ("https://ehr.example/other/Patient/p1", SERVER, None, False),
        ("https://ehr.example.evil.example/fhir/Patient/p1", SERVER, None, False),
        ("http://ehr.example/fhir/Patient/p1", SERVER, None, False),
        (f"{SERVER}/Patient/p1", None, None, False),
        (f"{SERVER}/Patient/p1", None, f"{SERVER}/Condition/1", True),
        ("https://other.example/fhir/Patient/p1", None, f"{SERVER}/Condition/1", False),
        (URN, SERVER, None, False),
        ("#p1", SERVER, None, False),
        ("xPatient/p1", SERVER, None, False),
    ],
)
def test_a_reference_means_the_patient_only_under_the_servers_own_base(
    reference: str | None, server: str | None, full_url: str | None, meant: bool
) -> None:
    assert Subject("p1", server).is_meant_by(reference, full_url) is meant


@pytest.mark.parametrize(
    ("full_url", "base"),
    [
        (f"{SERVER}/Condition/1", SERVER),
        (f"{SERVER}/Condition/1/_history/2", SERVER),
        (URN, None),
        (None, None),
        ("Condition/1", None),
    ],
)
def test_the_base_of_an_entry_is_what_stands_before_type_and_id(full_url: str | None, base: str | None) -> None:
    assert base_of(full_url) == base
