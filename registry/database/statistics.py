"""What the database knows of its tables' sizes and values, by which it chooses its plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import sql

FEWEST: Final = 1000  # rows written at once; after fewer the database's own counting, a minute later, is soon enough
SHARE: Final = 0.1  # of the rows that the database knows of
# PostgreSQL's statistics target grows with the table, up to what the server is set to (100: 30,000 rows are looked at;
# right for a million rows, but a tenth of an import of 100,000 decisions). The database's own counting follows anyway.
ROWS_OF_ONE_TARGET: Final = 10_000
LEAST_TARGET: Final = 10  # 3,000 rows are looked at

KNOWN: Final = """
    SELECT t.name, c.reltuples, current_setting('default_statistics_target')::int
    FROM unnest(%s::text[]) t (name) JOIN pg_class c ON c.oid = t.name::regclass
"""
TARGET: Final = "SELECT set_config('default_statistics_target', %s::text, true)"  # until the transaction ends


def analyze_filled(connection: psycopg.Connection, written: Mapping[str, int]) -> list[str]:
    """Have the database count the tables that a transaction filled, before it commits; gives their names.

    `written`: by table, how many rows were written into it. Where they are FEWEST in all, a table is counted that never
    was, or of which they are more than a SHARE. A table that somebody else is counting or altering is left out: waiting
    for it could keep a recording from committing. The larger the table, the more rows are looked at.
    """
    if sum(written.values()) < FEWEST:
        return []
    names = [name for name, rows in written.items() if rows]
    filled: list[str] = []
    for name, known, full_target in connection.execute(KNOWN, (names,)).fetchall():
        if known >= 0 and written[name] <= SHARE * known:
            continue
        rows = written[name] + max(known, 0)
        target = min(full_target, max(LEAST_TARGET, int(rows) // ROWS_OF_ONE_TARGET))
        connection.execute(TARGET, (target,))
        connection.execute(sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(sql.Identifier(*name.split("."))))
        filled.append(name)
    return filled
