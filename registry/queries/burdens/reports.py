"""Reports from below: who, what, about which delegation; answered or open, for how long; counted by unit and sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry.checker.names.mention import MENTIONED, mention
from registry.database.row_objects import as_objects, as_part
from registry.queries import as_of_many
from registry.queries.burdens.burdens import DELEGATION, Delegation
from registry.relations import successors, territory
from registry.relations.two_times import LAST, AsOf, Reader, at, known, on

PROPOSED: Final = 5  # delegations that a report may be about, at the most
State = str  # open, answered


@dataclass(frozen=True, slots=True)
class Report:
    """A report as of a day; units are read as their successors (`made_by`, `laid_on`: as they were recorded).

    `about` is the ref it names; `sender`, `recipient`, `matter` and `kind` are that ref's as now known (kind
    certificate: a demand), None where it names none or one that was annulled. `answered_on`: the day of the first
    answer; `outcome`, `answered_by` and `answer` are of the latest. `days`: from the report to the first answer, or to
    the day asked about.
    """

    report: str
    unit: str
    made_by: str
    text: str
    about: str | None
    on: date
    outcome: str | None
    answered_by: str | None
    answer: str | None
    answered_on: date | None
    days: int
    sender: str | None
    recipient: str | None
    laid_on: str | None
    matter: str | None
    kind: str | None
    position: int

    @property
    def state(self) -> State:
        """open, or answered."""
        return "open" if self.outcome is None else "answered"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reports: of a territory, made from one day up to and including another, open or answered.

    `seen`: those alone that were made by one of these units; `report`: that one alone.
    """

    within: str
    since: date | None = None
    until: date | None = None
    state: State | None = None
    seen: Sequence[str] | None = None
    report: str | None = None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Reports of one unit, or about what one unit handed down (None: about no ref). `days`: median to the answer."""

    unit: str | None
    reports: int
    open: int
    answered: int
    upheld: int
    rejected: int
    resolved: int
    days: float | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delegation that a report may be about: how much of its matter's name the text mentions (0 to 1), and which."""

    delegation: Delegation
    share: float
    name: str


# chosen: the reports of a territory ($3) from $4 up to $5, open ($6 true), answered (false) or all (null), of units $7,
# or one alone ($8).
CHOSEN: Final = f"""
{territory.below("$3")},
chosen AS (
    SELECT b.unit AS below, r.*, e.reported_on, e.answered_on, a.sender, a.recipient, a.matter, a.kind
    FROM below b,
    LATERAL (SELECT * FROM report r WHERE r.unit = b.code AND {at("r")} OFFSET 0) r,
    LATERAL (
        SELECT min(o.valid_from) AS reported_on,
            min(o.valid_from) FILTER (WHERE o.outcome IS NOT NULL AND o.valid_from <= $1) AS answered_on
        FROM report o WHERE o.report = r.report AND {known("o")} OFFSET 0
    ) e
    LEFT JOIN LATERAL (
        SELECT d.sender, d.recipient, d.matter, d.kind
        FROM delegation d WHERE d.ref = r.about AND d.valid_from = d.began AND {known("d")}
        UNION ALL
        SELECT d.sender, d.recipient, d.matter, 'certificate' FROM demand d WHERE d.ref = r.about AND {known("d")}
        LIMIT 1
    ) a ON true
    WHERE NOT b.gone AND e.reported_on >= $4 AND e.reported_on <= $5
        AND ($6::boolean IS NULL OR $6 = (r.outcome IS NULL)) AND ($7::text[] IS NULL OR b.code = ANY ($7))
        AND ($8::text IS NULL OR r.report = $8)
)"""
_STOOD: Final = successors.nodes(
    "resolved",
    "SELECT p.sender FROM page p WHERE p.sender IS NOT NULL"
    " UNION SELECT p.recipient FROM page p WHERE p.recipient IS NOT NULL"
    " UNION SELECT p.answered_by FROM page p WHERE p.answered_by IS NOT NULL",
)
REPORTS: Final = f"""
WITH RECURSIVE {CHOSEN},
page AS (
    SELECT t.* FROM chosen t
    WHERE $9::date IS NULL OR (t.reported_on, t.position) < ($9, $10::bigint)
    ORDER BY t.reported_on DESC, t.position DESC LIMIT $11
),
{_STOOD}
SELECT p.report, p.below AS unit, p.unit AS made_by, p.text, p.about, p.reported_on AS "on", p.outcome,
    y.code AS answered_by, p.answer, p.answered_on, coalesce(p.answered_on, $1) - p.reported_on AS days,
    s.code AS sender, r.code AS recipient, p.recipient AS laid_on, p.matter, p.kind, p.position
FROM page p
LEFT JOIN resolved s ON s.named = p.sender
LEFT JOIN resolved r ON r.named = p.recipient
LEFT JOIN resolved y ON y.named = p.answered_by
ORDER BY p.reported_on DESC, p.position DESC
"""
COUNT: Final = f"WITH RECURSIVE {CHOSEN} SELECT count(*) FROM chosen"
_COUNTED: Final = """
    count(*) AS reports, count(*) FILTER (WHERE t.outcome IS NULL) AS open,
    count(*) FILTER (WHERE t.outcome IS NOT NULL) AS answered, count(*) FILTER (WHERE t.outcome = 'upheld') AS upheld,
    count(*) FILTER (WHERE t.outcome = 'rejected') AS rejected,
    count(*) FILTER (WHERE t.outcome = 'resolved') AS resolved,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY t.answered_on - t.reported_on)
        FILTER (WHERE t.outcome IS NOT NULL) AS days"""
BY_UNIT: Final = (
    f"WITH RECURSIVE {CHOSEN} SELECT t.below AS unit, {_COUNTED} FROM chosen t GROUP BY t.below ORDER BY 2 DESC, 1"
)
BY_SENDER: Final = f"""
WITH RECURSIVE {CHOSEN},
{successors.nodes("resolved", "SELECT DISTINCT t.sender FROM chosen t WHERE t.sender IS NOT NULL")}
SELECT s.code AS unit, {_COUNTED}
FROM chosen t LEFT JOIN resolved s ON s.named = t.sender
GROUP BY s.code ORDER BY 2 DESC, 1
"""
ALL: Final = f"WITH RECURSIVE {CHOSEN} SELECT NULL::text AS unit, {_COUNTED} FROM chosen t"


def _arguments(moment: AsOf, wanted: Wanted) -> tuple[Any, ...]:
    still = None if wanted.state is None else wanted.state == "open"
    since, until = wanted.since or date.min, min(wanted.until or LAST, LAST)
    return moment.valid_at, moment.known_at, wanted.within, since, until, still, wanted.seen, wanted.report


async def reports(
    reader: Reader, moment: AsOf, wanted: Wanted, after: tuple[date, int] | None, limit: int
) -> list[Report]:
    """Reports as of a day, the latest first; after one told by its day and position, at most `limit`."""
    day, position = after or (None, None)
    rows = await reader.fetch(REPORTS, *_arguments(moment, wanted), day, position, limit)
    return as_objects(Report, rows)


MADE_BY: Final = f"SELECT r.unit FROM report r WHERE r.report = $3 AND {at('r')}"


async def made_by(reader: Reader, moment: AsOf, report: str) -> str | None:
    """The unit that made a report, as it was recorded; None where there is no such report on the day."""
    return await reader.fetchval(MADE_BY, moment.valid_at, moment.known_at, report)


async def count(reader: Reader, moment: AsOf, wanted: Wanted) -> int:
    """How many there are."""
    return await reader.fetchval(COUNT, *_arguments(moment, wanted))


async def statistics(reader: Reader, moment: AsOf, wanted: Wanted, *, by: str | None = None) -> list[Statistics]:
    """Reports counted by the `unit` that made them, by the `sender` of what they are about, or (None) all together."""
    statement = {"unit": BY_UNIT, "sender": BY_SENDER, None: ALL}[by]
    return as_objects(Statistics, await reader.fetch(statement, *_arguments(moment, wanted)))


# The duties and burdens in force on each unit ($3) on a day of its own ($1), with the names of their matters.
IN_FORCE: Final = f"""
WITH RECURSIVE {as_of_many.REQUESTED},
named (unit, day, code) AS (
    SELECT a.code, a.day, a.code FROM requested a
    UNION
    SELECT n.unit, n.day, u.code
    FROM named n,
    LATERAL (
        SELECT * FROM unit u WHERE u.successor = n.code AND u.dissolved AND {on("u", "n.day")} OFFSET 0
    ) u
),
selected AS (
    SELECT n.unit, n.day, m.name || m.aliases AS names, d.*
    FROM named n,
    LATERAL (
        SELECT * FROM delegation d
        WHERE d.recipient = n.code AND d.kind <> 'power' AND {on("d", "n.day")} OFFSET 0
    ) d,
    LATERAL (SELECT * FROM matter m WHERE m.code = d.matter AND {on("m", "n.day")} OFFSET 0) m
),
{successors.nodes_of_days("resolved", "SELECT DISTINCT f.sender, f.day FROM selected f")}
SELECT f.unit, f.day, f.names, f.unit AS recipient, {DELEGATION.format(row="f", sender="s.code")}
FROM selected f JOIN resolved s ON s.named = f.sender AND s.day = f.day
ORDER BY f.unit, f.day, f.began, f.position
"""


async def candidates(reader: Reader, position: int, reports_: Sequence[Report]) -> dict[str, list[Candidate]]:
    """What reports that name no ref may be about: by report, the likeliest first, at most five; proposed, not assumed.

    Looked at are the duties and burdens in force on the unit on the day of the report; one is proposed when the text
    mentions half of the name of its matter, or of an alias.
    """
    unattributed = [report for report in reports_ if report.about is None]
    if not unattributed:
        return {}
    days, units = [report.on for report in unattributed], [report.made_by for report in unattributed]
    in_force: dict[tuple[str, date], list[tuple[list[str], Delegation]]] = {}
    for row in await reader.fetch(IN_FORCE, days, position, units):
        in_force.setdefault((row["unit"], row["day"]), []).append((row["names"], as_part(Delegation, row)))
    results: dict[str, list[Candidate]] = {}
    for report in unattributed:
        each = [
            Candidate(delegation, *mention(report.text, names))
            for names, delegation in in_force.get((report.made_by, report.on), [])
        ]
        likely = [candidate for candidate in each if candidate.share >= MENTIONED]
        results[report.report] = sorted(likely, key=lambda candidate: -candidate.share)[:PROPOSED]
    return results
