"""Who holds what: the duties of a unit, and every holding of a matter within a territory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.relations import territory
from registry.relations.reach import reaching
from registry.relations.two_times import AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Holding:
    """A unit holding a matter: by law, by a list that assigns, or by a delegation.

    `since` and `until` bound the stretch of days of this holding by this unit; `until` is None while open. `sender`
    is the decision's `from`, read as its successor. `mode` of a holding by law is "law" (a power vested by name:
    "vested"), of a duty by list "assigned", of a burden "imposed".
    """

    unit: str
    matter: str
    role: str | None
    by: str
    subject: str
    sender: str | None
    mode: str
    instrument: str | None
    since: date
    until: date | None
    brings: list[str]
    due_on: date | None
    position: int


# held: the duties of each unit asked. Contract section 3: by law where level and function match; by an item with a
# matter of an assigning list, for governments and villages; by a delegation in force to the unit or to one that is
# read as it.
HELD: Final = f"""
{territory.ASKED}, {territory.UP}, {territory.SCOPE}, {territory.NAMED},
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

# One page of each unit's duties, in order of subject: those of role $4 (null: any) after subject $5, at most $6.
PAGE: Final = f"""
{HELD},
matched AS (SELECT * FROM held h WHERE $4::text IS NULL OR h.role = $4),
counted AS (SELECT m.unit, count(*) AS total FROM matched m GROUP BY m.unit),
page AS (
    SELECT * FROM (
        SELECT m.*, row_number() OVER (PARTITION BY m.unit ORDER BY m.subject COLLATE "C") AS place
        FROM matched m WHERE $5::text IS NULL OR m.subject COLLATE "C" > $5
    ) m WHERE m.place <= $6
),
{territory.standing("stood", "SELECT DISTINCT p.sender FROM page p WHERE p.sender IS NOT NULL")}"""

RESPONSIBILITIES: Final = f"""
WITH RECURSIVE {PAGE}
SELECT a.code, coalesce(c.total, 0) AS total,
    p.unit, p.matter, p.role, p.by, p.subject, s.code AS sender, p.mode, p.instrument, p.since,
    nullif(p.until, 'infinity') AS until, p.brings, p.due_on, p.position
FROM asked a
LEFT JOIN counted c ON c.unit = a.code
LEFT JOIN page p ON p.unit = a.code
LEFT JOIN stood s ON s.named = p.sender
ORDER BY a.code, p.place
"""


async def responsibilities(
    reader: Reader,
    moment: AsOf,
    units: Sequence[str],
    role: str | None,
    after: str | None,
    limit: int,
) -> dict[str, tuple[int, list[Holding]]]:
    """The duties each unit holds: how many in all, and at most `limit` of them after a subject, in order of subject.

    A unit that does not exist on the day is not in the answer.
    """
    rows = await reader.fetch(RESPONSIBILITIES, moment.valid_at, moment.known_at, list(units), role, after, limit)
    pages: dict[str, tuple[int, list[Holding]]] = {}
    for row in rows:
        code, total, *values = row.values()
        _, page = pages.setdefault(code, (total, []))
        if values[0] is not None:
            page.append(Holding(*values))
    return pages


# Every holding of matter $3 within unit $4, in role $5 (null: any); a power that is held by law in several ways is one
# holding. ground: the units of the territory; near: assigning lists in force whose scope is in it, above it, or an
# office of a government above it (scoping), or that are nationwide; lists: those with an item of the matter; seat: the
# government of each one's scope; inside: the units of the territory below such a government.
HOLDERS: Final = f"""
WITH RECURSIVE {territory.below("$4")},
above (code, next, merged) AS (
    SELECT u.code, u.parent, false
    FROM start s, LATERAL (SELECT * FROM unit u WHERE u.code = s.code AND u.successor IS NULL AND {at("u")} OFFSET 0) u
    UNION
    SELECT u.code, coalesce(u.successor, u.parent), u.successor IS NOT NULL
    FROM above a, LATERAL (SELECT * FROM unit u WHERE u.code = a.next AND {at("u")} OFFSET 0) u
),
ground AS (
    SELECT u.code, u.level, u.kind, u.function
    FROM below b, LATERAL (SELECT * FROM unit u WHERE u.code = b.code AND NOT u.dissolved AND {at("u")} OFFSET 0) u
    WHERE b.code = b.unit
),
scoping (code) AS (
    SELECT a.code FROM above a WHERE NOT a.merged
    UNION
    SELECT n.code
    FROM scoping s,
    LATERAL (
        SELECT u.code FROM unit u
        WHERE u.parent = s.code AND u.kind NOT IN {territory.GOVERNMENTS} AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = s.code AND {at("u")}
        OFFSET 0
    ) n
),
near AS (
    SELECT l.* FROM list l WHERE l.scope IS NULL AND l.assigns IS NOT NULL AND {at("l")}
    UNION ALL
    SELECT l.* FROM list l
    WHERE l.scope = ANY (ARRAY(SELECT code FROM scoping UNION SELECT code FROM below))
        AND l.assigns IS NOT NULL AND {at("l")}
),
lists AS (
    SELECT l.code AS list, l.audience, l.scope, l.instrument, l.assigns, l.covers, i.item, i.grantor, i.brings,
        i.position, greatest(i.valid_from, l.valid_from) AS since, least(i.valid_to, l.valid_to) AS until
    FROM near l, LATERAL (SELECT * FROM item i WHERE i.list = l.code AND i.matter = $3 AND {at("i")} OFFSET 0) i
),
seat_walk (scope, code, kind, merged, next) AS (
    SELECT l.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent)
    FROM lists l, LATERAL (SELECT * FROM unit u WHERE u.code = l.scope AND {at("u")} OFFSET 0) u
    UNION
    SELECT w.scope, u.code, u.kind, u.successor IS NOT NULL, coalesce(u.successor, u.parent)
    FROM seat_walk w, LATERAL (SELECT * FROM unit u WHERE u.code = w.next AND {at("u")} OFFSET 0) u
    WHERE w.merged OR w.kind NOT IN {territory.GOVERNMENTS}
),
seat AS (SELECT w.scope, w.code FROM seat_walk w WHERE NOT w.merged AND w.kind IN {territory.GOVERNMENTS}),
inside (government, code) AS (
    SELECT DISTINCT s.code, s.code FROM seat s JOIN below b ON b.code = s.code AND b.unit = s.code
    UNION
    SELECT i.government, n.code
    FROM inside i,
    LATERAL (
        SELECT u.code FROM unit u WHERE u.parent = i.code AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = i.code AND {at("u")}
        OFFSET 0
    ) n
),
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
    WHERE l.scope IS NULL
        OR EXISTS (
            SELECT FROM seat s WHERE s.scope = l.scope
                AND (s.code IN (SELECT a.code FROM above a WHERE NOT a.merged)
                    OR (s.code, u.code) IN (SELECT i.government, i.code FROM inside i))
        )
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
),
{territory.standing("stood", "SELECT DISTINCT h.sender FROM held h WHERE h.sender IS NOT NULL")}
SELECT DISTINCT ON (h.unit, h.subject) h.unit, $3 AS matter, h.role, h.by, h.subject,
    s.code AS sender, h.mode, h.instrument, h.since,
    nullif(h.until, 'infinity') AS until, h.brings, h.due_on, h.position
FROM held h LEFT JOIN stood s ON s.named = h.sender
WHERE $5::text IS NULL OR h.role = $5
ORDER BY h.unit, h.subject, h.mode = 'vested', h.position
"""


async def holders(reader: Reader, moment: AsOf, matter: str, within: str, role: str | None = None) -> list[Holding]:
    """Every holding of a matter within a unit's territory (the unit and all below it), by unit and subject."""
    rows = await reader.fetch(HOLDERS, moment.valid_at, moment.known_at, matter, within, role)
    return [Holding(*row.values()) for row in rows]
