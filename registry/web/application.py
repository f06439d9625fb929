"""The ASGI application: /graphql and its explorer, the feed by streams.py, other addresses by FastAPI (rest.py)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Final, cast
from urllib.parse import parse_qs

import asyncpg
import orjson
from graphql import GraphQLError, OperationDefinitionNode, OperationType

from registry.database import NoDatabase
from registry.queries import certificates
from registry.web.connections import Access
from registry.web.failures import STATUS, known_failure
from registry.web.feeds import streams
from registry.web.graphql import explorer, limits, websocket
from registry.web.graphql.compiled import NotPlain, Plan, compiled
from registry.web.graphql.context import Asking
from registry.web.graphql.schema import CORE, SCHEMA
from registry.web.problems import presented, problem
from registry.web.rest import routes

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY: Final = 16 * 1024 * 1024
SECONDS: Final = 60  # that a request may take; a recording waits up to half of it for the lock
JSON: Final = b"application/json; charset=utf-8"
GRAPHQL_JSON: Final = "application/graphql-response+json"
log = logging.getLogger("registry.web")


class Response(Exception):
    """An answer: raised where a request is refused, returned otherwise."""

    def __init__(self, status: int, body: bytes, kind: bytes = JSON, headers: tuple[tuple[bytes, bytes], ...] = ()):
        super().__init__(status)
        self.status, self.body, self.kind, self.headers = status, body, kind, headers


def refused(code: str, zh: str, en: str, headers: tuple[tuple[bytes, bytes], ...] = ()) -> Response:
    """The answer to a request that cannot be executed: the code's status, and the error as GraphQL writes it."""
    errors = [presented(problem(code, zh, en))]
    return Response(STATUS[code], orjson.dumps({"errors": errors}), headers=headers)


def application(url: str | None = None, access: Access | None = None) -> Application:
    """The application over a database (None: REGISTRY_DATABASE_URL or the embedded one), opened when first asked.

    `access`: the way to the database, for who ends its feed before closing the application.
    """
    access = access or Access(url)
    others = routes.application(access)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(access, receive, send)
        elif scope["type"] == "websocket":
            await websocket.serve(partial(answers, access), scope, receive, send)
        elif scope["path"] == "/v1/decisions":
            await streams.serve(access.feed, scope, receive, send)
        elif scope["path"] == "/v1/findings":
            access.judging.start()
            await streams.serve(access.findings, scope, receive, send, streams.FINDINGS)
        elif scope["path"] != "/graphql":
            await others(cast("Any", scope), cast("Any", receive), cast("Any", send))
        else:
            try:
                response = await _route(access, scope, receive)
            except Response as refusal:
                response = refusal
            except Exception as error:
                log.exception("request failed")
                response = _failed(error)
            await _respond(scope, send, response)

    return serve


async def _lifespan(access: Access, receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await access.pool()
            except NoDatabase as error:  # it may come yet: each request tries again, and /ready says so
                log.error("%s: %s / %s", error.code, error.zh, error.en)
            try:
                await asyncio.to_thread(certificates.prepare)
            except certificates.BadWords as error:  # only that question cannot be answered
                log.error("%s: %s / %s", error.code, error.zh, error.en)
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await access.close()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def _route(access: Access, scope: Scope, receive: Receive) -> Response:
    if scope["method"] == "POST":
        return await _graphql(access, scope, await _posted(scope, receive))
    if scope["method"] in ("GET", "HEAD"):
        return await _got(access, scope)
    raise _not_allowed("GET, POST")


def _not_allowed(methods: str) -> Response:
    return refused(
        "method-not-allowed",
        f"此地址只接受 {methods}。",
        f"This address takes {methods} only.",
        ((b"allow", methods.encode()),),
    )


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


async def _posted(scope: Scope, receive: Receive) -> dict[str, Any]:
    if _header(scope, b"content-type").partition(";")[0].strip().lower() not in ("application/json", GRAPHQL_JSON):
        raise refused(
            "unsupported-media-type",
            "请求的 Content-Type 须为 application/json。",
            "The Content-Type must be application/json.",
        )
    length = _header(scope, b"content-length")
    if length.isdigit() and int(length) > BODY:
        raise _too_large()
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise refused("bad-request", "请求中断。", "The request broke off.")
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > BODY:
            raise _too_large()
        chunks.append(chunk)
        if not message.get("more_body"):
            break
    try:
        asked = orjson.loads(b"".join(chunks))
    except orjson.JSONDecodeError as error:
        raise refused("bad-json", f"请求不是 JSON：{error}。", f"The request is not JSON: {error}.") from None
    return _checked(asked)


def _too_large() -> Response:
    return refused("too-large", f"请求超过 {BODY >> 20} MiB。", f"The request is larger than {BODY >> 20} MiB.")


def _checked(asked: Any) -> dict[str, Any]:
    """The request's parts, of the right types."""
    given = cast("dict[str, Any]", asked) if isinstance(asked, dict) else {}
    if not isinstance(given.get("query"), str):
        raise refused(
            "bad-request", "请求须是含 query 的 JSON 对象。", "The request must be a JSON object with a query."
        )
    if not isinstance(given.get("variables") or {}, dict) or not isinstance(given.get("operationName") or "", str):
        raise refused(
            "bad-request",
            "variables 须是对象，operationName 须是文字。",
            "variables must be an object and operationName a text.",
        )
    return given


async def _got(access: Access, scope: Scope) -> Response:
    """GET: the explorer for a browser, or a question in the address."""
    given = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    if "query" not in given:
        return Response(200, explorer.page(), b"text/html; charset=utf-8", explorer.HEADERS)
    asked: dict[str, Any] = {"query": given["query"], "operationName": given.get("operationName")}
    if "variables" in given:
        try:
            asked["variables"] = orjson.loads(given["variables"])
        except orjson.JSONDecodeError as error:
            raise refused("bad-json", f"variables 不是 JSON：{error}。", f"variables is not JSON: {error}.") from None
    document = limits.read(CORE, asked["query"])
    operation = document.operation(asked["operationName"])
    if operation is not None and operation.operation is not OperationType.QUERY:
        raise _not_allowed("POST")
    return await _graphql(access, scope, _checked(asked))


@lru_cache(maxsize=limits.DOCUMENTS)
def _plan(query: str, operation_name: str | None) -> Plan | None:
    """The statement of a hot document, if it is one."""
    document = limits.read(CORE, query)
    operation = document.operation(operation_name)
    return None if document.errors or operation is None else compiled(operation)


async def _graphql(access: Access, scope: Scope, asked: dict[str, Any]) -> Response:
    query, name = asked["query"], asked.get("operationName") or None
    variables: dict[str, Any] = asked.get("variables") or {}
    pool = await access.pool()
    plan = _plan(query, name)
    if plan is not None:
        try:
            answer = await pool.fetchval(plan.sql, *plan.bind(variables))
            if answer is not None:
                return Response(200, answer.encode())
        except (NotPlain, asyncpg.DataError):
            pass  # the executor finds the words for what is wrong
    return _answered(scope, await executed(access, pool, query, variables, name))


def _answered(scope: Scope, answer: dict[str, Any]) -> Response:
    """The status of an answer: errors without data are 400 only to clients that know the newer media type."""
    status = 200
    for error in answer.get("errors", ()):
        status = max(status, {"timeout": 503, "database-unavailable": 503}.get(error["extensions"]["code"], 200))
    if GRAPHQL_JSON in _header(scope, b"accept"):
        if status == 200 and "data" not in answer:
            status = 400
        return Response(status, orjson.dumps(answer), GRAPHQL_JSON.encode())
    return Response(status, orjson.dumps(answer))


def _readable(
    query: str, variables: dict[str, Any], name: str | None
) -> tuple[limits.Document, OperationDefinitionNode] | list[GraphQLError]:
    """The document, read, and the operation to execute; or why there is none."""
    document = limits.read(CORE, query)
    if document.node is None or document.errors:
        return list(document.errors)
    operation = document.operation(name)
    if operation is None:
        error = problem(
            "bad-query",
            "operationName 须指明文档中的一个操作。",
            "operationName must name one of the document's operations.",
        )
        return [error]
    costly = limits.cost_problem(CORE, document.node, operation, variables)
    return (document, operation) if costly is None else [costly]


async def executed(
    access: Access, pool: Any, query: str, variables: dict[str, Any], name: str | None
) -> dict[str, Any]:
    """What the GraphQL executor answers: `data`, `errors`, or both."""
    readable = _readable(query, variables, name)
    if isinstance(readable, list):
        return {"errors": [presented(error) for error in readable]}
    document, operation = readable
    if operation.operation is OperationType.SUBSCRIPTION:
        error = problem(
            "bad-request",
            "订阅请用 WebSocket（graphql-transport-ws），或 GET /v1/decisions、/v1/findings。",
            "A subscription goes over WebSocket (graphql-transport-ws); or GET /v1/decisions, /v1/findings.",
        )
        return {"errors": [presented(error)]}
    asking = Asking(access, pool, document)
    try:
        async with asyncio.timeout(SECONDS):
            result = await SCHEMA.execute(query, variables, context_value=asking, operation_name=name)
    except TimeoutError as error:
        return {"errors": [presented(known_failure(error))]}
    return _written(result)


def _written(result: Any) -> dict[str, Any]:
    """A result of the executor as it is sent."""
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [presented(_named(error)) for error in result.errors]
    if result.data is not None or not result.errors or any(error.path for error in result.errors):
        answer["data"] = result.data
    return answer


async def answers(
    access: Access, query: str, variables: dict[str, Any], name: str | None
) -> AsyncIterator[dict[str, Any]]:
    """The answers to an operation over WebSocket: of a subscription one for each event, else one."""
    try:
        readable = _readable(query, variables, name)
        if isinstance(readable, tuple) and readable[1].operation is OperationType.SUBSCRIPTION:
            asking = Asking(access, await access.pool(), readable[0])
            async for result in await SCHEMA.subscribe(query, variables, asking, operation_name=name):
                yield _written(result)
        else:
            yield await executed(access, await access.pool(), query, variables, name)
    except Exception as error:
        known = known_failure(error)
        if (known.extensions or {})["code"] == "internal":
            log.exception("operation failed")
        yield {"errors": [presented(known)]}


def _named(error: GraphQLError) -> GraphQLError:
    """An error of the database or of time under its code; others as they are, and in the server's log."""
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        return error
    known = known_failure(original)
    if known.extensions and known.extensions["code"] == "internal":
        log.error("resolver failed at %s", error.path, exc_info=original)
    return GraphQLError(known.message, error.nodes, path=error.path, extensions=known.extensions)


def _failed(error: Exception) -> Response:
    """The answer where a request failed outside the executor."""
    known = known_failure(error)
    code = (known.extensions or {})["code"]
    return Response(STATUS.get(code, 500), orjson.dumps({"errors": [presented(known)]}))


async def _respond(scope: Scope, send: Send, response: Response) -> None:
    headers = [
        (b"content-type", response.kind),
        (b"content-length", str(len(response.body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        *response.headers,
    ]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else response.body
    await send({"type": "http.response.body", "body": body})
