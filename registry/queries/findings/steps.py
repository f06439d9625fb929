"""The steps that show a finding: what each subject of its path is, in force or not, from the list or law downwards."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from registry.database.row_objects import as_object
from registry.relations.two_times import AsOf, Reader, at, known

Source = Literal["delegation", "demand", "item", "order"]


@dataclass(frozen=True, slots=True)
class Step:
    """A delegation, a demand, an item of a list or an order to put a finding right, as it was by the day.

    `sender`, `recipient`: codes of units as recorded; an item has none below, an order's are who ordered and who bears
    the finding. `ended`: the first day on which it is no longer in force, none where it is not to end; `name`: of an
    item; `listed`: the list's title; `unit`: whoever may see it sees it by these.
    """

    subject: str
    source: Source
    sender: str | None
    recipient: str | None
    matter: str | None
    instrument: str | None
    role: str | None
    mode: str | None
    began: date
    ended: date | None
    due_on: date | None
    brings: list[str]
    name: str | None
    listed: str | None
    position: int


# A subject is a ref or LIST#ITEM (no id contains `#`). What has ended counts as it was last.
_STEPS: Final = f"""
WITH requested AS (SELECT DISTINCT subject COLLATE "C" AS subject FROM unnest($3::text[]) a (subject))
SELECT r.subject, 'delegation' AS source, d.sender, d.recipient, d.matter, d.instrument, d.role, d.mode, d.began,
    nullif(d.valid_to, 'infinity') AS ended, d.due_on, d.brings, NULL AS name, NULL AS listed, d.position
FROM requested r, LATERAL (
    SELECT * FROM delegation d WHERE d.ref = r.subject AND {known("d")}
    ORDER BY d.valid_from <= $1 DESC, d.valid_from DESC LIMIT 1
) d
UNION ALL
SELECT r.subject, 'demand', d.sender, d.recipient, d.matter, NULL, NULL, NULL, d.valid_from, NULL, NULL, '{{}}', NULL,
    NULL, d.position
FROM requested r, LATERAL (SELECT * FROM demand d WHERE d.ref = r.subject AND {known("d")} LIMIT 1) d
UNION ALL
SELECT r.subject, 'order', o.ordered_by, o.unit, NULL, o.instrument, NULL, NULL, o.began, NULL, o.due_on, '{{}}',
    o.text, NULL, o.position
FROM requested r, LATERAL (
    SELECT * FROM rectification o WHERE o.ref = r.subject AND {known("o")}
    ORDER BY o.valid_from <= $1 DESC, o.valid_from DESC LIMIT 1
) o
UNION ALL
SELECT r.subject, 'item', i.grantor, NULL, i.matter, l.instrument, NULL, l.assigns,
    greatest(i.valid_from, l.valid_from),
    nullif(least(i.valid_to, l.valid_to), 'infinity'), NULL, i.brings, i.name, l.title, i.position
FROM requested r, LATERAL (
    SELECT * FROM item i WHERE i.list = split_part(r.subject, '#', 1) AND i.item = split_part(r.subject, '#', 2)
        AND strpos(r.subject, '#') > 0 AND {known("i")}
    ORDER BY i.valid_from <= $1 DESC, i.valid_from DESC LIMIT 1
) i, LATERAL (
    SELECT * FROM list l WHERE l.code = i.list AND {known("l")}
    ORDER BY l.valid_from <= $1 DESC, l.valid_from DESC LIMIT 1
) l
"""
_WAIVERS: Final = f"""
SELECT w.rule, w.subject, w.unit, w.waived_by, w.reason, w.instrument, w.valid_from AS since,
    nullif(w.valid_to, 'infinity') AS ended, w.position
FROM unnest($3::text[]) n (code), LATERAL (SELECT * FROM waiver w WHERE w.unit = n.code COLLATE "C" AND {at("w")}) w
ORDER BY w.valid_from
"""


@dataclass(frozen=True, slots=True)
class Waiver:
    """A waiver in force: of which finding, by whom, why, from which day, up to but not including which."""

    rule: str
    subject: str
    unit: str
    waived_by: str
    reason: str
    instrument: str | None
    since: date
    ended: date | None
    position: int

    @property
    def key(self) -> tuple[str, str, str]:
        """The finding's: rule, unit, subject."""
        return self.rule, self.unit, self.subject


async def steps(reader: Reader, moment: AsOf, subjects: Collection[str]) -> dict[str, Step]:
    """What each subject is; what is held by law is not in the answer."""
    rows = await reader.fetch(_STEPS, moment.valid_at, moment.known_at, sorted(set(subjects)))
    return {row["subject"]: as_object(Step, row) for row in rows}


async def waivers(reader: Reader, moment: AsOf, units: Collection[str]) -> dict[tuple[str, str, str], Waiver]:
    """The waivers in force of findings that these units bear, by the finding's key."""
    rows = await reader.fetch(_WAIVERS, moment.valid_at, moment.known_at, sorted(set(units)))
    return {waiver.key: waiver for waiver in (as_object(Waiver, row) for row in rows)}
