"""What a decision changed: the rows of the read tables that were closed and opened at its position.

A decision changes only the rows of its own thing (architecture.md), so these are found by the thing's key. From them
the days are laid out on which the thing reads otherwise than before.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from itertools import groupby, pairwise
from typing import Any, Final

import orjson

from registry.domain.text import Text
from registry.projections.tables import TABLES, Table
from registry.queries.history import sentences
from registry.relations.two_times import Reader

Row = Mapping[str, Any]
ChangePeriod = tuple[str, str | None, str | None, list["FieldChange"]]  # change, since, until, fields


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One attribute, as it read before the decision and after it; None where the thing did not hold."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision changed of its thing on a stretch of days, the same on all of them.

    `table` is the read table; `key` the thing's code there (LIST#ITEM, POWER#UNIT …). `change` is began (these days it
    now holds, and did not), ended (it did, and does not) or changed. Days are ISO dates; `since` is None where it is
    for ever before, `until` None where it is open.
    """

    position: int
    table: str
    key: str
    change: str
    since: str | None
    until: str | None
    fields: list[FieldChange]
    message: Text


# Beside its key and its days, what a sentence does not repeat as a change: the end of a delegation is reported by its
# days and its reason.
_IN_KEY_OR_DAYS: Final[Mapping[str, Collection[str]]] = {
    "matter": {"kind"},
    "lawful_holder": {"kind"},
    "delegation": {"kind", "began", "until", "ended", "end_reason"},
}
_BOOKKEEPING: Final = {"position", "valid_from", "valid_to"}


def _attributes(table: Table) -> tuple[str, ...]:
    """The columns whose change is reported, in the order of their labels. Raises KeyError for one without a label."""
    hidden = {*table.key, *_BOOKKEEPING, *_IN_KEY_OR_DAYS.get(table.name, ())}
    rank = {name: index for index, name in enumerate(sentences.LABELS)}
    return tuple(sorted((column.name for column in table.columns if column.name not in hidden), key=rank.__getitem__))


ATTRIBUTES: Final = {table.name: _attributes(table) for table in TABLES}


def _key_condition(table: Table) -> str:
    """SQL: a row `r` is the aggregate's whose key is in `k`: its first part, and the rest."""
    first, *others = table.key
    parts = [f"r.{first} = k.first"]
    rest = "k.rest"
    for name in others[:-1]:
        parts.append(f"r.{name} = split_part({rest}, '#', 1)")
        rest = f"substr({rest}, strpos({rest}, '#') + 1)"
    return " AND ".join([*parts, *(f"r.{name} = {rest}" for name in others[-1:])])


def _rows(table: Table) -> str:
    key = " || '#' || ".join(f"r.{name}" for name in table.key)
    return f"""
SELECT k.position, '{table.name}' AS table, {key} AS key, r.known_from = k.position AS opened, to_jsonb(r)::text AS row
FROM k, LATERAL (
    SELECT * FROM {table.name} r
    WHERE {_key_condition(table)} AND (r.known_from = k.position OR r.known_to = k.position) OFFSET 0
) r WHERE k.kind = '{table.aggregate}'"""


# The aggregates whose keys have parts.
_PARTED: Final = "|".join(sorted({table.aggregate for table in TABLES if len(table.key) > 1}))
CHANGED: Final = f"""
WITH k AS (
    SELECT d.position, split_part(d.tag, ':', 1) AS kind,
        CASE WHEN d.tag ~ '^({_PARTED}):' THEN split_part(d.key, '#', 1) ELSE d.key END COLLATE "C" AS first,
        substr(d.key, strpos(d.key, '#') + 1) COLLATE "C" AS rest
    FROM (
        SELECT d.position, t.tag, substr(t.tag, strpos(t.tag, ':') + 1) AS key
        FROM log.decision d, unnest(d.tags) t (tag)
        WHERE d.position = ANY($1::bigint[]) AND t.tag NOT LIKE '@%'
    ) d
)
{" UNION ALL ".join(map(_rows, TABLES))}
ORDER BY position, "table", key
"""


# The name that each unit or matter bears last, as now known: sentences are for today's readers.
NAMES: Final = """
SELECT c.code, n.name
FROM unnest($1::text[]) c (code),
LATERAL (
    SELECT n.name FROM (
        SELECT u.name, u.valid_from, u.known_to FROM unit u WHERE u.code = c.code
        UNION ALL
        SELECT m.name, m.valid_from, m.known_to FROM matter m WHERE m.code = c.code
    ) n ORDER BY n.known_to DESC, n.valid_from DESC LIMIT 1
) n
"""


async def effects(reader: Reader, positions: Collection[int]) -> dict[int, list[Effect]]:
    """What the decisions at these positions changed, by table and days; one that changed nothing is not there."""
    changed: list[tuple[int, str, str, ChangePeriod]] = []
    rows = await reader.fetch(CHANGED, sorted(set(positions)))
    for (position, table, key), group in groupby(rows, lambda row: (row["position"], row["table"], row["key"])):
        closed, opened = list[Row](), list[Row]()
        for row in group:
            (opened if row["opened"] else closed).append(orjson.loads(row["row"]))
        for was, now in _apart(table, closed, opened):
            changed += [(position, table, key, period) for period in _compared(table, was, now)]
    plain = [[astuple(field) for field in period[-1]] for *_, period in changed]
    codes: set[str] = set()
    for (_, table, key, _), fields in zip(changed, plain, strict=True):
        codes |= sentences.named(table, key, fields)
    names = await names_of(reader, codes)
    results: dict[int, list[Effect]] = {}
    for (position, table, key, period), fields in zip(changed, plain, strict=True):
        message = sentences.sentence(table, key, *period[:3], fields, names)
        results.setdefault(position, []).append(Effect(position, table, key, *period, message))
    return results


async def names_of(reader: Reader, codes: Collection[str]) -> dict[str, str]:
    """The name that each unit or matter of these codes bears last, as now known; other codes are not in it."""
    return {row["code"]: row["name"] for row in await reader.fetch(NAMES, sorted(codes))} if codes else {}


def _apart(table: str, closed: list[Row], opened: list[Row]) -> Iterator[tuple[list[Row], list[Row]]]:
    """Rows of which several hold on one day, one by one: a matter's lawful holders, vestings, waivers, answers."""
    several = dict.fromkeys(("vesting", "waiver", "rectification_answer"), ("position",))
    own = {"lawful_holder": ("level", "function"), **several}.get(table, ())

    def one(row: Row) -> list[Any]:
        return [row[name] for name in own]

    for each in sorted({orjson.dumps(one(row)) for row in (*closed, *opened)}):
        same = orjson.loads(each)
        yield [row for row in closed if one(row) == same], [row for row in opened if one(row) == same]


def _compared(table: str, closed: Sequence[Row], opened: Sequence[Row]) -> list[ChangePeriod]:
    """The intervals of days on which the rows read differently."""
    days = sorted({day for row in (*closed, *opened) for day in (row["valid_from"], row["valid_to"])}, key=_day_order)
    results: list[ChangePeriod] = []
    for since, until in pairwise(days):
        before, after = _on(closed, since), _on(opened, since)
        fields = _differences(table, before, after)
        if (before is None and after is None) or (before is not None and after is not None and not fields):
            continue
        if before is None and after is not None and after.get("in_law", True) is False and not after["retired"]:
            continue  # before it begins a matter is only known by name
        change = "began" if before is None else "ended" if after is None else "changed"
        if change == "ended":
            reasons = {row.get("end_reason") for row in opened} - {row.get("end_reason") for row in closed}
            fields += [FieldChange("end_reason", None, reason) for reason in reasons if reason is not None]
        effect = (change, None if since == "-infinity" else since, None if until == "infinity" else until, fields)
        if results and results[-1][0] == change and results[-1][2] == effect[1] and results[-1][3] == fields:
            results[-1] = (change, results[-1][1], effect[2], fields)
        else:
            results.append(effect)
    return results


def _day_order(day: str) -> tuple[int, str]:
    return (0 if day == "-infinity" else 2 if day == "infinity" else 1, day)


def _on(rows: Sequence[Row], day: str) -> Row | None:
    return next(
        (row for row in rows if _day_order(row["valid_from"]) <= _day_order(day) < _day_order(row["valid_to"])), None
    )


def _differences(table: str, before: Row | None, after: Row | None) -> list[FieldChange]:
    names = [name for name in ATTRIBUTES[table] if name in (before or after or {})]
    was, now = before or {}, after or {}
    return [
        FieldChange(name, was.get(name), now.get(name))
        for name in names
        if (was.get(name) or None) != (now.get(name) or None)
    ]
