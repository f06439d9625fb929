"""What was decided under a document that was re-enacted rests on the one that replaces it, from its repeal on.

A re-enactment (重新规定: a law is revised under a new number, or a code takes up what four laws said) is no gap: powers
vested and granted under the old text go on. It holds from the repeal on, where the successor is in force on that day;
and so on along the chain, up to a repeal that re-enacts nothing. Columns: `Instruments.rests_on` of a snapshot.
"""

from __future__ import annotations

from typing import Final, LiteralString

from registry.relations.two_times import known


def _chain(row: LiteralString) -> LiteralString:
    """SQL: `carried`, the document of a row and those that carry on what rests on it, as known at $2."""
    return f"""WITH RECURSIVE carried (number, valid_to, replaced_by, reenacted) AS (
        SELECT {row}.number, {row}.valid_to, {row}.replaced_by, {row}.reenacted
      UNION ALL
        SELECT s.number, s.valid_to, s.replaced_by, s.reenacted
        FROM carried c JOIN instrument s ON s.number = c.replaced_by
        WHERE c.reenacted AND s.valid_from <= c.valid_to AND s.valid_to > c.valid_to AND {known("s")}
    )"""


def effective(row: LiteralString = "i", day: LiteralString = "$1") -> LiteralString:
    """SQL: what was decided under the document of a row, as known at $2, has a basis on the day."""
    end = f"CASE WHEN {row}.reenacted THEN ({_chain(row)} SELECT max(valid_to) FROM carried) ELSE {row}.valid_to END"
    return f"{row}.valid_from <= {day} AND {end} > {day} AND {known(row)}"


# The days on which a document of a number gives what was decided under it a basis, known at $2, and the causes.
EFFECTIVE_DAYS: Final[LiteralString] = f"""
    SELECT daterange(i.valid_from, e.valid_to) AS days, 'instrument:' || i.number AS begun_by,
        'instrument:' || e.number AS ended_by
    FROM instrument i,
    LATERAL ({_chain("i")} SELECT number, valid_to FROM carried ORDER BY valid_to DESC LIMIT 1) e
    WHERE {known("i")} AND i.number = """

# Documents of which what rests on them can rest on %(number)s; whatever the log knew.
PREDECESSORS: Final[LiteralString] = """
    WITH RECURSIVE earlier (number) AS (
        SELECT %(number)s::text COLLATE "C"
      UNION
        SELECT i.number FROM earlier e JOIN instrument i ON i.replaced_by = e.number AND i.reenacted
    )
    SELECT number FROM earlier
"""
