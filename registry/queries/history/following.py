"""Following the log: what it gets after a position, page after page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from registry.queries.history.decisions import EVERY, TAGGED, UNNAMED, Decision, Wanted, arguments, decision_of
from registry.relations.two_times import Reader

BYTES: Final = 1 << 20  # of decisions' data on a page, the last of which may exceed it


@dataclass(frozen=True, slots=True)
class Page:
    """Decisions in order, and how far the log has been read with them: nothing wanted lies between."""

    decisions: list[Decision]
    position: int


# What a question finds, as far as its data fits.
FITTING: Final = """
SELECT * FROM (
    SELECT f.*, count(*) OVER () AS total,
        sum(octet_length(f.data)) OVER (ORDER BY f.position) - octet_length(f.data) AS before
    FROM ({question}) f
) f
WHERE before < ${bytes} ORDER BY position
"""


async def page(reader: Reader, wanted: Wanted, after: int, until: int, limit: int) -> Page:
    """The first wanted decisions after a position up to `until`, at most `limit` and about a mebibyte.

    Positions have no gaps and become visible in their order (registry/log/recorder.py): what is visible up to `until`
    is all there will ever be up to there.
    """
    values = arguments(replace(wanted, known=until), after, limit)
    question = EVERY if len(values) == UNNAMED else TAGGED
    rows = await reader.fetch(FITTING.format(question=question, bytes=len(values) + 1), *values, BYTES)
    whole = not rows or len(rows) == rows[0]["total"] < limit
    return Page([decision_of(row) for row in rows], until if whole else rows[-1]["position"])
