"""What who holds a receipt may know of a report: when it was made, whether it is answered, and the answer; no more."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from registry.database.row_objects import as_objects
from registry.relations.two_times import AsOf, Reader, at, known


@dataclass(frozen=True, slots=True)
class Receipt:
    """A report's own state: `outcome` and `answer` of the latest answer, `answered_on` the day of the first one.

    `outcome` None: it is still open.
    """

    on: date
    outcome: str | None
    answer: str | None
    answered_on: date | None


RECEIPT: Final = f"""
SELECT (SELECT min(o.valid_from) FROM report o WHERE o.report = $3 AND {known("o")}) AS "on", r.outcome, r.answer,
    (SELECT min(o.valid_from) FROM report o WHERE o.report = $3 AND {known("o")} AND o.outcome IS NOT NULL)
        AS answered_on
FROM report r WHERE r.report = $3 AND {at("r")}
"""


async def receipt(reader: Reader, moment: AsOf, number: str) -> Receipt | None:
    """The report of that id; None where there is none, or it was annulled."""
    rows = as_objects(Receipt, await reader.fetch(RECEIPT, moment.valid_at, moment.known_at, number))
    return rows[0] if rows else None
