"""Orders to put findings right, and their answers: of a territory, by ref, of findings; as of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from registry.database.row_objects import as_object, as_objects
from registry.relations import successors, territory
from registry.relations.two_times import AsOf, Reader, at

State = Literal["OPEN", "OVERDUE", "ANSWERED", "ON_PAPER", "DISPUTED", "CLOSED"]
STATES: Final[tuple[str, ...]] = get_args(State)
Key = tuple[str, str, str]  # of the finding: rule, unit, subject


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to an order, by the day."""

    ref: str
    by: str
    text: str
    outcome: str  # done, extended, disputed
    due_on: date | None
    at: date


@dataclass(frozen=True, slots=True)
class Rectification:
    """An order as of a day; units are read as their successors. `due_on`: its day, as extended so far.

    `done`: an answer says so; `overdue`: none does, and the day has passed; `outcome`: of the latest answer.
    """

    ref: str
    rule: str
    subject: str
    unit: str
    by: str
    text: str
    instrument: str | None
    ordered: date
    due_on: date
    done: bool
    overdue: bool
    outcome: str | None
    position: int

    @property
    def key(self) -> Key:
        """The key of the finding that it is about."""
        return self.rule, self.unit, self.subject

    def state(self, *, finding_open: bool) -> State:
        """How it stands, given whether its finding does, in the default answer of the day.

        ON_PAPER: answered as done, and it stands. CLOSED: it does not. OVERDUE: its day has passed. DISPUTED, ANSWERED:
        by its latest answer it is disputed, or asked for more time. OPEN: no answer yet.
        """
        if not finding_open:
            return "CLOSED"
        if self.done:
            return "ON_PAPER"
        if self.overdue:
            return "OVERDUE"
        by_outcome: dict[str | None, State] = {"disputed": "DISPUTED", "extended": "ANSWERED"}
        return by_outcome.get(self.outcome, "OPEN")


_UNITS: Final = successors.nodes("resolved", "SELECT m.unit FROM matched m UNION SELECT m.ordered_by FROM matched m")
_COLUMNS: Final = f""",
{_UNITS}
SELECT m.ref, m.rule, m.subject, u.code AS unit, b.code AS by, m.text, m.instrument, m.began AS ordered, m.due_on,
    m.done, m.overdue, m.outcome, m.position
FROM matched m JOIN resolved u ON u.named = m.unit JOIN resolved b ON b.named = m.ordered_by
ORDER BY m.due_on, m.position
"""
_EVERYWHERE: Final = f"""
WITH RECURSIVE matched AS (SELECT r.* FROM rectification r WHERE $3::text IS NULL AND {at("r")}){_COLUMNS}"""
_WITHIN: Final = f"""
WITH RECURSIVE {territory.below("$3")},
matched AS (
    SELECT r.* FROM below t, LATERAL (SELECT * FROM rectification r WHERE r.unit = t.code AND {at("r")} OFFSET 0) r
){_COLUMNS}"""
_NAMED: Final = f"""
WITH RECURSIVE matched AS (
    SELECT r.* FROM unnest($3::text[]) n (code),
    LATERAL (SELECT * FROM rectification r WHERE r.ref = n.code COLLATE "C" AND {at("r")} OFFSET 0) r
){_COLUMNS}"""
_ABOUT: Final = f"""
WITH RECURSIVE matched AS (
    SELECT r.* FROM unnest($3::text[]) n (code),
    LATERAL (SELECT * FROM rectification r WHERE r.subject = n.code COLLATE "C" AND {at("r")} OFFSET 0) r
){_COLUMNS}"""
_ANSWERS: Final = f"""
WITH RECURSIVE matched AS (
    SELECT a.* FROM unnest($3::text[]) n (code),
    LATERAL (SELECT * FROM rectification_answer a WHERE a.ref = n.code COLLATE "C" AND {at("a")} OFFSET 0) a
),
{successors.nodes("resolved", "SELECT DISTINCT m.answered_by FROM matched m")}
SELECT m.ref, s.code AS by, m.text, m.outcome, m.due_on, m.valid_from AS at
FROM matched m JOIN resolved s ON s.named = m.answered_by
ORDER BY m.valid_from, m.position
"""


async def rectifications(reader: Reader, moment: AsOf, within: str | None = None) -> list[Rectification]:
    """The orders made by the day for units of a territory (None: of all), those due first before others."""
    statement = _EVERYWHERE if within is None else _WITHIN
    rows = await reader.fetch(statement, moment.valid_at, moment.known_at, within)
    return as_objects(Rectification, rows)


async def by_ref(reader: Reader, moment: AsOf, refs: Collection[str]) -> dict[str, Rectification]:
    """The orders of these refs made by the day."""
    rows = await reader.fetch(_NAMED, moment.valid_at, moment.known_at, sorted(set(refs)))
    return {row["ref"]: as_object(Rectification, row) for row in rows}


async def by_subject(reader: Reader, moment: AsOf, subjects: Collection[str]) -> dict[Key, list[Rectification]]:
    """The orders made by the day about findings with these subjects, by the finding's key."""
    rows = await reader.fetch(_ABOUT, moment.valid_at, moment.known_at, sorted(set(subjects)))
    orders: defaultdict[Key, list[Rectification]] = defaultdict(list)
    for row in rows:
        order = as_object(Rectification, row)
        orders[order.key].append(order)
    return orders


async def answers(reader: Reader, moment: AsOf, refs: Collection[str]) -> dict[str, list[Answer]]:
    """The answers given by the day to these orders, by ref, in the order in which they count."""
    given: defaultdict[str, list[Answer]] = defaultdict(list)
    for row in await reader.fetch(_ANSWERS, moment.valid_at, moment.known_at, sorted(set(refs))):
        given[row["ref"]].append(as_object(Answer, row))
    return given
