"""The server on a port of its own, in a thread of the test process: for browsers and programs that need an address."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import uvicorn
import uvicorn.server

from registry.web.resources import ServerResources
from registry.web.server import bound, configuration

PATIENCE = 120.0  # seconds to start and to stop


async def _briefly(sleep: float) -> None:
    await asyncio.sleep(sleep / 20)


# uvicorn looks ten times a second whether it is to stop, and as often whether its connections are closed; a server of
# a test has ended after a tenth of that. It sleeps nowhere else.
uvicorn.server.asyncio = SimpleNamespace(**vars(asyncio) | {"sleep": _briefly})  # type: ignore[assignment]


@contextmanager
def live_server(url: str, host: str = "127.0.0.1") -> Iterator[str]:
    """The address of the application over a database, `http://127.0.0.1:PORT`; stopped at the end.

    `host`: as what it is told to listen on, which says by which names it is known.
    """
    resources = ServerResources(url)
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            await super().startup(sockets)  # type: ignore[arg-type]
            started.set()

        async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
            resources.end()
            await super().shutdown(sockets)  # type: ignore[arg-type]

    listening = bound("127.0.0.1", 0)
    server = Server(configuration(resources, host))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        assert started.wait(PATIENCE), "the server does not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listening.close()
    assert not thread.is_alive()
