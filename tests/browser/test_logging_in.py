"""Logging in, one's account and the administrator's pages in a real browser; at a real identity provider too."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from registry import database
from registry.access import accounts
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.recording.unit_of_work import record
from tests.support.barriers import barriers
from tests.support.browser import WIDTHS, Visit, Visits
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.support.live_server import live_server
from tests.support.visitor import PASSWORD
from tests.support.worlds import COUNTY

pytestmark = pytest.mark.browser
ACTION = "main button"


@contextmanager
def county(url: str, issuer: str) -> Iterator[str]:
    """The address of a server over a county with an administrator, whose people log in at a provider."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTRY_OIDC_ISSUER", issuer)
        patch.setenv("REGISTRY_OIDC_CLIENT_ID", CLIENT)
        patch.setenv("REGISTRY_OIDC_CLIENT_SECRET", SECRET)
        with database.connect(url) as connection, live_server(url) as address:
            record(connection, COUNTY)
            accounts.add(connection, "admin", PASSWORD, [Grant(Role.ADMINISTRATOR)], By("test", "command"))
            yield address


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as started:
        yield started


@pytest.fixture(scope="module")
def address(module_database: Callable[[], str], provider: IdentityProvider) -> Iterator[str]:
    with county(module_database(), provider.address) as served:
        yield served


@pytest.fixture
def visits(browser: Browser, address: str) -> Iterator[Visits]:
    made = Visits(browser, address)
    yield made
    made.close()


def log_in(window: Visit, lang: str = "zh") -> None:
    window.open(f"/login?lang={lang}")
    window.page.fill("#name", "admin")
    window.page.fill("#password", PASSWORD)
    window.page.click(ACTION)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_administrator_keeps_accounts_on_any_screen(visits: Visits, lang: str) -> None:
    width = WIDTHS[lang == "zh"]
    window = visits.window(width, scripts=False)
    page = window.page
    log_in(window, lang)
    window.check()
    page.click("a.who")
    window.check_language(lang)
    page.click("main >> text=/管理账号|^Accounts$/")
    name = f"clerk-{lang}"
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.select_option("#role", "clerk")
    page.fill("#unit", "town")
    window.check()
    window.check_language(lang)
    page.click("form[method=post] button")
    assert page.locator("h1").inner_text() == name
    page.click("summary >> text=/令牌|token/")
    page.fill("#label", "x")
    page.fill("#token-unit", "town")
    page.fill("#last", (today() + timedelta(days=9)).isoformat())
    page.click("details:has(#label) button")
    assert page.inner_text("#token").startswith("quanze_")
    window.check()
    window.check_language(lang)
    page.click("summary >> text=/停用这个账号|Disable this account/")
    page.click("#disable")
    assert page.locator("#enable").count() == 1
    window.check()
    page.goto(window.address + f"/accounts?lang={lang}&sort=-name")
    window.check()
    window.check_language(lang)
    names = page.locator("#table-accounts tbody tr td:first-child a").all_inner_texts()
    assert len(names) > 1
    assert names == sorted(names, reverse=True)
    with page.expect_download() as kept:
        page.click("#table-accounts .files a >> nth=0")
    assert kept.value.suggested_filename.endswith(".xlsx")
    page.goto(window.address + f"/logout?lang={lang}")
    page.click(ACTION)
    window.check()
    window.check_language(lang)
    assert page.goto(window.address + "/account").url.startswith(window.address + "/login")  # type: ignore[union-attr]


def test_the_list_of_accounts_has_no_barriers(visits: Visits) -> None:
    window = visits.window(360)
    log_in(window)
    for width, lang in zip(WIDTHS, ("zh", "en"), strict=True):
        window.page.set_viewport_size({"width": width, "height": 800})
        window.open(f"/accounts?lang={lang}")
        results = barriers(window.page)
        assert results.violations_count == 0, results.generate_report()
    window.check()


@pytest.mark.parametrize("width", WIDTHS)
def test_a_wrong_password_keeps_what_else_was_entered(visits: Visits, width: int) -> None:
    window = visits.window(width, scripts=False)
    for lang in ("zh", "en"):
        window.open(f"/login?lang={lang}")
        window.check()
        window.check_language(lang)
        window.page.fill("#name", "admin")
        window.page.fill("#password", "wrong")
        window.page.click(ACTION)
        assert window.page.locator("#note").count() == 1
        assert window.page.input_value("#name") == "admin"
        window.problems.clear()  # the browser notes the status
        window.check()


def test_people_come_from_the_provider_and_go_back_to_it(visits: Visits, provider: IdentityProvider) -> None:
    provider.people["sun"] = {"role": ["editor"], "unit": "420684"}
    window = visits.window(360, scripts=False)
    page = window.page
    window.open("/lists?lang=zh")
    page.click("a.who")
    page.click("text=统一身份认证")
    page.fill("input[name=person]", "sun")
    page.click("button")
    assert page.url == f"{window.address}/lists?lang=zh"
    assert "sun" in page.inner_text("a.who")
    page.click("a.who")
    assert "编辑员" in window.text()
    page.click("main >> text=退出登录")
    page.click(ACTION)
    page.click("#further")
    assert page.inner_text("#ended") == f"{window.address}/logout"
    problems = [problem for problem in window.problems if not problem.startswith("request to elsewhere")]
    assert problems == []


def test_the_provider_that_is_down_has_a_page_of_its_own(visits: Visits, provider: IdentityProvider) -> None:
    window = visits.window(360, scripts=False)
    window.open("/login?lang=zh")
    provider.down = True
    try:
        window.page.click("text=统一身份认证")  # where its addresses are known, the browser goes there
        assert re.search("50[03]", str(window.problems)) or window.page.url.startswith(provider.address)
    finally:
        provider.down = False
    log_in(window)
    assert "admin" in window.page.inner_text("a.who")


@pytest.mark.slow  # starts the provider of another package, a process of its own
def test_the_code_flow_at_a_provider_that_we_did_not_write(
    browser: Browser, module_database: Callable[[], str]
) -> None:
    claims = {"sub": "u-1", "preferred_username": "qian", "role": "auditor", "unit": "420684"}
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", "0", "--host", "127.0.0.1"]
    command += ["--require-nonce", "--user-claims", json.dumps(claims)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout is not None
            issuer = next(match[0] for line in process.stdout if (match := re.search(r"http://[\w.]+:\d+", line)))
            with county(module_database(), issuer) as served:
                visits = Visits(browser, served)
                window = visits.window(scripts=False)
                window.open("/login?lang=zh")
                window.page.click("text=统一身份认证")
                window.page.click("button[value=u-1]")
                assert "qian" in window.page.inner_text("a.who")
                window.page.click("a.who")
                assert "审计员" in window.text()
                visits.close()
        finally:
            process.kill()
