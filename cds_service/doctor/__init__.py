"""A conformance check of any CDS Hooks 2.0.1 service. It knows HTTP and the protocol, and nothing of this one."""

from cds_service.doctor.examine import Examination, examine
from cds_service.doctor.options import BadOption, Options

__all__ = ["BadOption", "Examination", "Options", "examine"]
