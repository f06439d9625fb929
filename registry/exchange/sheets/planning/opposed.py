"""What the registry knows that speaks against a list: most of what it permits stands on lists that forbid it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import psycopg

from registry.exchange.published.files import Entry
from registry.exchange.sheets.planning.items import Wanted
from registry.exchange.sheets.planning.plans import Sheets
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.sentences import of
from registry.relations.two_times import in_days, still_known

_FEWEST: Final = 3  # items by which a list can be told from another
_NAMED: Final = 12
# The matters that negative lists for the same audience, of the nation or of these units, have in force on a day.
FORBIDDEN: Final = f"""
SELECT DISTINCT ON (i.matter) i.matter, l.code FROM item i JOIN list l ON l.code = i.list
WHERE l.polarity = 'negative' AND l.covers = %(covers)s AND l.audience = %(audience)s
    AND (l.scope IS NULL OR l.scope = ANY(%(scopes)s)) AND i.matter = ANY(%(matters)s)
    AND {in_days("l", "%(day)s", "%(day)s")} AND {still_known("l")}
    AND {in_days("i", "%(day)s", "%(day)s")} AND {still_known("i")}
ORDER BY i.matter, l.code
"""


def question(
    connection: psycopg.Connection[Any],
    sheets: Sheets,
    attributes: Entry,
    wanted: Sequence[Wanted],
    scopes: Sequence[str | None],
    day: date,
) -> SheetProblem | None:
    """Whether it is really a list that permits, where more than half of it is forbidden by lists that stand."""
    matters = {one.item["matter"]: one.item["name"] for one in wanted if "matter" in one.item}
    if attributes["polarity"] != "positive" or len(matters) < _FEWEST:
        return None
    parameters = {
        "covers": attributes["covers"],
        "audience": attributes["audience"],
        "scopes": [scope for scope in scopes if scope],
        "matters": list(matters),
        "day": day,
    }
    rows = connection.execute(FORBIDDEN.encode(), parameters).fetchall()
    if 2 * len(rows) <= len(matters):
        return None
    names = [matters[matter] for matter, _ in rows]
    shown = "、".join(names[:_NAMED]) + ("……" if len(names) > _NAMED else "")
    lists = "、".join(sorted({code for _, code in rows}))
    return of(sheets.sheet, "forbidden-elsewhere", lists=lists, count=len(rows), all=len(matters), names=shown)
