"""Hot documents answered in front of the application: what routing and FastAPI cost them is saved as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import asyncpg
import orjson
from cachetools import LRUCache, cached
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.access.territory import EVERYWHERE, Territory
from registry.access.viewer import Viewer
from registry.database import NoDatabase
from registry.domain.dates import today
from registry.telemetry import requests, tracing
from registry.web.graphql import limits
from registry.web.graphql.fast.compiled import NotPlain, Plan, compiled
from registry.web.graphql.fast.kept_answers import KeptAnswers
from registry.web.graphql.schema import CORE
from registry.web.observing import graphql_operation
from registry.web.resources import ServerResources
from registry.web.viewing import viewer_of

_UNCHANGED: Final = " WHERE $7::bigint = head.position"
_HOT_BYTES: Final = 64 * 1024  # of a request that may be hot; a larger one is the application's
_LONGEST: Final = 8_000  # letters of a document that may be hot: 1,000 of them are kept, with whatever is not
_PLANS: Final[LRUCache[Any, Plan | None]] = LRUCache(limits.DOCUMENTS)
_LABELS: Final[LRUCache[Any, str]] = LRUCache(limits.DOCUMENTS)


class HotDocuments:
    """ASGI middleware: answers POST /graphql where the document is hot, and leaves all else to the application.

    It answers only what is plainly right, so that whatever is wrong gets its words from the plain way.
    """

    def __init__(self, app: ASGIApp, resources: ServerResources) -> None:
        self._app, self._resources = app, resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/graphql" or scope["method"] != "POST":
            return await self._app(scope, receive, send)
        received = await _received(receive)
        if received[-1]["type"] == "http.request" and not received[-1].get("more_body") and _takes_json(scope):
            body = await self._answer(b"".join(message.get("body", b"") for message in received), viewer_of(scope))
            if body is not None:
                headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                return await send({"type": "http.response.body", "body": body})

        async def replayed() -> Message:
            return received.pop(0) if received else await receive()

        return await self._app(scope, replayed, send)

    async def _answer(self, body: bytes, viewer: Viewer) -> bytes | None:
        """The answer to a request's body; None where it is not hot, or not plainly right."""
        try:
            request: Any = orjson.loads(body)
            query, name, variables = request["query"], request.get("operationName"), request.get("variables")
            own = self._resources.territories.kept(viewer)
            if own is None:  # what the viewer sees was not asked yet
                return None
            pool, kept = await self._resources.pool(), self._resources.kept_answers
            return await answer(pool, query, name or None, variables or {}, own, kept)
        except (ValueError, TypeError, KeyError, AttributeError):  # no JSON, or not of the right shape
            return None
        except (
            NoDatabase,
            OSError,
            asyncpg.PostgresError,
            asyncpg.InterfaceError,
            asyncpg.InternalClientError,
        ):
            return None


_HEADERS: Final = ((b"content-type", b"application/json; charset=utf-8"), (b"x-content-type-options", b"nosniff"))


async def _received(receive: Receive) -> list[Message]:
    """Receive a body in whatever pieces it comes, as long as it is no larger than hot documents are."""
    messages = [await receive()]
    while messages[-1].get("more_body") and sum(len(message.get("body", b"")) for message in messages) <= _HOT_BYTES:
        messages.append(await receive())
    return messages


def _takes_json(scope: Scope) -> bool:
    """Whether the request is JSON."""
    headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
    return headers.get(b"content-type", b"").partition(b";")[0] == b"application/json"


@cached(_PLANS)
def plan(query: str, operation_name: str | None) -> Plan | None:
    """The statement of a document's operation; None where it is not hot."""
    document = limits.read(CORE, query)
    operation = document.operation(operation_name)
    return None if document.errors or operation is None else compiled(operation)


@cached(_LABELS)
def label(query: str, operation_name: str | None) -> str:
    """The word by which a hot document's operation is counted."""
    operation = limits.read(CORE, query).operation(operation_name)
    assert operation is not None, "a hot document has the operation"
    return graphql_operation(operation)


async def answer(
    pool: Any,
    query: str,
    operation_name: str | None,
    variables: Mapping[str, Any],
    own: Territory = EVERYWHERE,
    kept: KeptAnswers | None = None,
) -> bytes | None:
    """The answer's JSON; None where the executor must answer, which also finds the words for what is wrong.

    `own`: the territory of who asks, as it was last read. The statement itself sees to it that nothing was recorded
    since, by which it could be another. `kept`: what was answered before, which is given again while it holds.
    """
    if len(query) + len(operation_name or "") > _LONGEST:
        return None
    if (query, operation_name) not in _PLANS:
        await limits.read_beside(CORE, query)
    statement = plan(query, operation_name)
    if statement is None:
        return None
    word = label(query, operation_name)
    try:
        arguments = statement.bind(variables)
        if not own.everywhere and (own.day != today() or not own.has(*arguments[2])):
            return None
        if tracing.enabled():
            with tracing.span(word):
                result = await _ask(pool, statement.sql, arguments, own, kept)
        else:
            result = await _ask(pool, statement.sql, arguments, own, kept)
    except (NotPlain, asyncpg.DataError):
        return None
    if result is not None:
        requests.name_operation(word)
    return result


async def _ask(
    pool: Any, sql: str, arguments: tuple[Any, ...], own: Territory, kept: KeptAnswers | None
) -> bytes | None:
    position = None if own.everywhere else own.position
    if kept is not None and (again := await kept.again(pool, sql, arguments, position)) is not None:
        return again
    if position is None:
        row = await pool.fetchrow(sql, *arguments)
    else:
        row = await pool.fetchrow(sql + _UNCHANGED, *arguments, position)
    if row is None:
        return None
    body = row["answer"].encode()
    if kept is not None:
        kept.keep(sql, arguments, body, row["position"], row["recorded_at"])
    return body
