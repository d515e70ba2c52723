"""The import path of the sandbox FHIR server, apart so that the server starts without loading the service."""
