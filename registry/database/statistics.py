"""What the database knows of its tables' sizes and values, by which it chooses its plans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import psycopg
from psycopg import sql

FEWEST: Final = 1000  # rows written at once; after fewer the database's own counting, a minute later, is soon enough
SHARE: Final = 0.1  # of the rows that the database knows of

KNOWN: Final = "SELECT t.name, c.reltuples FROM unnest(%s::text[]) t (name) JOIN pg_class c ON c.oid = t.name::regclass"


def analyze_filled(connection: psycopg.Connection, written: Mapping[str, int]) -> list[str]:
    """Have the database count the tables that a transaction filled, before it commits; gives their names.

    `written`: by table, how many rows were written into it. Where they are FEWEST in all, a table is counted that never
    was, or of which they are more than a SHARE. A table that somebody else is counting or altering is left out: waiting
    for it could keep a recording from committing.
    """
    if sum(written.values()) < FEWEST:
        return []
    names = [name for name, rows in written.items() if rows]
    known = connection.execute(KNOWN, (names,)).fetchall()
    filled = [name for name, rows in known if rows < 0 or written[name] > SHARE * rows]
    for name in filled:
        table = sql.Identifier(*name.split("."))
        connection.execute(sql.SQL("ANALYZE (SKIP_LOCKED) {}").format(table))
    return filled
