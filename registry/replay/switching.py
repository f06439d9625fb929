"""Puts read tables built anew in the place of the live ones, while questions are answered and others record.

Built, indexed and brought up to date in one transaction that takes the log's lock only for the last few decisions and
for giving two schemas each other's name. So a kill at any moment leaves either the old tables or the new ones live.
Names are looked up anew by every statement that starts after that, prepared ones too; those under way end on the
tables they began with. Who reads at one moment of before (repeatable read) finds the new ones empty, and asks
replaced_since. What was replaced is then dropped, at the next switch if not by this one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg import sql

from registry.database.schema import LIVE, LOCK
from registry.domain.text import Text
from registry.log import recorder
from registry.log.stored import BATCH
from registry.replay.building import Building
from registry.replay.comparing import Difference, Progress, compare, schema_of
from registry.replay.replay_lock import replay_lock

REPLACED: Final = "replaced_"  # and a number: schemas that were live
TRIES: Final = 20  # to find the log nearly caught up with; then the rest is taken in under its lock
PATIENCE: Final = 40.0  # seconds for statements under way on the old tables to end


class DependedOn(Exception):
    """Something that is not the program's own reads the live tables and would go on reading the replaced ones."""

    code = "in-use"

    def __init__(self, views: list[str]) -> None:
        named = ", ".join(views)
        self.zh = f"以下视图依赖读表：{named}。请先删除，切换后再建。"
        self.en = f"These views read the tables: {named}. Drop them first, and make them again after the switch."
        super().__init__(Text(self.zh, self.en).joined)


@dataclass(frozen=True, slots=True)
class Switched:
    """What the new tables hold, how the old ones differed, and for how many seconds recording had to wait."""

    decisions: int
    differences: list[Difference]
    waited: float
    left: list[str]  # schemas of replaced tables that are still read and are to be dropped next time


def switch(connection: psycopg.Connection, progress: Progress | None = None, *, workers: int | None = 1) -> Switched:
    """Rebuild every read table from the log and put the result in place of the live tables.

    `workers`: processes that read the log (None: one for each core). The connection must be in no transaction. Raises
    Underway while another replay is under way, DependedOn where views read the live tables.
    """
    with replay_lock(connection, exclusive=True):
        drop_replaced(connection)
        with connection.transaction():
            # Nobody changes the tables' form meanwhile, and a long import may keep the log's lock.
            connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (LOCK,))
            connection.execute("SET LOCAL lock_timeout = 0")
            _refuse_dependents(connection)
            building = Building(connection, schema_of(connection), logged=True, workers=workers)
            _catch_up(connection, building, progress)
            building.index()
            _catch_up(connection, building, progress)
            differences = compare(connection, building.schema, building.done)
            _grant_as_live(connection, building.schema)
            began = _lock_caught_up(connection, building)
            building.leave()
            _rename(connection, building.schema)
            recorder.notify(connection)
        waited = time.monotonic() - began
        left = _patiently(lambda: drop_replaced(connection))
    return Switched(building.done, differences, waited, left)


def _catch_up(connection: psycopg.Connection, building: Building, progress: Progress | None) -> None:
    """Take in what the log has, and what it gets meanwhile, up to less than a batch."""
    total, _ = recorder.head(connection)
    while building.done < total:
        building.go_on(total, None if progress is None else lambda done, total=total: progress(done, total))
        newest, _ = recorder.head(connection)
        if newest - total < BATCH:
            break
        total = newest


def _lock_caught_up(connection: psycopg.Connection, building: Building) -> float:
    """Take the log's lock with little left to take in, and take that in. Gives when the lock was taken."""
    for _ in range(TRIES):
        connection.execute("SAVEPOINT unlocked")
        head, _ = recorder.lock(connection)
        if head - building.done < BATCH:
            break
        connection.execute("ROLLBACK TO SAVEPOINT unlocked")  # gives the lock back
        building.go_on()
    began = time.monotonic()
    recorder.lock(connection)
    building.go_on()
    return began


def _refuse_dependents(connection: psycopg.Connection) -> None:
    """Views would go on reading the tables that are replaced."""
    views = connection.execute(
        """
        SELECT DISTINCT v.oid::regclass::text
        FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid JOIN pg_class v ON v.oid = r.ev_class
        JOIN pg_class t ON t.oid = d.refobjid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass
            AND t.relnamespace = %s::regnamespace
        ORDER BY 1
        """,
        (LIVE,),
    ).fetchall()
    if views:
        raise DependedOn([view for (view,) in views])


def _rename(connection: psycopg.Connection, schema: str) -> None:
    row = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
    assert row is not None
    for before, after in ((LIVE, REPLACED + row[0]), (schema, LIVE)):
        connection.execute(
            sql.SQL("ALTER SCHEMA {} RENAME TO {}").format(sql.Identifier(before), sql.Identifier(after))
        )


def _grant_as_live(connection: psycopg.Connection, schema: str) -> None:
    """Whoever was given rights on the live tables has them on the new ones."""
    granted = connection.execute(
        """
        SELECT format('GRANT %%s ON SCHEMA %%I TO %%s', a.privilege_type, %(schema)s::text, g.name)
        FROM pg_namespace n, aclexplode(n.nspacl) a, LATERAL (
            SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS name
        ) g
        WHERE n.nspname = %(live)s AND a.grantee <> n.nspowner
        UNION ALL
        SELECT format('GRANT %%s ON %%I.%%I TO %%s', a.privilege_type, %(schema)s::text, c.relname, g.name)
        FROM pg_class c, aclexplode(c.relacl) a, LATERAL (
            SELECT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS name
        ) g
        WHERE c.relnamespace = %(live)s::regnamespace AND c.relkind = 'r' AND a.grantee <> c.relowner
        """,
        {"schema": schema, "live": LIVE},
    ).fetchall()
    for (statement,) in granted:
        connection.execute(statement.encode())


def drop_replaced(connection: psycopg.Connection) -> list[str]:
    """Drop what switches have replaced, table by table, where nobody reads it any more. Gives what is left."""
    schemas = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname ~ %s ORDER BY nspname", (f"^{REPLACED}[0-9]+$",)
    ).fetchall()
    left: list[str] = []
    for (schema,) in schemas:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (schema,)).fetchall()
        drops = [sql.SQL("DROP TABLE {}").format(sql.Identifier(schema, table)) for (table,) in tables]
        drops.append(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(schema)))
        try:
            for drop in drops:
                with connection.transaction():
                    connection.execute("SET LOCAL lock_timeout = '500ms'")
                    connection.execute(drop)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DependentObjectsStillExist):
            left.append(schema)
    return left


def _patiently(drop: Callable[[], list[str]]) -> list[str]:
    """Again and again until nothing is left, or patience has an end."""
    until = time.monotonic() + PATIENCE
    left = drop()
    while left and time.monotonic() < until:
        time.sleep(0.5)
        left = drop()
    return left
