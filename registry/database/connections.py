"""Connections to the database: psycopg for writing, an asyncpg pool for reading."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final, Self
from urllib.parse import urlencode

import asyncpg
import psycopg
from psycopg import conninfo, sql

from registry import settings
from registry.database import days, embedded, schema
from registry.database.problems import NoDatabase
from registry.telemetry import tracing

# Bytes; a longer statement is prepared anew each time, which takes longer than answering it.
STATEMENT_SIZE: Final = 32 * 1024
# A recording waits for another's lock; half a minute is longer than any but a large import's.
WRITING: Final = "-c search_path=live -c lock_timeout=30s -c timezone=UTC -c jit=off"
READING: Final[dict[str, str]] = {
    "application_name": "quanze",
    "search_path": schema.LIVE,
    "statement_timeout": "30s",
    "default_transaction_read_only": "on",
    "timezone": "UTC",
    "jit": "off",
    # Planning a question anew costs more than the question; the statements are written to have one good plan.
    "plan_cache_mode": "force_generic_plan",
}
# What both libpq and asyncpg know of a connection string.
COMMON: Final = frozenset(
    {"host", "port", "user", "password", "dbname", "passfile", "service", "servicefile", "krbsrvname"}
    | {"sslmode", "sslcert", "sslkey", "sslrootcert", "sslcrl", "sslpassword", "target_session_attrs"}
    | {"ssl_min_protocol_version", "ssl_max_protocol_version"}
)


def url() -> str:
    """The database to use: REGISTRY_DATABASE_URL, else the embedded server's, started if need be.

    May hold a password: show it only through without_password. Raises NoDatabase.
    """
    return settings.DATABASE_URL.read() or embedded.url()


def without_password(text: str) -> str:
    """A connection string fit to be shown: `user@host:port/database`."""
    parts = _parts(text)
    where = parts.get("host", parts.get("hostaddr", "localhost"))
    return f"{parts.get('user', '')}@{where}:{parts.get('port', '5432')}/{parts.get('dbname', '')}"


def connect(url: str | None = None, *, migrate: bool = True) -> psycopg.Connection:
    """A connection for writing to the migrated database: search_path live, every statement on its own.

    Several go together in `with connection.transaction()`; a question before it does not keep that from committing.

    Waits at most 30 s for another's lock. `migrate=False`: the database is left as it is. Raises NoDatabase.
    """
    chosen = _chosen(url)
    parts = _parts(chosen)
    options = f"{parts.get('options', '')} {WRITING}".strip()
    extra = {"application_name": "quanze", "connect_timeout": "10"}
    whole = conninfo.make_conninfo("", **(extra | parts | {"options": options}))
    try:
        connection = psycopg.connect(whole)
    except psycopg.OperationalError as problem:
        raise _unreachable(chosen, problem) from None
    try:
        if migrate:
            schema.migrate(connection)
    except BaseException:
        connection.close()
        raise
    connection.autocommit = True
    if tracing.enabled():
        connection.cursor_factory = TracedCursor
    days.register(connection)
    return connection


class TracedCursor(psycopg.Cursor[Any]):
    """A cursor whose statements are part of a trace."""

    def execute(self, query: Any, params: Any = None, **more: Any) -> Self:
        """Execute a statement, and say how long it took."""
        begun, failed = time.perf_counter(), None
        try:
            return super().execute(query, params, **more)
        except psycopg.Error as error:
            failed = error
            raise
        finally:
            text = query.as_string(self) if isinstance(query, sql.Composable) else str(query)
            tracing.statement_took(text, time.perf_counter() - begun, failed)


def _trace(logged: Any) -> None:
    """Make a statement of the pool, asyncpg's LoggedQuery, part of a trace."""
    tracing.statement_took(logged.query, logged.elapsed, logged.exception)


async def _traced(connection: Any) -> None:
    connection.add_query_logger(_trace)


class Reader(asyncpg.Connection):
    """A connection that is given back to the pool without a round trip: nothing here changes a session's state."""

    __slots__ = ()

    def get_reset_query(self) -> str:
        """Nothing to reset."""
        return ""


async def pool(
    url: str | None = None, *, min_size: int = 2, max_size: int = 10, statement_timeout: str = "30s"
) -> asyncpg.Pool[asyncpg.Record]:
    """A pool for reading the migrated database: search_path live, read only, 30 s a statement, JSON as text.

    Raises NoDatabase.
    """
    chosen = await asyncio.to_thread(_chosen, url)
    await asyncio.to_thread(lambda: connect(chosen).close())
    try:
        return await asyncpg.create_pool(
            _address(chosen),
            min_size=min_size,
            max_size=max_size,
            connection_class=Reader,
            init=_traced if tracing.enabled() else None,
            max_cacheable_statement_size=STATEMENT_SIZE,
            server_settings=READING | {"statement_timeout": statement_timeout},
        )
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as problem:
        raise _unreachable(chosen, problem) from None


async def reading_pool(url: str) -> asyncpg.Pool[asyncpg.Record]:
    """A pool for reading a replica, which is migrated by its primary; it opens no connection before it is used."""
    return await asyncpg.create_pool(
        _address(url),
        min_size=0,
        max_size=10,
        connection_class=Reader,
        max_cacheable_statement_size=STATEMENT_SIZE,
        server_settings=READING,
        timeout=5,
    )


def replica_urls() -> list[str]:
    """The replicas that REGISTRY_READ_URL names, a URL for each host. Raises NoDatabase where it is none."""
    given = settings.READ_URL.read()
    if not given:
        return []
    parts = _parts(given, settings.READ_URL.name)
    hosts, ports = parts.pop("host", "").split(","), parts.pop("port", "5432").split(",")
    if len(ports) not in (1, len(hosts)):
        raise _no_url(settings.READ_URL.name)
    ports = ports * len(hosts) if len(ports) == 1 else [port or "5432" for port in ports]
    return [
        conninfo.make_conninfo("", **(parts | {"host": host, "port": port}))
        for host, port in zip(hosts, ports, strict=True)
    ]


async def listener(url: str | None, channel: str, rung: Callable[[], None]) -> asyncpg.Connection[asyncpg.Record]:
    """A connection for reading that listens on a channel: `rung` is called at every notification, and when it is lost.

    No statement on it takes longer than ten seconds. Raises NoDatabase.
    """
    chosen = await asyncio.to_thread(_chosen, url)

    def notified(*_: object) -> None:
        rung()

    with ExitStack() as opened:  # who asked for it may leave before it listens: nobody else would close it
        try:
            connection = await asyncpg.connect(
                _address(chosen), timeout=10, command_timeout=10, server_settings=READING | {"statement_timeout": "10s"}
            )
            opened.callback(connection.terminate)
            connection.add_termination_listener(notified)
            await connection.add_listener(channel, notified)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as problem:
            raise _unreachable(chosen, problem) from None
        opened.pop_all()
    return connection


def _address(chosen: str) -> str:
    """A connection string as asyncpg understands it, for reading.

    Of several hosts the one that takes writes is called `primary` here: our connections are read-only of themselves, so
    that asyncpg would find no other.
    """
    parts = {key: value for key, value in _parts(chosen).items() if key in COMMON}
    if parts.get("target_session_attrs") == "read-write":
        parts["target_session_attrs"] = "primary"
    return "postgresql://?" + urlencode(parts)


def _chosen(given: str | None) -> str:
    return url() if given is None else given


def _parts(text: str, setting: str = settings.DATABASE_URL.name) -> dict[str, str]:
    """The parts of a connection string; its own words never reach a message, for they may hold a password."""
    try:
        parts = {key: str(value) for key, value in conninfo.conninfo_to_dict(text).items() if value is not None}
    except psycopg.ProgrammingError:
        parts = None
    # A slash in a password that is not encoded ends the address early and puts the rest into port and database.
    cut = parts is not None and (
        not re.fullmatch("[0-9,]*", parts.get("port", "")) or "@" in parts.get("host", "") + parts.get("dbname", "")
    )
    if parts is None or cut:
        raise _no_url(setting)
    return parts


def _no_url(setting: str) -> NoDatabase:
    return NoDatabase(
        "database-unavailable",
        f"{setting} 不是可用的连接串。请写成 postgresql://用户:密码@主机:5432/数据库，密码中的特殊字符用百分号编码。",
        f"{setting} is no connection string. Write postgresql://user:password@host:5432/database, with special "
        "characters of the password percent-encoded.",
    )


def _unreachable(chosen: str, problem: Exception) -> NoDatabase:
    message = " ".join(str(problem).split()).removesuffix(".")
    password = _parts(chosen).get("password")
    if password:
        message = message.replace(password, "***")
    where = without_password(chosen)
    return NoDatabase(
        "database-unavailable",
        f"连不上数据库 {where}（{message}）。请确认服务器已启动、地址和密码正确，见 REGISTRY_DATABASE_URL。",
        f"The database {where} cannot be reached ({message}). Check that the server runs and that "
        "REGISTRY_DATABASE_URL has the right address and password.",
    )
