"""The application: one FastAPI that holds every face of the server, and how it says what a request fails of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry import __version__
from registry.access.problems import AccountProblem
from registry.database import NoDatabase
from registry.queries import certificates as certificate_queries
from registry.queries.units.resolve import UnknownName
from registry.web import pages
from registry.web.authentication import Authentication
from registry.web.authorization import Authorization
from registry.web.bodies import BoundedBodies
from registry.web.compression import Compressed
from registry.web.console import routes as console
from registry.web.failures import STATUS, Refused, known_failure
from registry.web.feeds import streams
from registry.web.graphql import endpoint
from registry.web.graphql.fast.hot import HotDocuments
from registry.web.observing import Observed
from registry.web.problems import hint, presented, problem
from registry.web.provider import Provider
from registry.web.reading import ReadOwnWrites
from registry.web.resources import ServerResources
from registry.web.rest import balance, certificates, document, downloads, evidence, health, metrics, tiles, uploads

NOSNIFF: Final = (b"x-content-type-options", b"nosniff")
log = logging.getLogger("registry.web")


def application(url: str | None = None, resources: ServerResources | None = None) -> FastAPI:
    """The application over a database (None: REGISTRY_DATABASE_URL or the embedded one), opened when first asked.

    `resources`: the way to the database, for who ends its feed before closing the application. Raises BadSetting.
    """
    resources = resources or ServerResources(url)
    identities, provider = resources.identities, Provider()
    # The pages that FastAPI offers on its own load their scripts from elsewhere; the explorer is at /graphql.
    app = FastAPI(
        title="权责 Quanze",
        version=__version__,
        openapi_url=None,  # rest/document.py
        docs_url=None,
        redoc_url=None,
        lifespan=partial(_lifespan, resources),
    )
    app.state.resources = resources
    # Not by include_router, with which FastAPI looks at what each address takes twice: a tenth of a second.
    for router in _routers(resources, provider):
        app.router.routes.extend(router.routes)
    app.add_exception_handler(RequestValidationError, _bad_parameter)
    app.add_exception_handler(HTTPException, _no_such_address)
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(UnknownName, _unknown_name)
    app.add_exception_handler(AccountProblem, _account_problem)
    app.add_exception_handler(pages.Refused, _no_such_page)
    app.add_middleware(Compressed)  # behind all that looks at a request, and at what becomes of it
    app.add_middleware(
        Authorization, refusal=refusal, to_log_in=pages.logging_in.to_log_in, territories=resources.territories
    )
    app.add_middleware(BoundedBodies)
    app.add_middleware(Failures)
    app.add_middleware(HotDocuments, resources=resources)
    if resources.has_replicas:
        app.add_middleware(ReadOwnWrites)  # in front of all that reads
    # In front of all that answers: whose the request is.
    app.add_middleware(Authentication, identities=identities, refusal=refusal)
    app.add_middleware(Observed, metrics=resources.metrics)  # around everything
    app.openapi = partial(document.described, app)
    return app


def _routers(resources: ServerResources, provider: Provider) -> tuple[APIRouter, ...]:
    """All addresses; of two that a request could mean, the first answers."""
    identities = resources.identities
    return (
        endpoint.router(resources),
        streams.router(resources),
        document.router,
        pages.api_reference.router,
        console.router(resources),
        balance.router(resources),
        # Before the page of a village, whose address may go on after the code.
        pages.wrong_answers.router(resources.pool, resources.run_in_thread),
        pages.reporting.router(resources),
        pages.villages.router(resources.pool),
        pages.receipts.router(resources),
        pages.logging_in.router(identities, provider),
        uploads.router(resources),
        console.named_router(resources),
        downloads.router(resources),
        evidence.router(resources),
        certificates.router(resources),
        tiles.router(resources),
        health.router(resources),
        metrics.router(resources),
    )


@asynccontextmanager
async def _lifespan(resources: ServerResources, _: FastAPI) -> AsyncGenerator[None]:
    try:
        await resources.pool()
    except NoDatabase as error:  # it may come yet: each request tries again, and /ready says so
        log.error("%s: %s / %s", error.code, error.zh, error.en)
    try:
        await asyncio.to_thread(certificate_queries.prepare)
    except certificate_queries.BadWords as error:  # only that question cannot be answered
        log.error("%s: %s / %s", error.code, error.zh, error.en)
    watching = asyncio.create_task(resources.watch_pool())
    yield
    watching.cancel()
    await resources.close()


# ------------------------------------------------------------------------------------------ what a request fails of


class Failures:
    """Answers what a request fails of unexpectedly, and forbids browsers to guess what an answer is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                message["headers"] = [*message.get("headers", ()), NOSNIFF]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except ClientDisconnect:  # nobody is there to be answered
            log.info("the client left before its answer")
        except Exception as error:
            if begun:
                raise
            known = known_failure(error).extensions or {}
            if known["code"] == "internal":
                log.exception("request failed")
            message, outside = known["message"], known.get("unit", "")
            answer = refusal(Request(scope), known["code"], message["zh"], message["en"], outside=outside)
            await answer(scope, receive, sending)


def refusal(request: Request, code: str, zh: str, en: str, *, outside: str = "") -> Response:
    """The answer to a request that cannot be answered, with the code's status: a page to who reads pages, else JSON."""
    status = STATUS.get(code, 500)
    if pages.wants_page(request):
        advice = hint(code)
        return pages.failure(
            request, pages.Refused(code, status, (zh, en), (advice["zh"], advice["en"]), outside=outside)
        )
    return JSONResponse({"errors": [presented(problem(code, zh, en))]}, status)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    answer = refusal(request, error.code, error.zh, error.en)
    answer.headers.update(error.headers or {})
    return answer


async def _account_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, AccountProblem)
    answer = refusal(request, error.code, error.zh, error.en)
    if error.wait:
        answer.headers["Retry-After"] = str(error.wait)
    return answer


async def _unknown_name(request: Request, error: Exception) -> Response:
    assert isinstance(error, UnknownName)
    return refusal(request, error.code, error.text.zh, error.text.en)


async def _bad_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][1:])
    return refusal(
        request, "bad-value", f"参数 {name} 的值不合要求。", f"The parameter {name} is wrong: {first['msg']}."
    )


async def _no_such_address(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code != 405:
        return refusal(request, "not-found", f"没有 {path} 这一地址。", f"There is nothing at {path}.")
    allowed = (error.headers or {}).get("Allow", "GET")
    answer = refusal(request, "method-not-allowed", f"此地址只接受 {allowed}。", f"This address takes {allowed} only.")
    answer.headers["Allow"] = allowed
    return answer


async def _no_such_page(request: Request, error: Exception) -> Response:
    assert isinstance(error, pages.Refused)
    if pages.wants_page(request):
        return pages.failure(request, error)
    return JSONResponse({"errors": [presented(problem(error.code, *error.message))]}, error.status)
