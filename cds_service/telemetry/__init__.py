"""What operators see of the service: a log line a call, metrics, traces. Never a patient, a user or a word of a chart.

A `Note` goes along with each request and takes down what may be told; `Watch` turns it into the line, the numbers
and the spans. Nothing here knows FHIR, storage or medicine.
"""

from cds_service.telemetry.note import Note, State
from cds_service.telemetry.watch import Watch

__all__ = ["Note", "State", "Watch"]
