"""The territory of a viewer: the units of its roles and all below them by parent, as the tree is today.

What was dissolved into a unit of it is in it too, with its past. A unit that is still to begin is in it where it will
be first. A role for a unit that was dissolved into another stays what it was: it does not become one for that other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final, LiteralString

import psycopg
from cachetools import LRUCache

from registry.access.roles import READING, Role
from registry.access.viewer import Grant, Viewer
from registry.domain.dates import today
from registry.domain.decisions import TYPES, Correction
from registry.domain.text import Text
from registry.relations.territory import GOVERNMENTS
from registry.relations.two_times import Reader, in_days, still_known

KEPT: Final = 256  # territories of different viewers in the memory of a process

_NOW: Final = """{row}.valid_to > {day} AND ({row}.valid_from <= {day} OR NOT EXISTS (
    SELECT FROM unit o WHERE o.code = {row}.code AND o.valid_from <= {day} AND o.known_to = {row}.known_to))"""


def _below(roots: LiteralString, day: LiteralString) -> str:
    now = _NOW.format(row="u", day=day)
    return f"""
WITH RECURSIVE below (code) AS (
    SELECT r.code COLLATE "C" FROM unnest({roots}::text[]) r (code)
    UNION
    SELECT n.code FROM below b, LATERAL (
        SELECT u.code FROM unit u WHERE u.parent = b.code AND {still_known("u")} AND {now}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = b.code AND {still_known("u")} AND {now}
        OFFSET 0
    ) n
)
SELECT code FROM below"""


def _governments(codes: LiteralString, day: LiteralString) -> str:
    return f"""
WITH RECURSIVE up (origin, code, next, governs, depth) AS (
    SELECT u.code, u.code, u.parent, u.kind IN {GOVERNMENTS}, 0 FROM unit u
    WHERE u.code = ANY ({codes}::text[]) AND NOT u.dissolved AND {still_known("u")}
        AND {in_days("u", day, day)}
    UNION ALL
    SELECT up.origin, u.code, coalesce(u.successor, u.parent), u.kind IN {GOVERNMENTS} AND u.successor IS NULL,
        up.depth + 1
    FROM up, LATERAL (
        SELECT * FROM unit u WHERE u.code = up.next AND {still_known("u")}
            AND {in_days("u", day, day)} OFFSET 0
    ) u
    WHERE NOT up.governs AND up.depth < 64
)
SELECT up.code FROM up WHERE up.governs"""


_BELOW: Final = _below("$1", "$2")
_ABOVE: Final = f"""
WITH RECURSIVE up (origin, code, next, depth) AS (
    SELECT u.code, u.code, coalesce(u.successor, u.parent), 0 FROM unit u
    WHERE u.code = ANY ($1::text[]) AND {still_known("u")} AND {in_days("u", "$2", "$2")}
    UNION ALL
    SELECT up.origin, u.code, coalesce(u.successor, u.parent), up.depth + 1
    FROM up, LATERAL (
        SELECT * FROM unit u WHERE u.code = up.next AND {still_known("u")} AND {in_days("u", "$2", "$2")}
        OFFSET 0
    ) u
    WHERE up.depth < 64
)
SELECT DISTINCT up.origin, up.code FROM up WHERE up.depth > 0 ORDER BY up.code, up.origin"""
_GOVERNMENTS: Final = _governments("$1", "$2")
_BELOW_NOW: Final = _below("%(codes)s", "%(day)s")
_GOVERNMENTS_NOW: Final = _governments("%(codes)s", "%(day)s")
_GRANTED: Final = """
SELECT DISTINCT r.role, r.unit FROM access.role r JOIN access.account a ON a.name = r.account
WHERE a.name = %(account)s AND a.disabled_at IS NULL
"""
# The decisions that can change the tree.
_TREE: Final = sorted(
    name for name, kind in TYPES.items() if issubclass(kind, Correction) or kind.aggregate_kind() == "unit"
)
_CHANGED: Final = """
SELECT EXISTS (SELECT FROM log.decision d WHERE d.position > $1 AND d.position <= $2 AND d.type = ANY ($3::text[]))"""


@dataclass(frozen=True)
class Territory:
    """Some units, whose `codes` these are; None: all there are, and what belongs to none.

    `roots`: where they begin; `above`: by each unit above, the roots that lie below it.
    """

    codes: frozenset[str] | None = None
    roots: tuple[str, ...] = ()
    above: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]], compare=False)
    # Until which position of the log, and on which day, the tree is known to be as it was read.
    position: int = field(default=0, compare=False)
    day: date = field(default=date.min, compare=False)

    @property
    def everywhere(self) -> bool:
        """Whether nothing lies outside it."""
        return self.codes is None

    def has(self, *units: str | None) -> bool:
        """Whether one of the units lies in it."""
        return self.codes is None or not self.codes.isdisjoint(unit for unit in units if unit is not None)

    @cached_property
    def listed(self) -> list[str] | None:
        """Its units as a statement takes them; None: all."""
        return None if self.codes is None else sorted(self.codes)

    def narrowed(self, unit: str | None) -> str | None:
        """A territory asked about (None: the whole registry); where it is larger than this one, this one in its place.

        Raises NotOwn where nothing of it lies in this one.
        """
        if self.codes is None or (unit is not None and unit in self.codes):
            return unit
        inside = self.roots if unit is None else self.above.get(unit, ())
        if unit is not None and not inside:
            raise NotOwn(unit)
        return inside[0] if len(inside) == 1 else unit

    def need(self, unit: str) -> str:
        """The unit, if it lies in it. Raises NotOwn."""
        if not self.has(unit):
            raise NotOwn(unit)
        return unit


class NotOwn(Exception):
    """A unit, of which everybody may know, is not of the viewer's territory."""

    code = "forbidden"

    def __init__(self, unit: str) -> None:
        self.unit, self.text = unit, not_own(unit)
        super().__init__(self.text.joined)


def not_own(unit: str) -> Text:
    """What is said of a unit, by its code or its name, that is not of the viewer's territory."""
    return Text(
        f"单位“{unit}”不在您的范围内，只能看它公开的内容。",
        f"The unit {unit} is not within your territory: only what is published of it can be seen.",
    )


EVERYWHERE: Final = Territory()
NOWHERE: Final = Territory(frozenset())


class Territories:
    """The territories in which viewers read, as the tree is now; kept as long as nothing is recorded of the tree."""

    def __init__(self) -> None:
        self._kept: LRUCache[Viewer, Territory] = LRUCache(KEPT)

    def kept(self, viewer: Viewer) -> Territory | None:
        """What was read last of what the viewer reads; it may be out of date: as of its `position` and `day`."""
        return EVERYWHERE if viewer.open else self._kept.get(viewer.reading)

    async def of(self, viewer: Viewer, reader: Reader, newest: int) -> Territory:
        """The territory in which a viewer reads, as known at the newest position."""
        if viewer.open:
            return EVERYWHERE
        kept, day = self._kept.get(viewer), today()
        if kept is not None and kept.day == day and kept.position <= newest:
            if kept.position == newest:
                return kept
            if not await reader.fetchval(_CHANGED, kept.position, newest, _TREE):
                self._kept[viewer] = current = replace(kept, position=newest)
                return current
        self._kept[viewer] = current = await _read(viewer, reader, newest, day)
        return current


async def _read(viewer: Viewer, reader: Reader, newest: int, day: date) -> Territory:
    own, of_government = _reading(viewer)
    if own is None:
        return replace(EVERYWHERE, position=newest, day=day)
    if of_government:
        own = [*own, *(row["code"] for row in await reader.fetch(_GOVERNMENTS, of_government, day))]
    if not own:
        return replace(NOWHERE, position=newest, day=day)
    codes = frozenset(row["code"] for row in await reader.fetch(_BELOW, own, day))
    above: dict[str, tuple[str, ...]] = {}
    for row in await reader.fetch(_ABOVE, own, day):
        above[row["code"]] = (*above.get(row["code"], ()), row["origin"])
    # What lies below another root, as a bureau below its government, is no root of its own.
    inner = {root for code, roots in above.items() if code in own for root in roots}
    roots = tuple(sorted({*own} - inner))
    above = {code: tuple(root for root in of if root in roots) for code, of in above.items()}
    return Territory(codes, roots, above, newest, day)


def reading_now(connection: psycopg.Connection[Any], viewer: Viewer) -> Territory:
    """The territory in which a viewer reads, over a connection that may be in the midst of recording."""
    if viewer.open:
        return EVERYWHERE
    own, of_government = _reading(viewer)
    if own is None:
        return EVERYWHERE
    if of_government:
        own = [*own, *_fetch(connection, _GOVERNMENTS_NOW, of_government)]
    return _territory(connection, own)


def acting_now(connection: psycopg.Connection[Any], viewer: Viewer, roles: Iterable[Role]) -> Territory:
    """The territory for which a viewer has one of the roles."""
    if viewer.open:
        return EVERYWHERE
    units = viewer.units(*roles)
    return EVERYWHERE if None in units else _territory(connection, [unit for unit in units if unit is not None])


def still_granted(connection: psycopg.Connection[Any], viewer: Viewer) -> Viewer:
    """A viewer with those of its roles that its account has now, or that lie within one that it has.

    What is recorded can have waited: for the rest of its request, for the log's lock, for its turn in the background.
    """
    if viewer.account is None:
        return viewer
    rows = connection.execute(_GRANTED, {"account": viewer.account}).fetchall()
    now = Viewer(viewer.account, tuple(Grant(Role(role), unit) for role, unit in rows))
    return replace(viewer, grants=tuple(grant for grant in viewer.grants if _covers(connection, now, grant)))


def _covers(connection: psycopg.Connection[Any], viewer: Viewer, grant: Grant) -> bool:
    """Whether a role is one of a viewer's, or lies within one."""
    if grant in viewer.grants or Grant(grant.role) in viewer.grants:
        return True
    return grant.unit is not None and acting_now(connection, viewer, [grant.role]).has(grant.unit)


def _reading(viewer: Viewer) -> tuple[list[str] | None, list[str]]:
    """The units of which all below is seen (None: everything), and those whose government's territory is."""
    units = viewer.units(*READING)
    if None in units:
        return None, []
    named: Callable[[Iterable[str | None]], list[str]] = lambda codes: sorted(code for code in codes if code)  # noqa: E731
    return named(units), named(viewer.units(Role.EDITOR))


def _territory(connection: psycopg.Connection[Any], roots: Sequence[str]) -> Territory:
    codes = frozenset(_fetch(connection, _BELOW_NOW, roots)) if roots else frozenset[str]()
    return Territory(codes, tuple(sorted(set(roots))))


def _fetch(connection: psycopg.Connection[Any], statement: str, codes: Sequence[str]) -> list[str]:
    rows = connection.execute(statement.encode(), {"codes": list(codes), "day": today()}).fetchall()
    return [row[0] for row in rows]
