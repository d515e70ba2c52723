"""The addresses of the demonstration EHR."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from cds_service.demo.guide import Addresses, sandbox_link
from cds_service.explain import Explanation, explain
from cds_service.hooks.endpoints import Machine, machine
from cds_service.hooks.problem import BadRequest, Forbidden, NotFound, Problem
from cds_service.hooks.response import EXTENSION
from cds_service.pages.ehr import acting, asking, record, wire
from cds_service.pages.ehr.asking import SLOW, Servers, Switches
from cds_service.pages.ehr.drafts import drafts_for, grouped
from cds_service.pages.headers import protect
from cds_service.pages.markdown import html_of
from cds_service.rule_book.rule_page import KNOWN

blueprint = Blueprint("ehr", __name__, template_folder="../templates")
blueprint.after_request(protect)

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_HOOKS = ("patient-view", "order-select", "order-sign")
_MOST_PATIENTS = 200
_SLOWER_MS = 400  # beyond the deadline of a call
_SLOWEST_S = 3.0


@dataclass(frozen=True, slots=True)
class Answered:
    """One call and its answer, as the page shows them."""

    hook: str
    service_id: str
    switches: Switches
    exchange: wire.Exchange
    explanation: Explanation | None

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards, as received."""
        return self.exchange.body.get("cards") or [] if self.exchange.ok else []

    @property
    def told(self) -> Mapping[str, Any]:
        """What the response says beside its cards."""
        found: Mapping[str, Any] = (self.exchange.body.get("extension") or {}).get(EXTENSION) or {}
        return found

    @property
    def refusal(self) -> Mapping[str, Any]:
        """The first issue of an OperationOutcome, where there is one."""
        issues = self.exchange.body.get("issue") or [{}]
        found: Mapping[str, Any] = issues[0] if not self.exchange.ok else {}
        return found


@blueprint.before_request
def _only_from_our_own_page() -> None:
    """Another site's page may neither call nor write through this one."""
    if request.method == "POST":
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        if site not in (None, "same-origin", "none") or (origin and origin != request.host_url.rstrip("/")):
            raise Forbidden("This page takes forms of its own only.")


@blueprint.context_processor
def _everywhere() -> dict[str, Any]:
    at = machine()
    told = {"demo": True, "version": at.version, "area": "ehr", "how_known": KNOWN}
    return {**told, "markdown": html_of, "pretty": wire.pretty}


@blueprint.errorhandler(wire.Unreachable)
def _unreachable(error: wire.Unreachable) -> tuple[str, int]:
    return render_template("ehr/unreachable.html", url=str(error), fhir=machine().config.demo_fhir_server), 502


@blueprint.errorhandler(Problem)
def _problem(problem: Problem) -> tuple[str, int]:
    return render_template("ehr/problem.html", problem=problem), problem.status


@blueprint.get("/")
def patients() -> str:
    """All patients of the sandbox, with what their problem lists say."""
    at, servers = machine(), _servers()
    found = wire.get(f"{servers.fhir}/Patient?_count={_MOST_PATIENTS}")
    conditions = wire.get_all([f"{servers.fhir}/Condition?_count=1000"])[0]
    problems: dict[str, list[record.Line]] = {}
    for one in record.resources(conditions):
        line = record.problem(one)
        if not line.quiet:
            problems.setdefault(str((one.get("subject") or {}).get("reference")), []).append(line)
    people = [record.person(patient, at.today()) for patient in record.resources(found)]
    return render_template(
        "ehr/patients.html",
        people=sorted(people, key=lambda p: (p.id.startswith("hp-n"), p.id)),
        problems=problems,
        servers=servers,
        sandbox={p.id: sandbox_link(Addresses(servers.service, servers.fhir), p.id) for p in people},
    )


@blueprint.get("/ehr/<patient_id>")
def chart(patient_id: str) -> str:
    """A chart. Opening it is what calls patient-view."""
    at, servers = machine(), _servers()
    service = asking.discover(servers, "patient-view")
    prefetch = asking.read_prefetch(servers, service, _checked(patient_id))
    if "patient" not in prefetch:
        raise NotFound("The FHIR server has no such patient.")
    return render_template(
        "ehr/chart.html",
        person=record.person(prefetch["patient"], at.today()),
        brief=record.brief(prefetch),
        drafts=grouped(drafts_for(patient_id, at.today())),
        sandbox=sandbox_link(Addresses(servers.service, servers.fhir), patient_id),
        result=_ask(at, servers, "patient-view", patient_id, prefetch, ()),
    )


@blueprint.post("/ehr/<patient_id>/call")
def call(patient_id: str) -> Response:
    """Fire a hook as the form says."""
    at, servers, hook = machine(), _servers(), request.form.get("hook", "")
    if hook not in _HOOKS:
        raise BadRequest("There is no such hook here.", path="hook")
    chosen = request.form.getlist("draft")
    drafts = tuple(d for d in drafts_for(_checked(patient_id), at.today()) if d.id in chosen)
    if hook != "patient-view" and not drafts:
        return _shown("ehr/nothing_drafted.html", patient_id)
    prefetch = asking.read_prefetch(servers, asking.discover(servers, hook), patient_id)
    result = _ask(at, servers, hook, patient_id, prefetch, drafts, Switches.of(request.form))
    return _shown("ehr/result.html", patient_id, result=result)


@blueprint.post("/ehr/<patient_id>/accept")
def accept(patient_id: str) -> Response:
    """Take a suggestion."""
    return _shown("ehr/outcome.html", patient_id, outcome=acting.accept(_servers(), _checked(patient_id), _form()))


@blueprint.post("/ehr/<patient_id>/override")
def override(patient_id: str) -> Response:
    """Set a card aside."""
    _checked(patient_id)
    return _shown("ehr/outcome.html", patient_id, outcome=acting.override(_servers(), _form()))


@blueprint.get("/ehr/<patient_id>/orders")
def orders(patient_id: str) -> str:
    """The orders of the chart as they are now."""
    servers, about = _servers(), _checked(patient_id)
    urls = [f"{servers.fhir}/{kind}?patient={about}&_count=100" for kind in ("ServiceRequest", "MedicationRequest")]
    requests, medicines = (record.resources(found) for found in wire.get_all(urls))
    drafted = [m for m in medicines if m.get("status") == "draft"]
    return render_template("ehr/orders.html", orders=record.orders([*requests, *drafted]))


@blueprint.get(f"{SLOW}/<path:_>")
def slow(_: str) -> Response:
    """A FHIR server that takes longer than a call may last."""
    time.sleep(min((machine().config.deadline_ms + _SLOWER_MS) / 1000, _SLOWEST_S))
    return Response(status=504)


def _ask(
    at: Machine,
    servers: Servers,
    hook: str,
    patient_id: str,
    prefetch: Mapping[str, Any],
    drafts: tuple[Any, ...],
    switches: Switches | None = None,
) -> Answered:
    switches = switches or Switches()
    service = asking.discover(servers, hook)
    sent = asking.sent_prefetch(prefetch, switches, at.today())
    body = asking.request_body(hook, patient_id, sent, drafts, servers.fhir_in(switches.fhir))
    exchange = wire.post(f"{servers.service}/cds-services/{service.id}", body)
    return Answered(hook, service.id, switches, exchange, _explained(at, exchange, service.id))


def _explained(at: Machine, exchange: wire.Exchange, service_id: str) -> Explanation | None:
    """The same request once more, taking notes; None where there was nothing to judge."""
    client = at.gate.anyone
    allowed = client.fhir_servers if client else ()
    try:
        return explain(exchange.sent.encode(), replace(at.gatherer, allowed=allowed), at.today(), service_id)
    except Problem:
        return None


def _servers() -> Servers:
    config = machine().config
    if config.demo_fhir_server is None:
        raise wire.Unreachable("CDS_FHIR_SERVERS")
    return Servers(config.public_base_url, config.demo_fhir_server)


def _checked(patient_id: str) -> str:
    if not _ID.match(patient_id):
        raise NotFound("That is no patient id.")
    return patient_id


def _form() -> Mapping[str, str]:
    form: Mapping[str, str] = request.form.to_dict()
    if not all(re.fullmatch(r"[A-Za-z0-9-]{1,80}", form.get(name, "")) for name in ("card", "service")):
        raise BadRequest("The form names no card.")
    return form


def _shown(template: str, patient_id: str, **told: Any) -> Response:
    """A part of the page for its script, or a page of its own without one."""
    part = render_template(template, patient_id=patient_id, **told)
    if request.headers.get("X-Part") == "yes":
        return make_response(part)
    return make_response(render_template("ehr/alone.html", part=part, patient_id=patient_id))
