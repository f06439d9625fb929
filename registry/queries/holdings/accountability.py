"""For an incident: did this unit hold the matter on that day, by which chain, with which powers and means?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import psycopg

from registry import checker
from registry import snapshot as snapshots
from registry.checker import Finding, paths
from registry.database.row_objects import as_objects
from registry.domain.dates import in_chinese
from registry.domain.text import Text
from registry.domain.words import RESOURCES
from registry.queries.cases import precedents
from registry.queries.cases.precedents import Precedent
from registry.queries.holdings import holdings
from registry.queries.holdings.holdings import Holding
from registry.queries.matters import matters
from registry.relations import successors, territory
from registry.relations.holding import HELD
from registry.relations.powers import effective_powers, holding
from registry.relations.two_times import AsOf, Reader, at

BY: Final = ("law", "list", "delegation")
ROLES: Final = ("lead", "share", "assist", None)

OF_MATTER: Final = f"""
WITH RECURSIVE {HELD},
selected AS (SELECT * FROM held h WHERE h.matter = $4),
{successors.nodes("resolved", "SELECT DISTINCT f.sender FROM selected f WHERE f.sender IS NOT NULL")}
SELECT f.unit, f.matter, f.role, f.by, f.subject, s.code AS sender, f.mode, f.instrument, f.since,
    nullif(f.until, 'infinity') AS until, f.brings, f.due_on, f.position
FROM selected f LEFT JOIN resolved s ON s.named = f.sender
"""


async def held(reader: Reader, moment: AsOf, matter: str, kind: str, units: Sequence[str]) -> list[Holding]:
    """Every holding of a matter of that kind by these units, the weightiest first.

    The role counts first (lead, share, assist), then what it rests on (law, list, delegation), then its age.
    """
    if kind == "duty":
        rows = await reader.fetch(OF_MATTER, moment.valid_at, moment.known_at, list(units), matter)
        results = as_objects(Holding, rows)
    else:
        within = [(unit, await holdings.holders(reader, moment, matter, unit)) for unit in dict.fromkeys(units)]
        results = [each for unit, those_within in within for each in those_within if each.unit == unit]
    return sorted(results, key=lambda each: (ROLES.index(each.role), BY.index(each.by), each.since, each.position))


# What delegation $3 passes on, if it says so and that is in force: its ref, and the unit that received it.
UNDER: Final = f"""
WITH RECURSIVE selected AS (
    SELECT u.ref, u.recipient
    FROM (SELECT * FROM delegation d WHERE d.ref = $3 AND {at("d")} OFFSET 0) d,
    LATERAL (SELECT * FROM delegation u WHERE u.ref = d.under AND {at("u")} OFFSET 0) u
),
{successors.nodes("resolved", "SELECT f.recipient FROM selected f")}
SELECT f.ref, s.code FROM selected f JOIN resolved s ON s.named = f.recipient
"""


async def chain(reader: Reader, moment: AsOf, kind: str, first: Holding) -> list[Holding]:
    """From a holding up to who holds the matter by law, as far as the chain goes on that day.

    The next link of a delegation is the one it passes on (`under`); else, as of a list's item, the weightiest holding
    of its sender. A ring of senders ends where it closes.
    """
    links, seen = [first], {(first.unit, first.subject)}
    while links[-1].by != "law" and links[-1].sender is not None:
        last = links[-1]
        under = await reader.fetchrow(UNDER, moment.valid_at, moment.known_at, last.subject)
        above: list[Holding] = []
        if under is not None:
            passed_on = await held(reader, moment, last.matter, kind, [under["code"]])
            above = [each for each in passed_on if each.subject == under["ref"]]
        above = above or await held(reader, moment, last.matter, kind, [last.sender or ""])
        following = next((each for each in above if (each.unit, each.subject) not in seen), None)
        if following is None:
            break
        links.append(following)
        seen.add((following.unit, following.subject))
    return links


# The next level up: the nearest government above unit $3 by parent, and the departments and teams that are its.
NEXT_UP: Final = f"""
WITH RECURSIVE {territory.REQUESTED}, {territory.UP},
office (code) AS (
    SELECT * FROM (
        SELECT up.code FROM up WHERE up.depth > 0 AND NOT up.merged AND up.kind IN {territory.GOVERNMENTS}
        ORDER BY up.depth LIMIT 1
    ) nearest
    UNION
    SELECT n.code
    FROM office o,
    LATERAL (
        SELECT u.code FROM unit u
        WHERE u.parent = o.code AND u.kind NOT IN {territory.GOVERNMENTS} AND u.successor IS NULL AND {at("u")}
        UNION ALL
        SELECT u.code FROM unit u WHERE u.successor = o.code AND {at("u")}
        OFFSET 0
    ) n
)
SELECT o.code FROM office o WHERE o.code <> ALL ($3) ORDER BY o.code
"""


async def next_up(reader: Reader, moment: AsOf, matter: str, kind: str, unit: str) -> list[Holding]:
    """What the next level up held of the matter: the nearest government above the unit, its departments and teams."""
    codes = [row["code"] for row in await reader.fetch(NEXT_UP, moment.valid_at, moment.known_at, [unit])]
    return await held(reader, moment, matter, kind, codes)


@dataclass(frozen=True, slots=True)
class Account:
    """The whole answer about one unit and matter on one day, as known at a position."""

    matter: str
    kind: str  # of the matter
    unit: str
    on: date
    known: int
    conclusion: str
    role: str | None
    holdings: list[Holding]  # the unit's own, the weightiest first
    chain: list[Holding]  # from the weightiest up to who holds the matter by law
    required: list[str]
    missing: list[str]
    needs: list[str]
    brings: list[str]
    findings: list[Finding]
    above: list[Holding]  # the next level's
    precedents: list[Precedent]  # cases that resemble it, the nearest first

    @property
    def held(self) -> bool:
        """Whether the unit held the matter that day, in whatever role."""
        return bool(self.holdings)


# Gives work over a connection of the synchronous kind its connection: `run(function, *arguments)`.
Run = Callable[..., Awaitable[Any]]


async def account(
    reader: Reader, connection: psycopg.Connection[Any], moment: AsOf, matter: str, unit: str
) -> Account | None:
    """Everything at once, for the command line; None where the log, as known, has no such matter."""

    async def here(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(connection, *arguments)

    return await account_with(reader, here, moment, matter, unit)


async def account_with(reader: Reader, run: Run, moment: AsOf, matter: str, unit: str) -> Account | None:
    """The same for a server, which has `run` do in threads what waits for the database or computes."""
    about = (await matters.matters(reader, moment, [matter])).get(matter)
    if about is None:
        return None
    result = await held(reader, moment, matter, about.kind, [unit])
    lacking = await run(missing, moment, unit, about.requires)
    own = await run(_findings, moment, matter, unit)
    concluded = conclusion(result, lacking)
    rules = {finding.rule for finding in own}
    return Account(
        matter=matter,
        kind=about.kind,
        unit=unit,
        on=moment.valid_at,
        known=moment.known_at,
        conclusion=concluded,
        role=result[0].role if result else None,
        holdings=result,
        chain=await chain(reader, moment, about.kind, result[0]) if result else [],
        required=about.requires,
        missing=lacking,
        needs=about.needs,
        brings=brought(result),
        findings=own,
        above=await next_up(reader, moment, matter, about.kind, unit),
        precedents=await precedents.precedents(reader, moment, matter, about.category, about.name, rules, concluded),
    )


def _findings(connection: psycopg.Connection[Any], moment: AsOf, matter: str, unit: str) -> list[Finding]:
    rows = checker.check(connection, moment.valid_at, moment.known_at, within=unit, matter=matter)
    return [finding for finding in rows if finding.unit == unit]


def brought(holdings: Sequence[Holding]) -> list[str]:
    """All means that came with any of these holdings."""
    return [means for means in RESOURCES if any(means in each.brings for each in holdings)]


def missing(connection: psycopg.Connection[Any], moment: AsOf, unit: str, powers: Sequence[str]) -> list[str]:
    """Those of the powers that neither the unit nor a department or team of which it is the government holds.

    As the rule duty-without-power says it, of any unit; all of them where the unit does not exist on the day.
    """
    if not powers:
        return []
    snapshot = snapshots.load(connection, moment.valid_at, moment.known_at, within=unit, held_powers=True)
    index = snapshot.units.index.get(unit, -1)
    if index < 0 or snapshot.units.kind[index] < 0:
        return list(powers)
    start, offices = snapshot.once(paths.offices)
    units = np.append(offices[start[index] : start[index + 1]], np.int32(index))
    codes = snapshot.matters.index
    effective = snapshot.once(effective_powers)

    def lacking(power: str) -> bool:
        of_power = np.full(len(units), codes.get(power, -1), np.int32)
        return power not in codes or not bool(holding(effective, units, of_power).any())

    return [power for power in powers if lacking(power)]


def conclusion(holdings: Sequence[Holding], lacking: Sequence[str]) -> str:
    """NOT_HELD, ASSISTED (it only had to help), or HELD_WITHOUT_POWER and HELD_WITH_POWER (it led or shared it)."""
    if not holdings:
        return "NOT_HELD"
    if holdings[0].role == "assist":
        return "ASSISTED"
    return "HELD_WITHOUT_POWER" if lacking else "HELD_WITH_POWER"


def sentence(unit: str, matter: str, kind: str, on: date, concluded: str, lacking: Sequence[str]) -> Text:
    """The conclusion in words, where unit, matter and the powers that were lacking are given by their names.

    `kind`: of the matter; only of a duty is it said that it is one, and whether its powers are there.
    """
    sentences = {"duty": CONCLUSIONS, "power": OF_POWER}.get(kind, OF_OTHERS)
    zh, en = (text.format(unit=unit, matter=f"“{matter}”") for text in sentences[concluded])
    if lacking:
        zh, en = f"{zh}（缺：{'、'.join(lacking)}）", f"{en} (lacking: {', '.join(lacking)})"
    return Text(f"{in_chinese(on)}，{zh}。", f"On {on} {en}.")


CONCLUSIONS: Final[dict[str, Text]] = {
    "NOT_HELD": Text("{unit}不承担{matter}这一职责", "{unit} held nothing of {matter}"),
    "ASSISTED": Text("{unit}对{matter}仅承担配合职责", "{unit} only had to assist with {matter}"),
    "HELD_WITHOUT_POWER": Text(
        "{unit}承担{matter}这一职责，但不具备所需的权力",
        "{unit} held the duty {matter} without the powers that it requires",
    ),
    "HELD_WITH_POWER": Text(
        "{unit}承担{matter}这一职责，且具备所需的权力", "{unit} held the duty {matter} with the powers that it requires"
    ),
}
# A power is not a duty; whether where it comes from is in order is another question than whether it is recorded.
OF_POWER: Final[dict[str, Text]] = {
    "NOT_HELD": Text("{unit}名下没有登记{matter}这一权力", "the power {matter} was not recorded as {unit}'s"),
    **dict.fromkeys(
        ("ASSISTED", "HELD_WITHOUT_POWER", "HELD_WITH_POWER"),
        Text("{unit}名下登记有{matter}这一权力", "the power {matter} was recorded as {unit}'s"),
    ),
}
OF_OTHERS: Final[dict[str, Text]] = {
    "NOT_HELD": Text("{unit}不承担{matter}这一事项", "{unit} held nothing of {matter}"),
    "ASSISTED": Text("{unit}对{matter}这一事项仅为配合", "{unit} only had to assist with {matter}"),
    **dict.fromkeys(
        ("HELD_WITHOUT_POWER", "HELD_WITH_POWER"), Text("{unit}承担{matter}这一事项", "{unit} held the matter {matter}")
    ),
}
