"""What taking recordings back comes to as tables of its page, with findings; what was recorded together lately."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.checker import Finding
from registry.domain.dates import today
from registry.domain.text import Text
from registry.impact.simulation import Simulation
from registry.queries.history import undo_words
from registry.queries.history.undo_words import Line
from registry.recording.undo import Undo
from registry.web.console.tables import Cell, Column, Row, Table, rows_of
from registry.web.console.view import View
from registry.web.console.views import finding_words as words
from registry.web.graphql.types import SEVERITIES

PER_PAGE: Final = 10  # of what was recorded together
RECENT: Final = (
    Column("at", Text("记录时间", "Recorded"), width=18),
    Column("first", Text("自序号", "From position"), "number", width=10),
    Column("last", Text("至序号", "To position"), "number", width=10),
    Column("number", Text("共几项", "Decisions"), "number", width=10),
    Column("what", Text("第一项的内容", "The first of them"), own_words=True, wide=True, width=60),
)
LINES: Final = (
    Column("position", Text("登记序号", "Position"), "number", width=10),
    Column("at", Text("日期", "Day"), "day", width=12),
    Column("what", Text("所记录的内容", "What was recorded"), own_words=True, wide=True, width=60),
)
HOW: Final = Column("how", Text("撤回办法", "How"), width=20)
RESTS_ON: Final = Column("on", Text("依据序号", "Rests on position"), "number", width=12)
WHY: Final = Column("why", Text("原因", "Why"), own_words=True, width=40)
FINDINGS: Final = (
    Column("severity", words.FACET["severity"], width=8),
    Column("message", Text("问题", "Finding"), own_words=True, wide=True, width=70),
    Column("unit", Text("单位", "Unit"), chinese=True, width=20),
    Column("matter", words.FACET["matter"], chinese=True, width=26),
    Column("rule", words.FACET["rule"], width=18),
)
MOVED: Final = {
    "opened": Text("撤回后新产生的问题", "Findings that would be opened"),
    "closed": Text("撤回后消除的问题", "Findings that would be closed"),
}
TITLES: Final = {
    "resting": Text("后来以其为据的记录", "Later recordings that rest on it"),
    "problems": Text("不能撤回的原因", "Why it cannot be taken back"),
    "taken": Text("将撤回的记录", "Recordings to be taken back"),
    "with": Text("随之不再有效的记录", "What goes with it"),
}


@dataclass(frozen=True, slots=True)
class Batch:
    """Positions that were recorded together, when, and what the first of them says."""

    first: int
    last: int
    at: datetime
    summary: str

    @property
    def number(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


def recent_table(view: View, batches: Sequence[Batch]) -> Table:
    """What was recorded together, the last first; each leads to what taking it back would do."""

    def looked_at(one: Batch, shown: str | int) -> Cell:
        return Cell(shown, href=view.href("/undo", **{"from": str(one.first), "to": str(one.last)}))

    rows = rows_of(
        batches,
        at=lambda one: looked_at(one, one.at.strftime("%Y-%m-%d %H:%M")),
        first=lambda one: looked_at(one, one.first),
        last=lambda one: looked_at(one, one.last),
        number=lambda one: looked_at(one, one.number),
        what=lambda one: one.summary,
    )
    return Table("recent", Text("最近记录的", "Recorded last"), RECENT, rows, size=PER_PAGE)


def undo_tables(view: View, plan: Undo, lines: Mapping[int, Line], most: int) -> list[Table]:
    """What taking back comes to: what stands in the way, what is taken back and how, what goes with it.

    `most`: rows of each at most, for so many of which there are `lines`.
    """

    def table(name: str, positions: Sequence[int], more: tuple[Column, Callable[[int], Cell]] | None = None) -> Table:
        """The recordings at positions; `more`: a further column, and its cell for each of them by its index."""
        made: list[Row] = []
        for at, position in enumerate(positions[:most]):
            line = lines[position]
            row = {
                "position": Cell(position, href=view.href(f"/decisions/{position}")),
                "at": Cell(str(line.at)),
                "what": Cell(view.localized(*line.text)),
            }
            made.append(row if more is None else {**row, more[0].key: more[1](at)})
        return Table(name, TITLES[name], (*LINES, more[0]) if more else LINES, made, main=False)

    def rests_on(at: int) -> Cell:
        on = plan.resting[at].on
        return Cell(on, href=view.href(f"/decisions/{on}"))

    return [
        table("resting", [each.position for each in plan.resting], (RESTS_ON, rests_on)),
        table(
            "problems",
            [position for position, _ in plan.problems],
            (WHY, lambda at: Cell(view.localized(*plan.problems[at][1].message))),
        ),
        table(
            "taken",
            plan.positions,
            (HOW, lambda at: Cell(view.localized(*undo_words.action(plan.steps[plan.positions[at]])))),
        ),
        table("with", plan.goes_with),
    ]


def finding_tables(view: View, simulation: Simulation, names: Mapping[tuple[str, str], str], most: int) -> list[Table]:
    """The findings that taking back opens and closes: rows of each at most `most`.

    `names`: of units and matters, by ("unit", code) and ("matter", code); what has none is shown by its code. What is
    closed leads to its page, on the day of the simulation; what would be opened has none yet.
    """
    as_of = str(simulation.as_of) if simulation.as_of > today() else None

    def named(kind: str, path: str, code: str) -> Cell:
        name = names.get((kind, code))
        return Cell(code) if name is None else Cell(name, href=view.href(f"{path}/{code}"), code=code)

    def table(name: str, findings: Sequence[Finding]) -> Table:
        def message(one: Finding) -> Cell:
            known = name == "closed"
            href = words.finding_href(view, *one.key, as_of=as_of) if known else None
            return Cell(view.localized(*one.message), href=href)

        rows = rows_of(
            findings[:most],
            message=message,
            unit=lambda one: named("unit", "/units", one.unit),
            matter=lambda one: named("matter", "/matters", one.matter),
            severity=lambda one: words.severity_cell(view, SEVERITIES[one.severity].name),
            rule=lambda one: words.rule_name(view, one.rule),
        )
        return Table(name, MOVED[name], FINDINGS, rows, main=False)

    return [table("opened", simulation.opened), table("closed", simulation.closed)]
