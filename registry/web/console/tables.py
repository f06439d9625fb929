"""A table of a view: columns, rows, and what the address wants of them (sorted, filtered, a page, some columns).

All of it is in the address, so that what one sees can be sent to somebody else, and works without scripts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

from markupsafe import Markup

from registry.domain.text import Text
from registry.web.numbers import whole_number

if TYPE_CHECKING:
    from registry.web.console.view import View

Scalar = str | int | float | bool | None
PAGE: Final = 50  # rows
ALL: Final = "all"  # a page with all rows, as for printing
WHOLE: Final = 2000  # rows of that at most
_LAST: Final = 1_000_000  # page that an address may name; beyond the table's own it is its last
NOTHING: Final = Text("没有。", "None.")
FORMATS: Final = ("xlsx", "csv", "json")


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a table: a value, by which is sorted and which files have; how it is shown, and where it leads.

    `shown`: the text, where that is not the value; `href`: a link's address; `mark`: a class of the style sheet;
    `code`: what stands small below, to be copied; `rank`: by which is sorted, where that is not the value;
    `inner`: what the page has in it besides, a box or a button, which no file has; `markup`: how the page shows the
    text, where that is more than text.
    """

    value: Scalar
    shown: str | None = None
    href: str | None = None
    mark: str = ""
    code: str = ""
    rank: int | None = None
    inner: Markup | None = None
    markup: Markup | None = None

    @property
    def text(self) -> str:
        """What is read in the cell."""
        if self.shown is not None:
            return self.shown
        if self.value is None:
            return ""
        return f"{self.value:g}" if isinstance(self.value, float) else str(self.value)


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `key`: its name in addresses and in JSON; `kind`: number columns are set right and added up by `total`.

    `chinese`: what stands in it is Chinese in every language, as names are; `own_words`: somebody's own words, in
    whatever language; `hidden`: not shown unless chosen; `width`: in characters, in spreadsheets; `wide`: it has long
    texts, which the page leaves room for; `total_href`: what the total of all rows counts, where that is listed.
    """

    key: str
    title: Text
    kind: Literal["text", "number", "day"] = "text"
    chinese: bool = False
    own_words: bool = False
    total: bool = False
    hidden: bool = False
    wide: bool = False
    width: int = 14
    total_href: str | None = None


Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Later:
    """What takes longer to look up: the page is shown without it, and then loads the table again with it by itself.

    `href`: of the page with it; `text`: of the link for who has no scripts; `also`: the id of what else is loaded.
    """

    href: str
    text: Text
    also: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: `name`, unique on its page, stands in addresses; `title` heads the spreadsheet's sheet too.

    `empty`: what is said where it has no rows; `size`: how many rows a page of it has; `unboxed`: fields that a form of
    the page (`unboxed_form`) sends in place of boxes whose rows or columns are not shown.
    """

    name: str
    title: Text
    columns: Sequence[Column]
    rows: Sequence[Row]
    empty: Text = NOTHING
    later: Later | None = None
    size: int = PAGE
    main: bool = True  # its parameters have plain names; those of a second table on a page have `NAME-` before them
    unboxed: Mapping[str, str] = field(default_factory=dict[str, str])
    unboxed_form: str = ""

    def parameter(self, name: str) -> str:
        """The name of one of its parameters in the address."""
        return name if self.main else f"{self.name}-{name}"

    def wanted(self, view: View) -> tuple[Sequence[Column], list[Row]]:
        """Its columns and rows that the address wants, in its order: what files have, and pages are cut from."""
        columns = self._columns(view)
        rows = list(self.rows)
        text = view.parameter(self.parameter("q")).casefold()
        if text:
            words = text.split()
            rows = [row for row in rows if _has(row, words)]
        order = view.parameter(self.parameter("sort"))
        key, falling = order.lstrip("-"), order.startswith("-")
        if any(column.key == key for column in self.columns):
            rows.sort(key=_by(key), reverse=falling)
            rows.sort(key=lambda row: _value(row, key) is None)  # what has none comes last, either way
        return columns, rows

    def _columns(self, view: View) -> Sequence[Column]:
        chosen = view.parameter(self.parameter("columns")).split(",")
        result = [column for column in self.columns if column.key in chosen]
        return result or [column for column in self.columns if not column.hidden]

    def shown(self, view: View) -> Shown:
        """It as the page shows it."""
        columns, rows = self.wanted(view)
        given = view.parameter(self.parameter("page"))
        if given == ALL and len(rows) <= WHOLE:
            return Shown(self, view, columns, rows, rows, 1, 1)
        pages = max(1, math.ceil(len(rows) / self.size))
        page = min(page_number(given), pages)
        return Shown(self, view, columns, rows, rows[(page - 1) * self.size : page * self.size], page, pages)


@dataclass(frozen=True, slots=True)
class Shown:
    """A table on a page: its columns, all its rows that are wanted, those of this page."""

    table: Table
    view: View
    columns: Sequence[Column]
    all_rows: Sequence[Row]
    rows: Sequence[Row]
    page: int
    pages: int
    formats: Sequence[str] = field(default=FORMATS)

    def sorted_by(self, column: Column) -> str:
        """The address of the table sorted by a column; the other way round where it is by it already."""
        name = self.table.parameter("sort")
        up = self.view.parameter(name) == column.key
        falling = f"-{column.key}" if up else column.key
        return self.view.here(**{name: falling, self.table.parameter("page"): None})

    def order(self, column: Column) -> str:
        """How it is sorted by a column: ascending, descending or none (as aria-sort writes it)."""
        given = self.view.parameter(self.table.parameter("sort"))
        return "ascending" if given == column.key else "descending" if given == f"-{column.key}" else "none"

    def at_page(self, page: int) -> str:
        """The address of a page of it."""
        return self.view.here(**{self.table.parameter("page"): str(page)})

    @property
    def whole(self) -> str | None:
        """The address of the table with all its rows on one page, for printing; None where they are on it."""
        if len(self.rows) == len(self.all_rows) or len(self.all_rows) > WHOLE:
            return None
        return self.view.here(**{self.table.parameter("page"): ALL})

    def file(self, format_: str) -> str:
        """The address of the same rows, in the same order, as a file."""
        return self.view.here(format=format_, table=self.table.name)

    @property
    def text(self) -> str:
        """By what it is filtered."""
        return self.view.parameter(self.table.parameter("q"))

    @property
    def sorting(self) -> str:
        """By which column it is sorted, `-` before it where the other way round; empty where by none."""
        return self.view.parameter(self.table.parameter("sort"))

    @property
    def used(self) -> bool:
        """Whether the address has it sorted, filtered, with other columns or at another page."""
        return any(self.view.parameter(self.table.parameter(name)) for name in ("q", "sort", "columns", "page"))

    @property
    def chosen(self) -> str:
        """Which columns were chosen, as the address has them; empty where none were."""
        return self.view.parameter(self.table.parameter("columns"))

    @property
    def others(self) -> dict[str, str]:
        """The parameters of the address that its filter keeps."""
        own = {"ages", *(self.table.parameter(name) for name in ("q", "sort", "page", "columns"))}
        return {name: value for name, value in self.view.request.query_params.items() if name not in own}

    def total(self, column: Column) -> str:
        """What all wanted rows come to in a column that is added up; empty in others."""
        if not column.total:
            return ""
        numbers = [value for row in self.all_rows if isinstance(value := _value(row, column.key), int | float)]
        return Cell(sum(numbers)).text

    def total_href(self, column: Column) -> str | None:
        """Where what a total counts is listed: of all rows as the column says, else the very rows it adds up.

        None in a column that is not added up, and where there is nothing to list.
        """
        if self.total(column) in ("", "0"):
            return None
        if column.total_href and not self.text:
            return column.total_href
        return f"{self.view.here(**{self.table.parameter('page'): ALL})}#table-{self.table.name}"

    @property
    def has_total(self) -> bool:
        """Whether there is a row of totals."""
        return len(self.all_rows) > 1 and any(column.total for column in self.columns)


def with_totals(columns: Iterable[Column], hrefs: Mapping[str, str | None]) -> list[Column]:
    """Columns whose totals lead to where what they count is listed, by the columns' keys."""
    return [replace(column, total_href=hrefs.get(column.key, column.total_href)) for column in columns]


def page_number(given: str) -> int:
    """The page that an address names; the first where it names none."""
    return whole_number(given, _LAST) or 1


Item = TypeVar("Item")


def paged(view: View, items: Sequence[Item]) -> Sequence[Item]:
    """Those of a main table's items that are on the page that is shown; all where the address wants them `whole`."""
    if view.whole:
        return items
    number = min(page_number(view.parameter("page")), max(1, -(-len(items) // PAGE)))
    return items[PAGE * (number - 1) : PAGE * number]


def rows_of(items: Sequence[Any], /, **cells: Callable[[Any], Cell | Scalar]) -> list[Row]:
    """The rows of a table: of each item the cell of each column, by its key; a bare value is a cell that shows it.

    Of None, a row of another page (View.ask_shown), no cells.
    """
    return [{} if item is None else {key: _cell(make(item)) for key, make in cells.items()} for item in items]


def _cell(given: Cell | Scalar) -> Cell:
    return given if isinstance(given, Cell) else Cell(given)


def _value(row: Row, key: str) -> Scalar:
    cell = row.get(key)
    return None if cell is None else cell.value


def _by(key: str) -> Callable[[Row], tuple[int, Any]]:
    def order(row: Row) -> tuple[int, Any]:
        cell = row.get(key)
        value = None if cell is None else cell.value if cell.rank is None else cell.rank
        return (0, value) if isinstance(value, int | float) else (1, str(value or ""))

    return order


def _has(row: Row, words: Sequence[str]) -> bool:
    text = " ".join(f"{cell.text} {cell.value} {cell.code}" for cell in map(row.__getitem__, row)).casefold()
    return all(word in text for word in words)
