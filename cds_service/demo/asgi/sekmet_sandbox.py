"""What the demo's FHIR server runs: sekmet-fhir with three gaps of release 0.1.1 closed.

- It has no search parameters for FamilyMemberHistory: `patient` would be ignored, and the answer would hold
  the relatives of every patient.
- It answers 400 to a browser that asks, in a preflight, whether a public page may reach this machine, as the
  CDS Hooks Sandbox page does from its https address.
- Sorting has no index to go by: 200 of 2,000 Observations in order of their date take 0.3 s, and other
  requests wait meanwhile. With an index they take 0.01 s.
"""

from importlib import import_module
from typing import Any

FAMILY_HISTORY_SEARCH = (
    ("identifier", "token", "identifier"),
    ("patient", "reference", "patient"),
    ("status", "token", "status"),
    ("relationship", "token", "relationship"),
    ("code", "token", "condition.code"),
    ("date", "date", "date"),
)
"""Name, type and element of R4's search parameters for FamilyMemberHistory."""

SORT_INDEX = "CREATE INDEX IF NOT EXISTS idx_sort ON idx(type, id, param, lo)"


def app_factory() -> Any:
    """The ASGI application; its settings come from the file that SEKMET_CONFIG names."""
    # Imported by name: the package is an optional extra and has no type hints.
    search_params = import_module("sekmet.fhir.search_params")
    search_params.PARAMS["FamilyMemberHistory"] = {
        name: search_params.SearchParam(name, kind, (path,)) for name, kind, path in FAMILY_HISTORY_SEARCH
    }
    application = import_module("sekmet.main").create_app()
    application.state.ctx.store.conn.execute(SORT_INDEX)
    application.add_middleware(
        import_module("starlette.middleware.cors").CORSMiddleware,
        allow_origins=["*"],
        allow_methods=["*"],
        allow_headers=["*"],
        allow_private_network=True,
    )
    return application
