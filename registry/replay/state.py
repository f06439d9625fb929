"""What held on a day, out of the log up to a position and of nothing else.

The read tables are built as far as the position in a schema of their own, read, and rolled back: nothing is left
behind, and the live ones are not read.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final

import numpy as np
import psycopg
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from registry import snapshot as snapshots
from registry.checker.holdings import assigned_duties, duty_delegations, matter_of, role_of
from registry.checker.rule import both, of_delegations
from registry.domain import words
from registry.domain.dates import EVER, OPEN
from registry.log import recorder
from registry.projections.tables import TABLES
from registry.relations import successors
from registry.relations.columns import MATTER_KIND
from registry.relations.holding import held_by_law
from registry.relations.powers import effective_powers, entrusted_only, subject
from registry.relations.powers import held as powers_held
from registry.relations.two_times import AsOf, at
from registry.replay.building import Building
from registry.replay.comparing import Progress, schema_of
from registry.snapshot import Snapshot

NOT_SHOWN: Final = ("known_from", "known_to")

# What must hold besides the row's own days: of a table that is not here, nothing. Contract, section 3.
BESIDES: Final[dict[str, str]] = {
    "unit": "NOT t.dissolved",
    "vesting": f"EXISTS (SELECT FROM instrument i WHERE i.number = t.instrument AND {at('i')})",
    "item": f"EXISTS (SELECT FROM list l WHERE l.code = t.list AND {at('l')})",
    # Its recipient exists: in the end it is read as a unit that is not dissolved.
    "delegation": f"""EXISTS (
        WITH RECURSIVE {successors.nodes("resolved", "SELECT t.recipient")}
        SELECT FROM resolved s JOIN unit u ON u.code = s.code WHERE {at("u")} AND NOT u.dissolved
    )""",
}


class _Undone(Exception):
    """Ends the transaction without a trace."""


@contextmanager
def _undone(connection: psycopg.Connection) -> Generator[None]:
    """A transaction of which nothing stays, however it ends."""
    try:
        with connection.transaction():
            yield
            raise _Undone
    except _Undone:
        pass


def state(
    connection: psycopg.Connection,
    until: int,
    as_of: date,
    progress: Progress | None = None,
    *,
    workers: int | None = 1,
) -> Iterator[dict[str, Any]]:
    """What held on the day as the log knew at position `until`: first what is recorded, then who holds what.

    Each is an object with its `kind` (unit, instrument, matter, list, item, vesting, delegation, demand, proposal,
    report, waiver) and the columns of its read table, in the order of its identity; an open end or beginning is null.
    Only what is in force is given, but matters also before they begin and once they are retired, and say so. Then for
    each unit every `holding` of a duty and every `power` that it effectively holds.
    """
    with _undone(connection):
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        last = min(until, recorder.head(connection)[0])
        building = Building(connection, schema_of(connection), logged=False, workers=workers)
        building.go_on(last, None if progress is None else lambda done: progress(done, last))
        building.index()
        connection.execute("SET LOCAL enable_seqscan = on")
        moment = AsOf(as_of, last)
        for table in TABLES:
            if table.name != "lawful_holder":  # the matter's row has it
                yield from _rows(connection, table.name, table.identity, moment)
        yield from _held(snapshots.load(connection, as_of, last))


def _rows(
    connection: psycopg.Connection, table: str, identity: tuple[str, ...], moment: AsOf
) -> Iterator[dict[str, Any]]:
    order = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(column)) for column in identity)
    statement = f"SELECT t.* FROM {table} t WHERE {at('t')} AND {BESIDES.get(table, 'true')} ORDER BY "
    with psycopg.RawServerCursor[DictRow](connection, "state", row_factory=dict_row) as cursor:
        cursor.execute(statement.encode() + order.as_bytes(connection), (moment.valid_at, moment.known_at))
        for row in cursor:
            yield {"kind": table, **_shown(row, table)}


def _shown(row: dict[str, Any], table: str) -> dict[str, Any]:
    """The row without what is only for finding it. A delegation or list item has a `kind` of its own: its matter's."""
    shown = {name: value for name, value in row.items() if name not in NOT_SHOWN}
    if "kind" in shown:
        shown = {(f"{table}_kind" if name == "kind" else name): value for name, value in shown.items()}
    return {name: None if value in (OPEN, EVER) else value for name, value in shown.items()}


def _held(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Who holds which duty, and effectively which power: by unit, then by subject or power."""
    codes, matters = snapshot.units.code, snapshot.matters
    duties = np.flatnonzero(matters.kind == MATTER_KIND["duty"]).astype(np.int32)
    hits = both(of_delegations(snapshot, duty_delegations(snapshot)), assigned_duties(snapshot))
    matter, role = matter_of(snapshot, hits), role_of(snapshot, hits)
    rows = np.argsort(hits.unit, kind="stable")
    starts = np.searchsorted(hits.unit[rows], np.arange(len(codes) + 1))
    powers = snapshot.once(effective_powers)
    for unit in sorted(range(len(codes)), key=codes.__getitem__):
        if snapshot.units.kind[unit] < 0:  # dissolved
            continue
        lawful = duties[held_by_law(snapshot, np.full(len(duties), unit, np.int32), duties)]
        held = [(f"LAW#{matters.code[duty]}", matters.code[duty], "lead", "law") for duty in map(int, lawful)]
        for row in map(int, rows[starts[unit] : starts[unit + 1]]):
            delegation = int(hits.delegation[row])
            by = "delegation" if delegation >= 0 else "list"
            about = subject(snapshot, delegation, int(hits.item[row]))
            held.append((about, matters.code[int(matter[row])], words.ROLES[int(role[row])], by))
        for about, duty, as_what, by in sorted(held):
            yield {"kind": "holding", "unit": codes[unit], "matter": duty, "role": as_what, "by": by, "subject": about}
        effective, ways = powers_held(powers, unit)
        of_unit = zip(map(int, effective), map(bool, entrusted_only(ways)), strict=True)
        for power, only in sorted((matters.code[power], only) for power, only in of_unit):
            yield {"kind": "power", "unit": codes[unit], "power": power, "entrusted_only": only}
