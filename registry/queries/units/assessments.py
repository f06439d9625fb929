"""Assessments from below: how those to whom a unit sends work judge it, beside what it sent them in that time.

An assessment counts for the period that it names and for no other: what is said of a month says nothing of its quarter.
Those below a unit are the units of a lower level, and those under it by parent. Of several assessments that one unit
made of another for a period the latest counts, by its day and then its position. Units are read as their successors on
the day asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from statistics import fmean, pstdev
from typing import Final

from registry.database.row_objects import as_objects
from registry.domain.periods import Period
from registry.domain.words import LEVELS
from registry.queries.units import units
from registry.relations import successors, territory
from registry.relations.two_times import LAST, AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Sent:
    """A duty or burden that a unit sent to one below in the period."""

    sender: str
    ref: str
    kind: str
    matter: str
    recipient: str

    @property
    def duty(self) -> bool:
        """Whether it is a duty, not a burden."""
        return self.kind == "duty"


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment of a unit by one below."""

    assessment: str
    unit: str
    by: str
    score: int
    text: str | None
    on: date
    position: int


@dataclass(frozen=True, slots=True)
class Assessed:
    """What was sent and what was said in a period, before it is summed up.

    `units`: those to be summed up, by code. `day`: the last of the period so far, as of which findings are wanted.
    """

    period: Period
    day: date
    units: list[str]
    sent: list[Sent]
    assessments: list[Assessment]

    @property
    def recipients(self) -> set[str]:
        """To whom anything was sent: they bear the findings about it."""
        return {each.recipient for each in self.sent}


@dataclass(frozen=True, slots=True)
class About:
    """What is found of one ref: findings, whether a duty lacks powers, overdue orders to put such findings right."""

    findings: int = 0
    without_power: bool = False
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class SentWork:
    """What a unit sent to one below, with what is found of it."""

    sent: Sent
    about: About


@dataclass(frozen=True, slots=True)
class PeriodMade:
    """A period for which there are assessments: how many of units of a territory, and how many by units of it."""

    period: str
    assessed: int
    made: int


@dataclass(frozen=True, slots=True)
class Summary:
    """One unit in one period.

    `assessed_by`: how many units below assessed it; `asked_of`: to how many it sent a duty or burden that began in the
    period; `silent`: those of them that did not assess it. `mean` and `spread` (the population's standard deviation)
    are of the scores, None where there are none. What was sent is counted by refs; `without_power`, `findings` and
    `overdue` are as of the period's last day (the day asked about, while it runs), unless waived. `sent`: what
    these add up.
    """

    unit: str
    period: str
    assessed_by: int
    asked_of: int
    mean: float | None
    spread: float | None
    duties_sent: int
    without_power: int
    burdens_sent: int
    findings: int
    overdue: int
    silent: list[str]
    assessments: list[Assessment]
    sent: list[SentWork]


# subject (code, unit): the codes read as the units to be summed up, all of a territory ($3) or that one.
_WITHIN: Final = f"{territory.below('$3')}, subject AS (SELECT b.code, b.unit FROM below b)"
_ONE: Final = f"""
{successors.nodes("root", 'SELECT $3::text COLLATE "C"')},
subject (code, unit) AS (
    SELECT r.code, r.code FROM root r
    UNION
    SELECT u.code, s.unit
    FROM subject s, LATERAL (SELECT u.code FROM unit u WHERE u.successor = s.code AND {at("u")} OFFSET 0) u
)"""
# Every duty and burden that began from $4 to $5.
_SENT: Final = f""",
sent AS (
    SELECT s.unit, d.ref, d.kind, d.matter, d.recipient
    FROM subject s,
    LATERAL (
        SELECT * FROM delegation d
        WHERE d.sender = s.code AND d.kind <> 'power' AND d.valid_from = d.began AND d.began BETWEEN $4 AND $5
            AND {known("d")} OFFSET 0
    ) d
), {successors.nodes("resolved", "SELECT DISTINCT x.recipient FROM sent x")}
SELECT x.unit AS sender, x.ref, x.kind, x.matter, s.code AS recipient
FROM sent x JOIN resolved s ON s.named = x.recipient ORDER BY x.unit, x.ref
"""
_MADE: Final = f""",
made AS (
    SELECT s.unit, a.assessment, a.made_by, a.score, a.text, a.valid_from, a.position
    FROM subject s,
    LATERAL (
        SELECT * FROM assessment a WHERE a.unit = s.code AND a.period = $4 AND {at("a")} OFFSET 0
    ) a
), {successors.nodes("resolved", "SELECT DISTINCT x.made_by FROM made x")}
SELECT x.assessment, x.unit, s.code AS by, x.score, x.text, x.valid_from AS on, x.position
FROM made x JOIN resolved s ON s.named = x.made_by ORDER BY x.unit, x.valid_from, x.position
"""
# Of each unit that those below $3 assessed for the period $4, by either as it is read on the day.
_MADE_BELOW: Final = f"""
WITH RECURSIVE {territory.below("$3")}, made AS (
    SELECT a.assessment, a.unit AS assessed, b.unit AS by, a.score, a.text, a.valid_from, a.position
    FROM assessment a JOIN below b ON b.code = a.made_by
    WHERE a.period = $4 AND {at("a")}
), {successors.nodes("resolved", "SELECT DISTINCT x.assessed FROM made x")}
SELECT x.assessment, s.code AS unit, x.by, x.score, x.text, x.valid_from AS on, x.position
FROM made x JOIN resolved s ON s.named = x.assessed ORDER BY x.valid_from, x.position
"""
# Of every period who was assessed by whom, as they are read on the day, and which of them are those below $3.
_PERIODS: Final = f"""
WITH RECURSIVE {territory.below("$3")},
made AS (
    SELECT a.period, a.unit AS assessed, a.made_by FROM assessment a
    WHERE {at("a")} AND (a.unit IN (SELECT b.code FROM below b) OR a.made_by IN (SELECT b.code FROM below b))
),
named AS (SELECT m.assessed AS code FROM made m UNION SELECT m.made_by FROM made m),
{successors.nodes("resolved", "SELECT n.code FROM named n")}
SELECT DISTINCT m.period, u.code AS unit, w.code AS by,
    m.assessed IN (SELECT b.code FROM below b) AS within, m.made_by IN (SELECT b.code FROM below b) AS made_within
FROM made m JOIN resolved u ON u.named = m.assessed JOIN resolved w ON w.named = m.made_by
"""
# What a unit ($3, some of the same level as others) is under, by parent.
_ABOVE: Final = (
    f"WITH RECURSIVE {territory.REQUESTED}, {territory.UP} SELECT up.origin, up.code FROM up WHERE up.depth > 0"
)


async def assessed(
    reader: Reader, moment: AsOf, period: Period, *, unit: str | None = None, within: str | None = None
) -> Assessed:
    """Gather what one unit, or each of a territory, sent in a period and how it was assessed, as of a day.

    Of a territory the units that sent something to units below them, or were assessed by some.
    """
    source, root = (_ONE, unit) if unit is not None else (_WITHIN, within)
    day = min(period.last, moment.valid_at)
    arguments = (moment.valid_at, moment.known_at, root)
    statement = f"WITH RECURSIVE {source}"
    rows = await reader.fetch(statement + _SENT, *arguments, min(period.first, LAST), min(day, LAST))
    sent = as_objects(Sent, rows)
    made = as_objects(Assessment, await reader.fetch(statement + _MADE, *arguments, period.name))
    pairs = {(each.recipient, each.sender) for each in sent} | {(each.by, each.unit) for each in made}
    below = await _below(reader, moment, pairs)
    sent = [each for each in sent if (each.recipient, each.sender) in below]
    made = [each for each in made if (each.by, each.unit) in below]
    # The latest comes last, and takes the place of those before it.
    latest = {(each.unit, each.by): each for each in made}
    codes = {each.sender for each in sent} | {each.unit for each in made}
    if unit is not None:
        (root_row,) = await reader.fetch(f"{statement} SELECT DISTINCT unit FROM subject", *arguments)
        codes = {root_row["unit"]}
    return Assessed(period, day, sorted(codes), sent, list(latest.values()))


async def made_within(reader: Reader, moment: AsOf, period: Period, within: str) -> list[Assessment]:
    """The assessments that units of a territory made for a period, of whomever: of each pair the latest.

    In order of who made it and then of whom.
    """
    rows = await reader.fetch(_MADE_BELOW, moment.valid_at, moment.known_at, within, period.name)
    latest = {(each.by, each.unit): each for each in as_objects(Assessment, rows)}
    return [latest[pair] for pair in sorted(latest)]


async def periods(reader: Reader, moment: AsOf, within: str) -> list[PeriodMade]:
    """The periods for which there are assessments of units of a territory from below, or by units of it, in order."""
    rows = await reader.fetch(_PERIODS, moment.valid_at, moment.known_at, within)
    below = await _below(reader, moment, {(row["by"], row["unit"]) for row in rows})
    of_them: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    by_them: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in rows:
        pair = row["by"], row["unit"]
        if row["within"] and pair in below:
            of_them[row["period"]].add(pair)
        if row["made_within"]:
            by_them[row["period"]].add(pair)
    return [PeriodMade(name, len(of_them[name]), len(by_them[name])) for name in sorted({*of_them, *by_them})]


async def _below(reader: Reader, moment: AsOf, pairs: AbstractSet[tuple[str, str]]) -> set[tuple[str, str]]:
    """Of these pairs of units those whose first is below its second."""
    named = await units.units(reader, moment, sorted({code for pair in pairs for code in pair}))
    rank = {code: LEVELS.index(unit.level) for code, unit in named.items()}
    lower = {pair for pair in pairs if pair[0] in rank and pair[1] in rank and rank[pair[0]] > rank[pair[1]]}
    same = {pair for pair in pairs - lower if pair[0] != pair[1] and rank.get(pair[0], -1) == rank.get(pair[1], -2)}
    if not same:
        return lower
    codes = sorted({first for first, _ in same})
    rows = await reader.fetch(_ABOVE, moment.valid_at, moment.known_at, codes)
    above = {(row["origin"], row["code"]) for row in rows}
    return lower | (same & above)


def summaries(gathered: Assessed, about: Mapping[str, About]) -> list[Summary]:
    """Sum up by unit, in order of code; `about`: what is found by ref, of refs of which anything is."""
    sent: defaultdict[str, list[Sent]] = defaultdict(list)
    for each in gathered.sent:
        sent[each.sender].append(each)
    made: defaultdict[str, list[Assessment]] = defaultdict(list)
    for assessment in gathered.assessments:
        made[assessment.unit].append(assessment)
    return [_summary(gathered.period, unit, sent[unit], made[unit], about) for unit in gathered.units]


def _summary(
    period: Period, unit: str, sent: Sequence[Sent], made: Sequence[Assessment], about: Mapping[str, About]
) -> Summary:
    scores = [each.score for each in made]
    recipients = {each.recipient for each in sent}
    results = [about.get(each.ref, About()) for each in sent]
    return Summary(
        unit=unit,
        period=period.name,
        assessed_by=len(made),
        asked_of=len(recipients),
        mean=fmean(scores) if scores else None,
        spread=pstdev(scores) if scores else None,
        duties_sent=sum(each.duty for each in sent),
        without_power=sum(each.without_power for each in results),
        burdens_sent=sum(not each.duty for each in sent),
        findings=sum(each.findings for each in results),
        overdue=sum(each.overdue for each in results),
        silent=sorted(recipients - {each.by for each in made}),
        assessments=sorted(made, key=lambda each: each.by),
        sent=[SentWork(each, result) for each, result in zip(sent, results, strict=True)],
    )
