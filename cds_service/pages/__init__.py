"""Pages for people: the rule book in the browser, always on, and the demonstration EHR, only with CDS_DEMO=on.

Everything they need lies in this folder; a page loads nothing from anywhere else, and its Content-Security-Policy
says so.
"""

from __future__ import annotations

from flask import Flask

from cds_service.config import Config
from cds_service.pages import rules

__all__ = ["register"]


def register(app: Flask, config: Config) -> None:
    """Let the application serve the pages that the settings allow."""
    app.register_blueprint(rules.blueprint)
