"""The log as it is read: decisions by position, thing, type, recorder and time; histories of units and matters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import orjson

from registry.domain.dates import today
from registry.domain.decision import Step
from registry.domain.decisions import TYPES
from registry.log.events import current_line
from registry.queries.units.resolve import Recorded, need_recorded, need_type, resolve_unit_ever, unrecorded
from registry.relations.two_times import NEWEST, AsOf, Reader

# The units that a decision `d` concerns: those it names, and those that what it is about names, as a delegation that it
# ends, a list that it adds to. None: it belongs to everybody, as a matter does.
_KEYS: Final = "ref|proposal|report|list|instrument|case|assessment"
CONCERNED: Final = f"""
    SELECT substr(g.tag, strpos(g.tag, ':') + 1) AS unit
    FROM (
        SELECT d.tags
        UNION ALL
        SELECT o.tags
        FROM unnest(d.tags) own (tag)
        JOIN log.tag s ON s.tag = ltrim(own.tag, '@')
        JOIN log.decision o ON o.position = s.position
        WHERE own.tag ~ '^({_KEYS}|@list):'
    ) t, unnest(t.tags) g (tag)
    WHERE g.tag ~ '^@?unit:'"""


def seen_by(units: str) -> str:
    """SQL: whether a decision `d` concerns one of some units (an array; null: all there are), or no unit at all."""
    return f"""({units}::text[] IS NULL
    OR (SELECT count(*) = 0 OR bool_or(c.unit = ANY ({units})) FROM ({CONCERNED}) c))"""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision as recorded: its place in the log, when and by whom it was recorded, and the journal object."""

    position: int
    type: str
    recorded_at: datetime
    recorded_by: str | None
    data: dict[str, Any]


def decision_of(row: Any) -> Decision:
    """A row of COLUMNS."""
    line = current_line(row["type"], row["version"], row["data"])
    return Decision(row["position"], row["type"], row["recorded_at"], row["recorded_by"], orjson.loads(line))


COLUMNS: Final = "d.position, d.type, d.version, d.recorded_at, d.recorded_by, d.data"
ONE: Final = f"SELECT {COLUMNS} FROM log.decision d WHERE d.position = $1"
AT_POSITIONS: Final = f"SELECT {COLUMNS} FROM log.decision d WHERE d.position = ANY($1::bigint[]) ORDER BY d.position"


async def decision(reader: Reader, position: int) -> Decision | None:
    """The decision at a position; None where there is none."""
    row = await reader.fetchrow(ONE, position)
    return None if row is None else decision_of(row)


SEEN: Final = "SELECT d.position FROM log.decision d WHERE d.position = ANY($1::bigint[]) AND {}"


async def seen(reader: Reader, positions: Collection[int], units: Sequence[str]) -> set[int]:
    """Those of the positions whose decisions concern one of some units, or no unit at all."""
    statement = SEEN.format(seen_by("$2"))
    return {row["position"] for row in await reader.fetch(statement, sorted(set(positions)), list(units))}


UNITS_OF_REFS: Final = """
SELECT substr(t.tag, 5) AS ref, substr(g.tag, 7) AS unit
FROM log.tag t JOIN log.decision d USING (position), unnest(d.tags) WITH ORDINALITY g (tag, place)
WHERE t.tag = ANY($1::text[]) AND g.tag LIKE '@unit:%'
ORDER BY t.position, g.place
"""


async def units_of_refs(reader: Reader, refs: Collection[str]) -> dict[str, list[str]]:
    """The units that decisions about each ref name, in the order in which they do."""
    results: dict[str, list[str]] = {}
    for row in await reader.fetch(UNITS_OF_REFS, [f"ref:{ref}" for ref in refs]):
        units = results.setdefault(row["ref"], [])
        if row["unit"] not in units:
            units.append(row["unit"])
    return results


INTRODUCED: Final = f"""
SELECT {COLUMNS} FROM log.tag t JOIN log.decision d USING (position)
WHERE t.tag = ANY($1::text[]) AND d.type = ANY($2::text[]) ORDER BY d.position
"""


async def introductions(reader: Reader, keys: Collection[str]) -> list[Decision]:
    """The decisions that brought in the aggregates of these keys, annulled or not, in the order of the log."""
    types = [name for name, decision in TYPES.items() if decision.STEP is Step.INTRODUCES]
    return [decision_of(row) for row in await reader.fetch(INTRODUCED, sorted(set(keys)), types)] if keys else []


async def at_positions(reader: Reader, positions: Collection[int]) -> list[Decision]:
    """The decisions at these positions, in the order of the log."""
    return [decision_of(row) for row in await reader.fetch(AT_POSITIONS, sorted(set(positions)))]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which decisions are asked for; None narrows nothing.

    `ref`: about that delegation, grant, burden or demand, or naming it; `proposal`: about that, or naming it. `since`
    and `until`: recorded then, both included. `at_from` and `at_to`: taking effect on these days, both included.
    `known`: up to that position.
    `seen`: those alone that concern one of these units, or none at all (CONCERNED).
    """

    ref: str | None = None
    instrument: str | None = None
    matter: str | None = None
    unit: str | None = None
    type: str | None = None
    recorded_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    at_from: date | None = None
    at_to: date | None = None
    known: int = NEWEST
    seen: Sequence[str] | None = None
    proposal: str | None = None


_SEEN_REF: Final = f"""
SELECT EXISTS (SELECT FROM log.tag t JOIN log.decision d USING (position) WHERE t.tag = $1 AND {seen_by("$2")})"""


async def resolve_wanted(reader: Reader, wanted: Wanted) -> Wanted:
    """What is wanted, once each name in it is known to mean something; a unit may be named by a name of its own.

    Raises UnknownName: a type of decision, unit, matter, instrument, ref or proposal that there is not.
    """
    if wanted.type is not None:
        need_type(wanted.type)
    if wanted.matter is not None:
        await need_recorded(reader, "matter", wanted.matter, wanted.known)
    if wanted.instrument is not None:
        await need_recorded(reader, "instrument", wanted.instrument, wanted.known)
    by_id: tuple[tuple[Recorded, str | None], ...] = (("ref", wanted.ref), ("proposal", wanted.proposal))
    for kind, code in by_id:
        if code is None:
            continue
        # Both are asked of what there is not, as of what is not seen: else the time would tell which it is.
        listed = None if wanted.seen is None else list(wanted.seen)
        seen = listed is None or await reader.fetchval(_SEEN_REF, f"{kind}:{code}", listed)
        await need_recorded(reader, kind, code, wanted.known)
        if not seen:
            raise unrecorded(kind, code)
    if wanted.unit is None:
        return wanted
    return replace(wanted, unit=await resolve_unit_ever(reader, wanted.unit, AsOf(today(), wanted.known)))


# Positions are in the order of recording, so a span of time is a span of positions.
LATEST: Final = (
    "SELECT l.position FROM log.decision l WHERE l.recorded_at {} ORDER BY l.recorded_at DESC, l.position DESC LIMIT 1"
)
CONDITIONS: Final = f"""
d.position > greatest($1::bigint, ({LATEST.format("< $6::timestamptz")}))
    AND d.position <= least($3::bigint, CASE WHEN $7::timestamptz IS NOT NULL
        THEN coalesce(({LATEST.format("<= $7::timestamptz")}), 0) END)
    AND ($4::text IS NULL OR d.type = $4) AND ($5::text IS NULL OR d.recorded_by = $5)
    AND ($8::date IS NULL OR convert_from(d.data, 'UTF8')::json ->> 'at' >= $8::text)
    AND ($9::date IS NULL OR convert_from(d.data, 'UTF8')::json ->> 'at' <= $9::text)"""
EVERY: Final = (
    f"SELECT {COLUMNS} FROM log.decision d WHERE {CONDITIONS} AND {seen_by('$10')} ORDER BY d.position LIMIT $2"
)
# Of a territory ($11: the tags of its units), what can concern it is found by tags before each is looked at: what names
# a unit of it, what is about the same as that, what names no unit at all (an index), and the items of lists that name
# none. The rest of the log is not read, whatever the planner expects of these: OFFSET keeps it from other joins.
OF_SEEN: Final = f"""
WITH direct AS MATERIALIZED (
    SELECT DISTINCT t.position
    FROM unnest($11::text[]) k (tag), LATERAL (SELECT t.position FROM log.tag t WHERE t.tag = k.tag OFFSET 0) t
),
concerning AS (
    SELECT n.position FROM direct n
    UNION
    SELECT t.position
    FROM (
        SELECT DISTINCT k.tag FROM direct n JOIN log.decision o USING (position), unnest(o.tags) k (tag)
        WHERE k.tag ~ '^({_KEYS}):'
    ) k, LATERAL (
        SELECT t.position FROM log.tag t
        WHERE t.tag = ANY (ARRAY[k.tag, CASE WHEN starts_with(k.tag, 'list:') THEN '@' || k.tag END]) OFFSET 0
    ) t
    UNION
    SELECT p.position FROM log.decision p
    WHERE log.names_no_unit(p.tags) AND p.position > $1 AND p.position <= $3
    UNION
    SELECT t.position
    FROM log.decision p, unnest(p.tags) k (tag),
        LATERAL (SELECT t.position FROM log.tag t WHERE t.tag = '@' || k.tag OFFSET 0) t
    WHERE log.names_no_unit(p.tags) AND p.type = 'ListAdopted' AND starts_with(k.tag, 'list:')
)
SELECT {COLUMNS}
FROM (SELECT c.position FROM concerning c WHERE c.position > $1 AND c.position <= $3 ORDER BY c.position OFFSET 0) c,
    LATERAL (SELECT * FROM log.decision o WHERE o.position = c.position OFFSET 0) d
WHERE {CONDITIONS} AND {seen_by("$10")}
ORDER BY c.position LIMIT $2
"""
# A thing is found by its tags: what is about it, and (@) what names it. The first one asked for is looked up, in the
# order of how few decisions name such a thing; the others are only checked.
TAGGED: Final = f"""
SELECT {COLUMNS}
FROM (
    SELECT DISTINCT t.position FROM log.tag t
    WHERE t.tag = ANY($11::text[]) AND t.position > $1 AND t.position <= $3
        AND ($12::text[] IS NULL OR EXISTS (SELECT FROM log.tag o WHERE o.tag = ANY($12) AND o.position = t.position))
        AND ($13::text[] IS NULL OR EXISTS (SELECT FROM log.tag o WHERE o.tag = ANY($13) AND o.position = t.position))
        AND ($14::text[] IS NULL OR EXISTS (SELECT FROM log.tag o WHERE o.tag = ANY($14) AND o.position = t.position))
        AND ($15::text[] IS NULL OR EXISTS (SELECT FROM log.tag o WHERE o.tag = ANY($15) AND o.position = t.position))
) t JOIN log.decision d USING (position)
WHERE {CONDITIONS} AND {seen_by("$10")}
ORDER BY d.position LIMIT $2
"""


UNNAMED: Final = 10  # arguments of EVERY
LOOKED_AT: Final = 1000  # decisions that are looked at one by one before a territory's are found by tags


def tags(aggregate: str, code: str) -> list[str]:
    """The tags of decisions about a thing, and of those that name it."""
    return [f"{aggregate}:{code}", f"@{aggregate}:{code}"]


def arguments(wanted: Wanted, after: int, limit: int) -> list[Any]:
    """The arguments of EVERY, or of TAGGED where a thing is asked for."""
    values = [after, limit, wanted.known, wanted.type, wanted.recorded_by, wanted.since, wanted.until]
    aggregates = (
        ("ref", wanted.ref),
        ("proposal", wanted.proposal),
        ("instrument", wanted.instrument),
        ("matter", wanted.matter),
        ("unit", wanted.unit),
    )
    named = [tags(aggregate, code) for aggregate, code in aggregates if code is not None]
    values += [wanted.at_from, wanted.at_to, wanted.seen]
    return [*values, *([*named, *[None] * (len(aggregates) - len(named))] if named else [])]


async def decisions(reader: Reader, wanted: Wanted, after: int, limit: int) -> list[Decision]:
    """At most `limit` decisions after a position, in order, that fit all that is wanted."""
    values = arguments(wanted, after, limit)
    if len(values) > UNNAMED:
        rows = await reader.fetch(TAGGED, *values)
    elif wanted.seen is None:
        rows = await reader.fetch(EVERY, *values)
    else:  # a page is often full of what comes next; where it is not, all the rest of the log may be of others
        reached = min(after + LOOKED_AT, wanted.known)
        rows = await reader.fetch(EVERY, *arguments(replace(wanted, known=reached), after, limit))
        if len(rows) < limit and reached < wanted.known:
            of_units = [tag for unit in wanted.seen for tag in tags("unit", unit)]
            more = arguments(wanted, reached, limit - len(rows))
            rows = [*rows, *await reader.fetch(OF_SEEN, *more, of_units)]
    return [decision_of(row) for row in rows]


def _positions(aggregate: str) -> str:
    """SQL: the decisions that name u.code, and what else was decided of the delegations, items, lists … they are about.

    Other units and matters that name this one (those below it, duties that require it) keep their histories to
    themselves.
    """
    return f"""
    SELECT t.position FROM log.tag t WHERE t.tag IN ('{aggregate}:' || u.code, '@{aggregate}:' || u.code)
    UNION
    SELECT t.position
    FROM (
        SELECT DISTINCT own.tag
        FROM log.tag n JOIN log.decision d USING (position), unnest(d.tags) own (tag)
        WHERE n.tag = '@{aggregate}:' || u.code AND own.tag NOT LIKE '@%' AND own.tag !~ '^(unit|matter):'
    ) own JOIN log.tag t ON t.tag = own.tag"""


def _history(aggregate: str, seen: str = "", of: str = "") -> str:
    return f"""
SELECT u.code, {COLUMNS}
FROM (SELECT DISTINCT code FROM unnest($1::text[]) u (code)) u,
LATERAL (
    SELECT p.position FROM ({_positions(aggregate)}) p {of}
    WHERE p.position > $2 AND p.position <= $3 {seen} ORDER BY p.position LIMIT $4
) t JOIN log.decision d USING (position)
ORDER BY u.code, d.position
"""


def _history_length(aggregate: str, seen: str = "", of: str = "") -> str:
    return f"""
SELECT u.code, (
    SELECT count(*) FROM ({_positions(aggregate)}) p {of} WHERE p.position <= $2 {seen}
) AS length
FROM (SELECT DISTINCT code FROM unnest($1::text[]) u (code)) u
"""


HISTORY: Final = _history("unit")
MATTER_HISTORY: Final = _history("matter")
HISTORIES: Final = {"unit": (HISTORY, _history_length("unit")), "matter": (MATTER_HISTORY, _history_length("matter"))}
_OF: Final = "JOIN log.decision d USING (position)"
HISTORIES_SEEN: Final = {
    subject: (
        _history(subject, f"AND {seen_by('$5')}", _OF),
        _history_length(subject, f"AND {seen_by('$3')}", _OF),
    )
    for subject in HISTORIES
}


async def history(
    reader: Reader,
    known: int,
    codes: Sequence[str],
    after: int,
    limit: int,
    aggregate: str = "unit",
    seen: Sequence[str] | None = None,
) -> dict[str, list[Decision]]:
    """For each unit (or matter), at most `limit` decisions of its history after a position, up to the one known.

    Its history: what names it, and what else was decided of the delegations, items and so on that name it; of that
    only what concerns some units, where those are given (`seen`).
    """
    results: dict[str, list[Decision]] = {}
    values: list[Any] = [list(codes), after, known, limit]
    statement = HISTORIES[aggregate][0] if seen is None else HISTORIES_SEEN[aggregate][0]
    for row in await reader.fetch(statement, *values, *([] if seen is None else [seen])):
        results.setdefault(row["code"], []).append(decision_of(row))
    return results


async def history_length(
    reader: Reader, known: int, codes: Sequence[str], aggregate: str = "unit", seen: Sequence[str] | None = None
) -> dict[str, int]:
    """For each unit (or matter), how many decisions its history has, up to the position known."""
    statement = HISTORIES[aggregate][1] if seen is None else HISTORIES_SEEN[aggregate][1]
    rows = await reader.fetch(statement, list(codes), known, *([] if seen is None else [seen]))
    return {row["code"]: row["length"] for row in rows}
