"""The server: uvicorn with uvloop and httptools, in one process or several."""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import socket
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import uvicorn

from registry import settings
from registry.fast.idle_collector import collect_when_idle
from registry.fast.switching import serve_quickly
from registry.telemetry import logs, tracing
from registry.telemetry.numbers_folder import remove_left
from registry.web import opening, workers
from registry.web.application import application
from registry.web.bodies import MESSAGE, BoundedSocket
from registry.web.connections import BoundedConnection
from registry.web.doorway import Doorway
from registry.web.graphql.schema import SCHEMA
from registry.web.hosts import KnownHosts, hosts_for, is_loopback, proxies
from registry.web.identities import Identities
from registry.web.resources import ServerResources

log = logging.getLogger("registry.web")
GRACE = 10  # seconds that requests under way are given when the server is told to stop


# What uvicorn writes of requests that are none: whoever sends them could fill the log.
CLIENTS_FAULTS: Final = ("Invalid HTTP request received.", "Unsupported upgrade request.", "Invalid UTF-8 sequence")


def unless_clients_fault(record: logging.LogRecord) -> bool:
    """Whether a record of uvicorn's is about the server, and not about what some client sent."""
    return not record.getMessage().startswith(CLIENTS_FAULTS)


# What a question had still to begin when its client left: it held nothing, and to say so of each would fill the log.
ABANDONED: Final = (
    r"coroutine '(GraphQLCoreConverter\.from_resolver\.<locals>\._async_resolver|Executor\.[\w.<>]+|"
    r"_checked\.<locals>\.limited|BoundedExecution\.[\w.<>]+)' was never awaited"
)


def forgive_abandoned_questions() -> None:
    """Have Python say nothing of the parts of a question that its client did not wait for; of all others it does."""
    warnings.filterwarnings("ignore", ABANDONED, RuntimeWarning)


class Server(uvicorn.Server):
    """Says so when it is ready, and before it waits for requests under way to end.

    `door`: a listening socket on which another process takes connections in, so that /health is answered whatever
    this one computes; None: this one takes them in.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        ready: Callable[[], None],
        ending: Callable[[], None],
        door: socket.socket | None = None,
    ) -> None:
        super().__init__(config)
        self.ready = ready
        self.ending = ending
        self._door = door
        self._doorway = Doorway(door) if door is not None and sys.platform.startswith("linux") else None
        self._opening: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            await self._open_doorway()
            forgive_abandoned_questions()
            # What was made at the start lives as long as the server: the collector need not look at it again.
            gc.collect()
            gc.freeze()
            serve_quickly()
            collect_when_idle(lambda: SCHEMA.running == 0)
            self.ready()

    async def _open_doorway(self) -> None:
        try:
            if self._doorway is not None:
                await self._doorway.open(self._protocol, self._open_again)
                return
        except OSError as error:
            log.warning("另起接受连接的进程未成（%s）。 / No process to take connections in: %s.", error, error)
            self._doorway = None
        await self._take_in()

    def _protocol(self) -> asyncio.Protocol:
        http: Any = self.config.http_protocol_class
        return http(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)

    def _open_again(self) -> None:
        self._opening = asyncio.get_running_loop().create_task(self._take_in())

    async def _take_in(self) -> None:
        """Take connections in as any server of uvicorn's."""
        if self._door is not None:
            taking = await asyncio.get_running_loop().create_server(
                self._protocol, sock=self._door, backlog=self.config.backlog
            )
            self.servers.append(taking)

    def stop(self) -> None:
        """Stop as if told so by a signal."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.ending()  # a stream would never end of itself
        if self._doorway is not None:
            self._doorway.close()
        if self._door is not None:
            self._door.close()
        await super().shutdown(sockets)
        if self._doorway is not None:
            await self._doorway.closed()
        await asyncio.to_thread(tracing.close)


def bound(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 lets the system choose one. Raises OSError where the address is taken, or is none."""
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except UnicodeError as error:  # what no name can be, as a..b
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL)) from error
    family, _, _, _, address = results[0]
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(512)
    except BaseException:
        listening.close()
        raise
    return listening


def configuration(resources: ServerResources, host: str = "127.0.0.1") -> uvicorn.Config:
    """How uvicorn serves the application over these resources, listening at `host`. Its log leaves out clients' faults.

    Raises ValueError, with the entry, where REGISTRY_HOSTS or REGISTRY_PROXIES has one that is none.
    """
    logging.getLogger("uvicorn.error").addFilter(unless_clients_fault)
    return uvicorn.Config(
        KnownHosts(application(resources=resources), hosts_for(host), proxies()),
        loop="uvloop",
        http=BoundedConnection,
        ws=BoundedSocket,
        ws_max_size=MESSAGE,
        lifespan="on",
        access_log=False,
        log_config=None,  # registry/telemetry/logs.py
        server_header=False,
        proxy_headers=False,  # KnownHosts sees to them
        timeout_graceful_shutdown=GRACE,
    )


def serve(
    host: str = "127.0.0.1",
    port: int = 8000,
    *,
    url: str | None = None,
    processes: int = 1,
    open_to_everybody: bool = False,
) -> None:
    """Serve until told to stop (SIGINT, SIGTERM), then let requests under way end. Prints the address when ready.

    `url`: the database; None: REGISTRY_DATABASE_URL, else the embedded one. `processes`: how many share the address.
    `open_to_everybody`: without accounts, let whoever reaches it do everything. Exits with status 1 and says why where
    it cannot listen there, or where others would reach it and there is no account. Raises BadSetting.
    """
    logs.configure()
    settings.check_secrets()
    settings.check_together()
    remove_left()
    for name in settings.unread():
        log.warning("环境变量 %s 没有程序读取，是否写错？ / Nothing reads the variable %s: is it mistyped?", name, name)
    try:
        listening = workers.sockets(partial(bound, host, port), processes)
    except OSError as error:
        sys.exit(
            f"cannot-listen: 无法在 {host}:{port} 监听（{error.strerror}）：换一个端口或地址。 / "
            f"Cannot listen on {host}:{port} ({error.strerror}): choose another port or address."
        )
    name = f"[{host}]" if ":" in host else host
    address = f"http://{name}:{listening[0].getsockname()[1]}"
    try:
        hosts_for(host)
        proxies()
    except ValueError as error:
        sys.exit(
            f"bad-value: REGISTRY_HOSTS 或 REGISTRY_PROXIES 中的“{error}”有误：前者写名称，后者写地址或网段。 / "
            f"{error} in REGISTRY_HOSTS or REGISTRY_PROXIES is wrong: names in the one, addresses or networks in the "
            "other."
        )
    if not is_loopback(host) and not settings.HOSTS.read():
        sys.stderr.write(
            "REGISTRY_HOSTS 没有设置：只能用数字地址或本机的主机名访问，其他域名答 421；要用域名，请先设置。 / "
            "REGISTRY_HOSTS is not set: addresses in digits and this machine's host names are answered, other names "
            "get 421. Set it to use a domain name.\n"
        )

    def ready() -> None:
        sys.stdout.write(f"{address}/  已就绪 / ready  (GraphQL: {address}/graphql){note}\n")
        sys.stdout.flush()

    try:
        entering = Identities(url)
        note = opening.who_may_enter(entering, url, listening[0], open_to_everybody=open_to_everybody)
        one = partial(_serve, host, url, entering)
        if processes == 1:
            one(listening[0], None, lambda _: ready())
        else:
            workers.prepare(url)
            workers.Workers(listening, one).run(ready)
    finally:
        for each in listening:
            each.close()


def _serve(
    host: str,
    url: str | None,
    entering: Identities,
    listening: socket.socket,
    numbers: Path | None,
    ready: Callable[[Callable[[], None]], None],
) -> None:
    """Be a server process on this socket until told to stop. `numbers`: where several keep their metrics.

    `entering`: whom the server lets in, decided before it forked. `ready` is called in the event loop once it answers,
    with the function that stops it.
    """
    tracing.configure()
    resources = ServerResources(url, numbers)
    resources.identities.open_here = entering.open_here
    resources.identities.open_elsewhere = entering.open_elsewhere

    def begun() -> None:
        resources.finding_worker.start()
        resources.webhook_worker.start()
        resources.witness_worker.start()
        ready(server.stop)

    server = Server(configuration(resources, host), begun, resources.end, listening)
    server.run(sockets=[])
