"""Cases by their words, matter and outcome, the latest first.

Chinese is written without blanks between words, so a case is found by any part of its title or text: of a search, each
word between blanks must stand in one of them as it is written, in any case of letters. The pairs of neighbouring
characters (quanze.pairs) lead to the rows through an index; no extension of the database is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, LiteralString

from registry.database.row_objects import as_objects
from registry.queries.units.resolve import containing
from registry.relations import successors
from registry.relations.two_times import AsOf, Reader, at


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `by` is `settled_by` read as its successor on the day asked about; `on`: the day on which it was."""

    case: str
    title: str
    text: str
    outcome: str  # exempted, lightened, held
    by: str
    settled_by: str
    matter: str | None
    category: str | None
    rule: str | None
    about: list[str]
    instrument: str | None
    on: date
    position: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: with all these words, about this matter, of this outcome; `seen`: settled by these units alone."""

    search: str | None = None
    matter: str | None = None
    outcome: str | None = None
    seen: Sequence[str] | None = None


# From rows of a table `page`, each with the unit that it is settled by as `resolved.named`.
SETTLED_BY: Final = successors.nodes("resolved", "SELECT DISTINCT p.settled_by FROM page p")
COLUMNS: Final[
    LiteralString
] = """p.code AS case, p.title, p.text, p.outcome, s.code AS by, p.settled_by, p.matter, p.category, p.rule,
    p.about, p.instrument, p.valid_from AS on, p.position"""
# $3: the matter; $4: the outcome; $5: patterns, each of which the title or the text matches.
_MATCHES: Final = f"""{at("c")} AND ($3::text IS NULL OR c.matter = $3) AND ($4::text IS NULL OR c.outcome = $4)
    AND ($7::text[] IS NULL OR c.settled_by = ANY ($7))
    AND NOT EXISTS (SELECT FROM unnest($5::text[]) w WHERE c.title NOT ILIKE w AND c.text NOT ILIKE w)"""
# $6: the words themselves.
_BY_PAIRS: Final = "quanze.pairs(ARRAY[c.title, c.text]) @> quanze.pairs($6::text[])"
_MATCHED: Final = f"matched AS (SELECT c.* FROM precedent c WHERE {_MATCHES} AND $6::text[] IS NOT NULL)"
_SEARCHED: Final = f"matched AS MATERIALIZED (SELECT c.* FROM precedent c WHERE {_MATCHES} AND {_BY_PAIRS})"
_PAGE: Final = f""",
page AS (
    SELECT m.* FROM matched m
    WHERE $8::date IS NULL OR (m.valid_from, m.position) < ($8, $9::bigint)
    ORDER BY m.valid_from DESC, m.position DESC LIMIT $10
), {SETTLED_BY}
SELECT {COLUMNS} FROM page p JOIN resolved s ON s.named = p.settled_by
ORDER BY p.valid_from DESC, p.position DESC
"""


def _statement(wanted: Wanted, rest: str) -> tuple[str, list[Any]]:
    words = (wanted.search or "").split()
    patterns = [containing(word) for word in words]
    # Words of one character have no pair: they are looked for in every case.
    source = _SEARCHED if any(len(word) > 1 for word in words) else _MATCHED
    return f"WITH RECURSIVE {source}{rest}", [wanted.matter, wanted.outcome, patterns, words, wanted.seen]


async def cases(reader: Reader, moment: AsOf, wanted: Wanted, after: tuple[date, int] | None, limit: int) -> list[Case]:
    """The cases settled by the day; after one told by its day and position, at most `limit`."""
    statement, arguments = _statement(wanted, _PAGE)
    rows = await reader.fetch(statement, moment.valid_at, moment.known_at, *arguments, *(after or (None, None)), limit)
    return as_objects(Case, rows)


async def count(reader: Reader, moment: AsOf, wanted: Wanted) -> int:
    """How many there are."""
    statement, arguments = _statement(wanted, " SELECT count(*) FROM matched")
    return await reader.fetchval(statement, moment.valid_at, moment.known_at, *arguments)
