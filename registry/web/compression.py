"""Answers compressed where that gives nothing away: files of the console, and pages for who has not said who it is.

What a page hides from others (the token of its form, what only its reader may see) can be guessed by its compressed
length, where somebody makes the reader's browser ask for it again and again with a guess in the address (BREACH). A
browser sends along who its reader is by cookie; so a request with one, or with a token, is answered uncompressed. Feeds
and what is asked over GraphQL and REST are left alone: they are streams, or for programs.
"""

from __future__ import annotations

from typing import Final

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

ASSETS: Final = "/assets/"  # the same for everybody
OTHERS: Final = ("/graphql", "/v1/", "/tlog/", "/metrics", "/health", "/ready", "/openapi.json")
SECRETS: Final = frozenset({b"cookie", b"authorization"})
LEVEL: Final = 6  # a page of 100 KB in about two milliseconds; 9 takes twice as long for one percent less
LEAST: Final = 1000  # bytes: below, nothing is won


class Compressed:
    """ASGI middleware: gzip for who accepts it, where the answer hides nothing from who could read its length."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = GZipMiddleware(app, minimum_size=LEAST, compresslevel=LEVEL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._compressing if _may_be(scope) else self._app)(scope, receive, send)


def _may_be(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    path: str = scope["path"]
    if path.startswith(ASSETS):
        return True
    if path.startswith(OTHERS) or b"format=" in scope["query_string"]:  # files are packed already
        return False
    return SECRETS.isdisjoint(name for name, _ in scope["headers"])
