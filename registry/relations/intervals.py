"""SQL for holdings over many days at once: each row has the days on which it holds, and what began and ended it.

Pieces of recursive queries, to be put after WITH RECURSIVE. $1 is the territory (a unit), $2 the position known.
`days` is a range of dates, never empty. `begun_by` and `ended_by` name the cause of its first day and of the day after
its last: `#12` is the decision at position 12, anything else the tag of the thing (unit:42, ref:R-1) of whose stream
a decision takes effect on that day. Where two rows meet, the later beginning and the earlier end give the cause.
"""

from __future__ import annotations

from typing import LiteralString

from registry.relations.two_times import days, known


def short(sql: str) -> str:
    """The statement without its indentation: longer than the pool's STATEMENT_SIZE, it is prepared anew each time."""
    return " ".join(sql.split())


def intersect(first: LiteralString, *others: LiteralString) -> LiteralString:
    """SQL: days, begun_by, ended_by of the days that rows share; on one day the first named is the cause."""
    shared: LiteralString = f"{first}.days"
    begun_by: LiteralString = f"{first}.begun_by"
    ended_by: LiteralString = f"{first}.ended_by"
    for other in others:
        begun_by = f"CASE WHEN lower({other}.days) > lower({shared}) THEN {other}.begun_by ELSE {begun_by} END"
        ended_by = f"CASE WHEN upper({other}.days) < upper({shared}) THEN {other}.ended_by ELSE {ended_by} END"
        shared = f"{shared} * {other}.days"
    return f"{shared} AS days, {begun_by} AS begun_by, {ended_by} AS ended_by"


def units_over_time(where: LiteralString) -> LiteralString:
    """SQL: rows of units, with their days and cause."""
    cause = "'unit:' || u.code"
    columns = f"u.*, {days('u')} AS days, {cause} AS begun_by, {cause} AS ended_by"
    return f"SELECT {columns} FROM unit u WHERE {where} AND {known('u')}"


def at_position(row: LiteralString) -> LiteralString:
    """SQL: the decision of a row as a cause."""
    return f"('#' || {row}.position) COLLATE \"C\""


def listed(row: LiteralString = "l") -> LiteralString:
    """SQL: days and cause of a row of `list`."""
    return f"{days(row)} AS days, {at_position(row)} AS begun_by, 'list:' || {row}.code AS ended_by"


def entered(row: LiteralString = "i") -> LiteralString:
    """SQL: days and cause of a row of `item`."""
    return (
        f"{days(row)} AS days, {at_position(row)} AS begun_by, 'item:' || {row}.list || '#' || {row}.item AS ended_by"
    )


def lawful(row: LiteralString = "h") -> LiteralString:
    """SQL: days and cause of a row of `lawful_holder`."""
    return f"{days(row)} AS days, 'matter:' || {row}.matter AS begun_by, 'matter:' || {row}.matter AS ended_by"


def defined(row: LiteralString = "m") -> LiteralString:
    """SQL: days and cause of a row of `matter`."""
    return f"{days(row)} AS days, 'matter:' || {row}.code AS begun_by, 'matter:' || {row}.code AS ended_by"


def vested(row: LiteralString = "v") -> LiteralString:
    """SQL: days and cause of a row of `vesting`."""
    key = f"'vesting:' || {row}.power || '#' || {row}.unit"
    return f"{days(row)} AS days, {at_position(row)} AS begun_by, {key} AS ended_by"


def delegated(row: LiteralString = "d") -> LiteralString:
    """SQL: days and cause of a row of `delegation`: begun by itself or by new resources; ended, or over by itself."""
    return f"""{days(row)} AS days,
        CASE WHEN {row}.valid_from = {row}.began THEN {at_position(row)} ELSE 'ref:' || {row}.ref END AS begun_by,
        CASE WHEN {row}.valid_to = {row}.until AND {row}.ended IS DISTINCT FROM {row}.until THEN {at_position(row)}
            ELSE 'ref:' || {row}.ref END AS ended_by"""
