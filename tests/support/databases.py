"""Databases of the server under test: copies of a template, lent to one test after another, or dropped again."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import conninfo, sql

from tests.support import workers


def database_url(server_url: str, name: str) -> str:
    """Return the URL of another database of the same server."""
    parts = conninfo.conninfo_to_dict(server_url)
    host = str(parts.get("host") or "")
    password = f":{parts['password']}" if parts.get("password") else ""
    port = f"&port={parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('user', '')}{password}@/{name}?host={host}{port}"


def goes_with_its_server() -> bool:
    """Whether the server is the session's own, whose folder is thrown away.

    What lasts as long as the session need not be dropped there: each DROP DATABASE has all of the server written out.
    """
    return not os.environ.get("REGISTRY_TEST_DATABASE_URL")


@contextmanager
def temporary_database(server_url: str, template: str | None = None, *, left: bool = False) -> Iterator[str]:
    """Create a database, a copy of the template if one is named; yield its name and drop it at the end.

    It is dropped even if a test left a connection to it open; `left`: it is not dropped.
    """
    name = f"quanze_test_{uuid.uuid4().hex}"
    created = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        created += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(server_url, created)
    try:
        yield name
    finally:
        if not left:
            _execute(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def template_database(
    server_url: str, what: str, fill: Callable[[str], None], template: str | None = None
) -> Iterator[str]:
    """Yield the name of a database to be copied, which `fill` is given the URL of; the first worker makes it for all.

    Nobody connects to it once it is filled, for who copies it would have to wait. Where it is to be dropped at the
    end, each worker has its own.
    """
    with ExitStack() as stack, workers.noted(f"database-{what}") as note:
        if note is not None and goes_with_its_server() and note.exists():
            name = note.read_text("utf-8")
        else:
            name = stack.enter_context(temporary_database(server_url, template, left=goes_with_its_server()))
            fill(database_url(server_url, name))
            if note is not None:
                note.write_text(name, "utf-8")
        kept = stack.pop_all()
    with kept:
        yield name


@contextmanager
def database_copy(server_url: str, template: str) -> Iterator[str]:
    """Copy a database; yield the copy's URL and drop it at the end."""
    with temporary_database(server_url, template) as name:
        yield database_url(server_url, name)


# What a database is made of, the template's own rows with it: another after a change of any table, right or statistic.
_MADE_OF = """
SELECT (SELECT (count(*), sum(hashtext((c.xmin, c.ctid, c.relpages, c.reltuples)::text)))::text FROM pg_class c
        WHERE c.oid >= 16384),
    (SELECT (count(*), sum(hashtext((a.xmin, a.ctid)::text)))::text FROM pg_attribute a WHERE a.attrelid >= 16384),
    (SELECT (count(*), sum(hashtext((o.xmin, o.ctid)::text)))::text FROM pg_constraint o),
    (SELECT (count(*), sum(hashtext((i.xmin, i.ctid)::text)))::text FROM pg_index i WHERE i.indrelid >= 16384),
    (SELECT (count(*), sum(hashtext((p.xmin, p.ctid)::text)))::text FROM pg_proc p WHERE p.oid >= 16384),
    (SELECT (count(*), sum(hashtext((n.xmin, n.ctid)::text)))::text FROM pg_namespace n),
    (SELECT count(*) FROM pg_statistic WHERE starelid >= 16384),
    (SELECT count(*) FROM pg_trigger), (SELECT count(*) FROM pg_rewrite WHERE ev_class >= 16384),
    (SELECT count(*) FROM pg_default_acl), (SELECT count(*) FROM pg_largeobject_metadata),
    (SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE d.datname = current_database())
"""
_TABLES = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND c.oid >= 16384 AND n.nspname !~ '^pg_' ORDER BY 1
"""
_LARGE = 32 * 1024 * 1024  # bytes; the template has 9 MB
_SEQUENCES = "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL"


@dataclass
class Databases:
    """Migrated, empty databases: one that is given back is emptied and given to the next, ten times as fast as made.

    One in which more than rows has changed (a table, a right, statistics) is dropped instead, as is one that grew.
    """

    server_url: str
    template: str
    _stack: ExitStack = field(default_factory=ExitStack)
    _free: list[str] = field(default_factory=list[str])
    _pristine: tuple[Any, ...] = ()
    _filled: dict[str, Any] = field(default_factory=dict[str, Any])  # the template's own rows, by table
    # By database, the connection that empties it: a new one takes four times as long.
    _emptiers: dict[str, psycopg.Connection[Any]] = field(default_factory=dict[str, Any])
    _emptying: bytes = b""  # one statement for all others: a round trip for each took most of the time

    def __enter__(self) -> Databases:
        with psycopg.connect(database_url(self.server_url, self.template), autocommit=True) as connection:
            self._pristine = _row(connection, _MADE_OF)
            tables = [table for (table,) in connection.execute(_TABLES).fetchall()]
            self._filled = {table: rows for table in tables if (rows := _rows_of(connection, table))}
        self._emptying = "; ".join(f"DELETE FROM {table}" for table in tables if table not in self._filled).encode()
        return self

    def __exit__(self, *_: object) -> None:
        for connection in self._emptiers.values():
            connection.close()
        self._stack.close()

    @contextmanager
    def lent(self) -> Iterator[str]:
        """Yield the URL of an empty, migrated database, and take it back at the end."""
        name = self._free.pop() if self._free else None
        stack = ExitStack()
        if name is None:
            made = temporary_database(self.server_url, self.template, left=goes_with_its_server())
            name = stack.enter_context(made)
            self._stack.push(stack)
        url = database_url(self.server_url, name)
        yield url
        if self._emptied(url):
            self._free.append(name)

    def _emptied(self, url: str) -> bool:
        """Empty a database; give whether it is again as the template is."""
        connection = self._emptiers.pop(url, None) or psycopg.connect(url, autocommit=True)
        again = False
        # Raised by tables to which rows are only added; or a test has ended all connections.
        with suppress(psycopg.errors.RaiseException, psycopg.OperationalError):
            again = self._emptied_by(connection)
        if again:
            self._emptiers[url] = connection
        else:
            connection.close()
        return again

    def _emptied_by(self, connection: psycopg.Connection[Any]) -> bool:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        connection.execute(f"{others} AND pid <> pg_backend_pid()".encode())
        if _row(connection, _MADE_OF) != self._pristine:
            return False
        if _row(connection, "SELECT pg_database_size(current_database())")[0] > _LARGE:
            return False
        return self._deleted(connection)

    def _deleted(self, connection: psycopg.Connection[Any]) -> bool:
        """Delete every row that the template does not have; False where its own rows have changed."""
        with connection.transaction():
            if any(_rows_of(connection, table) != rows for table, rows in self._filled.items()):
                return False
            connection.execute(self._emptying)
            for (sequence,) in connection.execute(_SEQUENCES).fetchall():
                connection.execute(f"ALTER SEQUENCE {sequence} RESTART".encode())
        return True


def _row(connection: psycopg.Connection[Any], query: str) -> tuple[Any, ...]:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row


def _rows_of(connection: psycopg.Connection[Any], table: str) -> list[Any]:
    return sorted(connection.execute(f"SELECT t::text FROM {table} t".encode()).fetchall())


def _execute(url: str, statement: sql.Composed) -> None:
    """Execute one statement outside a transaction."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(statement)
