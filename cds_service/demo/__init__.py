"""The demo: a sandbox FHIR server with synthetic patients, and this service beside it."""

from cds_service.demo.run import run_demo

__all__ = ["run_demo"]
