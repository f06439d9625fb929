"""Columns without a known heading that decide: ticked for each town, or for what becomes of a row, or with opinions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.meaning.opinions import asks_whether, of_opinion, of_section
from registry.exchange.sheets.meaning.vocabulary import opinions, words
from registry.exchange.sheets.recognising.columns import Columns
from registry.exchange.sheets.recognising.header_rows import Head, Heading, Rows, is_town
from registry.exchange.sheets.sentences import of

_WHETHER: Final = re.compile("是否|可否|能否")
_DECIDES: Final = re.compile("结果|结论|决定|最终|审定")  # the last word, whatever other columns say
_OPINION: Final = re.compile("意见|结果|结论|建议|决定")
_CLASS: Final = re.compile(
    "(?:各)?(?:乡镇?|镇|街道|镇街|村|社区|农村|城市|城区)(?:（.*）)?"
)  # of units, not one of them
_LONGEST: Final = 6  # letters of what may become of an item
_BOTH: Final = ({"●", "○"}, {"■", "□"}, {"★", "☆"}, {"▲", "△"})


def gathered(sheet: str, head: Head, part: range, body: Sequence[Sequence[Cell]], columns: Columns) -> Rows:
    """The rows with what their ticks say in the first of the columns ticked; `columns` has which field that is.

    Towns become the row's recipients, 保留 or 取消 its opinion. What is not clear is among the columns' problems.
    """
    free = [column for column in part if column in head.headings and column not in columns.meant]
    rows = [list(row) for row in body]
    for field, meant in (("recipient", is_town), ("opinion", _is_opinion)):
        named = {column: name for column in free if meant(name := _own(head.headings[column]))}
        if not named or field in columns.headings:
            continue
        marks = {row[column].text for row in body for column in named} - {""}
        wrong = marks - {*words("yes"), *words("no"), "☆"}
        first = head.headings[min(named)]
        if wrong or any(both <= marks for both in _BOTH):
            if field == "recipient":
                shown = "、".join(sorted(wrong or marks))
                columns.problems.append(of(sheet, "town-column", cell=address(first.location), marks=shown[:60]))
            continue
        for row in rows:
            _gather(row, named)
        _settle(columns, field, head, named)
    _ask_of_classes(sheet, head, free, body, columns)
    if "opinion" not in columns.headings:
        for column in free:
            if column not in columns.meant and _speaks(_own(head.headings[column]), [row[column].text for row in body]):
                _settle(columns, "opinion", head, {column: _own(head.headings[column])})
                break
    if "opinion" in columns.headings and not _DECIDES.search(columns.headings["opinion"].text):
        for column in free:
            heading = head.headings[column]
            texts = [row[column].text for row in body]
            if column in columns.noted and (_speaks(_own(heading), texts) or _agrees(_own(heading), texts)):
                columns.doubting[column] = heading
    return rows


def _ask_of_classes(
    sheet: str, head: Head, free: Sequence[int], body: Sequence[Sequence[Cell]], columns: Columns
) -> None:
    """Ask where a column is ticked for a class of units, 镇 or 街道, and not in all rows: it holds for some only."""
    named = [at for at in free if at not in columns.meant and _CLASS.fullmatch(_own(head.headings[at]))]
    filled = [row for row in body if sum(bool(cell.text) for cell in row) > 1]
    marks = {row[column].text for row in filled for column in named}
    yes, no = {*words("yes")}, {"", *words("no")}
    if marks & yes and marks & no and marks <= yes | no:
        names = "、".join(_own(head.headings[at]) for at in named)
        cell = address(head.headings[named[0]].location)
        columns.problems.append(of(sheet, "class-ticked", cell=cell, names=names))


def against(cell: Cell, heading: Heading, effect: str | None) -> bool:
    """Whether another column of opinions says the opposite of what decides about its row: 部门意见 不同意."""
    taken = {"end", "deny"}
    other = of_opinion(cell.text, _own(heading)) if cell.text else None
    return other is not None and other != "unclear" and effect != "unclear" and (other in taken) != (effect in taken)


def _speaks(heading: str, texts: Sequence[str]) -> bool:
    """Whether an unknown column says what is to become of the rows: all that is in it is such an opinion."""
    if any(text in words("yes") or text in words("no") for text in texts) and not asks_whether(heading):
        return False  # 是否网上办理: 否 says nothing of whether it stands
    effects = [of_opinion(text, heading) for text in texts if text]
    return bool(effects) and "unclear" not in effects and bool({"end", "deny"} & {*effects} or _WHETHER.match(heading))


def _agrees(heading: str, texts: Sequence[str]) -> bool:
    """Whether a column of opinions by its heading, 镇街意见, says of all its rows that they stay."""
    return bool(_OPINION.search(heading)) and all(of_opinion(text, heading) == "keep" for text in texts if text)


def _is_opinion(name: str) -> bool:
    if len(name) > _LONGEST:
        return False
    listed = (*opinions("keep"), *opinions("add"), *opinions("change"))
    return name in listed or of_section(name) in ("permit", "deny", "end")


def _own(heading: Heading) -> str:
    """A column's own heading, without that of its group."""
    return heading.text.rpartition(" ")[2]


def _gather(row: list[Cell], named: dict[int, str]) -> None:
    """Put the names of the columns that a row ticks into the first of them."""
    ticked = [column for column in named if row[column].text in {*words("yes"), "☆"}]
    first = min(named)
    filled = any(cell.text for column, cell in enumerate(row) if column not in named)
    location = row[ticked[0] if ticked else first].location
    text = "、".join(named[column] for column in ticked)
    for column in named:
        row[column] = Cell("", "")
    if filled and (ticked or location):
        row[first] = Cell(text or NOBODY, location)


NOBODY: Final = "均未勾选"  # what stands where a row ticks none of the columns


def _settle(columns: Columns, field: str, head: Head, named: dict[int, str]) -> None:
    """Say of the columns what they hold: no longer that they are unknown."""
    first = head.headings[min(named)]
    headings = [head.headings[column] for column in named]
    locations = {address(heading.location) for heading in headings}
    columns.meant[min(named)] = field
    columns.headings[field] = Heading("、".join(named.values()), first.location)
    columns.unused = [heading for heading in columns.unused if heading not in headings]
    columns.headings_noted = [heading for heading in columns.headings_noted if heading not in headings]
    columns.noted = {column: text for column, text in columns.noted.items() if column not in named}
    columns.problems = [problem for problem in columns.problems if problem.cell not in locations]
