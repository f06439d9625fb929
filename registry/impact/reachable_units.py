"""The units reachable from others by succession, territory, government or station, whatever the day: SQL and a reader.

Every walk follows all rows that the log knew at some position from `before` to `after`, whatever their days. So it
over-approximates: which of these units really have a finding, the check says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString, TypeVar

import psycopg
from psycopg.rows import class_row

from registry.relations.two_times import in_days, known_between
from registry.snapshot.column_reader import adapted

_SUCCESSION: Final = f"""
      UNION ALL
        SELECT u.successor, walk.way FROM unit u
        WHERE u.code = walk.code AND u.successor IS NOT NULL AND {known_between("u")}
      UNION ALL
        SELECT u.code, walk.way FROM unit u
        WHERE u.successor = walk.code AND {known_between("u")}
"""


def _walk(steps: LiteralString, way: LiteralString, wanted: LiteralString, *, each: bool = False) -> LiteralString:
    """SQL: the units that a walk from all leads to; `each`: from which of them, and to where."""
    begun, gone_on, of = (', code COLLATE "C"', ", walk.begun", ", begun") if each else ("", "", "")
    return (
        f"WITH RECURSIVE walk (code, way{of}) AS (SELECT code COLLATE \"C\", '{way}'{begun}"
        f" FROM unnest(%(codes)s::text[]) AS start (code) UNION SELECT step.code, step.way{gone_on} FROM walk"
        " CROSS JOIN LATERAL ("
        + steps
        + _SUCCESSION
        + ") AS step (code, way)) SELECT DISTINCT "
        + ("begun, " if each else "")
        + "code FROM walk WHERE "
        + wanted
    )


_NOTHING: Final = "SELECT NULL::text, NULL::text WHERE false"
_FAMILY: Final = (_NOTHING, "k", "true")
FAMILY: Final = _walk(*_FAMILY)
BELOW: Final = _walk(
    f"""
    SELECT u.code, walk.way FROM unit u
    WHERE u.parent = walk.code AND {known_between("u")}
    """,
    "b",
    "true",
)
# Up to the government, then down to all its offices.
_TO_GOVERNMENT: Final = f"""
    SELECT u.parent, 'up' FROM unit u
    WHERE u.code = walk.code AND walk.way = 'up' AND u.parent IS NOT NULL AND u.kind NOT IN ('government', 'village')
      AND {known_between("u")}
  UNION ALL
    SELECT u.code, 'down' FROM unit u
    WHERE u.code = walk.code AND walk.way = 'up' AND u.kind IN ('government', 'village')
      AND {known_between("u")}
"""
_GOVERNMENTS: Final = (_TO_GOVERNMENT, "up", "way = 'down'")
GOVERNMENTS: Final = _walk(*_GOVERNMENTS)
_MEMBERS: Final = (
    _TO_GOVERNMENT
    + f"""
  UNION ALL
    SELECT u.code, 'down' FROM unit u
    WHERE u.parent = walk.code AND walk.way = 'down' AND u.kind NOT IN ('government', 'village')
      AND {known_between("u")}
    """,
    "up",
    "true",
)
MEMBERS: Final = _walk(*_MEMBERS)
# Teams that act in a unit's name, and teams in theirs.
_TEAMS: Final = (
    f"""
    SELECT u.code, walk.way FROM unit u
    WHERE u.parent = walk.code AND u.kind = 'dispatched' AND {known_between("u")}
    """,
    "d",
    "true",
)
TEAMS: Final = _walk(*_TEAMS)
# By the walk from several units, the same that says from which of them it leads where. Those that lead to few units.
EACH: Final[Mapping[str, LiteralString]] = {
    _walk(*of): _walk(*of, each=True) for of in (_FAMILY, _GOVERNMENTS, _MEMBERS, _TEAMS)
}
STATIONED: Final = f"""
    SELECT DISTINCT code FROM unit
    WHERE stationed_at = ANY(%(codes)s) AND {known_between()}
"""


@dataclass(frozen=True)
class Transfer:
    """One delegation as the log knew it; `kind`: of its matter, `returned`: it was given back."""

    ref: str
    kind: str
    matter: str
    sender: str
    recipient: str
    returned: bool


@dataclass(frozen=True)
class ListRow:
    """One list as the log knew it: whom it may reach, and what it says of what."""

    code: str
    polarity: str
    covers: str
    audience: str
    scope: str | None
    assigns: str | None


T = TypeVar("T")
LIST: Final[LiteralString] = "code, polarity, covers, audience, scope, assigns"
TRANSFER: Final[LiteralString] = (
    "ref, kind, matter, sender, recipient, end_reason IS NOT DISTINCT FROM 'returned' AS returned"
)


@dataclass(frozen=True)
class LogWindow:
    """The days to judge (`eve`: the earlier of two, else the same day) and the positions of the log to look between."""

    connection: psycopg.Connection[Any]
    eve: date
    day: date
    before: int
    after: int

    def rows(self, statement: LiteralString, **named: object) -> list[tuple[Any, ...]]:
        """The rows of a statement over the days, the positions and what is named."""
        return self.connection.execute(statement, self._parameters(named)).fetchall()

    def _objects(self, kind: type[T], statement: LiteralString, named: Mapping[str, object]) -> list[T]:
        with self.connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(statement, self._parameters(named)).fetchall()

    def _parameters(self, named: Mapping[str, object]) -> dict[str, Any]:
        mine = {"eve": self.eve, "day": self.day, "before": self.before, "after": self.after}
        return adapted({**mine, **named})

    def units(self, walk: LiteralString, codes: Collection[str]) -> set[str]:
        """The units that a walk from these leads to."""
        return {row[0] for row in self.rows(walk, codes=sorted(codes))} if codes else set()

    def transfers(self, where: LiteralString, **named: object) -> list[Transfer]:
        """The delegations of which this is so, each once; one that was given back also as it was before."""
        statement: LiteralString = (
            "SELECT DISTINCT " + TRANSFER + " FROM delegation WHERE " + where + " AND " + known_between()
        )
        return self._objects(Transfer, statement, named)

    def lists(self, where: LiteralString, **named: object) -> list[ListRow]:
        """The lists of which this is so, in force on the day or not."""
        statement: LiteralString = "SELECT " + LIST + " FROM list WHERE " + where + " AND " + known_between()
        return self._objects(ListRow, statement, named)


IN_FORCE: Final = in_days("", "%(eve)s", "%(day)s")
