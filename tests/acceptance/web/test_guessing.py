"""Guessing passwords: what is tried too often is not even looked at, whoever tries and wherever from."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest

from registry import database
from registry.access import accounts, attempts
from registry.access.changes import By
from registry.access.problems import AccountProblem
from registry.access.roles import Role
from registry.access.viewer import Grant
from tests.support.api_client import Api, api
from tests.support.visitor import PASSWORD, Visitor, quick_passwords

BY = By("test", "command")
GUESSES = 10_000
SENT = 500  # of them over HTTP; the others are counted as those are


@pytest.fixture(scope="module")
def opened(module_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, Api]]:
    """An account whose password is quickly looked at."""
    url = module_database()
    with quick_passwords(), database.connect(url) as connection, api(url) as client:
        accounts.add(connection, "admin", PASSWORD, [], BY)
        accounts.add(connection, "other", PASSWORD, [], BY)
        yield connection, client


@pytest.fixture
def connection(opened: tuple[psycopg.Connection, Api]) -> psycopg.Connection:
    opened[0].execute("DELETE FROM access.attempt")
    return opened[0]


def guess(api: Api, one: Visitor, guesses: list[tuple[str, str]]) -> list[httpx.Response]:
    """Send many log-ins at once with the token of one form."""
    one.get("/login")
    token = one.page.split('name="token" value="')[1].split('"')[0]

    async def every() -> list[httpx.Response]:
        sent = [{"token": token, "name": name, "password": password} for name, password in guesses]
        return await asyncio.gather(*(one.client.post("/login", data=fields) for fields in sent))

    return api.runner.run(every())


def test_ten_thousand_guesses_are_ten(opened: tuple[psycopg.Connection, Api], connection: psycopg.Connection) -> None:
    _, client = opened
    one = Visitor(client, address="198.51.100.7")
    answers = guess(client, one, [("admin", f"guess {number}") for number in range(SENT)])
    looked_at = attempts.OF_ACCOUNT
    assert Counter(answer.status_code for answer in answers) == {403: looked_at, 429: SENT - looked_at}
    assert all(0 < int(a.headers["retry-after"]) <= attempts.WINDOW for a in answers if a.status_code == 429)
    for number in range(GUESSES - SENT):  # from everywhere
        with pytest.raises(AccountProblem):
            attempts.count(connection, "admin", f"198.51.100.{number % 250}")
    assert one.log_in("admin").status_code == 429  # the right one too, until the time is over
    assert Visitor(client, address="203.0.113.9").log_in("other").status_code == 303
    connection.execute("UPDATE access.attempt SET since = since - make_interval(secs => %s)", (attempts.WINDOW + 1,))
    assert Visitor(client, address="203.0.113.9").log_in("admin").status_code == 303


def test_an_administrator_sees_a_locked_account_and_unlocks_it(
    opened: tuple[psycopg.Connection, Api], connection: psycopg.Connection
) -> None:
    _, client = opened
    accounts.give(connection, "admin", Grant(Role.ADMINISTRATOR), BY)
    admin, other = Visitor(client), Visitor(client, address="203.0.113.9")
    admin.log_in("admin")
    for change in ({"do": "unlock"}, {"do": "password", "password": PASSWORD}):
        guess(client, other, [("other", "guess")] * attempts.OF_ACCOUNT)
        assert other.log_in("other").status_code == 429
        assert all("暂停登录" in admin.get(page).text for page in ("/accounts", "/admin/accounts", "/accounts/other"))
        assert admin.post("/accounts/other", None, **change).status_code == 200
        assert "暂停登录" not in admin.page
        assert other.log_in("other").status_code == 303
    assert "解除锁定" in admin.get("/accounts/other").text


def test_an_address_that_tries_many_names_is_stopped(
    opened: tuple[psycopg.Connection, Api], connection: psycopg.Connection
) -> None:
    _, client = opened
    one = Visitor(client, address="2001:db8::1")
    answers = guess(client, one, [(f"name-{number}", "guess") for number in range(150)])
    assert Counter(answer.status_code for answer in answers) == {403: attempts.OF_ADDRESS, 429: 50}
    neighbour = Visitor(client, address="2001:db8::2")  # of the same customer
    assert neighbour.log_in("other").status_code == 429
    assert Visitor(client, address="2001:db8:1::1").log_in("other").status_code == 303


def test_who_logs_in_rightly_is_not_counted(
    opened: tuple[psycopg.Connection, Api], connection: psycopg.Connection
) -> None:
    _, client = opened
    for _ in range(attempts.OF_ACCOUNT + 2):
        assert Visitor(client, address="192.0.2.1").log_in("other").status_code == 303
    assert connection.execute("SELECT coalesce(max(tries), 0) FROM access.attempt").fetchone() == (0,)


def test_neither_names_nor_addresses_are_kept(
    opened: tuple[psycopg.Connection, Api], connection: psycopg.Connection
) -> None:
    _, client = opened
    Visitor(client, address="192.0.2.77").log_in("a-password-typed-as-name", "x")
    kept = str(connection.execute("SELECT t::text FROM access.attempt t").fetchall())
    assert "192.0.2.77" not in kept
    assert "a-password" not in kept
