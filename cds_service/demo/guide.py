"""What to try with a running demo: calls to paste, and the address of the page that shows the cards."""

import json
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

SANDBOX_ORIGIN = "https://sandbox.cds-hooks.org"
"""Where the public CDS Hooks Sandbox, an EHR in a browser page, is served from."""

PATIENTS = (
    ("hp-v28", "saddle numbness and urinary retention"),
    ("hp-v14", "fever and a hip that cannot be moved"),
    ("hp-v15", "nothing alarming, in unusual units"),
)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the two servers of the demo answer; no trailing slashes."""

    service: str
    fhir: str

    @property
    def discovery(self) -> str:
        """The service's discovery endpoint."""
        return f"{self.service}/cds-services"


def guide(at: Addresses) -> str:
    """The text shown once both servers answer."""
    calls = "\n\n".join(f"# {patient}: {what}\n{curl_command(at, patient)}" for patient, what in PATIENTS)
    return f"""
Ready. Open {at.service}/ in a browser: patients, charts, cards.

  CDS Hooks discovery  {at.discovery}
  FHIR server          {at.fhir}

Each call below names a patient and the FHIR server, nothing more: the service reads the chart itself.
Append  | python3 -m json.tool  to read the answer with ease.

{calls}

The same in the CDS Hooks Sandbox, a page that plays the EHR (allow it to reach this machine if the browser
asks):
{sandbox_link(at, PATIENTS[0][0])}

Ctrl-C stops both servers.
"""


def curl_command(at: Addresses, patient_id: str) -> str:
    """One shell line that calls the patient-view service without prefetch."""
    body = json.dumps(patient_view_request(at, patient_id), separators=(",", ":"))
    return f"curl -sS {at.discovery}/posterior-hip-patient-view -H 'Content-Type: application/json' -d '{body}'"


def patient_view_request(at: Addresses, patient_id: str) -> dict[str, object]:
    """A patient-view call with FHIR access; the sandbox server is open, so the token opens nothing."""
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid4()),
        "fhirServer": at.fhir,
        "fhirAuthorization": {
            "access_token": "demo",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": "patient/*.read",
            "subject": "posterior-hip-cds",
            "patient": patient_id,
        },
        "context": {"userId": "Practitioner/example-clinician", "patientId": patient_id},
    }


def sandbox_link(at: Addresses, patient_id: str) -> str:
    """The CDS Hooks Sandbox page, opened on a patient of the demo with this service configured."""
    query = {"fhirServiceUrl": at.fhir, "serviceDiscoveryURL": at.discovery, "patientId": patient_id}
    return f"{SANDBOX_ORIGIN}/?{urlencode(query)}"
