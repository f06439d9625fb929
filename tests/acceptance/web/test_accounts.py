"""Local accounts, as people meet them: logging in and out, what a session is worth, tokens, who keeps accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape

import psycopg
import pytest
from argon2 import PasswordHasher

from registry import database
from registry.access import accounts, sessions
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.recording.unit_of_work import record
from tests.support.api_client import Api, api
from tests.support.visitor import PASSWORD, Visitor, quick_passwords
from tests.support.worlds import COUNTY

BY = By("test", "command")
LATER = (today() + timedelta(days=30)).isoformat()


@pytest.fixture(scope="module")
def shared(module_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, Api]]:
    """A county with an administrator, an organizer and a clerk, and the application over it."""
    url = module_database()
    with quick_passwords(), database.connect(url) as connection, api(url) as opened:
        record(connection, COUNTY)
        for name, grant in (
            ("admin", Grant(Role.ADMINISTRATOR)),
            ("组织部", Grant(Role.ORGANIZER, "420684")),
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


def test_who_logs_in_is_named_on_every_page_until_logging_out(visitor: Callable[..., Visitor]) -> None:
    one = visitor()
    assert "登录" in one.get("/").text
    answer = one.log_in("组织部", next="/lists?q=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/lists?q=1")
    for path in ("/", "/lists", "/villages", "/undo", "/docs", "/graphql"):
        page = one.get(path)
        assert "组织部" in page.text
        assert page.headers["cache-control"] == "private, no-store"
    one.get("/logout")
    assert "已退出" in one.post("/logout").text
    assert "组织部" not in one.get("/").text
    assert "quanze_session" not in one.cookies


def test_a_name_is_the_same_however_it_is_written(visitor: Callable[..., Visitor]) -> None:
    assert visitor().log_in("ＡＤＭＩＮ ").status_code == 303


def test_the_cookie_is_kept_from_scripts_other_sites_and_open_connections(visitor: Callable[..., Visitor]) -> None:
    for base, name, secure in (
        ("http://localhost", "quanze_session", False),
        ("https://quanze.example", "__Host-quanze_session", True),
        ("http://quanze.example", "__Host-quanze_session", True),
    ):
        one = visitor(base)
        one.get("/login")
        (cookie,) = [line for line in _log_in_with(one, base) if line.startswith(name + "=")]
        attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= attributes
        assert ("secure" in attributes) is secure
        assert not any(one.startswith("domain") for one in attributes)


def test_no_other_host_can_set_a_cookie_that_decides_anything(visitor: Callable[..., Visitor]) -> None:
    base = "https://quanze.example"
    one = visitor(base)
    cookies = one.get("/login").headers.get_list("set-cookie") + _log_in_with(one, base)
    names = {cookie.partition("=")[0] for cookie in cookies}
    assert names == {"__Host-quanze_form", "__Host-quanze_session"}
    assert all("; Path=/;" in f"{cookie};" and "; Secure" in cookie for cookie in cookies)
    # One under a neighbour's name for it counts for nothing.
    token = one.get("/login").headers["set-cookie"].partition(";")[0].removeprefix("__Host-")
    assert one.post("/login", {"cookie": token}, name="admin", password=PASSWORD).status_code == 403


def _log_in_with(one: Visitor, base: str) -> list[str]:
    """Log in even where the browser would not send its cookies back."""
    form = re.search(r"(?:__Host-)?quanze_form=[\w-]+", str(one.get("/login").headers.get("set-cookie")))
    assert form
    headers = {"cookie": form[0]}
    return one.post("/login", headers, name="admin", password=PASSWORD).headers.get_list("set-cookie")


def test_what_was_stolen_before_logging_in_is_worth_nothing_after(visitor: Callable[..., Visitor]) -> None:
    one, thief = visitor(), visitor()
    one.get("/login")
    thief.client.cookies.update(one.cookies)  # what there was before
    one.log_in("admin")
    assert "admin" not in thief.get("/").text
    first = one.cookies["quanze_session"]
    thief.client.cookies.set("quanze_session", first, domain="localhost.local")
    assert "admin" in thief.get("/").text
    one.log_in("admin")  # once more, in the same browser
    assert one.cookies["quanze_session"] != first
    assert "admin" not in thief.get("/").text


def test_a_session_that_somebody_else_chose_is_not_taken_over(visitor: Callable[..., Visitor]) -> None:
    one = visitor()
    one.client.cookies.set("quanze_session", "chosen-by-the-attacker", domain="localhost.local")
    one.log_in("admin")
    assert "chosen-by-the-attacker" not in one.cookies.values()


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "gone", PASSWORD, [], BY)
    accounts.disable(connection, "gone", BY)
    answers = []
    for name in ("admin", "nobody-of-that-name", "gone"):
        one = visitor()
        answer = one.log_in(name, "wrong password")
        answers.append((answer.status_code, answer.headers["content-type"], one.page.replace(name, ""), one.note()))
        assert "quanze_session" not in one.cookies
    without_token = [(status, kind, re.sub('value="[^"]*"', "", page), note) for status, kind, page, note in answers]
    assert without_token[0][0] == 403
    assert without_token[0][3] == "账号或密码不对。"
    assert without_token[1:] == without_token[:1] * 2


def test_a_disabled_account_is_out_at_once_and_comes_back_only_by_logging_in(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    admin, one = visitor(), visitor()
    accounts.add(connection, "leaver", PASSWORD, [Grant(Role.AUDITOR)], BY)
    assert one.log_in("leaver").status_code == 303
    admin.log_in("admin")
    admin.get("/accounts/leaver")
    admin.post("/accounts/leaver", do="disable")
    assert "已停用" in admin.note()
    assert "leaver" not in one.get("/").text
    assert one.log_in("leaver").status_code == 403
    admin.post("/accounts/leaver", do="enable")
    assert one.log_in("leaver").status_code == 303
    assert "disabled" in {change.what for change in accounts.changes.newest(connection, "leaver")}


def test_logging_out_everywhere_ends_every_session(visitor: Callable[..., Visitor]) -> None:
    here, there = visitor(), visitor()
    here.log_in("town")
    there.log_in("town")
    here.get("/account")
    assert here.page.count("<tr>") >= 3
    assert here.post("/account", do="everywhere").status_code == 303
    for one in (here, there):
        assert one.get("/account").headers["location"].startswith("/login")


def test_a_changed_password_ends_other_sessions_and_needs_the_present_one(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "changer", PASSWORD, [], BY)
    one, other = visitor(), visitor()
    one.log_in("changer")
    other.log_in("changer")
    one.get("/account")
    assert one.post("/account", do="password", before="wrong", password="四条小鱼一起游过大桥洞").status_code == 403
    assert one.post("/account", do="password", before=PASSWORD, password="short").status_code == 400
    one.post("/account", do="password", before=PASSWORD, password="四条小鱼一起游过大桥洞")
    assert other.get("/account").status_code == 303
    assert other.log_in("changer").status_code == 403
    assert other.log_in("changer", "四条小鱼一起游过大桥洞").status_code == 303


def test_a_token_is_shown_once_works_in_its_role_and_ends(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    one, program = visitor(), visitor()
    one.log_in("组织部")
    one.get("/account")
    one.post("/account", do="token", label="督查平台", role="organizer", unit="town", last=LATER)
    token = re.search(r'id="token"[^>]*>([^<]+)<', one.page)
    assert token
    use = unescape(one.page.partition('id="token-use"')[2].partition("</pre>")[0])
    assert f"Authorization: Bearer {token[1]}" in use
    assert "/graphql" in use
    assert "/docs?lang=zh#tokens" in one.page
    again = one.post("/account", do="token", label="督查平台", role="organizer", unit="town", last=LATER)  # F5
    assert (again.status_code, 'id="token"' in one.page, "已发放过同样的令牌" in one.note()) == (400, False, True)
    assert token[1] not in one.get("/account").text
    stored = connection.execute("SELECT t::text FROM access.token t").fetchall()
    assert token[1] not in str(stored)
    bearer = {"authorization": f"Bearer {token[1]}"}
    assert "data" in program.ask('{ unit(code: "town") { name } }', **bearer)
    assert "组织部" in program.get("/", **bearer).text
    assert connection.execute("SELECT used_at FROM access.token").fetchone() != (None,)
    number = re.search(r'name="number" value="(\d+)"', one.page)
    assert number
    one.post("/account", do="revoke", number=number[1])
    refused = program.send("POST", "/graphql", json={"query": "{ __typename }"}, headers=bearer | {"accept": "*/*"})
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.json()["errors"][0]["extensions"]["code"] == "not-logged-in"


def test_the_reference_of_the_api_says_how_a_token_is_used(visitor: Callable[..., Visitor]) -> None:
    for lang in ("zh", "en"):
        shown = unescape(
            visitor().get(f"/docs?lang={lang}").text.partition('id="tokens"')[2].partition("</section>")[0]
        )
        assert "Authorization: Bearer" in shown
        assert "/graphql" in shown
        assert "curl" in shown


@pytest.mark.parametrize("form", ["json", "csv"])
def test_a_file_for_programs_is_refused_in_json(visitor: Callable[..., Visitor], form: str) -> None:
    clerk = visitor()
    clerk.log_in("组织部")
    for who, path, status, code in (
        (visitor(), "/findings", 401, "not-logged-in"),
        (clerk, "/admin/accounts", 403, "forbidden"),
        (clerk, "/units/nowhere", 404, "unknown-unit"),
    ):
        answer = who.get(f"{path}?format={form}", accept="text/html,*/*")
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json")
        refused = answer.json()["errors"][0]["extensions"]
        assert refused["code"] == code
        assert refused["message"]["zh"]
        assert refused["message"]["en"]
        assert who.get(path, accept="text/html").headers.get("content-type", "text/html").startswith("text/html")


def test_who_changed_an_account_is_shown_in_words_and_a_token_with_its_last_day(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "oa", None, [Grant(Role.CLERK, "town")], By("?", "command"))
    admin = visitor()
    admin.log_in("admin")
    admin.get("/accounts/oa?lang=zh")
    admin.post("/accounts/oa?lang=zh", do="token", label="OA", role="clerk", unit="town", last=LATER)
    shown = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", admin.get("/accounts/oa?lang=zh").text))
    assert f"发放令牌 1 号（OA），经办员：单位town，用到 {LATER}" in re.sub(r"令牌 \d+ 号", "令牌 1 号", shown)
    assert f"OA 经办员：单位town {LATER} 没有用过" in shown
    assert "未留名 命令行 授予角色 经办员：单位town" in shown
    assert "clerk:" not in shown
    overview = re.sub("<[^>]+>", " ", admin.get("/admin/accounts?lang=zh").text)
    assert LATER in overview
    assert "经办员：单位town" in overview
    by_territory = admin.get("/admin/accounts?lang=zh&format=json&table=territories").json()
    assert {"territory": "单位town", "role": "clerk", "account": "oa", "state": "在用"} in by_territory
    assert by_territory[0]["territory"] == "全部单位"
    admin.get("/accounts/oa?lang=zh")
    admin.post("/accounts/oa?lang=zh", do="token", label="OA", role="clerk", unit="water", last=LATER)
    assert "没有“经办员：单位water”这一角色" in admin.note()


@pytest.mark.parametrize(
    ("role", "unit", "last"),
    [
        ("auditor", "420684", LATER),
        ("clerk", "420684", LATER),
        ("clerk", "nowhere", LATER),
        ("clerk", "town", "2020-01-01"),
    ],
)
def test_a_token_can_do_no_more_than_its_account(
    visitor: Callable[..., Visitor], role: str, unit: str, last: str
) -> None:
    one = visitor()
    one.log_in("town")
    one.get("/account")
    assert one.post("/account", do="token", label="x", role=role, unit=unit, last=last).status_code in (400, 404)
    assert 'id="token"' not in one.page


def test_a_token_ends_with_the_role_that_it_rests_on(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "mover", None, [Grant(Role.EDITOR, "420684")], BY)
    admin, program = visitor(), visitor()
    admin.log_in("admin")
    admin.get("/accounts/mover")
    admin.post("/accounts/mover", do="token", label="x", role="editor", unit="town", last=LATER)
    token = re.search(r'id="token"[^>]*>([^<]+)<', admin.page)
    assert token
    bearer = {"authorization": f"Bearer {token[1]}"}
    assert "data" in program.ask("{ __typename }", **bearer)
    admin.post("/accounts/mover", do="take", grant="editor:420684")
    assert program.ask("{ __typename }", **bearer)["errors"][0]["extensions"]["code"] == "not-logged-in"


def test_accounts_are_kept_by_administrators_only(visitor: Callable[..., Visitor]) -> None:
    nobody, clerk = visitor(), visitor()
    assert nobody.get("/accounts").headers["location"].startswith("/login")
    clerk.log_in("town")
    for path in ("/accounts", "/accounts/admin"):
        assert clerk.get(path).status_code == 403
        assert "admin" not in clerk.page.replace("administrator", "")
    clerk.get("/account")
    assert clerk.post("/accounts", name="mine", password=PASSWORD, role="administrator").status_code == 403


def test_an_administrator_makes_accounts_and_it_is_kept_who_did(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    admin = visitor()
    admin.log_in("admin")
    admin.get("/accounts")
    assert admin.post("/accounts", name="Li.Si", password="short").status_code == 400
    assert admin.post("/accounts", name="Li.Si", password=PASSWORD, role="editor", unit="").status_code == 400
    assert admin.post("/accounts", name="Li.Si", password=PASSWORD, role="editor", unit="月球").status_code == 404
    assert admin.post("/accounts", name="Li.Si", password=PASSWORD, role="editor", unit="420684").status_code == 303
    assert admin.post("/accounts", name="li.si", password=PASSWORD).status_code == 409
    # Nor one that looks like it, nor a word of two alphabets, like anything or not; Chinese goes with every alphabet.
    for name in ("\u0430dmin", "admin\u0455", "\u043e\u0441a", "\u03b1dmin"):
        assert admin.post("/accounts", name=name, password=PASSWORD).status_code == 400, name
        assert "U+" in admin.note()
    assert admin.post("/accounts", name="\u0440\u043e\u0441", password=PASSWORD).status_code == 303
    assert admin.post("/accounts", name="poc", password=PASSWORD).status_code == 409
    assert "U+0070" in admin.note()
    assert admin.post("/accounts", name="李四-li.4@\u0440\u043e\u0441.cn", password=PASSWORD).status_code == 303
    assert "编辑员" in admin.get("/accounts/li.si").text
    assert "admin" in admin.page
    row = connection.execute("SELECT by, via, what FROM access.change WHERE account = 'li.si'").fetchall()
    assert row == [("admin", "page", "added"), ("admin", "page", "role-given")]
    with pytest.raises(psycopg.errors.RaiseException):
        connection.execute("UPDATE access.change SET by = 'somebody else'")
    with pytest.raises(psycopg.errors.RaiseException):
        connection.execute("TRUNCATE access.change")


def test_the_last_administrator_stays(visitor: Callable[..., Visitor]) -> None:
    admin = visitor()
    admin.log_in("admin")
    admin.get("/accounts/admin")
    for fields in ({"do": "disable"}, {"do": "take", "grant": "administrator"}):
        assert admin.post("/accounts/admin", **fields).status_code == 409
        assert "最后一个系统管理员" in admin.note()


def test_forms_are_bound_to_the_session_that_they_were_shown_to(visitor: Callable[..., Visitor]) -> None:
    one, other = visitor(), visitor()
    one.log_in("admin")
    other.log_in("town")
    other.get("/account")
    one.page = other.page  # a form of somebody else's
    one.client.cookies.set("quanze_form", other.cookies["quanze_form"], domain="localhost.local")
    assert one.post("/accounts", name="forged", password=PASSWORD).status_code == 403
    one.get("/accounts")
    assert one.post("/accounts", {"sec-fetch-site": "cross-site"}, name="forged", password=PASSWORD).status_code == 403
    assert one.post("/accounts", {"sec-fetch-site": "same-site"}, name="forged", password=PASSWORD).status_code == 403


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "/login", "x", "/a\nb"]
)
def test_logging_in_leads_nowhere_else(visitor: Callable[..., Visitor], address: str) -> None:
    assert visitor().log_in("admin", next=address).headers["location"] == "/"


def test_sessions_end_by_themselves(visitor: Callable[..., Visitor], connection: psycopg.Connection) -> None:
    for column, age in (("seen_at", sessions.IDLE + 60), ("ends_at", 1)):
        one = visitor()
        one.log_in("town")
        statement = f"UPDATE access.session SET {column} = now() - make_interval(secs => {age})"
        connection.execute(statement.encode())
        assert one.get("/account").status_code == 303


def test_a_password_kept_with_other_parameters_is_kept_anew(
    visitor: Callable[..., Visitor], connection: psycopg.Connection
) -> None:
    accounts.add(connection, "older", None, [], BY)
    statement = "UPDATE access.account SET password = %s WHERE name = 'older'"
    connection.execute(statement, (PasswordHasher().hash(PASSWORD),))
    for _ in range(2):
        assert visitor().log_in("older").status_code == 303
    kept = accounts.kept_password(connection, "older") or ""
    assert kept.startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_an_unsafe_connection_is_said_to_be_one(visitor: Callable[..., Visitor]) -> None:
    assert "没有加密" in visitor("http://quanze.example").get("/login").text
    assert "没有加密" not in visitor("https://quanze.example").get("/login").text


def test_a_clerk_is_shown_the_assessment_that_was_recorded_of_a_unit_outside_its_territory(
    visitor: Callable[..., Visitor],
) -> None:
    one = visitor()
    one.log_in("town")
    form = one.get("/assessments?lang=zh").text
    assert 'name="by" value="单位town"' in form
    sent = one.post("/assessments?lang=zh", by="单位town", unit="water", period="2026", score="86", text="来得勤")
    assert sent.status_code == 303
    shown = one.get(sent.headers["location"]).text
    assert "已记录：单位town给单位water评了 86 分。" in shown
    assert "来得勤" in shown
