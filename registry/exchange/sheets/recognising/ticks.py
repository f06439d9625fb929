"""Columns without a known heading that decide: ticked for each town, or for what becomes of a row, or with opinions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from registry.exchange.sheets.grids import Cell, address
from registry.exchange.sheets.meaning.opinions import asks_whether, of_opinion, of_section
from registry.exchange.sheets.meaning.vocabulary import opinions, words
from registry.exchange.sheets.recognising.columns import Columns, missing
from registry.exchange.sheets.recognising.department_cells import is_organ
from registry.exchange.sheets.recognising.entries import alone
from registry.exchange.sheets.recognising.header_rows import Head, Heading, Rows, is_town
from registry.exchange.sheets.recognising.headings import kinds
from registry.exchange.sheets.sentences import of

_WHETHER: Final = re.compile("是否|可否|能否")
_DECIDES: Final = re.compile("结果|结论|决定|最终|审定")  # the last word, whatever other columns say
_OPINION: Final = re.compile("意见|结果|结论|建议|决定")
_CLASS: Final = re.compile(
    "(?:各)?(?:乡镇?|镇|街道|镇街|村|社区|农村|城市|城区)(?:（.*）)?"
)  # of units, not one of them
_LONGEST: Final = 6  # letters of what may become of an item
_TICKS: Final = frozenset(["√", "✓", "✔", "☑", "是", "有", "可", "Y", "y", "YES", "yes", "V", "v", "1", "对"])
_TOTAL: Final = re.compile(r"[合总小共]\s*计")
_LEADING: Final = "牵头|主办|主责|主管|主体|负责|^主$"
_HELPING: Final = "配合|协办|协助|协同|参与|^辅$"
_BOTH: Final = ({"●", "○"}, {"■", "□"}, {"★", "☆"}, {"▲", "△"})


def _counts(row: Sequence[Cell]) -> bool:
    """Whether a row says of each column how many items are ticked in it: 合计 | 6 | 5."""
    first, *others = dict.fromkeys(cell.text for cell in row if cell.text) or [""]
    return _TOTAL.fullmatch(first) is not None and all(text.isdecimal() for text in others)


def gathered(
    sheet: str, head: Head, part: range, body: Sequence[Sequence[Cell]], columns: Columns, below: Sequence[str] = ()
) -> Rows:
    """The rows with what their ticks say in the first of the columns ticked; `columns` has which field that is.

    Towns become the row's recipients, 保留 or 取消 its opinion, departments whom it comes from. What is not clear is
    among the columns' problems. `below`: what stands below the table, where marks may be explained.
    """
    free = [column for column in part if column in head.headings and column not in columns.meant]
    rows = [list(row) for row in body]
    notes = [one[1].text for row in body if (one := alone(row))]
    body = [row for row in body if not alone(row) and not _counts(row)]
    if "department" not in columns.headings:
        _of_departments(sheet, head, free, rows, columns, [*notes, *below])
        free = [column for column in free if column not in columns.meant]
    for field, meant in (("recipient", is_town), ("opinion", _is_opinion)):
        named = {column: name for column in free if meant(name := _own(head.headings[column]))}
        if not named or field in columns.headings:
            continue
        marks = {row[column].text for row in body for column in named} - {""}
        wrong = marks - {*words("yes"), *words("no"), "☆"}
        first = head.headings[min(named)]
        if wrong or any(both <= marks for both in _BOTH) or _differ(marks):
            if field == "recipient":
                shown = "、".join(sorted(wrong or marks))
                columns.problems.append(of(sheet, "town-column", cell=address(first.location), marks=shown[:60]))
            continue
        for row in rows:
            # Not a note or section over all columns, nor how many are ticked.
            if not _counts(row) and not (alone(row) and any(row[column].text for column in named)):
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


def _of_departments(
    sheet: str, head: Head, free: Sequence[int], rows: list[list[Cell]], columns: Columns, notes: Sequence[str]
) -> None:
    """Put the departments whose columns a row ticks into the first of them: who leads, and who helps (▲牵头 △配合)."""
    named = {column: name for column in free if is_organ(name := _own(head.headings[column]))}
    marked = [row for row in rows if not alone(row)]
    marks = {row[column].text for row in marked for column in named} - {""}
    yes, no = {*words("yes"), "☆", "◎", "牵头", "主办", "主责", "配合", "协办", "主", "辅"}, {*words("no")}
    if len(named) < 2 or not marks - no:
        return
    if marks - yes - no:
        if max(map(len, marks)) < 3:  # signs that nobody explains, and no texts
            row, at = next((row, at) for row in marked for at in named if row[at].text in marks - yes - no)
            shown = f"{named[at]} {row[at].text}"
            columns.problems.append(of(sheet, "departments-ticked", cell=address(row[at].location), shown=shown))
        return
    meant = {mark: _role(mark, notes) for mark in marks & yes}
    alike = not _differ(marks & yes) and not any(meant.values())
    for row in marked:
        leads = [column for column in named if meant.get(row[column].text) == "牵头"]
        helps = [column for column in named if meant.get(row[column].text) == "配合"]
        ticked = [column for column in named if row[column].text in yes]
        clear = len(ticked) == 1 if alike else len(leads) == 1 and len(leads + helps) == len(ticked)
        if ticked and not clear:
            shown = "、".join(f"{named[column]} {row[column].text}" for column in ticked)
            first = address(row[ticked[0]].location)
            columns.problems.append(of(sheet, "departments-ticked", cell=first, shown=shown[:80]))
            return
    for row in marked:
        ticked = [column for column in named if row[column].text in yes]
        texts = [f"{named[at]}（{meant[row[at].text]}）" if meant[row[at].text] else named[at] for at in ticked]
        location = row[ticked[0]].location if ticked else ""
        for column in named:
            row[column] = Cell("", "")
        if ticked:
            row[min(named)] = Cell("、".join(texts), location)
    _settle(columns, "department", head, named)
    top = head.headings[min(head.headings)]
    gone = [
        missing(sheet, top, "department", kind, warning=True)
        for kind in kinds()
        if "department" in kinds()[kind].columns
    ]
    columns.problems = [problem for problem in columns.problems if problem not in gone]


def _role(mark: str, notes: Sequence[str]) -> str:
    """What notes say that a mark is, 牵头 or 配合; the mark itself where it is such a word; else nothing."""
    if re.search(_HELPING, mark) or re.search(_LEADING, mark):
        return "配合" if re.search(_HELPING, mark) else "牵头"
    between = r"[”\"』]?(?:号|标记|标注)?(?:的|为|是|系|表示|代表|指|:|：|—|-|\s)*(?:该|此)?(?:事项)?(?:的|为|是)*"
    for note in notes:
        if match := re.search(rf"{re.escape(mark)}{between}(?:(?P<lead>{_LEADING})|(?P<help>{_HELPING}))", note):
            return "牵头" if match["lead"] else "配合"
    return ""


def _differ(marks: set[str]) -> bool:
    """Whether there are two marks that may mean two things: √ and ○; not √ and 是."""
    signs = {mark for mark in marks if mark in words("yes")}
    return len({"√" if mark in _TICKS else mark for mark in signs}) > 1


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
