"""Databases of the server under test: made by copying a template, and dropped again."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import conninfo, sql


def database_url(server_url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    parts = conninfo.conninfo_to_dict(server_url)
    host = str(parts.get("host") or "")
    password = f":{parts['password']}" if parts.get("password") else ""
    port = f"&port={parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('user', '')}{password}@/{name}?host={host}{port}"


@contextmanager
def temporary_database(server_url: str, template: str | None = None) -> Iterator[str]:
    """Create a database, a copy of the template if one is named; yield its name and drop it at the end.

    It is dropped even if a test left a connection to it open.
    """
    name = f"quanze_test_{uuid.uuid4().hex}"
    created = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        created += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(server_url, created)
    try:
        yield name
    finally:
        _execute(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def database_copy(server_url: str, template: str) -> Iterator[str]:
    """Copy a database; yield the copy's URL and drop it at the end."""
    with temporary_database(server_url, template) as name:
        yield database_url(server_url, name)


def _execute(url: str, statement: sql.Composed) -> None:
    """Execute one statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)
