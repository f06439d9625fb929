"""What one has recorded one reads at once: the position in an answer and its cookie, and who may set that."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from registry.log.recorder import HEARS
from registry.web.reading import ReadOwnWrites, brought


async def recording(_: Scope, __: Receive, send: Send) -> None:
    hears = HEARS.get()
    assert hears is not None
    hears(42)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def cookie_of(scheme: str) -> str:
    """The cookie that an answer brings to who has recorded something."""
    sent: list[Message] = []

    async def ask() -> None:
        async def send(message: Message) -> None:
            sent.append(message)

        async def receive() -> Message:
            return {"type": "http.disconnect"}

        await ReadOwnWrites(recording)({"type": "http", "scheme": scheme, "headers": []}, receive, send)

    asyncio.run(ask())
    return dict(sent[0]["headers"])[b"set-cookie"].decode()


@pytest.mark.parametrize(("scheme", "name"), [("https", "__Host-quanze_position"), ("http", "quanze_position")])
def test_over_https_only_this_host_can_say_what_one_has_recorded(scheme: str, name: str) -> None:
    cookie, *flags = cookie_of(scheme).split("; ")
    assert cookie == f"{name}=42"
    assert {"Path=/", "HttpOnly", "SameSite=Lax"} <= {*flags}
    assert ("Secure" in flags) == (scheme == "https")

    def needs(given: str) -> int:
        return brought({"type": "http", "scheme": scheme, "headers": [(b"cookie", given.encode())]})

    assert needs(f"a=b; {cookie}") == 42
    # As a neighbour under the same domain could set it.
    assert needs("quanze_position=7; " + (cookie if scheme == "https" else "x=y")) == (42 if scheme == "https" else 7)
