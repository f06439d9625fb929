"""One PostgreSQL for all tests, and a fresh migrated database for each that asks for one.

The server is the program's own, in a temporary folder, or that of REGISTRY_TEST_DATABASE_URL. With pytest-xdist the
workers share it. No test touches the user's own registry.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import conninfo, sql

from registry import database

os.environ.pop("REGISTRY_DATABASE_URL", None)


@pytest.fixture(scope="session", autouse=True)
def server_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The server of the session: a URL of some database of it, whose user may create others."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    os.environ["REGISTRY_HOME"] = str(shared / "home")
    chosen = os.environ.get("REGISTRY_TEST_DATABASE_URL")
    if chosen:
        return chosen
    url = database.url()
    with psycopg.connect(url, autocommit=True) as server:
        server.execute("ALTER SYSTEM SET fsync = off")  # nothing here need survive a power cut
        server.execute("SELECT pg_reload_conf()")
    return url


@pytest.fixture(scope="session")
def migrated(server_url: str) -> Iterator[str]:
    """The name of a migrated, empty database, to be copied."""
    name = f"quanze_test_{uuid.uuid4().hex}"
    execute(server_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    database.connect(named(server_url, name)).close()
    yield name
    drop(server_url, name)


@pytest.fixture
def new_database(server_url: str, migrated: str) -> Iterator[Callable[[], str]]:
    """A function that makes a fresh migrated database and gives its URL; for tests that need several."""
    made: list[str] = []

    def make() -> str:
        name = f"quanze_test_{uuid.uuid4().hex}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        execute(server_url, statement.format(sql.Identifier(name), sql.Identifier(migrated)))
        made.append(name)
        return named(server_url, name)

    yield make
    for name in made:
        drop(server_url, name)


@pytest.fixture
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a database without any table."""
    name = f"quanze_test_{uuid.uuid4().hex}"
    execute(server_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield named(server_url, name)
    drop(server_url, name)


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of a fresh migrated database."""
    return new_database()


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to a fresh migrated database, as database.connect gives it."""
    opened = database.connect(database_url)
    yield opened
    opened.close()


def named(url: str, name: str) -> str:
    """The URL of another database of the same server."""
    parts = conninfo.conninfo_to_dict(url)
    host = str(parts.get("host") or "")
    password = f":{parts['password']}" if parts.get("password") else ""
    port = f"&port={parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('user', '')}{password}@/{name}?host={host}{port}"


def drop(url: str, name: str) -> None:
    """Drop a database even if a test left a connection to it open."""
    execute(url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def execute(url: str, statement: sql.Composed) -> None:
    """Execute one statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)
