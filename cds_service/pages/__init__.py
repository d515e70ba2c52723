"""Pages for people: the rule book in the browser, always on, and the demonstration EHR, only with CDS_DEMO=on.

Everything they need lies in this folder; a page loads nothing from anywhere else, and its Content-Security-Policy
says so.
"""

from __future__ import annotations

from flask import Flask

from cds_service.config import BadSetting, Config
from cds_service.pages import rules
from cds_service.pages.ehr import views
from cds_service.pages.ehr.asking import NOBODY_LISTENS, SLOW

__all__ = ["demo_fhir_servers", "register"]


def register(app: Flask, config: Config) -> None:
    """Let the application serve the pages that the settings allow. Raises BadSetting."""
    app.register_blueprint(rules.blueprint)
    if config.demo:
        if config.auth != "open":
            raise BadSetting("CDS_DEMO is on: the demonstration pages have no token, so they need CDS_AUTH=open")
        app.register_blueprint(views.blueprint)


def demo_fhir_servers(config: Config) -> tuple[str, ...]:
    """FHIR bases that fail on purpose, which a demonstration may name in its calls; none without CDS_DEMO=on."""
    return (config.public_base_url + SLOW, NOBODY_LISTENS) if config.demo else ()
