"""What an administrator is shown of an account, and that nobody is shown links that refuse them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape

import psycopg
import pytest

from registry import database
from registry.access import accounts, sessions
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import SHANGHAI
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.visitor import PASSWORD, Visitor, quick_passwords
from tests.support.worlds import COUNTY

BY = By("test", "command")


@pytest.fixture(scope="module")
def shared(module_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, Api]]:
    """A county with an administrator and a clerk, and the application over it."""
    url = module_database()
    with quick_passwords(), database.connect(url) as connection, api(url) as opened:
        record(connection, COUNTY)
        for name, grant in (
            ("admin", Grant(Role.ADMINISTRATOR)),
            ("town", Grant(Role.CLERK, "town")),
        ):
            accounts.add(connection, name, PASSWORD, [grant], BY)
        yield connection, opened


@pytest.fixture
def connection(shared: tuple[psycopg.Connection, Api]) -> psycopg.Connection:
    connection, _ = shared
    connection.execute("DELETE FROM access.attempt")
    return connection


@pytest.fixture
def visitor(shared: tuple[psycopg.Connection, Api], connection: psycopg.Connection) -> Callable[..., Visitor]:
    opened = shared[1]
    return lambda *where, **headers: Visitor(opened, *where, **headers)


def test_when_somebody_was_last_there_outlasts_the_log_in(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "passing", PASSWORD, [Grant(Role.CLERK, "town")], By("?", "command"))
    assert accounts.named(connection, "passing").seen_at is None
    visitor().log_in("passing")
    seen = accounts.named(connection, "passing").seen_at
    assert seen is not None
    sessions.end_all(connection, "passing", BY)
    assert accounts.named(connection, "passing").seen_at == seen
    admin = visitor()
    admin.log_in("admin")
    admin.get("/accounts/passing?lang=zh")
    assert f"最近在线：{seen.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" in admin.page


def test_wrong_passwords_are_shown_and_only_what_was_locked_is_unlocked(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "tried", PASSWORD, [Grant(Role.CLERK, "town")], By("?", "command"))
    admin = visitor()
    admin.log_in("admin")
    for _ in range(2):
        visitor().log_in("tried", "wrong")
    admin.get("/accounts/tried?lang=zh")
    assert "密码试错 2 次" in admin.page
    admin.post("/accounts/tried?lang=zh", do="password", password=PASSWORD + "一")
    assert admin.note() == "密码已改。"
    for _ in range(11):
        visitor().log_in("tried", "wrong")
    admin.get("/accounts/tried?lang=zh")
    assert 'id="locked"' in admin.page
    admin.post("/accounts/tried?lang=zh", do="password", password=PASSWORD + "二")
    assert admin.note() == "密码已改，锁定也已解除。"


def test_disabling_an_account_asks_once(visitor: Callable[..., Visitor], connection: psycopg.Connection) -> None:
    accounts.add(connection, "folded", PASSWORD, [], By("?", "command"))
    admin = visitor()
    admin.log_in("admin")
    page = admin.get("/accounts/folded?lang=zh").text
    folded = re.search("<details><summary>停用这个账号…</summary>(.*?)</details>", page, re.DOTALL)
    assert folded is not None
    assert "确认停用" in folded[1]
    assert page.count('value="disable"') == 1


def test_no_role_is_shown_tabs_that_refuse_it(visitor: Callable[..., Visitor], connection: psycopg.Connection) -> None:
    accounts.add(connection, "auditor", PASSWORD, [Grant(Role.AUDITOR, "420684")], By("?", "command"))
    accounts.add(connection, "editor", PASSWORD, [Grant(Role.EDITOR, "420684")], By("?", "command"))
    drafts: dict[str, bool] = {}
    for name, unit in (("auditor", "420684"), ("town", "town"), ("editor", "420684")):
        one = visitor()
        one.log_in(name)
        page = one.get(f"/overview/{unit}?lang=zh").text
        tabs = {
            unescape(link) for link in re.findall(r'href="(/[^"]*)"', page) if "within=" in link or "/drafts" in link
        }
        drafts[name] = any(link.startswith("/drafts") for link in tabs)
        assert [link for link in tabs if one.get(link).status_code == 403] == []
    assert drafts == {"auditor": False, "town": False, "editor": True}


def test_who_may_not_report_is_shown_no_link_to_it(visitor: Callable[..., Visitor]) -> None:
    page = "/villages/village?q=亲属关系证明&lang=zh"
    clerk, admin = visitor(), visitor()
    clerk.log_in("town")
    admin.log_in("admin")
    for link in ("/report?", "/wrong-answer?"):
        assert link in clerk.get(page).text
        assert link not in admin.get(page).text
        assert link in visitor().get(page).text  # who has no account reads there whom to ask
