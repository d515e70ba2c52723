"""The medicine: a Chart in, advisory cards out.

Nothing here knows of HTTP, FHIR JSON or the time of day; the only input beside
the Chart is the package's own data (value sets, imaging ratings).
"""
