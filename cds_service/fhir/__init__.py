"""FHIR R4 as it reaches the service: prefetch, the outbound client, resources turned into a Chart."""
