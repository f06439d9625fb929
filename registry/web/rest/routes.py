"""The addresses beside /graphql, by FastAPI: the pages, /health, /ready, and what /openapi.json says of them."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from registry.database import NoDatabase
from registry.web import pages
from registry.web.connections import Access
from registry.web.failures import STATUS, known_failure
from registry.web.graphql import balance, certificates
from registry.web.problems import hint, presented, problem
from registry.web.rest import downloads, uploads

log = logging.getLogger("registry.web")


def application(access: Access) -> FastAPI:
    """The REST addresses over a server's database. Errors are written as GraphQL writes them."""
    # The pages that FastAPI offers on its own load their scripts from elsewhere; the explorer is at /graphql.
    app = FastAPI(title="权责 Quanze", version=_version(), docs_url=None, redoc_url=None)

    app.include_router(pages.start.router)
    app.include_router(balance.router(access))
    app.include_router(pages.burdens.router(access.pool))
    app.include_router(pages.villages.router(access.pool))
    app.include_router(pages.importing.router(access.blocking))
    app.include_router(uploads.router(access))
    app.include_router(pages.lists.router(access.pool, partial(downloads.root, access)))
    app.include_router(downloads.router(access))
    app.include_router(certificates.router(access))

    @app.get("/health", summary="进程是否在运行。 Whether the process is up.")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/ready", summary="能否回答：数据库可达且表结构相符。 Whether questions can be answered.")
    async def ready() -> dict[str, str]:
        pool = await access.pool()
        await asyncio.wait_for(pool.fetchval("SELECT count(*) FROM quanze.migration"), 5)
        return {"status": "ready"}

    @app.exception_handler(NoDatabase)
    async def no_database(request: Request, error: NoDatabase) -> Response:
        code = "database-unavailable" if error.code == "database-unavailable" else "database-not-ready"
        return refused(request, code, error.zh, error.en)

    @app.exception_handler(HTTPException)
    async def no_such_address(request: Request, error: HTTPException) -> Response:
        path = request.url.path
        if error.status_code == 405:
            allowed = (error.headers or {}).get("Allow", "GET")
            answer = refused(
                request, "method-not-allowed", f"此地址只接受 {allowed}。", f"This address takes {allowed} only."
            )
            answer.headers["Allow"] = allowed
            return answer
        return refused(request, "not-found", f"没有 {path} 这一地址。", f"There is nothing at {path}.")

    @app.exception_handler(pages.Refused)
    async def no_such_page(request: Request, error: pages.Refused) -> Response:
        if pages.wants_page(request):
            return pages.failure(request, error)
        return JSONResponse({"errors": [presented(problem(error.code, *error.message))]}, error.status)

    @app.middleware("http")
    async def failed(request: Request, call_next: Any) -> Any:
        try:
            answer = await call_next(request)
        except Exception as error:
            known = known_failure(error).extensions or {}
            if known["code"] == "internal":
                log.exception("request failed")
            return refused(request, known["code"], known["message"]["zh"], known["message"]["en"])
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    return app


def _version() -> str:
    try:
        return version("quanze")
    except PackageNotFoundError:  # run out of a checkout that is not installed
        return "0"


def refused(request: Request, code: str, zh: str, en: str) -> Response:
    """The answer to a request that cannot be answered, with the code's status: a page to who reads pages, else JSON."""
    status = STATUS.get(code, 500)
    if pages.wants_page(request):
        told = hint(code)
        return pages.failure(request, pages.Refused(code, status, (zh, en), (told["zh"], told["en"])))
    return JSONResponse({"errors": [presented(problem(code, zh, en))]}, status)
