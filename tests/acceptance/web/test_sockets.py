"""GraphQL over WebSocket against a real server: what can be asked, refusals by code, the protocol's close codes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from registry.recording.unit_of_work import record
from tests.support.live_server import live_server
from tests.support.waiting import PATIENCE
from tests.support.websocket_client import FOLLOW, payload, subscribe, talk
from tests.support.worlds import COUNTY, duty


@pytest.fixture(scope="module")
def address(module_database: Callable[[], str]) -> Iterator[str]:
    """The address of a server over an empty registry; the tests record nothing."""
    with live_server(module_database()) as opened:
        yield opened


@pytest.fixture
def county(connection: psycopg.Connection) -> psycopg.Connection:
    record(connection, COUNTY)
    return connection


def test_whatever_can_be_queried_can_be_queried_over_a_socket(county: psycopg.Connection, database_url: str) -> None:
    with live_server(database_url) as address, talk(address) as socket:
        socket.send('{"type": "ping"}')
        assert json.loads(socket.recv()) == {"type": "pong"}
        subscribe(socket, '{ unit(code: "town") { name } }')
        assert payload(socket) == {"data": {"unit": {"name": "单位town"}}}
        assert json.loads(socket.recv()) == {"id": "1", "type": "complete"}
        subscribe(socket, FOLLOW, "2", after=len(COUNTY))
        subscribe(socket, 'mutation { renameUnit(at: "2022-01-01", unit: "town", name: "新镇") { positions } }', "3")
        messages = [json.loads(socket.recv()) for _ in range(3)]
        answers = {(message["id"], message["type"]): message.get("payload") for message in messages}
        assert answers["3", "next"] == {"data": {"renameUnit": {"positions": [len(COUNTY) + 1]}}}
        assert answers["2", "next"]["data"]["decisions"]["type"] == "UnitRenamed"
        socket.send('{"type": "complete", "id": "2"}')
        record(county, [duty("A")])
        subscribe(socket, "{ log { size } }", "4")
        assert payload(socket) == {"data": {"log": {"size": len(COUNTY) + 2}}}  # nothing came of 2 in between


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription { decisions(after: 0) { nothing } }", "bad-query"),
        ("subscription { decisions(after: 0) { position } log: decisions { type } }", "bad-query"),
        ("subscription { ", "bad-query"),
        ('{ unit(code: "town") {' + " parent {" * 20 + " code " + "}" * 20 + "} }", "too-costly"),
    ],
)
def test_an_operation_that_cannot_be_is_refused_with_a_code(query: str, code: str, address: str) -> None:
    with talk(address) as socket:
        subscribe(socket, query)
        message = json.loads(socket.recv())
        assert (message["id"], message["type"]) == ("1", "error")
        assert message["payload"][0]["extensions"]["code"] == code
        subscribe(socket, "{ log { size } }")
        assert payload(socket) == {"data": {"log": {"size": 0}}}


HELLO = '{"type": "connection_init"}'
ASKING = '{"type": "subscribe", "id": "1", "payload": {"query": "subscription { decisions { type } }"}}'


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([ASKING], 4401),
        ([HELLO, HELLO], 4429),
        ([HELLO, ASKING, ASKING], 4409),
        ([HELLO, "{"], 4400),
        ([HELLO, "[]"], 4400),
        ([HELLO, '{"type": "start"}'], 4400),
        ([HELLO, '{"type": "subscribe", "id": "1"}'], 4400),
        ([HELLO, '{"type": "subscribe", "id": 1, "payload": {"query": "{ log { size } }"}}'], 4400),
        ([HELLO, b"\x00"], 4400),
    ],
)
def test_a_breach_of_the_protocol_closes_the_socket_with_its_code(
    messages: list[str | bytes], code: int, address: str
) -> None:
    with talk(address, greet=False) as socket:
        for message in messages:
            socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            list(iter(lambda: socket.recv(PATIENCE), None))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == code


def test_other_protocols_and_other_sites_pages_are_not_served(address: str) -> None:
    with talk(address, greet=False, subprotocols=["graphql-ws"]) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4406
    with pytest.raises(InvalidStatus), talk(address, origin="https://elsewhere.example"):
        pass
    with talk(address, origin=address) as socket:
        socket.send('{"type": "ping"}')
        assert json.loads(socket.recv()) == {"type": "pong"}
    # Over HTTP a subscription is refused, with where to go.
    answer = httpx.post(f"{address}/graphql", json={"query": FOLLOW}).json()
    assert answer["errors"][0]["extensions"]["code"] == "bad-request"
    assert "/v1/decisions" in answer["errors"][0]["message"]
