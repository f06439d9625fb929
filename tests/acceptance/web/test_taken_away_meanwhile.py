"""What is taken away while a request is under way is so for it too: a password, a role, a unit, an account."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from registry import database
from registry.access import accounts, passwords, sessions, tokens
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from registry.recording.unit_of_work import record
from tests.support.live_server import live_server
from tests.support.visitor import PASSWORD, quick_passwords
from tests.support.waiting import blocked, wait_for
from tests.support.worlds import COUNTY, decision, unit

BY = By("test", "command")
LATER = today() + timedelta(days=30)
ANOTHER = "四条小鱼一起游过大桥洞"
Served = tuple[psycopg.Connection, str, str]
MATTER = 'mutation { defineMatter(at: "2023-01-01", matter: "%s", kind: DUTY, name: "x") { positions } }'
MATTER_THERE = '{ matter(code: "%s") { name } }'


@pytest.fixture(scope="module")
def served(module_database: Callable[[], str]) -> Iterator[Served]:
    """A county, its server's address, and its database's."""
    url = module_database()
    with (
        pytest.MonkeyPatch.context() as patch,
        quick_passwords(),
        database.connect(url) as connection,
        live_server(url) as address,
    ):
        patch.setattr("registry.web.authentication.LOOK", 0.1)
        record(connection, COUNTY)
        accounts.add(connection, "admin", PASSWORD, [Grant(Role.ADMINISTRATOR)], BY)
        yield connection, address, url


def new_account(connection: psycopg.Connection, name: str, *grants: Grant) -> dict[str, str]:
    """An account with a token for the first of its roles; the header that shows it."""
    accounts.add(connection, name, PASSWORD, grants, BY)
    return new_token(connection, name, grants[0]) if grants else {}


def new_token(connection: psycopg.Connection, name: str, grant: Grant) -> dict[str, str]:
    _, token = tokens.make(connection, name, "x", grant, LATER, BY)
    return {"Authorization": f"Bearer {token}"}


def log_in(address: str, name: str) -> httpx.Client:
    client = httpx.Client(base_url=address, headers={"accept": "text/html"})
    token = re.search(r'name="token" value="([^"]+)"', client.get("/login").text)
    assert token
    fields = {"token": token[1], "name": name, "password": PASSWORD}
    client.post("/login", files={field: (None, text) for field, text in fields.items()})
    return client


def is_in(client: httpx.Client) -> bool:
    return client.get("/account").status_code == 200


def long_in_arriving(
    address: str, headers: dict[str, str], body: bytes, meanwhile: Callable[[], object], path: str = "/graphql"
) -> int:
    """Send a request, and its last byte only once something has happened meanwhile; gives the answer's status."""
    where = urlsplit(address)
    assert where.hostname
    sent = {"Host": where.netloc, "Content-Type": "application/json", "Content-Length": str(len(body))} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
    with socket.create_connection((where.hostname, where.port or 80), timeout=60) as open_:
        open_.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body[:-1])
        wait_for(lambda: status(address, headers) == 200)  # as who asks is known by now
        meanwhile()
        time.sleep(1.2)  # longer than a server remembers who asks
        open_.sendall(body[-1:])
        return int(open_.recv(12)[9:])


def nothing() -> None:
    """Nothing happens meanwhile."""


def ask(address: str, headers: dict[str, str], query: str) -> Any:
    answer = httpx.post(f"{address}/graphql", json={"query": query}, headers=headers, timeout=60).json()
    return next(iter(answer["data"].values()))


def status(address: str, headers: dict[str, str]) -> int:
    headers = headers | {"Content-Type": "application/json"}
    return httpx.post(f"{address}/graphql", content=b'{"query": "{ __typename }"}', headers=headers).status_code


def disabled(connection: psycopg.Connection, name: str) -> None:
    accounts.disable(connection, name, BY)


def another_password(connection: psycopg.Connection, name: str) -> None:
    accounts.set_password(connection, name, ANOTHER, BY)


def role_taken(connection: psycopg.Connection, name: str) -> None:
    accounts.take(connection, name, Grant(Role.ORGANIZER), BY)


def another_role(connection: psycopg.Connection, name: str) -> None:
    accounts.give(connection, name, Grant(Role.ADMINISTRATOR), BY)


@pytest.mark.parametrize("taken", [another_password, disabled])
def test_a_password_that_was_right_when_it_was_sent_begins_no_session_afterwards(
    served: Served, monkeypatch: pytest.MonkeyPatch, taken: Callable[[psycopg.Connection, str], None]
) -> None:
    connection, address, _ = served
    name = f"racer{len(accounts.every(connection))}"
    accounts.add(connection, name, PASSWORD, [], BY)
    looked, right = passwords.fits, list[bool]()

    def slowly(password: str, kept: str | None) -> bool:
        right.append(looked(password, kept))
        taken(connection, name)
        return right[-1]

    monkeypatch.setattr(passwords, "fits", slowly)
    with closing(log_in(address, name)) as thief:
        accounts.enable(connection, name, BY)
        assert right == [True]
        assert not is_in(thief)


def test_a_request_that_is_long_in_arriving_is_answered_as_who_asks_is_by_then(served: Served) -> None:
    connection, address, _ = served
    bearer = new_account(connection, "slow", Grant(Role.ORGANIZER))
    question = json.dumps({"query": '{ unit(code: "town") { name } }'}).encode()
    assert long_in_arriving(address, bearer, question, nothing) == 200
    assert long_in_arriving(address, bearer, question, lambda: accounts.disable(connection, "slow", BY)) == 401
    accounts.enable(connection, "slow", BY)
    with closing(log_in(address, "slow")) as browser:
        cookie = {"Cookie": f"quanze_session={browser.cookies['quanze_session']}"}
        assert long_in_arriving(address, cookie, question, nothing) == 200
        take = partial(accounts.take, connection, "slow", Grant(Role.ORGANIZER), BY)
        assert long_in_arriving(address, cookie, question, take) == 401
        form = {"Content-Type": "application/x-www-form-urlencoded"} | cookie
        end = partial(sessions.end_all, connection, "slow", BY)
        assert long_in_arriving(address, form, b"do=everywhere", end, "/account") == 401


@pytest.mark.parametrize(
    ("taken", "recorded"), [(None, True), (disabled, False), (role_taken, False), (another_role, True)]
)
def test_what_waits_for_its_turn_is_recorded_with_the_roles_that_are_left(
    served: Served, taken: Callable[[psycopg.Connection, str], None] | None, recorded: bool
) -> None:
    connection, address, url = served
    name = f"waiting{len(accounts.every(connection))}"
    bearer = new_account(connection, name, Grant(Role.ORGANIZER))
    mutation = {"query": MATTER % name}
    with database.connect(url) as holding, ThreadPoolExecutor(1) as beside:
        with holding.transaction():
            holding.execute("LOCK TABLE log.decision IN EXCLUSIVE MODE")
            answer = beside.submit(httpx.post, f"{address}/graphql", json=mutation, headers=bearer, timeout=60)
            wait_for(lambda: blocked(connection) > 0)
            if taken is not None:
                taken(connection, name)
        result = answer.result().json()
    assert ("errors" not in result) is recorded, result
    if not recorded:
        assert result["errors"][0]["extensions"]["errors"][0]["code"] == "forbidden"
        assert ask(address, new_account(connection, f"{name}-2", Grant(Role.AUDITOR)), MATTER_THERE % name) is None


def test_a_token_reaches_no_unit_that_has_left_the_territory_of_its_account(served: Served) -> None:
    connection, address, _ = served
    inside = new_account(connection, "reaching", Grant(Role.CLERK, "420684"))
    token = new_token(connection, "reaching", Grant(Role.CLERK, "town"))
    own = new_account(connection, "of-town", Grant(Role.CLERK, "town"))
    whole = new_account(connection, "of-all", Grant(Role.CLERK))
    of_all = new_token(connection, "of-all", Grant(Role.CLERK, "town"))
    everyone = (inside, token, own, whole, of_all)
    assert [status(address, each) for each in everyone] == [200] * 5
    record(connection, [unit("4299", "county", "government", at="2020-01-01")])
    record(connection, [decision("UnitMoved", "2024-01-01", unit="town", parent="4299")])
    wait_for(lambda: status(address, token) == 401)
    assert [status(address, each) for each in everyone] == [200, 401, 200, 200, 200]
