"""The yardstick: a Flask endpoint that decodes the body of a CDS Hooks call and advises nothing."""

from __future__ import annotations

from flask import Flask, request

app = Flask(__name__)


@app.get("/cds-services")
def discovery() -> dict[str, list[str]]:
    """Answers as soon as the server is up."""
    return {"services": []}


@app.post("/cds-services/<service_id>")
def call(service_id: str) -> dict[str, list[str]]:
    """Pays for HTTP, for Flask and for decoding the JSON: what no service can save."""
    del service_id
    request.get_json()
    return {"cards": []}
