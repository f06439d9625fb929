"""How many connections that last one account may have: the places of others are not taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import psycopg
import pytest
from websockets.exceptions import InvalidStatus

from registry import database
from registry.access import accounts, tokens
from registry.access.changes import By
from registry.access.roles import Role
from registry.access.viewer import Grant
from registry.domain.dates import today
from tests.support.live_server import live_server
from tests.support.waiting import wait_for
from tests.support.websocket_client import talk

BY = By("test", "command")
WHOLE = Grant(Role.AUDITOR)


def token(connection: psycopg.Connection, name: str) -> dict[str, str]:
    accounts.add(connection, name, None, [WHOLE], BY)
    _, secret = tokens.make(connection, name, "test", WHOLE, today(), BY)
    connection.commit()
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def address(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr("registry.web.lasting.MOST_OF_ONE", 3)
    with live_server(database_url) as opened:
        yield opened


def refused(address: str, headers: dict[str, str]) -> tuple[int, str]:
    """The status and the text with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as full, talk(address, additional_headers=headers):
        pass
    return full.value.response.status_code, full.value.response.body.decode()


def test_one_account_has_a_bounded_number_of_sockets_and_streams(address: str, database_url: str) -> None:
    with database.connect(database_url) as connection, ExitStack() as stack:
        li, wang = token(connection, "li"), token(connection, "wang")
        sockets = [stack.enter_context(talk(address, additional_headers=li)) for _ in range(2)]
        stream = httpx.stream("GET", f"{address}/v1/decisions", headers=li)
        assert stack.enter_context(stream).status_code == 200
        status, text = refused(address, li)
        assert (status, "too-many-connections" in text, "同时最多 3 个" in text) == (429, True, True)
        answer = httpx.get(f"{address}/v1/findings", headers=li)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (429, "too-many-connections")
        # Others are not kept out: another account, nor who has none, whose own number is bounded by address.
        stack.enter_context(talk(address, additional_headers=wang))
        for _ in range(3):
            stack.enter_context(talk(address))
        assert refused(address, {})[0] == 429
        sockets[0].close()
        wait_for(lambda: _is_taken(address, li))


def _is_taken(address: str, headers: dict[str, str]) -> bool:
    try:
        with talk(address, additional_headers=headers):
            return True
    except InvalidStatus:
        return False
