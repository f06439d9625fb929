"""GET /health and /ready, for whoever watches the server."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter

from registry.database import schema
from registry.web.resources import ServerResources
from registry.web.rest.answers import Status, errors


def router(resources: ServerResources) -> APIRouter:
    """The routes over a server's database."""
    routes = APIRouter(tags=["状态 status"])

    @routes.get("/health", summary="进程是否在运行。 Whether the process is up.")
    async def health() -> Status:
        return Status(status="ok")

    @routes.get(
        "/ready", summary="能否回答：数据库可达且表结构相符。 Whether questions can be answered.", responses=errors(503)
    )
    async def ready() -> Status:
        pool = await resources.pool()
        applied: int = await asyncio.wait_for(pool.fetchval("SELECT max(number) FROM quanze.migration"), 5)
        if applied > len(schema.migrations()):  # a newer program has come to the database since this one started
            raise schema.newer(applied)
        return Status(status="ready")

    return routes
