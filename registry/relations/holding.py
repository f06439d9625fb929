"""A unit holds a matter: by law, by a list that assigns, or by a delegation in force.

By law: the matter's `lawful_holders` match the unit's level and function (a duty with role lead; a power also by a
vesting whose instrument is in force); subject `LAW#MATTER`. By an item with a matter of an assigning positive list:
units of kind government or village only; subject `LIST#ITEM`. By a delegation in force to it, or to a unit that is read
as it; subject its ref (contract, section 3).

Columns of `held`: unit, kind or matter, role, by, subject, sender, mode, instrument, since, until, brings, due_on,
position. `since` and `until` bound the stretch of days of this holding by this unit; `until` is infinity while open.
"""

from __future__ import annotations

from typing import Final, LiteralString

import numpy as np

from registry.domain import words
from registry.relations import intervals, reach, reenacted, successors, territory
from registry.relations.columns import MATTER_KIND, Day, Flags, Indexes, among, expand_ranges
from registry.relations.intervals import intersect
from registry.relations.reach import reaching
from registry.relations.successors import NAMED
from registry.relations.two_times import at, days, known

# held: the duties of each unit asked. Contract section 3: by law where level and function match; by an item with a
# matter of an assigning list, for governments and villages; by a delegation in force to the unit or to one that is
# read as it.
HELD: Final = f"""
{territory.REQUESTED}, {territory.UP}, {reach.SCOPE}, {NAMED},
{reaching("l.covers = 'duty' AND l.assigns IS NOT NULL AND a.kind IN " + territory.GOVERNMENTS)},
held AS (
    SELECT a.code AS unit, l.matter, 'lead' AS role, 'law' AS by, 'LAW#' || l.matter AS subject,
        NULL::text AS sender, 'law' AS mode, NULL::text AS instrument, greatest(l.valid_from, a.fits_from) AS since,
        least(l.valid_to, a.fits_to) AS until, '{{}}'::text[] AS brings, NULL::date AS due_on, l.position
    FROM requested a,
    LATERAL (
        SELECT * FROM lawful_holder l
        WHERE l.function = a.function AND l.level = a.level AND l.kind = 'duty' AND {at("l")} OFFSET 0
    ) l
    UNION ALL
    SELECT r.unit, i.matter, r.assigns, 'list', r.code || '#' || i.item, i.grantor, 'assigned', r.instrument,
        greatest(i.valid_from, r.valid_from, a.exists_from), least(i.valid_to, r.valid_to, a.exists_to), i.brings,
        NULL, i.position
    FROM reaching r JOIN requested a ON a.code = r.unit,
    LATERAL (SELECT * FROM item i WHERE i.list = r.code AND i.matter IS NOT NULL AND {at("i")} OFFSET 0) i
    UNION ALL
    SELECT n.unit, d.matter, d.role, 'delegation', d.ref, d.sender, d.mode, d.instrument, greatest(d.began, n.since),
        least(d.until, d.ended, a.exists_to), d.brings, d.due_on, d.position
    FROM named n JOIN requested a ON a.code = n.unit,
    LATERAL (
        SELECT * FROM delegation d WHERE d.recipient = n.code AND d.kind = 'duty' AND {at("d")} OFFSET 0
    ) d
)"""


# held: every holding of matter $3 within unit $4; a power that is held by law in several ways is one holding.
HELD_WITHIN: Final = f"""
{territory.below("$4")},
{reach.ABOVE},
{reach.near("l.assigns IS NOT NULL")},
lists AS (
    SELECT l.code AS list, l.audience, l.scope, l.instrument, l.assigns, l.covers, i.item, i.grantor, i.brings,
        i.position, greatest(i.valid_from, l.valid_from) AS since, least(i.valid_to, l.valid_to) AS until
    FROM near l, LATERAL (SELECT * FROM item i WHERE i.list = l.code AND i.matter = $3 AND {at("i")} OFFSET 0) i
),
{reach.SEATS},
held AS (
    SELECT u.code AS unit, h.kind, CASE WHEN h.kind = 'duty' THEN 'lead' END AS role, 'law' AS by,
        'LAW#' || h.matter AS subject, NULL::text AS sender, 'law' AS mode, NULL::text AS instrument,
        greatest(h.valid_from, e.fits_from) AS since, least(h.valid_to, e.fits_to) AS until,
        '{{}}'::text[] AS brings, NULL::date AS due_on, h.position
    FROM lawful_holder h JOIN ground u ON u.function = h.function AND u.level = h.level, {territory.SPAN} e
    WHERE h.matter = $3 AND {at("h")}
    UNION ALL
    SELECT b.unit, 'power', NULL, 'law', 'LAW#' || v.power, NULL, 'vested', v.instrument,
        greatest(v.valid_from, b.since), v.valid_to, '{{}}', NULL, v.position
    FROM vesting v JOIN below b ON b.code = v.unit
    WHERE v.power = $3 AND NOT b.gone AND {at("v")}
        AND EXISTS (SELECT FROM matter m WHERE m.code = v.power AND m.in_law AND {at("m")})
        AND EXISTS (SELECT FROM instrument i WHERE i.number = v.instrument AND {reenacted.effective("i")})
    UNION ALL
    SELECT u.code, l.covers, CASE WHEN l.covers = 'duty' THEN l.assigns END, 'list', l.list || '#' || l.item,
        l.grantor, CASE WHEN l.covers = 'duty' THEN 'assigned' ELSE l.assigns END, l.instrument,
        greatest(l.since, e.exists_from), least(l.until, e.exists_to), l.brings, NULL, l.position
    FROM lists l JOIN ground u ON u.level = l.audience AND u.kind IN {territory.GOVERNMENTS}, {territory.SPAN} e
    WHERE {reach.REACHES}
    UNION ALL
    SELECT b.unit, d.kind, d.role, 'delegation', d.ref, d.sender, coalesce(d.mode, 'imposed'), d.instrument,
        greatest(d.began, b.since), least(d.until, d.ended, e.exists_to), d.brings, d.due_on, d.position
    FROM below b,
    LATERAL (SELECT * FROM delegation d WHERE d.matter = $3 AND d.recipient = b.code AND {at("d")} OFFSET 0) d,
    LATERAL (
        SELECT coalesce(min(o.valid_from) FILTER (WHERE o.dissolved), 'infinity') AS exists_to
        FROM unit o WHERE o.code = b.unit AND {known("o")}
    ) e
    WHERE NOT b.gone
)"""


def held_over_time(
    lists: LiteralString, matter: LiteralString = "", also: LiteralString = "", moving: LiteralString = ""
) -> LiteralString:
    """SQL: `piece`, every holding within territory $1 over time, as known at position $2; after territory.over_time.

    `lists`: a condition on lists `l` of `near`, those to look at. `matter`: the argument that names the only matter
    (`$3`); else of all matters. `also`: more SELECTs of held's columns, out of `items` (items in force with the days
    and attributes of their lists) and `reach`. `moving`: the window, where what lists give to a unit and is the same on
    all its days is left out, which is nearly all that villages have. Columns of `held` and `piece`: unit, matter, role,
    by, mode, subject, sender, instrument, brings, due_on, position, days, begun_by, ended_by; a row of `piece` has the
    sender as read on its days. Assigned, delegated and vested holdings begin and end with their units, too.
    """

    def of(column: LiteralString) -> LiteralString:
        condition: LiteralString = f" AND {column} = {matter}"
        return condition if matter else ""

    # One matter has few holders by law: units are looked up by them. Of all matters a unit's are looked up.
    law: LiteralString = (
        f"(SELECT h.*, {intervals.lawful()} FROM lawful_holder h WHERE {known('h')}{of('h.matter')}) h"
        " JOIN ground g ON g.function = h.function AND g.level = h.level"
        if matter
        else f"ground g, LATERAL (SELECT h.*, {intervals.lawful()} FROM lawful_holder h"
        f" WHERE h.function = g.function AND h.level = g.level AND {known('h')} OFFSET 0) h"
    )
    columns: LiteralString = "unit, matter, role, by, mode, subject, sender, instrument, brings, due_on, position"
    items: LiteralString = f", {_steady_item(moving)} AS steady" if moving else ""
    moved: LiteralString = f"r.code IN (SELECT o.code FROM reach o WHERE o.days <> {moving})"
    reached: LiteralString = f", {moved} AS moved" if moving else ""
    needed: LiteralString = (
        f" AND ({moved} OR r.list IN (SELECT i.list FROM items i WHERE NOT i.steady))" if moving else ""
    )
    by: LiteralString = ", moved" if moving else ""
    apart: LiteralString = " AND (o.moved OR NOT i.steady)" if moving else ""
    own: LiteralString = "h.unit, h.matter, h.role, h.by, h.mode, h.subject"
    own_too: LiteralString = "h.instrument, h.brings, h.due_on, h.position"
    # `reached` has one row for each list: joined row by row, each item would look at what all other lists reach, too.
    return f"""
{reach.NEAR_OVER_TIME},
lists AS (
    SELECT l.code AS list, l.audience, l.scope, l.instrument, l.assigns, l.covers, {intervals.listed()}
    FROM near l WHERE {lists}
),
{reach.OVER_TIME},
items AS (
    SELECT l.list, l.list || '#' || i.item AS subject, i.matter, l.covers, l.assigns, l.instrument, i.grantor, i.brings,
        i.position, {intersect("i", "l")}{items}
    FROM lists l,
    LATERAL (
        SELECT i.*, {intervals.entered()} FROM item i WHERE i.list = l.list AND {known("i")}{of("i.matter")} OFFSET 0
    ) i
    WHERE i.days && l.days
),
reached AS MATERIALIZED (
    SELECT r.list, array_agg(r.code) AS codes, array_agg(r.days) AS days, array_agg(r.begun_by) AS begun_by,
        array_agg(r.ended_by) AS ended_by{reached}
    FROM reach r WHERE r.kind IN {territory.GOVERNMENTS}{needed} GROUP BY r.list{by}
),
held ({columns}, days, begun_by, ended_by) AS (
    SELECT g.code, h.matter, CASE WHEN h.kind = 'duty' THEN 'lead' END, 'law', 'law', 'LAW#' || h.matter,
        NULL COLLATE "C", NULL COLLATE "C", '{{}}'::text[], NULL::date, h.position, {intersect("h", "g")}
    FROM {law}
    WHERE h.days && g.days AND h.kind IN ('duty', 'power')
    UNION ALL
    SELECT b.unit, v.power, NULL, 'law', 'vested', 'LAW#' || v.power, NULL, v.instrument, '{{}}', NULL, v.position,
        {intersect("v", "i", "m", "b")}
    FROM below b,
    LATERAL (
        SELECT v.*, {intervals.vested()} FROM vesting v WHERE v.unit = b.code AND {known("v")}{of("v.power")} OFFSET 0
    ) v,
    LATERAL (
        {reenacted.EFFECTIVE_DAYS} v.instrument OFFSET 0
    ) i,
    LATERAL (
        SELECT m.*, {intervals.defined()} FROM matter m WHERE m.code = v.power AND m.in_law AND {known("m")} OFFSET 0
    ) m
    WHERE NOT b.gone AND b.days && v.days * i.days * m.days
    UNION ALL
    SELECT r.code, i.matter, CASE WHEN i.covers = 'duty' THEN i.assigns END, 'list',
        CASE WHEN i.covers = 'duty' THEN 'assigned' ELSE i.assigns END, i.subject, i.grantor, i.instrument, i.brings,
        NULL, i.position, {intersect("i", "r")}
    FROM items i JOIN reached o ON o.list = i.list{apart},
        LATERAL unnest(o.codes, o.days, o.begun_by, o.ended_by) r (code, days, begun_by, ended_by)
    WHERE i.assigns IS NOT NULL AND i.matter IS NOT NULL AND r.days && i.days
    UNION ALL
    SELECT b.unit, d.matter, d.role, 'delegation', coalesce(d.mode, 'imposed'), d.ref, d.sender, d.instrument, d.brings,
        d.due_on, d.position, {intersect("d", "b")}
    FROM below b,
    LATERAL (
        SELECT d.*, {intervals.delegated()} FROM delegation d
        WHERE d.recipient = b.code AND {known("d")}{of("d.matter")} OFFSET 0
    ) d
    WHERE NOT b.gone AND d.days && b.days{also}
),
{successors.nodes_over_time("resolved", "SELECT DISTINCT h.sender FROM held h WHERE h.sender IS NOT NULL")},
piece AS (
    SELECT {own}, h.sender, {own_too}, h.days, h.begun_by, h.ended_by FROM held h WHERE h.sender IS NULL
    UNION ALL
    SELECT {own}, s.code, {own_too}, {intersect("h", "s")}
    FROM held h JOIN resolved s ON s.named = h.sender AND s.days && h.days
)"""


def _steady_item(window: LiteralString) -> LiteralString:
    """SQL: whether a row of `items` is the only one of its item, all days of a window, and so is its grantor."""
    return f"""i.days * l.days @> {window} AND (i.grantor IS NULL OR EXISTS (
            SELECT FROM unit u
            WHERE u.code = i.grantor AND u.successor IS NULL AND {days("u")} @> {window} AND {known("u")}
        ))"""


def held_by_law(day: Day, units: Indexes, matters: Indexes) -> Flags:
    """For each pair: does the law give the matter to units of this level and function?"""
    level, function = day.units.level[units].astype(np.int64), day.units.function[units].astype(np.int64)
    width = len(day.units.functions) * len(words.LEVELS)
    keys = matters.astype(np.int64) * width + function * len(words.LEVELS) + level
    return among(day.matters.lawful, keys) & (function >= 0) & (level >= 0) & (units >= 0)


def by_law(day: Day, kind: str, chosen: Flags | None = None) -> tuple[Indexes, Indexes]:
    """All matters of a kind that the law gives to units, or to the `chosen`: pairs (unit, matter), as `held_by_law`."""
    units, matters = day.units, day.matters
    width = max(len(units.functions), 1) * len(words.LEVELS)
    # A key of what is lawful is a matter, and a class of units: a function and a level.
    matter, class_ = (matters.lawful // width).astype(np.int32), matters.lawful % width
    of_kind = matters.kind[matter] == MATTER_KIND[kind]
    matter, class_ = matter[of_kind], class_[of_kind]
    able = (units.function >= 0) & (units.level >= 0)
    rows = np.flatnonzero(able if chosen is None else able & chosen)
    classes = units.function[rows].astype(np.int64) * len(words.LEVELS) + units.level[rows]
    order = np.argsort(classes, kind="stable")
    starts, ends = (np.searchsorted(classes[order], class_, side) for side in ("left", "right"))
    which, positions = expand_ranges(starts, ends)
    return rows[order][positions].astype(np.int32), matter[which]
