"""The picture in the README: made here, from the running demonstration (`make picture`)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.pages.browser import Watched

pytestmark = pytest.mark.browser
README_PICTURE = Path(__file__).parents[2] / "docs" / "images" / "cards.png"


def test_the_readme_shows_what_a_clinician_sees(opened: Callable[..., Watched], pictures: Path) -> None:
    watched = opened("/ehr/hp-v09")
    page = watched.page
    page.get_by_label(re.compile("Ibuprofen")).first.check()
    page.locator("#pad button[value=order-sign]").click()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".card header").nth(0)).to_contain_text("Critical")
    expect(page.locator(".card header").nth(1)).to_contain_text("Warning")
    page.set_viewport_size({"width": 1280, "height": 1180})
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=pictures / "cards.png")
    assert (pictures / "cards.png").stat().st_size > 50_000
    assert README_PICTURE.is_file()
