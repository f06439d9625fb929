"""A real browser before the real server over the demo county: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import Visits
from tests.support.databases import database_copy
from tests.support.live_server import live_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def demo_server(server_url: str, demo_template: str) -> Iterator[str]:
    """The address of a server over the demo county; tests that record give it back as it was or add to it only."""
    with database_copy(server_url, demo_template) as url, live_server(url) as address:
        yield address


# Of a module, for while it is open an event loop runs in this thread, in which other tests could start none of theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "没有 Chromium，请先运行 make browser / There is no Chromium: run make browser first"
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def visits(browser: Browser, demo_server: str) -> Iterator[Visits]:
    made = Visits(browser, demo_server)
    yield made
    made.close()
