"""A real Chromium, where there is one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

WIDE, NARROW = 1280, 390
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The path of the system's Chromium; skips the test where there is none."""
    named = os.environ.get("CHROMIUM", "")
    path = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not path:
        pytest.skip("no Chromium here: install one, or name it in CHROMIUM, to run the browser tests")
    return path


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Chromium without a window."""
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Watched:
    """A page of which every complaint is kept: script errors, console errors, blocked or foreign requests."""

    def __init__(self, browser: Browser, base: str, width: int, pictures: Path) -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, base_url=base)
        self.page: Page = self.context.new_page()
        self.width = width
        self.pictures = pictures
        self.complaints: list[str] = []
        self.foreign: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda sent: None if sent.url.startswith(base) else self.foreign.append(sent.url))

    def picture(self, name: str) -> None:
        """A screenshot of the whole page, for looking at."""
        self.page.screenshot(path=self.pictures / f"{name}-{self.width}.png", full_page=True)

    def fits(self) -> bool:
        """Nothing reaches beyond the right edge."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
