"""Decisions about something as a table: what each decided, as a link to it, when and by whom it was recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from registry.domain.text import Text
from registry.queries.history.headlines import CORRECTIONS
from registry.web.console.tables import Column, Table, rows_of
from registry.web.console.words import decision_cell, time_cell
from registry.web.graphql.relay import MOST

if TYPE_CHECKING:
    from registry.web.console.view import View

Data = dict[str, Any]
COLUMNS: Final = (
    Column("position", Text("序号", "Position"), "number", width=9),
    Column("at", Text("生效日期", "Effective"), "day", width=12),
    Column("decision", Text("决定", "What was decided"), own_words=True, width=80),
    Column("recorded", Text("记录时间", "Recorded"), "day", width=17),
    Column("by", Text("记录人", "Recorded by"), own_words=True, width=16),
)


def decision_table(view: View, decisions: Sequence[Data]) -> Table:
    """The table `history`, in the order given; each decision as `position at recordedAt recordedBy summary`."""
    rows = rows_of(
        decisions,
        position=lambda one: one["position"],
        at=lambda one: one["at"],
        decision=lambda one: decision_cell(view, one),
        recorded=lambda one: time_cell(one["recordedAt"]),
        by=lambda one: one["recordedBy"],
    )
    none = Text("没有您可以查看的记录。", "There is nothing recorded that is yours to see.")
    return Table("history", Text("历次决定", "History"), COLUMNS, rows, none)


async def decisions_naming(view: View, *, instrument: str | None = None, ref: str | None = None) -> list[Data]:
    """All decisions that name an `instrument` or a `ref`, in the order of recording."""
    return await _all(view, "history-of", instrument=instrument, ref=ref)


async def corrections(view: View) -> list[Data]:
    """All decisions that corrected, annulled or reinstated another, in the order of recording."""
    of_types = await asyncio.gather(*(_all(view, "corrections", type=type_) for type_ in CORRECTIONS))
    return sorted((one for rows in of_types for one in rows), key=lambda one: one["position"])


async def _all(view: View, question: str, **variables: Any) -> list[Data]:
    rows: list[Data] = []
    while True:
        after = rows[-1]["position"] if rows else 0
        page = (await view.ask(question, **variables, after=after, first=MOST))["decisions"]
        rows += page
        if len(page) < MOST:
            return rows
