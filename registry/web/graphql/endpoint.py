"""/graphql over HTTP: POST, questions by GET, and the explorer for browsers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar, cast

import orjson
from fastapi import APIRouter, Request
from graphql import OperationType
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import WebSocketRoute

from registry.telemetry import requests, tracing
from registry.web.failures import Refused
from registry.web.graphql import explorer, json_texts, limits
from registry.web.graphql.execution import Asking
from registry.web.graphql.schema import CORE, SCHEMA
from registry.web.graphql.sockets import Sockets
from registry.web.identities import identity_of
from registry.web.observing import graphql_operation
from registry.web.resources import ServerResources
from registry.web.viewing import viewer

T = TypeVar("T")

BODY: Final = 16 * 1024 * 1024  # bytes of a request at most
JSON: Final = "application/json; charset=utf-8"
GRAPHQL_JSON: Final = "application/graphql-response+json"


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter()

    async def post(request: Request) -> Response:
        return await _answer(resources, request, await _posted(request))

    async def get(request: Request) -> Response:
        if "query" not in request.query_params:
            page = explorer.page(identity_of(request).viewer)
            return Response(page, media_type="text/html", headers=explorer.HEADERS)
        parameters = _addressed(request)
        document = await limits.read_beside(CORE, parameters["query"])
        operation = document.operation(parameters.get("operationName"))
        if operation is not None and operation.operation is not OperationType.QUERY:
            raise Refused(
                "method-not-allowed",
                "此地址的修改只接受 POST。",
                "This address takes mutations by POST only.",
                headers={"Allow": "POST"},
            )
        return await _answer(resources, request, parameters)

    routes.add_route("/graphql", post, methods=["POST"], include_in_schema=False)
    routes.add_route("/graphql", get, methods=["GET", "HEAD"], include_in_schema=False)
    routes.routes.append(WebSocketRoute("/graphql", Sockets(resources)))
    return routes


async def _posted(request: Request) -> dict[str, Any]:
    """The request in a body. Raises Refused: unsupported-media-type, too-large, bad-json, bad-request."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in (
        "application/json",
        GRAPHQL_JSON,
    ):
        raise Refused(
            "unsupported-media-type",
            "请求的 Content-Type 须为 application/json。",
            "The Content-Type must be application/json.",
        )
    try:
        parameters = await json_texts.read(await _body(request))
    except orjson.JSONDecodeError as error:
        raise Refused("bad-json", f"请求不是 JSON：{error}。", f"The request is not JSON: {error}.") from None
    return _checked(parameters)


async def _body(request: Request) -> bytes:
    too_large = Refused("too-large", f"请求超过 {BODY >> 20} MiB。", f"The request is larger than {BODY >> 20} MiB.")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > BODY:
        raise too_large
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY:
                raise too_large
    except ClientDisconnect:
        raise Refused("bad-request", "请求中断。", "The request broke off.") from None
    return bytes(body)


def _addressed(request: Request) -> dict[str, Any]:
    """The question in an address. Raises Refused: bad-json, bad-request."""
    given = request.query_params
    parameters: dict[str, Any] = {"query": given["query"], "operationName": given.get("operationName")}
    if "variables" in given:
        try:
            parameters["variables"] = orjson.loads(given["variables"])
        except orjson.JSONDecodeError as error:
            raise Refused("bad-json", f"variables 不是 JSON：{error}。", f"variables is not JSON: {error}.") from None
    return _checked(parameters)


def _checked(parameters: Any) -> dict[str, Any]:
    """The request's parts, of the right types. Raises Refused: bad-request."""
    given = cast("dict[str, Any]", parameters) if isinstance(parameters, dict) else {}
    if not isinstance(given.get("query"), str):
        raise Refused(
            "bad-request", "请求须是含 query 的 JSON 对象。", "The request must be a JSON object with a query."
        )
    if not isinstance(given.get("variables") or {}, dict) or not isinstance(given.get("operationName") or "", str):
        raise Refused(
            "bad-request",
            "variables 须是对象，operationName 须是文字。",
            "variables must be an object and operationName a text.",
        )
    return given


async def _answer(resources: ServerResources, request: Request, parameters: dict[str, Any]) -> Response:
    query, name = parameters["query"], parameters.get("operationName") or None
    variables: dict[str, Any] = parameters.get("variables") or {}
    document = await limits.read_beside(CORE, query)
    operation = document.operation(name)
    if operation is not None and not document.errors:
        requests.name_operation(graphql_operation(operation))
    work = executed(Asking(resources, viewer(request)), query, variables, name)
    if operation is not None and operation.operation is OperationType.QUERY:
        return await _response(request, await unless_left(request, work))
    return await _response(request, await work)  # what is being recorded is recorded, whoever hears of it


async def unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; the work ends when its client leaves. Raises ClientDisconnect then."""

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(left())
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()


async def executed(
    asking: ServerResources | Asking, query: str, variables: dict[str, Any], name: str | None = None
) -> dict[str, Any]:
    """What the executor answers: `data`, `errors`, or both."""
    under_way = requests.current()
    with tracing.span((under_way and under_way.operation) or "graphql"):
        result = await SCHEMA.execute(query, variables, asking, operation_name=name)
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if result.data is not None or not result.errors or any(error.path for error in result.errors):
        answer["data"] = result.data
    return answer


async def _response(request: Request, answer: dict[str, Any]) -> Response:
    """The status of an answer: errors without data are 400 only to clients that know the newer media type."""
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    status = 503 if codes & {"timeout", "database-unavailable", "database-not-ready"} else 200
    if GRAPHQL_JSON not in request.headers.get("accept", ""):
        return Response(await json_texts.written(answer), status, media_type=JSON)
    if status == 200 and "data" not in answer:
        status = 400
    return Response(await json_texts.written(answer), status, media_type=GRAPHQL_JSON)
