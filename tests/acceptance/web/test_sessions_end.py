"""What has ended has ended everywhere: at another server of the same registry, and for what is still under way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from registry import database
from registry.access import accounts, sessions
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.recording.unit_of_work import record
from tests.support.live_server import live_server
from tests.support.server_process import serving
from tests.support.visitor import PASSWORD, quick_passwords
from tests.support.waiting import PATIENCE, wait_for
from tests.support.websocket_client import FOLLOW, payload, subscribe, talk
from tests.support.worlds import COUNTY

BY = By("test", "command")


@pytest.fixture(scope="module", autouse=True)
def soon() -> Iterator[None]:
    """The servers look every tenth of a second, instead of every two, whether what lasts may go on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("registry.web.authentication.LOOK", 0.1)
        yield


@pytest.fixture(scope="module")
def servers(module_database: Callable[[], str]) -> Iterator[tuple[psycopg.Connection, str, str]]:
    """Two servers over one county with an organizer."""
    url = module_database()
    with (
        quick_passwords(),
        database.connect(url) as connection,
        live_server(url) as one,
        live_server(url) as other,
    ):
        record(connection, COUNTY)
        accounts.add(connection, "li", PASSWORD, [Grant(Role.ORGANIZER)], BY)
        yield connection, one, other


@pytest.fixture
def browser(servers: tuple[psycopg.Connection, str, str]) -> Iterator[httpx.Client]:
    """Somebody logged in at the first server, who brings the cookie to both."""
    _, one, _ = servers
    with httpx.Client(headers={"accept": "text/html"}) as client:
        page = client.get(f"{one}/login").text
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token
        fields = {"token": token[1], "name": "li", "password": PASSWORD}
        assert client.post(f"{one}/login", files={name: (None, text) for name, text in fields.items()}).is_redirect
        yield client


def logged_in(browser: httpx.Client, address: str) -> bool:
    return browser.get(f"{address}/account").status_code == 200


def following(stack: ExitStack, browser: httpx.Client, address: str) -> ClientConnection:
    """A subscription of somebody logged in that has begun."""
    cookie = f"quanze_session={browser.cookies['quanze_session']}"
    socket = stack.enter_context(talk(address, additional_headers={"cookie": cookie}))
    subscribe(socket, FOLLOW, after=0)
    assert "data" in payload(socket)
    return socket


def close_code(socket: ClientConnection) -> int | None:
    try:
        while True:
            socket.recv(PATIENCE)
    except ConnectionClosed as closed:
        return closed.rcvd and closed.rcvd.code


def keep_talking(socket: ClientConnection) -> None:
    for _ in range(20_000):
        socket.send('{"type": "ping"}')
        socket.recv(PATIENCE)


def test_a_session_of_one_server_counts_at_the_other_until_it_ends(
    servers: tuple[psycopg.Connection, str, str], browser: httpx.Client
) -> None:
    connection, one, other = servers
    assert logged_in(browser, one)
    assert logged_in(browser, other)
    sessions.end_all(connection, "li", BY)  # as at a third one
    for address in (one, other):
        wait_for(lambda address=address: not logged_in(browser, address))


def test_what_is_under_way_ends_with_its_session(
    servers: tuple[psycopg.Connection, str, str], browser: httpx.Client
) -> None:
    connection, one, other = servers
    with ExitStack() as stack:
        sockets = [following(stack, browser, address) for address in (one, other)]
        stream = stack.enter_context(browser.stream("GET", f"{other}/v1/decisions?after=0"))
        pieces = stream.iter_bytes()
        assert b"retry" in next(pieces)
        sessions.end_all(connection, "li", BY)
        assert [close_code(socket) for socket in sockets] == [4401, 4401]
        for _ in pieces:  # to its end
            pass


def test_a_client_that_keeps_talking_is_let_go_too(
    servers: tuple[psycopg.Connection, str, str], browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.web.authentication.LOOK", 0.5)  # far longer than between two of its messages
    connection, one, _ = servers
    with ExitStack() as stack:
        socket = following(stack, browser, one)
        sessions.end_all(connection, "li", BY)
        with pytest.raises(ConnectionClosed) as closed:
            keep_talking(socket)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


def test_what_is_under_way_ends_when_a_role_is_taken_away(
    servers: tuple[psycopg.Connection, str, str], browser: httpx.Client
) -> None:
    connection, one, _ = servers
    accounts.give(connection, "li", Grant(Role.AUDITOR), BY)
    wait_for(lambda: "审计员" in browser.get(f"{one}/account", headers={"accept-language": "zh"}).text)
    with ExitStack() as stack:
        socket = following(stack, browser, one)
        accounts.take(connection, "li", Grant(Role.AUDITOR), BY)
        assert close_code(socket) == 4401


def test_an_open_server_closes_with_its_first_account(database_url: str) -> None:
    with live_server(database_url) as address, database.connect(database_url) as connection, ExitStack() as stack:
        record(connection, COUNTY)
        page = httpx.get(f"{address}/", headers={"accept-language": "zh"})
        assert 'class="band"' in page.text
        assert 'class="band"' in httpx.get(f"{address}/graphql").text
        socket = stack.enter_context(talk(address))
        subscribe(socket, FOLLOW, after=0)
        assert "data" in payload(socket)
        accounts.add(connection, "li", PASSWORD, [Grant(Role.ADMINISTRATOR)], BY)
        assert close_code(socket) == 4401
        wait_for(lambda: 'class="band"' not in httpx.get(f"{address}/").text)


def test_a_server_on_this_machine_is_not_open_to_others_behind_a_proxy(database_url: str) -> None:
    with serving(database_url) as (_, address):
        assert 'class="band"' in httpx.get(f"{address}/").text
        assert 'class="band"' not in httpx.get(f"{address}/", headers={"x-forwarded-for": "198.51.100.7"}).text
