"""Cases that resemble one to be settled: of the same matter, else of its category, else with the same findings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from registry.checker.rules import RULES
from registry.database.row_objects import as_part
from registry.domain.text import Text
from registry.domain.words import CASE_OUTCOMES
from registry.queries.cases.cases import COLUMNS, SETTLED_BY, Case
from registry.relations.two_times import AsOf, Reader, known, on

MATTER, CATEGORY, FINDING = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Precedent:
    """A case, and why it resembles the one asked about."""

    case: Case
    why: Text


# $3: the matter; $4: its category; $5: the rules of what is found; $6: whether the unit only had to assist, null where
# it held nothing; $7: whether it held the powers. Cases are read as known, whatever their day: an incident is settled
# by what is known of others now, not on the day on which it happened. A case without a category has its matter's. A
# case with a finding says another conclusion where the delegations that it is about were all handed down to be
# assisted with and this one was not, or the other way round, or where it had no power and this one did.
SIMILAR: Final = f"""
WITH RECURSIVE alike (code, nearness) AS (
    SELECT c.code, {MATTER} FROM precedent c WHERE c.matter = $3 AND {known("c")}
    UNION ALL
    SELECT c.code, {CATEGORY} FROM precedent c WHERE c.category = $4 AND {known("c")}
    UNION ALL
    SELECT c.code, {CATEGORY}
    FROM precedent c,
    LATERAL (SELECT m.category FROM matter m WHERE m.code = c.matter AND {on("m", "c.valid_from")} OFFSET 0) m
    WHERE c.category IS NULL AND c.matter IS NOT NULL AND m.category = $4 AND {known("c")}
    UNION ALL
    SELECT c.code, {FINDING}
    FROM precedent c,
    LATERAL (
        SELECT bool_and(d.role = 'assist') AS assisted
        FROM delegation d WHERE d.ref = ANY(c.about) AND d.role IS NOT NULL AND {known("d")}
    ) d
    WHERE c.rule = ANY($5::text[]) AND {known("c")} AND coalesce(d.assisted = $6::boolean, true)
        AND NOT (c.rule = 'duty-without-power' AND $7::boolean)
),
nearest AS (SELECT a.code, min(a.nearness) AS nearness FROM alike a GROUP BY a.code),
page AS (
    SELECT c.*, n.nearness FROM nearest n, LATERAL (
        SELECT * FROM precedent c WHERE c.code = n.code AND {known("c")} OFFSET 0
    ) c
), {SETTLED_BY}
SELECT p.nearness, {COLUMNS} FROM page p JOIN resolved s ON s.named = p.settled_by
ORDER BY p.nearness, p.valid_from DESC, p.position DESC
"""


async def precedents(
    reader: Reader,
    moment: AsOf,
    matter: str,
    category: str | None,
    name: str,
    rules: Collection[str],
    conclusion: str,
) -> list[Precedent]:
    """Return the cases that resemble this one, as known at the moment's position: the nearest first, then the latest.

    `matter`, `category` and `name` are of the matter asked about; `rules` are those of what is found of it;
    `conclusion` is that of the answer: NOT_HELD, ASSISTED, HELD_WITH_POWER or HELD_WITHOUT_POWER.
    """
    assisted = None if conclusion == "NOT_HELD" else conclusion == "ASSISTED"
    arguments = (matter, category, sorted(set(rules)), assisted, conclusion == "HELD_WITH_POWER")
    rows = await reader.fetch(SIMILAR, moment.valid_at, moment.known_at, *arguments)
    results: list[Precedent] = []
    for row in rows:
        case = as_part(Case, row)
        results.append(Precedent(case, _why(row["nearness"], case, matter, category or "", name)))
    return results


def _why(nearness: int, case: Case, matter: str, category: str, name: str) -> Text:
    if nearness == MATTER:
        return Text(f"同一事项：{name}（{matter}）。", f"The same matter: {name} ({matter}).")
    if nearness == CATEGORY:
        return Text(f"同一类别：{category}。", f"The same category: {category}.")
    title = RULES[case.rule or ""].title
    return Text(f"同样的问题，结论相同：{title.zh}。", f"The same finding, with the same conclusion: {title.en}.")


def outcomes(precedents: Sequence[Precedent]) -> dict[str, int]:
    """How many of these were exempted, lightened and held."""
    return {word: sum(each.case.outcome == word for each in precedents) for word in CASE_OUTCOMES}
