"""The outermost layer of the application: every request gets an id, is counted, timed, traced, and said in the log.

Counted by what it was, a word of a bounded set: the pattern of its address (`GET /villages/{code}`), or a GraphQL
operation that the program knows. What a client wrote is nowhere in it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from functools import cache
from typing import Final, cast

from graphql import FieldNode, OperationDefinitionNode, parse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import data_files
from registry.telemetry import requests, tracing
from registry.telemetry.metrics import OTHER, Metrics

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
EVENT_STREAM: Final = b"text/event-stream"
log = logging.getLogger("registry.web.requests")


class Observed:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            return await self._app(scope, receive, send)
        headers = cast("list[tuple[bytes, bytes]]", scope["headers"])
        given = next((value for name, value in headers if name == requests.HEADER), None)
        under_way = requests.RequestUnderWay(requests.request_id(given))
        entered = requests.enter(under_way)
        header = (requests.HEADER, under_way.id.encode())
        begun = time.perf_counter()
        status, took = 0, None

        async def sending(message: Message) -> None:
            nonlocal status, took
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = answered = [*message.get("headers", ()), header]
                if any(value.startswith(EVENT_STREAM) for name, value in answered if name == b"content-type"):
                    took = time.perf_counter() - begun  # a stream ends when its reader leaves
            await send(message)

        self._metrics.begin()
        try:
            if not tracing.enabled():
                return await self._app(scope, receive, sending)
            with tracing.server_span(_text(headers)) as span:
                try:
                    return await self._app(scope, receive, sending)
                finally:
                    span.update_name(under_way.operation or _of_address(scope))
                    span.set_attribute("http.response.status_code", status)
                    span.set_attribute("http.request.id", under_way.id)
        finally:
            seconds = time.perf_counter() - begun
            operation = under_way.operation or _of_address(scope)
            self._metrics.finish(operation, status, seconds if took is None else took)
            if log.isEnabledFor(logging.INFO):
                fields = {"operation": operation, "status": status, "ms": round(seconds * 1000, 1)}
                log.info("request", extra=fields)
            requests.leave(entered)


def _text(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as OpenTelemetry reads them."""
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def _of_address(scope: Scope) -> str:
    """The method and the pattern of an address; OTHER where the program has no such address."""
    if scope["type"] == "websocket":
        return "WebSocket /graphql"
    route = scope.get("route")
    pattern = "/graphql" if scope["path"] == "/graphql" else getattr(route, "path", None)
    method = scope["method"]
    return f"{method} {pattern}" if pattern is not None and method in METHODS else OTHER


def graphql_operation(operation: OperationDefinitionNode) -> str:
    """The word for a validated operation: its name where it is one of graphql/operations, else its first field."""
    name = operation.name.value if operation.name is not None else None
    if name is not None and name in _saved():
        return f"graphql {name}"
    first = operation.selection_set.selections[0]
    field = first.name.value if isinstance(first, FieldNode) else OTHER
    return f"graphql {operation.operation.value} {field}"


@cache
def _saved() -> frozenset[str]:
    """The names of the operations in graphql/operations."""
    folder = data_files.path("graphql/operations")
    documents = (parse(file.read_text(encoding="utf-8")) for file in sorted(folder.glob("*.graphql")))
    return frozenset(
        node.name.value
        for document in documents
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode) and node.name is not None
    )
