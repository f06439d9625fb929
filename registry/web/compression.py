"""Answers compressed where that gives nothing away: files of the console, and pages without a form's token.

What a page hides from others can be guessed by its compressed length, where somebody makes the reader's browser ask for
it again and again with a guess in the address (BREACH). So a page with a form that changes something is left as it is
for who has a cookie, and to every other a name of random length is added, as gzip's head may have one, by which
lengths tell nothing for a long time (Heal the Breach; Django does the same). Requests with a token of a program, feeds,
and what is asked over GraphQL and REST are left alone.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
import zlib
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TYPES: Final = ("text/html", "text/css", "text/javascript")
OTHERS: Final = ("/graphql", "/v1/", "/tlog/", "/metrics", "/health", "/ready", "/openapi.json")
LEVEL: Final = 6  # a page of 100 KB in about two milliseconds; 9 takes twice as long for one percent less
LEAST: Final = 1000  # bytes: below, nothing is won
LONG: Final = 64 * 1024  # bytes: above, it is done in a thread
LONGEST_NAME: Final = 100  # bytes
_NAMED: Final = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff"  # RFC 1952: deflate, with a file's name, no time, no system


class Compressed:
    """ASGI middleware: gzip for who accepts it, where the length of the answer gives nothing away."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, _compressing(scope, send) if _may_be(scope) else send)


def gzipped(content: bytes) -> bytes:
    """The content as a gzip file with a name of random length."""
    name = secrets.token_hex(LONGEST_NAME)[: 1 + secrets.randbelow(LONGEST_NAME)].encode()
    deflated = zlib.compress(content, LEVEL, -zlib.MAX_WBITS)
    return b"".join((_NAMED, name, b"\0", deflated, struct.pack("<LL", zlib.crc32(content), len(content) & 0xFFFFFFFF)))


def _may_be(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(OTHERS):
        return False
    headers = Headers(scope=scope)
    return "gzip" in headers.get("accept-encoding", "") and "authorization" not in headers


def _compressing(scope: Scope, send: Send) -> Send:
    """Sends an answer that comes in one piece compressed, any other as it is."""
    known = "cookie" in Headers(scope=scope)
    held: Message | None = None

    async def sending(message: Message) -> None:
        nonlocal held
        if message["type"] == "http.response.start":
            held = message
            return
        begin, held = held, None
        if begin is not None:
            content: bytes = message.get("body", b"")
            headers = MutableHeaders(raw=begin["headers"])
            if headers.get("content-type", "").startswith(TYPES):
                headers.add_vary_header("Accept-Encoding")
                whole = not message.get("more_body") and len(content) >= LEAST
                # A page with a form's token sets the cookie that goes with it.
                if whole and "content-encoding" not in headers and not (known and "set-cookie" in headers):
                    packed = await asyncio.to_thread(gzipped, content) if len(content) > LONG else gzipped(content)
                    headers["Content-Encoding"], headers["Content-Length"] = "gzip", str(len(packed))
                    message = {**message, "body": packed}
            await send(begin)
        await send(message)

    return sending
