"""The rule book in a real browser, at two widths."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.pages.browser import NARROW, WIDE, Watched

pytestmark = pytest.mark.browser
Open = Callable[..., Watched]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("path", ["/rules", "/rules/cauda-equina", "/rules/imaging", "/rules/not-assessed"])
def test_a_page_fits_its_window(opened: Open, path: str, width: int) -> None:
    watched = opened(path, width)
    assert watched.fits()
    watched.picture("rules" + path.removeprefix("/rules").replace("/", "-"))


def test_a_card_leads_to_the_page_of_its_rule(opened: Open) -> None:
    page = opened("/ehr/hp-v28").page
    page.get_by_role("link", name="Rule: Suspected cauda equina syndrome").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("RF-09 · Suspected cauda equina syndrome")
    expect(page.get_by_text("200 mL", exact=True)).to_be_visible()


def test_the_imaging_table_is_filtered_while_one_types_and_chooses(opened: Open) -> None:
    page = opened("/rules/imaging").page
    rows = page.locator("#ratings tbody tr")
    total = rows.count()
    page.get_by_label("Study").select_option(label="MRI")
    page.get_by_label("Rating").select_option(label="usually not appropriate")
    shown = rows.filter(visible=True)
    expect(page.get_by_role("status")).to_have_text(f"{shown.count()} of {total} ratings")
    assert 0 < shown.count() < total
    assert all("MRI" in text and "Usually not" in text for text in shown.all_text_contents())
    expect(page).to_have_url(re.compile(r"modality=mri&category=UNA"))
    page.get_by_label("Words").fill("no such words at all")
    expect(page.get_by_text("No rating fits.")).to_be_visible()
