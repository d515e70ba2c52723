"""One demonstration and one browser for all tests of the pages."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import WIDE, Watched, running_browser
from tests.pages.demo_server import Demo, running_demo


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    with running_demo() as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with running_browser() as running:
        yield running


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go; PICTURES names a folder to keep them in."""
    named = os.environ.get("PICTURES")
    folder = Path(named) if named else tmp_path_factory.mktemp("pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def opened(demo: Demo, browser: Browser, pictures: Path) -> Iterator[Callable[..., Watched]]:
    """Opens pages on the demonstration; afterwards none of them may have complained or asked anybody else."""
    pages: list[Watched] = []

    def open_page(path: str, width: int = WIDE) -> Watched:
        watched = Watched(browser, demo.service, width, pictures)
        pages.append(watched)
        watched.page.goto(path)
        return watched

    yield open_page
    complaints = [said for watched in pages for said in watched.complaints]
    foreign = [url for watched in pages for url in watched.foreign]
    for watched in pages:
        watched.context.close()
    assert (complaints, foreign) == ([], [])
