"""The rule book in the browser: what a clinician signs, open to everybody, always on."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from cards.not_assessed import TOPIC
from cds_service.hooks.endpoints import machine
from cds_service.pages import imaging
from cds_service.pages.headers import protect
from cds_service.pages.rule_view import introduction, known, rule_called, rules_by_family, view_of
from cds_service.rule_book.book import TITLES
from cds_service.rule_book.review import next_review
from cds_service.rule_book.rule_page import KNOWN

blueprint = Blueprint("rules", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
blueprint.after_request(protect)
_SECONDS = 300


@blueprint.context_processor
def _everywhere() -> dict[str, Any]:
    at = machine()
    return {
        "demo": at.config.demo,
        "version": at.version,
        "next_review": next_review,
        "today": at.today(),
        "known": known,
        "how_known": KNOWN,
    }


@blueprint.get("/rules")
def index() -> Response:
    """All rules, and how to read them."""
    return _page("rules.html", families=rules_by_family(), titles=TITLES, introduction=introduction())


@blueprint.get("/rules/<rule_id>")
def one(rule_id: str) -> Response:
    """One rule."""
    if rule_id == TOPIC:
        return _page("not_assessed.html")
    if rule_called(rule_id) is None:
        return _page("no_rule.html", 404)
    return _page("rule.html", view=view_of(rule_id))


@blueprint.get("/rules/imaging")
def imaging_table() -> Response:
    """The appropriateness of imaging, filtered as the address says."""
    asked = imaging.Filter.of(request.args)
    return _page(
        "imaging.html",
        asked=asked,
        rows=[(row, asked.takes(row)) for row in imaging.rows()],
        choices={
            "scenario": imaging.scenarios(),
            "modality": imaging.STUDIES,
            "region": imaging.REGIONS,
            "category": imaging.categories(),
        },
    )


def _page(template: str, status: int = 200, **told: Any) -> Response:
    response = make_response(render_template(template, **told), status)
    response.headers["Cache-Control"] = f"public, max-age={_SECONDS}"
    return response
