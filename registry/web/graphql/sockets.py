"""GraphQL over WebSocket, by strawberry's graphql-transport-ws, with this server's limits and errors.

The protocol and its close codes: github.com/enisdenjo/graphql-ws, PROTOCOL.md.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, cast

import orjson
from graphql import GraphQLError
from starlette.types import Message as Sent
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import GraphQL
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, SubscribeMessage

from registry.access.problems import AccountProblem
from registry.web.failures import STATUS, Refused
from registry.web.graphql import json_texts
from registry.web.graphql.execution import Asking
from registry.web.graphql.schema import SCHEMA
from registry.web.problems import presented, problem
from registry.web.rates import count_operation
from registry.web.resources import ServerResources
from registry.web.socket_refusals import refuse_socket
from registry.web.viewing import viewer

GREETING: Final = timedelta(seconds=10)  # within which a client says connection_init
SLOW: Final = 60.0  # seconds that a client may take for one message
OPERATIONS: Final = 50  # at once on one connection


class Handler(BaseGraphQLTransportWSHandler[Asking, None]):
    """One connection. Adds to strawberry's: shapes are checked, operations counted, slow clients let go."""

    async def handle_message(self, message: Message) -> None:
        if _well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        full = len(self.operations) >= OPERATIONS and message["id"] not in self.operations
        if not self.connection_acknowledged or not full:
            if self.connection_acknowledged:
                try:
                    count_operation(cast(Any, self.websocket).ws.scope)
                except AccountProblem as error:
                    refused = problem(error.code, error.zh, error.en, retryAfter=error.wait)
                    await self._refuse(message, refused)
                    return
            await super().handle_subscribe(message)
            return
        refused = problem(
            "too-costly",
            f"一个连接同时最多 {OPERATIONS} 个操作。",
            f"At most {OPERATIONS} operations at once on a connection.",
        )
        await self._refuse(message, refused)

    async def _refuse(self, message: SubscribeMessage, refused: GraphQLError) -> None:
        await self.send_message({"id": message["id"], "type": "error", "payload": [cast(Any, presented(refused))]})

    async def send_message(self, message: Message) -> None:
        """Send a message. A client that does not read is let go: it may come back and go on where it was."""
        try:
            given: Any = message
            if "payload" in given:
                given = {**given, "payload": orjson.Fragment(await json_texts.written(given["payload"]))}
            async with asyncio.timeout(SLOW):
                await super().send_message(given)
        except TimeoutError:
            await self.websocket.close(code=1013, reason="Too slow")
            raise WebSocketDisconnected from None
        except RuntimeError:  # another operation's message found the connection closed
            raise WebSocketDisconnected from None

    async def handle_task_exception(self, error: Exception) -> None:
        """Log what an operation failed of, unless its client has left."""
        if not isinstance(error, WebSocketDisconnected):
            await super().handle_task_exception(error)


class Sockets(GraphQL[Asking, None]):
    """The ASGI application of /graphql for WebSocket; pages of other sites are refused by their Origin (HTTP 403)."""

    graphql_transport_ws_handler_class = Handler

    def __init__(self, resources: ServerResources) -> None:
        super().__init__(
            SCHEMA,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=GREETING,
            max_subscriptions_per_connection=None,  # Handler counts, and refuses with a code
        )
        self._resources = resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Talk to a client until it leaves, or is let go. That it left in the middle is no failure."""

        async def sending(message: Sent) -> None:
            try:
                await send(message)
            except RuntimeError:  # uvicorn has closed the connection already, for what was sent was no text
                raise ConnectionError from None

        try:
            with self._resources.lasting.one_more(scope), contextlib.suppress(WebSocketDisconnect):
                await super().__call__(scope, receive, sending)
        except Refused as full:
            await refuse_socket(scope, send, STATUS[full.code], full.code, full.zh, full.en)

    async def get_context(self, request: Any, response: Any) -> Asking:  # noqa: ARG002 - strawberry's signature
        """What the schema makes each operation's context of."""
        return Asking(self._resources, viewer(request))

    def encode_json(self, data: object) -> str:
        return orjson.dumps(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        given = data.encode() if isinstance(data, str) else data
        if json_texts.values(given) > json_texts.VALUES:
            raise json.JSONDecodeError("too many values", "", 0)
        return orjson.loads(given)


def _well_formed(message: Any) -> bool:
    """Whether a message has the shape that the protocol gives its type, as far as strawberry leaves it unchecked."""
    if not isinstance(message, dict):
        return False
    given = cast("dict[str, Any]", message)
    if given.get("type") == "subscribe":
        key, payload = given.get("id"), given.get("payload")
        return isinstance(key, str) and key != "" and isinstance(payload, dict) and _operation(cast(Any, payload))
    return given.get("type") != "complete" or isinstance(given.get("id"), str)


def _operation(payload: Mapping[str, Any]) -> bool:
    return (
        isinstance(payload.get("query"), str)
        and isinstance(payload.get("variables") or {}, dict)
        and isinstance(payload.get("operationName") or "", str)
    )
