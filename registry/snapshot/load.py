"""The snapshot of a day out of the read tables."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any, Final, LiteralString, NamedTuple

import psycopg

from registry.relations.two_times import NAMED
from registry.snapshot import past_load
from registry.snapshot.assemble import assemble
from registry.snapshot.column_reader import As, Columns, Part, joined, no_rows, read_several, rows_named
from registry.snapshot.columns import Snapshot
from registry.snapshot.large_tables import read_table
from registry.snapshot.letters import KIND_LETTER
from registry.snapshot.returned import read_returned, returned_among
from registry.snapshot.surroundings import surroundings

_HOLDS: Final = NAMED.at("t")
# From so many units on, where they are at least this part of all, a territory's snapshot is read faster with everything
# than what bears on it is found by indexes (the processor time of both is the same at a fifth; of 100 counties of 100
# it is 1.1 s against 5.4 s).
MANY: Final = 5_000
PART: Final = 5
_BELOW: Final = f"""
SELECT count(*) FROM (
    WITH RECURSIVE below (code) AS (
        SELECT code COLLATE "C" FROM unnest(%(roots)s::text[]) AS start (code)
      UNION
        SELECT u.code FROM below JOIN unit u ON u.parent = below.code
        WHERE {NAMED.at("u")}
    )
    SELECT FROM below LIMIT %(limit)s
) AS counted
"""

# Bits of STAFF and FUNDS, as a digit.
_BRINGS: Final = (
    "CASE WHEN cardinality(brings) = 0 THEN '0'"
    " ELSE (('staff' = ANY(brings))::int + 2 * ('funds' = ANY(brings))::int)::text END"
)

TABLES: Final[Mapping[LiteralString, Mapping[str, tuple[LiteralString, As]]]] = {
    "unit": {
        "code": ("code", "id"),
        "name": ("name", "text"),
        "level": ("level", "id"),
        "kind": ("kind", "id"),
        "function": ("function", "id"),
        "parent": ("parent", "id"),
        "guided_by": ("guided_by", "id"),
        "stationed_at": ("stationed_at", "id"),
        "dissolved": ("dissolved::int", "number"),
        "successor": ("successor", "id"),
        "since": ("valid_from", "day"),
    },
    "matter": {
        "code": ("code", "id"),
        "name": ("name", "text"),
        "category": ("coalesce(category, '')", "text"),
        "aliases": ("aliases", "text"),
        "basis": ("basis", "text"),
        "kind": ("kind", "id"),
        "power_kind": ("power_kind", "id"),
        "needs": ("needs", "text"),
        "in_law": ("in_law::int", "number"),
        "requires": ("requires", "text"),
    },
    "lawful_holder": {
        "matter": ("matter", "id"),
        "level": ("level", "id"),
        "function": ("function", "id"),
    },
    "instrument": {
        "number": ("number", "id"),
        "title": ("title", "text"),
        "kind": ("kind", "id"),
        "began": ("valid_from", "day"),
        "ended": ("valid_to", "day"),
        "replaced_by": ("CASE WHEN reenacted THEN replaced_by END", "id"),
    },
    "list": {
        "code": ("code", "id"),
        "title": ("title", "text"),
        "polarity": ("polarity", "id"),
        "covers": ("covers", "id"),
        "audience": ("audience", "id"),
        "scope": ("scope", "id"),
        "instrument": ("instrument", "id"),
        "closed": ("closed::int", "number"),
        "assigns": ("assigns", "id"),
        "quota": ("coalesce(quota, -1)", "number"),
    },
    "item": {
        "list": ("list", "id"),
        "item": ("item", "id"),
        "name": ("name", "text"),
        "matter": ("matter", "id"),
        "category": ("coalesce(category, '')", "text"),
        "terms": ("terms", "text"),
        "roles": ("roles", "text"),
        "grantor": ("grantor", "id"),
        "brings": ("brings", "text"),
    },
    "vesting": {
        "power": ("power", "id"),
        "unit": ("unit", "id"),
        "instrument": ("instrument", "id"),
    },
    "delegation": {
        "ref": ("ref", "ref"),
        "kind": (KIND_LETTER, "word"),
        "matter": ("matter", "id"),
        "sender": ("sender", "id"),
        "recipient": ("recipient", "id"),
        "role": ("role", "word"),
        "mode": ("mode", "word"),
        "instrument": ("instrument", "id"),
        "began": ("began", "day"),
        "ends": ("least(until, ended)", "day"),
        "due_on": ("due_on", "day"),
        "brings": (_BRINGS, "word"),
        "under": ("under", "id"),
        "proposal": ("proposal", "id"),
        "position": ("position", "number"),
    },
    "demand": {
        "ref": ("ref", "id"),
        "matter": ("matter", "id"),
        "sender": ("sender", "id"),
        "recipient": ("recipient", "id"),
        "day": ("valid_from", "day"),
    },
    "proposal": {
        "proposal": ("proposal", "id"),
        "matter": ("matter", "id"),
        "recipient": ("recipient", "id"),
    },
    "rectification": {
        "ref": ("ref", "id"),
        "rule": ("rule", "id"),
        "subject": ("subject", "id"),
        "unit": ("unit", "id"),
        "began": ("began", "day"),
        "due_on": ("due_on", "day"),
        "done": ("done::int", "number"),
        "overdue": ("overdue::int", "number"),
    },
    "waiver": {
        "rule": ("rule", "id"),
        "unit": ("unit", "id"),
        "subject": ("subject", "id"),
        "waived_by": ("waived_by", "id"),
        "reason": ("reason", "text"),
    },
}


def load(
    connection: psycopg.Connection[Any],
    as_of: date,
    known: int,
    within: Collection[str] | str | None = None,
    *,
    only: bool = False,
    held_powers: bool = False,
    held: bool = False,
    repealed: Collection[str] = (),
    near: Near | None = None,
) -> Snapshot:
    """What held on the day `as_of`, as far as the log knew at position `known`.

    `within` names the unit or units whose territory the snapshot must judge: the unit and all below it by parent on
    that day; with `only`, these units alone. It then holds only what bears on that territory, found by indexes; None:
    everything. A code that no unit bears on the day has no territory. `held_powers`: bring with it also the powers
    that the law gives to units of the snapshot though no delegation, item or vesting names them (nothing is wrong with
    those; only who asks what a unit holds needs them); such a snapshot has no past, and no rule judges it. `held`:
    bring also the duties that the law gives so, and a past: for who asks what units hold and what is wrong with it.
    `repealed`: documents read as repealed on that very day, for who asks what rests on them. `near`: as `near_ever`
    gives it for `within` and `known`, where many days are asked about.
    """
    roots = [within] if isinstance(within, str) else within
    day: dict[str, object] = {"day": as_of, "known": known}
    if roots is None:
        return assemble(as_of, known, _everything(connection, day, as_of), repealed=repealed)
    if near is None and not only and _is_much(connection, as_of, known, roots):
        return assemble(as_of, known, _everything(connection, day, as_of), roots, repealed=repealed)
    codes, indexes, mine = near or surroundings(connection, as_of, known, roots, only=only)
    by_law = ["power", "duty"] if held else ["power"] if held_powers else []
    columns = _around(connection, day, codes, indexes, mine, by_law)
    if held or not held_powers:
        columns |= past_load.around(connection, day, mine, columns["delegation"], columns["demand"])
        columns["returned"] = read_returned(connection, day, codes)
    return assemble(as_of, known, columns, roots, only=only, repealed=repealed)


Near = tuple[list[str], list[str], set[str]]  # as `surroundings` gives it


def near_ever(connection: psycopg.Connection[Any], as_of: date, known: int, within: str) -> Near | None:
    """The units that bear on a territory on any day, so that they need not be looked for on each; None: nearly all.

    Too many units are never wrong in a snapshot, for what does not hold on its day is not read.
    """
    if _is_much(connection, as_of, known, [within]):
        return None
    return surroundings(connection, None, known, [within])


def count_below(
    connection: psycopg.Connection[Any], as_of: date, known: int, roots: Collection[str], limit: int
) -> int:
    """How many units are in the territory of some on a day, counted up to a limit.

    Not counted is what comes there only by the dissolution of another unit.
    """
    named: Mapping[str, object] = {"day": as_of, "known": known, "roots": sorted(roots), "limit": limit}
    row = connection.execute(_BELOW, named).fetchone()
    return 0 if row is None else int(row[0])


def _is_much(connection: psycopg.Connection[Any], as_of: date, known: int, roots: Collection[str]) -> bool:
    """Is the territory of these so great a part of all that everything is better read?"""

    def below(limit: int) -> int:
        return count_below(connection, as_of, known, roots, limit)

    if below(MANY) < MANY:
        return False
    row = connection.execute("SELECT count(*) FROM unit").fetchone()
    most = int(row[0]) // PART if row is not None else 0
    return below(most) >= most


def _everything(connection: psycopg.Connection[Any], day: Mapping[str, object], as_of: date) -> dict[str, Columns]:
    answered = NAMED.at() + " AND answer = 'admitted'"
    where: dict[str, LiteralString] = {"instrument": NAMED.known(), "proposal": answered}
    columns = {
        table: read_table(connection, table, columns, where.get(table, NAMED.at()), day)
        for table, columns in TABLES.items()
    }
    columns |= past_load.everything(connection, day, columns["demand"])
    columns["returned"] = returned_among(columns["past_delegation"], columns["matter"], as_of)
    return columns


def _around(
    connection: psycopg.Connection[Any],
    day: Mapping[str, object],
    codes: list[str],
    indexes: list[str],
    mine: Collection[str],
    by_law: list[str],
) -> dict[str, Columns]:
    """The rows of these units and of what they name; of `places` only the units themselves.

    `by_law`: of these kinds also the matters that the law gives to one of the units.
    """
    first = _named(
        connection,
        day,
        {
            "unit": Wanted("code", [*codes, *indexes]),
            "delegation": Wanted("recipient", codes),
            "demand": Wanted("recipient", mine),
            "vesting": Wanted("unit", codes),
            "list": Wanted("scope", codes),
            "rectification": Wanted("unit", mine),
            "waiver": Wanted("unit", codes),
            "nationwide": Part("list", TABLES["list"], "scope IS NULL AND " + NAMED.at()),
        },
    )
    delegation, vesting, listed = first["delegation"], first["vesting"], joined(first["list"], first.pop("nationwide"))
    numbers = {*delegation["instrument"], *vesting["instrument"], *listed["instrument"]} - {""}
    second = _named(
        connection,
        day,
        {
            "item": Wanted("list", listed["code"]),
            "instrument": Wanted("number", numbers, NAMED.known("t")),
            "proposal": Wanted("proposal", delegation["proposal"], "t.answer = 'admitted' AND " + _HOLDS),
        },
    )
    matters = {*delegation["matter"], *first["demand"]["matter"], *vesting["power"], *second["item"]["matter"]}
    if by_law:
        matters |= lawful(connection, day, first["unit"], by_law, NAMED.at("h"))

    def later(named: Collection[str]) -> Columns:
        return _named(connection, day, {"instrument": Wanted("number", named, NAMED.known("t"))})["instrument"]

    second["instrument"] = with_successors(later, numbers, second["instrument"])
    matter = _named(connection, day, {"matter": Wanted("code", matters)})["matter"]
    required = {power for powers in matter["requires"] for power in powers} - matters
    third = _named(
        connection, day, {"matter": Wanted("code", required), "lawful_holder": Wanted("matter", matters | required)}
    )
    third["matter"] = joined(matter, third["matter"])
    return {**first, "list": listed, **second, **third}


class Wanted(NamedTuple):
    """The rows of a table of which a column is among some names, and the condition on alias `t` is so."""

    column: LiteralString
    names: Iterable[str]
    condition: LiteralString = _HOLDS


def _named(
    connection: psycopg.Connection[Any], day: Mapping[str, object], wanted: Mapping[LiteralString, Wanted | Part]
) -> dict[str, Columns]:
    """The wanted rows of the tables that they are called by, read by one statement; a part is called as one likes."""
    parts: dict[str, Part] = {}
    results: dict[str, Columns] = {}
    arguments = dict(day)
    for table, rows in wanted.items():
        if isinstance(rows, Part):
            parts[table] = rows
        elif names := sorted(set(rows.names) - {""}):
            arguments[table] = names
            parts[table] = Part(rows_named(table, rows.column, rows.condition, table), TABLES[table])
        else:
            results[table] = no_rows(TABLES[table])
    return results | read_several(connection, parts, arguments)


def with_successors(
    read: Callable[[Collection[str]], Columns], numbers: Iterable[str], first: Columns | None = None
) -> Columns:
    """The documents of these numbers, and those by which they were re-enacted; `read` gives the rows of numbers.

    `first`: the rows of the numbers themselves, where they were read already.
    """
    named = set(numbers)
    columns = read(named) if first is None else first
    while wanted := {number for number in columns["replaced_by"] if number} - named:
        named |= wanted
        columns = joined(columns, read(wanted))
    return columns


def lawful(
    connection: psycopg.Connection[Any],
    day: Mapping[str, object],
    unit: Columns,
    kinds: list[str],
    holds: LiteralString,
) -> set[str]:
    """The matters of these kinds that the law gives to a unit among these rows; `holds`: of rows `h`, by `day`."""
    held: LiteralString = f"""
        SELECT DISTINCT h.matter
        FROM unnest(%(functions)s::text[], %(levels)s::text[]) AS wanted (function, level)
        CROSS JOIN LATERAL (
            SELECT h.matter FROM lawful_holder h
            WHERE h.function = wanted.function AND h.level = wanted.level AND h.kind = ANY(%(kinds)s)
                AND {holds} OFFSET 0
        ) AS h
    """
    pairs = sorted(set(zip(unit["function"], unit["level"], strict=True)))
    names = {"kinds": kinds, "functions": [pair[0] for pair in pairs], "levels": [pair[1] for pair in pairs]}
    return {row[0] for row in connection.execute(held, {**day, **names})}
