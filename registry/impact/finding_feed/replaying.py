"""The feed of findings against the log: what stands open against a full check, or every event derived anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from registry.impact.finding_feed import ADVISORY_LOCK, derive, differs
from registry.impact.finding_feed.store import SCHEMA, TABLES, OpenFinding, Progress, Store
from registry.replay import Difference
from registry.replay.comparing import SHOWN

# The texts of an event are made when it is assessed, and may be other when it is derived anew.
COLUMNS: Final = "number, cause, position, day, change, rule, severity, unit, subject, matter, opened"


class _Undone(Exception):
    """Ends the transaction without a trace."""


def compare_open_findings(connection: psycopg.Connection[Any]) -> list[Difference]:
    """How what stands open by the feed differs from a full check as of where it is judged; changes nothing."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
        store = Store(connection)
        progress = store.progress()
        if progress is None:
            return []
        missing, surplus = differs(connection, store, progress.position, progress.day)
        folded = """
            SELECT rule, unit, subject, severity, matter FROM judged.event e
            WHERE change = 'opened' AND NOT EXISTS (SELECT FROM judged.event c WHERE c.opened = e.number)
        """
        with connection.cursor(row_factory=class_row(OpenFinding)) as cursor:
            fold = set(cursor.execute(folded))
        recorded = set(store.open_findings(None))
        differences = {"missing": [*missing, *(fold - recorded)], "surplus": [*surplus, *(recorded - fold)]}
        return [
            Difference("judged.standing", kind, len(these), [each._asdict() for each in sorted(these)[:SHOWN]])
            for kind, these in differences.items()
            if these
        ]


def derive_anew(connection: psycopg.Connection[Any], *, replace: bool) -> tuple[int, list[Difference]]:
    """Derive every event from the log anew, as far as it is judged, and compare; gives how many there are.

    `replace`: put them in the place of those that stand. Takes as long as judging the log did the first time. Where
    the rules were others before, they judge the past as they are now, so that a comparison finds differences.
    """
    outcome: tuple[int, list[Difference]] = (0, [])
    try:
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = 0")
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (ADVISORY_LOCK,))
            progress = Store(connection).progress()
            if progress is None:
                return outcome
            schema = f"judged_{connection.info.backend_pid}"
            connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            for table in TABLES:
                names = {"new": sql.Identifier(schema, table), "old": sql.Identifier(SCHEMA, table)}
                connection.execute(sql.SQL("CREATE TABLE {new} (LIKE {old} INCLUDING ALL)").format(**names))
            days = connection.execute("SELECT day, position FROM judged.day ORDER BY day").fetchall()
            schedule: Sequence[tuple[date, int]] = [(row[0], row[1]) for row in days]
            derived = derive(connection, schema, schedule, progress.position)
            outcome = (0 if derived is None else derived.number, _compare(connection, schema))
            if not replace:
                raise _Undone
            _replace(connection, schema, derived)
    except _Undone:
        pass
    return outcome


def _compare(connection: psycopg.Connection[Any], schema: str) -> list[Difference]:
    names: Mapping[str, sql.Composable] = {
        "built": sql.Identifier(schema, "event"),
        "stands": sql.Identifier(SCHEMA, "event"),
        "columns": sql.SQL(COLUMNS),
    }
    differences: list[Difference] = []
    for kind, these, those in (("missing", "built", "stands"), ("surplus", "stands", "built")):
        lacking = sql.SQL(
            "WITH d AS (SELECT {columns} FROM {these} EXCEPT ALL SELECT {columns} FROM {those})"
            " SELECT (SELECT count(*) FROM d), to_jsonb(d) FROM d ORDER BY number LIMIT {shown}"
        ).format(these=names[these], those=names[those], columns=names["columns"], shown=sql.Literal(SHOWN))
        rows = connection.execute(lacking).fetchall()
        if rows:
            differences.append(Difference("judged.event", kind, rows[0][0], [row[1] for row in rows]))
    return differences


def _replace(connection: psycopg.Connection[Any], schema: str, derived: Progress | None) -> None:
    Store(connection).clear()
    for table in TABLES:
        names = {"new": sql.Identifier(schema, table), "old": sql.Identifier(SCHEMA, table)}
        connection.execute(sql.SQL("INSERT INTO {old} SELECT * FROM {new}").format(**names))
        connection.execute(sql.SQL("DROP TABLE {new}").format(**names))
    connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(schema)))
    if derived is not None:
        Store(connection).advance(derived)
