"""The tables and how they came to be: numbered SQL files, each applied once, in order, in a transaction of its own.

A file `NNNN_read_tables….sql` names no schema: it is executed in `live`, and by create_read_tables in any other.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, LiteralString, cast

import psycopg
from psycopg import sql

from registry.database.problems import NoDatabase

FOLDER: Final = Path(__file__).parent / "migrations"
LIVE: Final = "live"
LOCK: Final = 0x7175616E7A65  # "quanze" in ASCII: the advisory lock of whoever applies migrations
OLDEST_SERVER: Final = 150000

BOOKKEEPING: Final = """
CREATE SCHEMA IF NOT EXISTS quanze;
CREATE TABLE IF NOT EXISTS quanze.migration (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,              -- SHA-256 of the file's text with bare line feeds
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered SQL file."""

    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def makes_read_tables(self) -> bool:
        """Whether the file names no schema and is executed in `live`."""
        return self.name.startswith("read_tables")


def migrations_in(folder: Path) -> tuple[Migration, ...]:
    """The folder's migrations by number; they must be numbered from 1 without gaps."""
    migrations: list[Migration] = []
    for file in sorted(folder.glob("*.sql")):
        named = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", file.stem)
        if named is None or int(named[1]) != len(migrations) + 1:
            raise ValueError(f"{file.name}: migrations are named NNNN_name.sql and numbered from 0001 without gaps")
        migrations.append(Migration(int(named[1]), named[2], file.read_text(encoding="utf-8")))
    return tuple(migrations)


@cache
def migrations() -> tuple[Migration, ...]:
    """The program's own migrations."""
    return migrations_in(FOLDER)


def create_read_tables(connection: psycopg.Connection, schema: str) -> None:
    """Make the schema and the read tables in it, empty: within the caller's transaction, or in one of its own.

    Leaves the search_path as it was. Raises psycopg.errors.DuplicateSchema where there is one already.
    """
    with connection.transaction():
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
        for migration in migrations():
            if migration.makes_read_tables:
                _execute_in(connection, schema, migration)


def replaced_since(connection: psycopg.Connection) -> bool:
    """Whether other tables have come to be `live` since this transaction's snapshot was taken: these are empty to it.

    For who reads them at one moment (repeatable read) while `registry replay --switch` may happen: if so, begin again.
    A cast looks names up as they are now, the question sees what the snapshot sees.
    """
    row = connection.execute(
        "SELECT count(*) FROM pg_namespace WHERE nspname = %s AND oid = %s::regnamespace", (LIVE, LIVE)
    ).fetchone()
    return row is None or row[0] == 0


def migrate(connection: psycopg.Connection, wanted: tuple[Migration, ...] | None = None) -> int:
    """Apply what has not been applied yet and say how many that were. Safe when many processes start together.

    The connection must not be in a transaction, and is in none afterwards. Raises NoDatabase for a server before
    version 15, a role that may not create schemas or views that
    others made of a table that changes (`database-unavailable`), tables of a newer program
    (`database-newer`) and applied files that read differently (`database-differs`).
    """
    wanted = migrations() if wanted is None else wanted
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise NoDatabase(
            "database-unavailable",
            f"PostgreSQL 服务器版本为 {_spoken(version)}，需要 15 及以上。请升级服务器，或改用其他服务器。",
            f"The PostgreSQL server is version {_spoken(version)}; 15 or later is needed. Upgrade it or use another.",
        )
    if _applied(connection, wanted) == len(wanted):
        return 0
    count = 0
    try:
        while _apply_next(connection, wanted):
            count += 1
    except psycopg.errors.InsufficientPrivilege as problem:
        raise NoDatabase(
            "database-unavailable",
            f"数据库用户无权建表（{problem.diag.message_primary}）。请授予该用户在此数据库上的 CREATE 权限。",
            f"The database user may not make the tables ({problem.diag.message_primary}). Grant it CREATE on this "
            "database.",
        ) from None
    except psycopg.errors.DependentObjectsStillExist as problem:
        raise NoDatabase(
            "database-unavailable",
            f"数据库里另有视图引用登记册的读表，无法升级（{problem.diag.message_detail}）。请先删去该视图，升级后再建。",
            f"The database has views of others on the read tables, so they cannot be upgraded "
            f"({problem.diag.message_detail}). Drop these views, and make them again after the upgrade.",
        ) from None
    return count


def newer(number: int, known: int | None = None) -> NoDatabase:
    """The problem of a database with a migration of this number, of which a program with `known` knows nothing."""
    known = len(migrations()) if known is None else known
    return NoDatabase(
        "database-newer",
        f"数据库已由更新版本的程序升级（迁移 {number}，本程序到 {known}）。请升级本程序并重新启动。",
        f"A newer program has changed this database (migration {number}; this program knows {known}). Upgrade this "
        "program and start it again.",
    )


def pending(connection: psycopg.Connection) -> int:
    """How many of the program's migrations have not been applied. Raises NoDatabase as `migrate` does."""
    return len(migrations()) - _applied(connection, migrations())


def _apply_next(connection: psycopg.Connection, wanted: tuple[Migration, ...]) -> bool:
    """Apply the next migration under the lock; False when there is none."""
    with connection.transaction():
        connection.execute("SET LOCAL lock_timeout = 0")  # others may be at a long one
        connection.execute("SET LOCAL statement_timeout = 0")
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        applied = _applied(connection, wanted)
        if applied == 0:
            connection.execute(BOOKKEEPING)
        if applied == len(wanted):
            return False
        if _is_there(connection, "log", "decision"):
            # Whoever records does so before, or sees that it was migrated; and waits for this from the beginning, not
            # halfway, each holding what the other wants.
            connection.execute("LOCK TABLE log.decision IN EXCLUSIVE MODE")
        migration = wanted[applied]
        if migration.makes_read_tables:
            connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(LIVE)))
            _execute_in(connection, LIVE, migration)
        else:
            connection.execute(_trusted(migration.text))
        connection.execute(
            "INSERT INTO quanze.migration (number, name, checksum) VALUES (%s, %s, %s)",
            (migration.number, migration.name, migration.checksum),
        )
    return True


def _applied(connection: psycopg.Connection, wanted: tuple[Migration, ...]) -> int:
    """How many of the migrations have been applied; refuses a database that is newer or made differently."""
    with connection.transaction():
        if not _is_there(connection, "quanze", "migration"):
            return 0
        rows = connection.execute("SELECT number, name, checksum FROM quanze.migration ORDER BY number").fetchall()
    if len(rows) > len(wanted):
        raise newer(rows[-1][0], len(wanted))
    for row, migration in zip(rows, wanted, strict=False):
        if row != (migration.number, migration.name, migration.checksum):
            raise NoDatabase(
                "database-differs",
                f"数据库的迁移 {row[0]}（{row[1]}）与本程序的不同。请使用建库时的程序版本，或导出后导入新的数据库。",
                f"Migration {row[0]} ({row[1]}) of this database differs from this program's. Use the program that "
                "made it, or export from there and import into a new database.",
            )
    return len(rows)


def _is_there(connection: psycopg.Connection, schema: str, table: str) -> bool:
    """Whether there is a table. Not to_regclass: its cache may not know what another process has just made."""
    statement = "SELECT FROM pg_class WHERE relname = %s AND relnamespace::regnamespace::text = %s"
    return connection.execute(statement, (table, schema)).fetchone() is not None


def _execute_in(connection: psycopg.Connection, schema: str, migration: Migration) -> None:
    """Execute a migration that names no schema in this one; the transaction's search_path is as before afterwards."""
    before = connection.execute("SELECT current_setting('search_path')").fetchone()
    connection.execute("SELECT set_config('search_path', quote_ident(%s), true)", (schema,))
    connection.execute(_trusted(migration.text))
    connection.execute("SELECT set_config('search_path', %s, true)", before)


def _trusted(text: str) -> LiteralString:
    """The program's own files are as trustworthy as its code."""
    return cast(LiteralString, text)


def _spoken(version: int) -> str:
    return f"{version // 10000}.{version % 10000}"
