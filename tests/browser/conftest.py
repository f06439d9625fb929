"""A real browser before the real server over the demo county: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import Visit, Visits
from tests.support.databases import database_copy
from tests.support.live_server import live_server

# The headless shell opens a window, each with a profile of its own, for a quarter of what that costs the whole browser.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((path for path in map(shutil.which, PROGRAMS) if path), None)
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
def demo_server(server_url: str, judged_template: str) -> Iterator[str]:
    """The address of a server over the demo county; tests that record give it back as it was or add to it only."""
    with database_copy(server_url, judged_template) as url, live_server(url) as address:
        yield address


# For these tests only: while it is open an event loop runs in this thread, in which others could start none of theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    assert CHROMIUM, "没有 Chromium，请先运行 make browser / There is no Chromium: run make browser first"
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="package")
def windows(browser: Browser, demo_server: str) -> Iterator[dict[bool, Visit]]:
    """A window without scripts and one with them, for all pages that are only looked at: a new one costs more."""
    visits = Visits(browser, demo_server)
    yield {scripts: visits.window(scripts=scripts) for scripts in (False, True)}
    visits.close()


@pytest.fixture
def visits(browser: Browser, demo_server: str) -> Iterator[Visits]:
    made = Visits(browser, demo_server)
    yield made
    made.close()
