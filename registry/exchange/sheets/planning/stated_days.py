"""From when and until when a file says that its lists hold: （自2027年1月1日起施行）, 有效期2年."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.planning.request import Request
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising import days
from registry.exchange.sheets.recognising.tables import Table
from registry.exchange.sheets.sentences import at

if TYPE_CHECKING:
    from registry.exchange.sheets.planning.plans import Plan

_OF_DAYS: Final = frozenset(["day-of-file", "days-differ", "day-given-differs", "day-before-document"])


def settled(request: Request, tables: Sequence[Table], written: date | None, problems: list[SheetProblem]) -> Request:
    """The request with the day that the file gives its lists, where nobody gave one.

    Two days, one before the document's, or one that is not the day given, are told; `written`: the document's.
    """
    stated = [(since, cell, table) for table in tables for since, cell in _begins(table, written)]
    if not stated:
        return request
    first, cell, table = stated[0]
    other = next(((since, cell, table) for since, cell, table in stated if since != first), None)
    if request.day is not None:
        wrong = next(((since, cell, table) for since, cell, table in stated if since != request.day), None)
        if wrong:
            problems.append(at(wrong[1], wrong[2], "day-given-differs", warning=True, stated=wrong[0], day=request.day))
        return request
    if other:
        problems.append(at(other[1], other[2], "days-differ", first=first, other=other[0]))
        return request
    if written is not None and first < written:
        problems.append(at(cell, table, "day-before-document", stated=first, day=written))
        return request
    if first != written:
        problems.append(at(cell, table, "day-of-file", warning=True, day=first))
    return replace(request, day=first)


def unless_begun(given: Request, request: Request, written: date | None, made: Plan) -> Request:
    """The request without the day that the file gives where its lists stand and began by then: nothing begins anew."""
    latest = max((date.fromisoformat(sheets.latest) for sheets in made.lists if sheets.latest), default=date.min)
    if any(since > latest for table in made.tables for since, _ in _begins(table, written)):
        return request
    made.problems = [problem for problem in made.problems if problem.code not in _OF_DAYS]
    return given


def last_day(table: Table, written: date | None) -> Cell | None:
    """The line that gives all of a table's items a last day; None where none does."""
    return next((cell for cell in _lines(table) if _until(cell, written)), None)


def until(cell: Cell, written: date | None) -> date:
    """The last day that such a line gives."""
    result = _until(cell, written)
    assert result is not None
    return result


def open_term(table: Table, written: date | None) -> Cell | None:
    """A line that says for how long a table's items hold, and not from when: （试行一年）; None where there is none."""
    for cell in _lines(table):
        period = days.of_list(cell.text, written)
        if period == days.Period() and days.is_open_term(cell.text):
            return cell
    return None


def _until(cell: Cell, written: date | None) -> date | None:
    period = days.of_list(cell.text, written)
    return period.until if isinstance(period.until, date) else None


def _begins(table: Table, written: date | None) -> Iterator[tuple[date, Cell]]:
    for cell in _lines(table):
        since = days.of_list(cell.text, written).since
        if isinstance(since, date):
            yield since, cell


def _lines(table: Table) -> tuple[Cell, ...]:
    return tuple(dict.fromkeys((*table.above, *table.notes)))
