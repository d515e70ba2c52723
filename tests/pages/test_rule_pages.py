"""The rule book over HTTP: always on, for everybody, made from the rules, loading nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape

import pytest
from flask.testing import FlaskClient

from cards.rulebook import all_rules
from cds_service import create_app
from cds_service.config import Config
from cds_service.pages import imaging
from cds_service.pages.markdown import html_of
from cds_service.pages.rule_view import example_tables, view_of
from tests.pages.test_explain import request_for

TODAY = date(2026, 1, 15)
RULES = {rule.id: rule for rule in all_rules()}
STRICT = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """The pages of a service that asks every caller for a token and has no demonstration."""
    with create_app(Config(auth="required"), clock=lambda: TODAY).test_client() as opened:
        yield opened


def text(client: FlaskClient, path: str) -> str:
    return unescape(client.get(path).get_data(as_text=True))


def test_every_rule_has_a_page_and_the_index_links_to_it(client: FlaskClient) -> None:
    index = text(client, "/rules")
    for rule_id, rule in RULES.items():
        assert f'href="/rules/{rule_id}"' in index
        page = text(client, f"/rules/{rule_id}")
        assert rule.title in page
        assert rule.version in page
        assert rule.last_review.isoformat() in page


@pytest.mark.parametrize("rule_id", RULES)
def test_a_page_holds_all_that_a_clinician_signs(client: FlaskClient, rule_id: str) -> None:
    page = text(client, f"/rules/{rule_id}")
    view = view_of(rule_id)
    assert view.examples
    for wanted in (
        *(e.citation for e in view.rule.evidence),
        *(t.value for t in view.thresholds),
        *(s.summary for s in view.cards),
        *(e.name for e in view.examples),
        *view.silences,
        *(r.display for r in view.rule.override_reasons),
    ):
        assert wanted in page


def test_the_examples_are_found_in_the_source_tree() -> None:
    assert (example_tables() / "cauda-equina.yaml").is_file()


@pytest.mark.parametrize(
    "path", ["/rules", "/rules/cauda-equina", "/rules/imaging", "/rules/nope", "/static/pages.css"]
)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(client: FlaskClient, path: str) -> None:
    with client.get(path) as answer:
        assert answer.headers["Content-Security-Policy"] == STRICT
        page = answer.get_data(as_text=True)
    assert not re.search(r"<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=|javascript:", page)
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(?!/)", page)


@pytest.mark.parametrize("path", ["/rules/nope", "/rules/RF-09", "/rules/../etc"])
def test_an_unknown_rule_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_card_that_says_what_was_not_assessed_has_a_page_too(client: FlaskClient) -> None:
    assert "excluded nothing" in text(client, "/rules/not-assessed")


def test_an_overdue_review_is_marked() -> None:
    with create_app(Config(), clock=lambda: date(2040, 1, 1)).test_client() as later:
        assert "overdue" in text(later, "/rules/cauda-equina")
    with create_app(Config(), clock=lambda: TODAY).test_client() as now:
        assert "overdue" not in text(now, "/rules/cauda-equina")


# -- the imaging table -------------------------------------------------------------------------------------------


def shown(page: str) -> int:
    return len(re.findall(r'<tr data-text="', page))


def test_the_whole_table_is_shown_without_a_filter(client: FlaskClient) -> None:
    page = text(client, "/rules/imaging")
    assert shown(page) == len(imaging.rows()) > 100
    assert f"{len(imaging.rows())} of {len(imaging.rows())} ratings" in page


@pytest.mark.parametrize(
    ("query", "takes"),
    [
        ("modality=ct", lambda row: row.rating.modality == "ct"),
        ("region=lumbar", lambda row: "lumbar" in row.rating.regions),
        ("category=UA&modality=xr", lambda row: (row.rating.category, row.rating.modality) == ("UA", "xr")),
        ("scenario=acute-hip-first", lambda row: row.scenario.id == "acute-hip-first"),
        ("q=FRACTURE%20mri", lambda row: "fracture" in row.text and "mri" in row.text),
        ("q=%20%20", lambda row: True),
        ("modality=nothing", lambda row: False),
    ],
)
def test_the_server_filters_for_a_browser_without_script(client: FlaskClient, query: str, takes: object) -> None:
    wanted = sum(1 for row in imaging.rows() if takes(row))  # type: ignore[operator]
    page = text(client, f"/rules/imaging?{query}")
    assert shown(page) == wanted
    assert ("No rating fits" in page.split('id="ratings-none" hidden')[0]) == (wanted == 0)


def test_what_was_asked_is_shown_again_as_text(client: FlaskClient) -> None:
    page = client.get("/rules/imaging?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


# -- Markdown ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "never"),
    [
        ("<img src=x onerror=alert(1)>", "<img"),
        ("**<script>alert(1)</script>**", "<script"),
        ("[a](javascript:alert(1))", "href"),
        ("[a](data:text/html;base64,AAAA)", "href"),
        ("&lt;b&gt;", "<b>"),
    ],
)
def test_no_html_and_no_script_comes_out_of_a_cards_detail(written: str, never: str) -> None:
    assert never not in html_of(written)


def test_bold_words_links_and_escapes_come_out_as_meant() -> None:
    made = html_of(r"**Found:** 5 \* 3 [source](https://a.example/x)")
    assert "<strong>Found:</strong> 5 * 3" in made
    assert '<a href="https://a.example/x" rel="noreferrer">source</a>' in made


def test_a_link_without_a_place_here_leaves_its_words() -> None:
    made = html_of("see [rule](#a), [file](../b)", lambda target: "/rules/a" if target == "#a" else None)
    assert made.strip() == '<p>see <a href="/rules/a" rel="noreferrer">rule</a>, file</p>'


# -- from a card to its page -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["V28", "V09", "V01", "V22"])
def test_each_card_links_to_a_page_that_is_there(client: FlaskClient, name: str) -> None:
    opened = create_app(
        Config(auth="open", public_base_url="https://cds.example/hip"), clock=lambda: TODAY
    ).test_client()
    cards = opened.post("/cds-services/posterior-hip-patient-view", json=request_for(name)).get_json()["cards"]
    assert cards
    for card in cards:
        link = card["links"][-1]
        assert link["type"] == "absolute"
        path = link["url"].removeprefix("https://cds.example/hip")
        assert path == f"/rules/{card['source']['topic']['code']}"
        assert client.get(path).status_code == 200
