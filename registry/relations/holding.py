"""A unit holds a matter: by law, by a list that assigns, or by a delegation in force.

By law: the matter's `lawful_holders` match the unit's level and function (a duty with role lead; a power also by a
vesting whose instrument is in force); subject `LAW#MATTER`. By an item with a matter of an assigning positive list:
units of kind government or village only; subject `LIST#ITEM`. By a delegation in force to it, or to a unit that is read
as it; subject its ref (contract, section 3).

Columns of `held`: unit, kind or matter, role, by, subject, sender, mode, instrument, since, until, brings, due_on,
position. `since` and `until` bound the stretch of days of this holding by this unit; `until` is infinity while open.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from registry.domain import words
from registry.relations import reach, territory
from registry.relations.columns import Day, Flags, Indexes, among
from registry.relations.reach import reaching
from registry.relations.successors import NAMED
from registry.relations.two_times import at, known

# held: the duties of each unit asked. Contract section 3: by law where level and function match; by an item with a
# matter of an assigning list, for governments and villages; by a delegation in force to the unit or to one that is
# read as it.
HELD: Final = f"""
{territory.ASKED}, {territory.UP}, {reach.SCOPE}, {NAMED},
{reaching("l.covers = 'duty' AND l.assigns IS NOT NULL AND a.kind IN " + territory.GOVERNMENTS)},
held AS (
    SELECT a.code AS unit, l.matter, 'lead' AS role, 'law' AS by, 'LAW#' || l.matter AS subject,
        NULL::text AS sender, 'law' AS mode, NULL::text AS instrument, greatest(l.valid_from, a.fits_from) AS since,
        least(l.valid_to, a.fits_to) AS until, '{{}}'::text[] AS brings, NULL::date AS due_on, l.position
    FROM asked a,
    LATERAL (
        SELECT * FROM lawful_holder l
        WHERE l.function = a.function AND l.level = a.level AND l.kind = 'duty' AND {at("l")} OFFSET 0
    ) l
    UNION ALL
    SELECT r.unit, i.matter, r.assigns, 'list', r.code || '#' || i.item, i.grantor, 'assigned', r.instrument,
        greatest(i.valid_from, r.valid_from, a.exists_from), least(i.valid_to, r.valid_to, a.exists_to), i.brings,
        NULL, i.position
    FROM reaching r JOIN asked a ON a.code = r.unit,
    LATERAL (SELECT * FROM item i WHERE i.list = r.code AND i.matter IS NOT NULL AND {at("i")} OFFSET 0) i
    UNION ALL
    SELECT n.unit, d.matter, d.role, 'delegation', d.ref, d.sender, d.mode, d.instrument, greatest(d.began, n.since),
        least(d.until, d.ended, a.exists_to), d.brings, d.due_on, d.position
    FROM named n JOIN asked a ON a.code = n.unit,
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
        AND EXISTS (SELECT FROM instrument i WHERE i.number = v.instrument AND {at("i")})
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


def held_by_law(day: Day, units: Indexes, matters: Indexes) -> Flags:
    """For each pair: does the law give the matter to units of this level and function?"""
    level, function = day.units.level[units].astype(np.int64), day.units.function[units].astype(np.int64)
    width = len(day.units.functions) * len(words.LEVELS)
    keys = matters.astype(np.int64) * width + function * len(words.LEVELS) + level
    return among(day.matters.lawful, keys) & (function >= 0) & (level >= 0) & (units >= 0)
