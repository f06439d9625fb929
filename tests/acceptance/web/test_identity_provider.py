"""Logging in with a county's own identity provider, and behind a proxy that says who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest

from registry import database, settings
from registry.access import accounts, sessions
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.recording.unit_of_work import record
from registry.web import application
from registry.web.hosts import Hosts, KnownHosts, proxies
from tests.support.api_client import Api, api
from tests.support.identity_provider import CLIENT, SECRET, IdentityProvider, identity_provider
from tests.support.visitor import PASSWORD, Visitor, quick_passwords
from tests.support.worlds import COUNTY

BY = By("test", "command")
PROXY = "10.1.2.3"


@pytest.fixture(scope="module")
def provider() -> Iterator[IdentityProvider]:
    with identity_provider() as started:
        yield started


@pytest.fixture(scope="module")
def opened(module_database: Callable[[], str], provider: IdentityProvider) -> Iterator[tuple[psycopg.Connection, Api]]:
    """A county with an administrator of its own, whose others come from a provider or through a proxy."""
    url = module_database()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTRY_OIDC_ISSUER", provider.address)
        patch.setenv("REGISTRY_OIDC_CLIENT_ID", CLIENT)
        patch.setenv("REGISTRY_OIDC_CLIENT_SECRET", SECRET)
        patch.setenv("REGISTRY_OIDC_ROLE_CLAIM", "realm.roles")
        patch.setenv("REGISTRY_ROLES", "组织部=organizer, 审计=auditor:town")
        patch.setenv("REGISTRY_PROXIES", f"{PROXY}, 10.9.0.0/16")
        patch.setenv("REGISTRY_PROXY_USER_HEADER", "X-Remote-User")
        patch.setenv("REGISTRY_PROXY_ROLE_HEADER", "X-Remote-Role")
        patch.setenv("REGISTRY_PROXY_UNIT_HEADER", "X-Remote-Unit")
        with quick_passwords(), database.connect(url) as connection, api(url) as client:
            record(connection, COUNTY)
            accounts.add(connection, "admin", PASSWORD, [Grant(Role.ADMINISTRATOR)], BY)
            behind = KnownHosts(client.app, Hosts(frozenset(), all_=True), proxies())
            yield connection, replace(client, app=behind)


@pytest.fixture
def visitor(opened: tuple[psycopg.Connection, Api], provider: IdentityProvider) -> Iterator[Callable[..., Visitor]]:
    yield lambda *where, **headers: Visitor(opened[1], *where, **headers)
    provider.change.clear()
    provider.forge = provider.down = False


def enter(one: Visitor, person: str, **bring: str) -> httpx.Response:
    """Log in at the provider, as a browser does; `bring`: what it brings back besides, or otherwise."""
    sent = one.get("/login/provider?next=/lists")
    assert sent.status_code == 303, one.page
    there = httpx.post(sent.headers["location"], data={"person": person})
    back = urlsplit(there.headers["location"])
    query = {name: values[0] for name, values in parse_qs(back.query).items()} | bring
    return one.get(str(httpx.URL(back.path, params=query)))


def roles_of(connection: psycopg.Connection, name: str) -> set[str]:
    return {accounts.shown(grant) for grant in accounts.named(connection, name).grants}


def test_who_logs_in_at_the_provider_has_the_roles_that_it_says(
    visitor: Callable[..., Visitor], opened: tuple[psycopg.Connection, Api], provider: IdentityProvider
) -> None:
    connection, _ = opened
    provider.people["wang"] = {"realm": {"roles": ["组织部", "审计", "手球队"]}, "unit": "420684"}
    one = visitor()
    answer = enter(one, "wang")
    assert answer.headers["location"] == "/lists"
    assert "wang" in one.get("/").text
    assert roles_of(connection, "wang") == {"organizer:420684", "auditor:town"}
    provider.people["wang"] = {"realm": {"roles": ["editor", "clerk"]}, "unit": ["town", "月球"]}
    accounts.give(connection, "wang", Grant(Role.AUDITOR), BY)  # what is given here stays
    enter(one, "wang")
    assert roles_of(connection, "wang") == {"editor:town", "clerk:town", "auditor:*"}
    what = {(change.what, change.via) for change in accounts.changes.newest(connection, "wang")}
    assert {("added", "provider"), ("role-taken", "provider"), ("role-given", "command")} <= what


def test_a_name_that_is_taken_here_is_not_taken_over(
    visitor: Callable[..., Visitor], opened: tuple[psycopg.Connection, Api]
) -> None:
    one = visitor()
    enter(one, "admin")
    assert "admin@127.0.0.1" in one.get("/").text
    assert one.get("/accounts").status_code == 403


def test_a_disabled_account_does_not_come_back_by_the_provider(
    visitor: Callable[..., Visitor], opened: tuple[psycopg.Connection, Api]
) -> None:
    connection, _ = opened
    one = visitor()
    enter(one, "zhao")
    accounts.disable(connection, "zhao", BY)
    answer = enter(one, "zhao")
    assert answer.status_code == 403
    assert "account-disabled" in one.page


def test_an_account_that_is_disabled_while_it_logs_in_is_not_in_once_it_is_enabled_again(
    visitor: Callable[..., Visitor], opened: tuple[psycopg.Connection, Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, _ = opened
    one, begin, under_way = visitor(), sessions.begin, list[Thread]()
    enter(one, "zhou")

    def slowly(*given: Any, **more: Any) -> str:
        under_way.append(Thread(target=accounts.disable, args=(connection, "zhou", BY)))
        under_way[-1].start()
        under_way[-1].join(1)  # it may have to wait for this log-in
        return begin(*given, **more)

    monkeypatch.setattr(sessions, "begin", slowly)
    enter(one, "zhou")
    under_way[0].join()
    accounts.enable(connection, "zhou", BY)
    assert one.get("/account").status_code == 303


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1},
        {"iss": "https://elsewhere.example"},
        {"iss": ""},
        {"aud": "another-client"},
        {"aud": []},
        {"aud": ""},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"sub": None},
        {"exp": None},
        {"iat": 4_000_000_000},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_log_in_is_refused(
    visitor: Callable[..., Visitor], provider: IdentityProvider, change: dict[str, object]
) -> None:
    provider.change = dict(change)
    one = visitor()
    answer = enter(one, "li")
    assert answer.status_code == 403
    assert "provider-refused" in one.page
    assert "quanze_session" not in one.cookies


def test_a_token_that_somebody_else_signed_is_refused(
    visitor: Callable[..., Visitor], provider: IdentityProvider
) -> None:
    provider.forge = True
    assert enter(visitor(), "li").status_code == 403
    provider.forge = False
    assert enter(visitor(), "li").status_code == 303


def test_a_new_key_of_the_provider_is_fetched(visitor: Callable[..., Visitor], provider: IdentityProvider) -> None:
    assert enter(visitor(), "li").status_code == 303
    provider.rotate()
    assert enter(visitor(), "li").status_code == 303


def test_what_comes_back_is_taken_once_and_in_the_browser_that_was_sent(visitor: Callable[..., Visitor]) -> None:
    one, other = visitor(), visitor()
    assert enter(one, "li", state="another").status_code == 403
    assert enter(one, "li", code="another").status_code == 403
    assert enter(one, "li", error="access_denied").status_code == 403
    sent = one.get("/login/provider")
    there = httpx.post(sent.headers["location"], data={"person": "li"})
    back = there.headers["location"].removeprefix("http://localhost")
    assert other.get(back).status_code == 400  # a log-in of somebody else, put upon this browser
    assert one.get(back).status_code == 303
    assert one.get(back).status_code == 400
    assert "login-expired" in one.page


def test_logging_out_leads_to_the_providers_own(visitor: Callable[..., Visitor], provider: IdentityProvider) -> None:
    one = visitor()
    enter(one, "li")
    one.get("/logout")
    one.post("/logout")
    assert f'href="{provider.address}/end?id_token_hint=' in one.page
    assert one.get("/account").status_code == 303


def test_with_the_provider_down_others_still_log_in(
    module_database: Callable[[], str], provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REGISTRY_OIDC_ISSUER", provider.address)
    monkeypatch.setenv("REGISTRY_OIDC_CLIENT_ID", CLIENT)
    provider.down = True
    url = module_database()
    with database.connect(url) as connection, api(url) as client:
        accounts.add(connection, "admin", PASSWORD, [Grant(Role.ADMINISTRATOR)], BY)
        one = Visitor(client)
        answer = one.get("/login/provider")
        assert answer.status_code == 503
        assert "统一身份认证暂时不可用" in one.page
        assert "密码登录" in one.page
        assert one.log_in("admin").status_code == 303
        provider.down = False
        assert Visitor(client).get("/login/provider").status_code == 303


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REGISTRY_OIDC_ISSUER", "http://provider.example"),
        ("REGISTRY_OIDC_ISSUER", "https://provider.example"),  # without a client id
        ("REGISTRY_ROLES", "organizer"),
    ],
)
def test_settings_that_cannot_be_are_refused_at_the_start(
    database_url: str, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.delenv("REGISTRY_OIDC_CLIENT_ID", raising=False)  # which the fixture sets
    monkeypatch.setenv(name, value)

    def start() -> None:
        application(database_url).build_middleware_stack()

    with pytest.raises(settings.BadSetting):
        start()


# ------------------------------------------------------------------------------------------ a proxy in front


def test_a_proxy_that_is_named_says_who_asks(
    visitor: Callable[..., Visitor], opened: tuple[psycopg.Connection, Api]
) -> None:
    connection, _ = opened
    headers = {"x-remote-user": "张三".encode(), "x-remote-role": "组织部;clerk".encode(), "x-remote-unit": b"420684"}
    one = visitor("http://localhost", PROXY)
    one.client.headers.update(headers)  # type: ignore[arg-type]
    assert "张三" in one.get("/").text
    assert roles_of(connection, "张三") == {"organizer:420684", "clerk:420684"}
    one = visitor("http://localhost", PROXY)
    one.client.headers.update(headers | {"x-remote-role": b"clerk"})  # type: ignore[arg-type]
    assert one.get("/account").status_code == 200
    assert roles_of(connection, "张三") == {"clerk:420684"}
    one.get("/logout")
    assert "在那里退出" in one.page


def test_others_say_so_in_vain(visitor: Callable[..., Visitor]) -> None:
    for address in ("10.1.2.4", "127.0.0.1", "testclient"):
        one = visitor("http://localhost", address, **{"x-remote-user": "root", "x-forwarded-for": PROXY})
        assert "root" not in one.get("/").text
    # The proxy passes on what it does not set: an address before its own counts as little.
    one = visitor("http://localhost", "10.8.0.1", **{"x-remote-user": "root", "x-forwarded-for": f"{PROXY}, {PROXY}"})
    assert "root" not in one.get("/").text


def test_a_proxy_names_nobody_else_here(visitor: Callable[..., Visitor]) -> None:
    one = visitor("http://localhost", PROXY, **{"x-remote-user": "admin"})
    assert one.get("/").status_code == 409
    assert "account-exists" in one.page


def test_a_page_of_another_site_does_nothing_behind_a_proxy(visitor: Callable[..., Visitor]) -> None:
    one = visitor("http://localhost", PROXY, **{"x-remote-user": "wu", "sec-fetch-site": "cross-site"})
    answer = one.send("POST", "/graphql", json={"query": "{ __typename }"})
    assert answer.status_code == 403


def test_cookies_are_safe_where_the_proxy_speaks_https(visitor: Callable[..., Visitor]) -> None:
    one = visitor("http://quanze.example", PROXY, **{"x-forwarded-proto": "https", "x-forwarded-for": "198.51.100.7"})
    assert "没有加密" not in one.get("/login").text
    assert "Secure" in one.get("/login").headers["set-cookie"]
    begun = one.get("/login/provider").headers["set-cookie"]
    assert begun.startswith("__Host-quanze_login=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(begun.split("; "))
