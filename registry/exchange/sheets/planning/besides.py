"""What the registry has in force that a new list may continue or replace: lists of the same kind for the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

import psycopg

from registry.exchange.published.files import Entry
from registry.exchange.sheets.meaning.readings import kind_named
from registry.exchange.sheets.planning.plans import Sheets
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.sentences import of
from registry.relations.two_times import in_days, still_known

_NAMED: Final = 5
# Lists in force on a day that do the same for the same units, in the same territory.
ALIKE: Final = f"""
SELECT l.code, l.title FROM list l
WHERE l.scope = %(scope)s AND l.polarity = %(polarity)s AND l.covers = %(covers)s AND l.audience = %(audience)s
    AND l.assigns IS NOT DISTINCT FROM %(assigns)s AND l.code <> ALL(%(own)s)
    AND {in_days("l", "%(day)s", "%(day)s")} AND {still_known("l")}
ORDER BY l.code
"""


def question(
    connection: psycopg.Connection[Any], sheets: Sheets, attributes: Entry, own: list[str], day: date, *, stated: bool
) -> SheetProblem | None:
    """What a list that is to be new has beside it; None where that is nothing.

    Lists whose titles name another kind (属地管理 beside 配合履职) stand beside each other: these are only told.

    `own`: the ids of the lists of the file; `stated`: somebody gave the new list its id, so that it is only told.
    """
    names = ("scope", "polarity", "covers", "audience", "assigns")
    parameters = {name: attributes.get(name) for name in names} | {"own": own, "day": day}
    rows = connection.execute(ALIKE.encode(), parameters).fetchall()
    if not rows:
        return None
    alike = [row for row in rows if kind_named(row[1]) in (sheets.kind, None)]
    stated = stated or (sheets.kind is not None and not alike)
    rows = alike or rows
    listed = "、".join(f"{code} {title}" for code, title in rows[:_NAMED]) + ("……" if len(rows) > _NAMED else "")
    problem = of(sheets.sheet, "stands-beside", warning=stated, code=sheets.code, listed=listed, one=rows[0][0])
    return replace(problem, beside=tuple((code, title) for code, title in rows[:_NAMED]), would_be=sheets.code)
