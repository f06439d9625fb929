"""A client of the API's WebSocket, by the protocol graphql-transport-ws."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tools.waiting import PATIENCE

FOLLOW = "subscription ($after: Int) { decisions(after: $after) { position type data } }"


@contextmanager
def talk(address: str, *, greet: bool = True, **options: Any) -> Iterator[ClientConnection]:
    """A WebSocket connection that is acknowledged.

    It reads whatever comes: one that left more than 16 messages unread would not see that its closing is answered.
    """
    options = {"subprotocols": ["graphql-transport-ws"], "max_queue": None, "open_timeout": PATIENCE} | options
    with connect(address.replace("http", "ws") + "/graphql", **options) as answer:
        if greet:
            answer.send('{"type": "connection_init"}')
            assert json.loads(answer.recv()) == {"type": "connection_ack"}
        yield answer


def subscribe(socket: ClientConnection, query: str, key: str = "1", **variables: Any) -> None:
    payload = {"query": query, "variables": variables}
    socket.send(json.dumps({"type": "subscribe", "id": key, "payload": payload}))


def payload(socket: ClientConnection) -> Any:
    message = json.loads(socket.recv(PATIENCE))
    assert message["type"] == "next"
    return message["payload"]
