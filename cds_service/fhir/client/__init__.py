"""The outbound FHIR client: reads what prefetch left out, within one deadline, from one origin.

>>> client = FhirClient(ClientSettings())
>>> client.fetch(server, token, {"patient": "Patient/1"}, deadline_seconds=0.8)
{'patient': Fetched(pages=(b'{"resourceType":"Patient",...',), complete=True, why_partial=None)}

Ask `server_allowed` first: this client trusts that the caller may query the server that it names.
"""

from cds_service.fhir.client.fetch import FhirClient, Times
from cds_service.fhir.client.origin import same_origin, server_allowed
from cds_service.fhir.client.outcome import Cause, Fetched, NotFetched, Outcome
from cds_service.fhir.client.settings import ClientSettings

__all__ = [
    "Cause",
    "ClientSettings",
    "Fetched",
    "FhirClient",
    "NotFetched",
    "Outcome",
    "Times",
    "same_origin",
    "server_allowed",
]
