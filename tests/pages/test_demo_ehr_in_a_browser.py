"""The demonstration EHR in a real browser: its main path, each hard case, by keyboard, at two widths."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.pages.browser import NARROW, WIDE, Watched
from tests.pages.demo_server import Demo

pytestmark = pytest.mark.browser
Open = Callable[..., Watched]


def fire(page: Page, hook: str) -> None:
    """Press the button of a hook, and wait until its answer has taken the place of the last one."""
    page.locator("#result").evaluate("part => { part.dataset.old = 'yes'; part.firstElementChild.id = 'old'; }")
    page.locator(f"#pad button[value={hook}]").click()
    expect(page.locator("#old")).to_have_count(0)
    expect(page.locator("#result")).not_to_have_attribute("aria-busy", "true")


def sent(page: Page) -> dict[str, Any]:
    """The request that the page shows."""
    told: dict[str, Any] = json.loads(page.locator("#p-request > pre").text_content() or "")
    return told


def received(page: Page) -> dict[str, Any]:
    """The response that the page shows."""
    told: dict[str, Any] = json.loads(page.locator("#p-response > pre").text_content() or "")
    return told


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_from_the_list_of_patients_to_a_card(opened: Open, width: int) -> None:
    watched = opened("/", width)
    page = watched.page
    assert watched.fits()
    watched.picture("patients")
    page.get_by_role("link", name="Patient V28 Example", exact=True).click()
    card = page.locator(".card")
    expect(card).to_have_count(1)
    expect(card.locator("header")).to_have_text(re.compile("Critical"))
    expect(card.locator("header svg")).to_have_count(1)
    expect(card.locator(".summary")).to_contain_text("cauda equina")
    expect(page.locator(".chart")).to_contain_text("Numb in the saddle area")
    expect(page.locator(".chart")).to_contain_text("380 mL")
    assert sent(page)["hook"] == "patient-view"
    assert received(page)["cards"][0]["indicator"] == "critical"
    assert watched.fits()
    watched.picture("chart-v28")


def test_every_chart_fits_a_narrow_and_a_wide_window(opened: Open, demo: Demo) -> None:
    watched = opened("/", NARROW)
    page = watched.page
    charts = sorted(set(re.findall(r'href="(/ehr/[^"]+)"', demo.get("/").text)))
    assert len(charts) > 20
    overflowing = []
    for path in charts:
        page.goto(path)
        for width in (NARROW, WIDE):
            page.set_viewport_size({"width": width, "height": 900})
            if not watched.fits():
                overflowing.append((path, width))
    assert overflowing == []


def test_an_accepted_suggestion_is_a_draft_order_on_the_fhir_server_and_feedback(opened: Open, demo: Demo) -> None:
    watched = opened("/ehr/hp-v25")
    page = watched.page
    button = page.locator(".card form button").first
    label = (button.text_content() or "").replace("recommended", "").strip()
    button.click()
    done = page.locator(".card .done")
    expect(done).to_contain_text("Draft order on the FHIR server")
    expect(done).to_contain_text("Feedback stored by the service.")
    expect(done).to_be_focused()
    watched.picture("accepted")
    found = demo.get(f"{demo.fhir}/ServiceRequest?patient=hp-v25&_count=100").json()
    drafts = [e["resource"] for e in found["entry"] if e["resource"]["status"] == "draft"]
    assert any(
        draft["code"]["text"].split(",")[0] in label or label.startswith(draft["code"]["text"]) for draft in drafts
    )
    expect(page.locator("#orders")).to_contain_text("draft")
    done.get_by_text("What was sent").click()
    feedback = json.loads(done.locator("pre").nth(2).text_content() or "")["feedback"][0]
    assert (feedback["outcome"], len(feedback["acceptedSuggestions"])) == ("accepted", 1)


def test_a_card_is_set_aside_with_a_reason_and_the_service_stores_it(opened: Open) -> None:
    watched = opened("/ehr/hp-v28")
    page = watched.page
    page.get_by_text("Set aside …").click()
    page.get_by_label("Reason").select_option(label="Patient declined")
    page.get_by_label("Comment").fill("wants to think about it")
    watched.picture("set-aside-form")
    page.get_by_role("button", name="Set the card aside").click()
    done = page.locator(".card .done")
    expect(done).to_contain_text("Set aside: Patient declined.")
    expect(done).to_contain_text("Feedback stored by the service.")
    done.get_by_text("What was sent").click()
    told = json.loads(done.locator("pre").first.text_content() or "")["feedback"][0]
    assert told["overrideReason"]["reason"]["code"] == "patient-refuses"
    assert told["overrideReason"]["userComment"] == "wants to think about it"


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_drafted_nsaid_is_judged_before_it_is_signed(opened: Open, width: int) -> None:
    watched = opened("/ehr/hp-v39", width)
    page = watched.page
    page.get_by_label(re.compile("Naproxen")).first.check()
    fire(page, "order-sign")
    expect(page.locator("#h-cards")).to_be_focused()
    expect(page.locator(".card header").first).to_contain_text("Critical")
    expect(page.locator(".card").first).to_contain_text("aproxen")
    assert sent(page)["hook"] == "order-sign"
    assert "selections" not in sent(page)["context"]
    assert watched.fits()
    watched.picture("order-sign-v39")


def test_choosing_an_order_names_it_as_selected(opened: Open) -> None:
    page = opened("/ehr/hp-v02").page
    page.get_by_label(re.compile("MRI lumbar spine")).first.check()
    fire(page, "order-select")
    context = sent(page)["context"]
    assert context["selections"] == ["ServiceRequest/v02-mri-lumbar"]
    assert [e["resource"]["id"] for e in context["draftOrders"]["entry"]] == ["v02-mri-lumbar"]
    expect(page.locator(".card")).not_to_have_count(0)


def test_nothing_is_signed_where_nothing_is_drafted(opened: Open) -> None:
    page = opened("/ehr/hp-v02").page
    fire(page, "order-sign")
    expect(page.locator("#h-cards")).to_have_text("No order is drafted")


def test_a_suggestion_to_drop_the_draft_takes_it_off_the_pad(opened: Open) -> None:
    watched = opened("/ehr/hp-v31")
    page = watched.page
    tick = page.get_by_label(re.compile("MRI pelvis")).first
    tick.check()
    fire(page, "order-sign")
    remove = page.locator(".card form").filter(has=page.locator("input[name=actions][value*='\"delete\"']"))
    remove.locator("button").first.click()
    expect(page.locator(".card .done").first).to_contain_text("taken off the pad")
    expect(tick).not_to_be_checked()


# -- hard cases --------------------------------------------------------------------------------------------------


def test_without_prefetch_the_service_reads_the_chart_itself(opened: Open) -> None:
    watched = opened("/ehr/hp-v28")
    page = watched.page
    page.get_by_label(re.compile("No prefetch")).check()
    expect(page.locator("#needs-prefetch")).to_be_visible()
    fire(page, "patient-view")
    assert "prefetch" not in sent(page)
    expect(page.locator(".card header")).to_contain_text("Critical")


def test_withheld_observations_are_said_on_a_card(opened: Open) -> None:
    watched = opened("/ehr/hp-v28")
    page = watched.page
    page.get_by_label(re.compile("Observations withheld")).check()
    fire(page, "patient-view")
    assert sent(page)["prefetch"]["observations"]["issue"][0]["code"] == "forbidden"
    expect(page.locator(".cards")).to_contain_text("not an all-clear")
    watched.picture("withheld")


def test_another_patients_record_is_set_aside_and_never_used(opened: Open) -> None:
    watched = opened("/ehr/hp-v01")
    page = watched.page
    before = page.locator(".card .summary").all_text_contents()
    page.get_by_label(re.compile("Another patient's record")).check()
    fire(page, "patient-view")
    subjects = {e["resource"]["subject"]["reference"] for e in sent(page)["prefetch"]["conditions"]["entry"]}
    assert subjects == {"Patient/hp-v01", "Patient/somebody-else"}
    expect(page.locator(".cards")).to_contain_text("1 record set aside")
    assert page.locator(".card .summary").all_text_contents() == before
    watched.picture("another-patient")


@pytest.mark.parametrize("state", ["slow", "down"])
def test_a_failing_fhir_server_without_prefetch_is_a_refusal_that_says_so(opened: Open, state: str) -> None:
    watched = opened("/ehr/hp-v28")
    page = watched.page
    page.get_by_label(re.compile("No prefetch")).check()
    page.get_by_label(re.compile("FHIR server")).select_option(state)
    fire(page, "patient-view")
    expect(page.locator(".refusal")).to_contain_text("412")
    expect(page.locator(".refusal")).to_contain_text("patient")
    expect(page.locator(".refusal")).to_contain_text("no all-clear")
    watched.picture(f"fhir-{state}")


@pytest.mark.parametrize("state", ["slow", "down"])
def test_a_failing_fhir_server_does_not_matter_where_all_is_prefetched(opened: Open, state: str) -> None:
    page = opened("/ehr/hp-v28").page
    page.get_by_label(re.compile("FHIR server")).select_option(state)
    fire(page, "patient-view")
    expect(page.locator(".card header")).to_contain_text("Critical")


# -- the exchange, keyboard, no script ---------------------------------------------------------------------------


def test_the_curl_command_asks_the_same_again(opened: Open) -> None:
    page = opened("/ehr/hp-v28").page
    command = page.locator(".curl").text_content() or ""
    again = subprocess.run(["bash", "-c", command], check=True, capture_output=True, text=True, timeout=30)
    told, shown = json.loads(again.stdout), received(page)
    assert [c["summary"] for c in told["cards"]] == [c["summary"] for c in shown["cards"]]


def test_the_copy_button_puts_the_command_on_the_clipboard(opened: Open) -> None:
    watched = opened("/ehr/hp-v28")
    watched.context.grant_permissions(["clipboard-read", "clipboard-write"])
    watched.page.get_by_role("button", name="Copy as curl").click()
    expect(watched.page.get_by_role("button", name="Copied")).to_be_visible()
    copied = watched.page.evaluate("navigator.clipboard.readText()")
    assert copied == watched.page.locator(".curl").text_content()


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_the_tab_that_explains_says_why_each_rule_spoke_or_was_silent(opened: Open, width: int) -> None:
    watched = opened("/ehr/hp-v14", width)
    page = watched.page
    page.get_by_role("tab", name="Explain").click()
    panel = page.locator("#p-explain")
    expect(panel).to_be_visible()
    expect(page.locator("#p-request")).to_be_hidden()
    rule = panel.locator("details", has_text="RF-05").first
    rule.locator("summary").first.click()
    expect(rule).to_contain_text("CRP")
    expect(rule).to_contain_text("Observation/v14-crp")
    expect(rule).to_contain_text("Thresholds")
    expect(panel).to_contain_text("Silent")
    assert watched.fits()
    watched.picture("explain")


def test_tabs_are_moved_through_by_arrow_keys(opened: Open) -> None:
    page = opened("/ehr/hp-v28").page
    page.get_by_role("tab", name="Request").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Response")).to_be_focused()
    expect(page.locator("#p-response")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator("#p-explain")).to_be_visible()


def test_an_order_is_drafted_signed_and_set_aside_by_keyboard_alone(opened: Open) -> None:
    page = opened("/ehr/hp-v39").page

    def tab_to(selector: str) -> None:
        for _ in range(120):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        pytest.fail(f"{selector} cannot be reached by keyboard")

    tab_to("#pad input[value=v39-naproxen]")
    page.keyboard.press("Space")
    tab_to("#pad button[value=order-sign]")
    page.keyboard.press("Enter")
    expect(page.locator(".card header").first).to_contain_text("Critical")
    tab_to(".override summary")
    page.keyboard.press("Enter")
    tab_to(".override button")
    page.keyboard.press("Enter")
    expect(page.locator(".card .done").first).to_contain_text("Feedback stored")


def test_it_works_without_script(demo: Demo, opened: Open) -> None:
    watched = opened("/")
    context = watched.context.browser.new_context(java_script_enabled=False, base_url=demo.service)  # type: ignore[union-attr]
    try:
        page = context.new_page()
        page.goto("/ehr/hp-v39")
        expect(page.locator("#p-request")).to_be_visible()
        expect(page.locator("#p-explain")).to_be_visible()
        page.get_by_label(re.compile("Naproxen")).first.check()
        page.locator("#pad button[value=order-sign]").click()
        expect(page.locator(".card header").first).to_contain_text("Critical")
        page.locator(".override summary").first.click()
        page.locator(".override button").first.click()
        expect(page.locator(".done")).to_contain_text("Feedback stored")
        page.get_by_role("link", name="Chart").click()
        expect(page.locator("#h-pad")).to_be_visible()
    finally:
        context.close()
