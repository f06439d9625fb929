"""What a table's columns mean, once its headings and its kind of list are known, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from registry.exchange.sheets.grids import address
from registry.exchange.sheets.meaning import opinions
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.department_cells import is_organ
from registry.exchange.sheets.recognising.header_rows import Head, Heading, Rows
from registry.exchange.sheets.recognising.headings import alike, fields, kinds
from registry.exchange.sheets.sentences import of

# What the registry itself writes beside the items of a list that it gives out: which decision an item rests on.
_OWN: Final = ("登记序号", "依据文号", "清单编号")
_ACTING: Final = alike("实施主体")
_POWER_KIND: Final = re.compile("(?:行政)?(?:处罚|许可|强制|征收|给付|检查|确认|奖励|裁决|其他|其他权力|强制措施)")

_PERSONS: Final = re.compile(
    "联系|电话|手机|姓名|负责人|责任人|联络员|经办人|承办人|填报人|身份证|微信号|邮箱|法定代表人"
)
_NUMBER: Final = re.compile(
    r"(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)\d{17}[\dXx](?!\d)"
)  # of a telephone, of an identity card
_WHOSE: Final = re.compile("[各]?(?:乡镇|镇街|镇|乡|街道)(?:[（(]街道[）)])?(?:人民政府|办事处)?")


@dataclass(slots=True)
class Columns:
    """Which field each column of a table holds, each field's heading, the columns not used, and what is wrong.

    `noted`: columns that no field is for, or whose field another column has: they go into the remark, under the
    headings in `headings_noted`. `doubting`: those of them that have opinions too, beside the column that decides.
    """

    meant: dict[int, str] = field(default_factory=dict[int, str])
    headings: dict[str, Heading] = field(default_factory=dict[str, Heading])
    unused: list[Heading] = field(default_factory=list[Heading])
    noted: dict[int, str] = field(default_factory=dict[int, str])
    headings_noted: list[Heading] = field(default_factory=list[Heading])
    problems: list[SheetProblem] = field(default_factory=list[SheetProblem])
    doubting: dict[int, Heading] = field(default_factory=dict[int, Heading])


def wanted(mapping: Mapping[str, Any]) -> dict[str, str]:
    """What headings mean by a mapping: the field, or "" for those to be ignored.

    Of two columns with one heading (类别 over two columns) the mapping says both fields; `settle` tells them apart.
    """
    meant = {alike(heading): "" for heading in mapping.get("ignored", ())}
    columns = sorted(mapping.get("columns", {}).items(), key=lambda column: column[0] == "name", reverse=True)
    return meant | {alike(heading): name for name, heading in reversed(columns)}


def side_by_side(head: Head) -> list[range]:
    """The columns of each table under a head: one, or several where 序号 and 事项名称 come again to the right."""
    numbers = [column for column, name in head.meant.items() if name == "number"]
    ends = [*numbers[1:], max(head.headings) + 1]
    parts = [range(start, end) for start, end in zip(numbers, ends, strict=False)]
    if len(parts) > 1 and all(any(head.meant.get(column) == "name" for column in part) for part in parts):
        return [range(parts[0].stop), *parts[1:]]
    return [range(max(head.headings) + 1)]


def kind_by(head: Head) -> str | None:
    """The kind of list for which most columns speak, the first of equals; None where none does for any."""
    votes = {kind.name: len(set(head.meant.values()) & set(kind.signs)) for kind in kinds().values()}
    most = max(votes, key=lambda name: votes[name])
    if not votes[most]:
        return None
    # 报表名称 is what forms are called, and no inspection, though 报送频次 speaks for these.
    called = next((alike(head.headings[column].text) for column, field in head.meant.items() if field == "name"), "")
    plain, own = alike("事项名称"), {alike(kind.columns["name"]) for kind in kinds().values()}
    return None if called in own - {plain, alike(kinds()[most].columns["name"])} else most


def settle(sheet: str, head: Head, part: range, body: Rows, kind: str | None, mapping: Mapping[str, Any]) -> Columns:
    """The columns of a table in the part of its grid that it takes."""
    result = Columns()
    ignored = {alike(heading) for heading in (*mapping.get("ignored", ()), *_OWN)}
    noted = {alike(heading) for heading in mapping.get("noted", ())}
    width = max(map(len, body), default=0)
    beyond = range(part.stop, width) if part.stop > max(head.headings) else range(0)
    for column in [*part, *beyond]:
        heading = head.headings.get(column)
        if heading is None:
            _without_heading(sheet, result, column, body)
            continue
        name, displaced = head.meant.get(column), None
        if name is None and opinions.asks_whether(heading.text):
            name = "opinion"
        if name in mapping.get("columns", {}) and not _is(head, column, mapping["columns"][name]):
            displaced, name = name, None  # another column is said to be it
        if name == "category" and "category" in result.headings:
            name = "subcategory"
        if name == "name" and "name" in result.headings:
            name = _second_name(result, column, body)
        if name == "recipient" and "department" not in head.meant.values():
            name = _who_hands_down(result, heading)
        if name and name not in result.headings:
            result.meant[column] = name
            result.headings[name] = heading
        elif alike(heading.text) in ignored:
            result.unused += [] if heading in result.unused else [heading]
        elif heading in (*result.headings.values(), *result.headings_noted):
            result.noted[column] = heading.text.replace(" ", "")  # one heading over several columns
        elif heading not in result.unused and _of_persons(heading, column, body):
            result.unused.append(heading)
            result.problems.append(of(sheet, "person-left-out", cell=address(heading.location), warning=True))
        elif heading not in result.unused:
            result.headings_noted.append(heading)
            result.noted[column] = heading.text.replace(" ", "")
            if alike(heading.text) not in noted:
                result.problems.append(_unused(sheet, heading, name or displaced))
    if kind in ("empowerment", "own-powers") and "power_kind" not in result.headings:
        _recognise_power_kind(result, body)
    if "department" not in result.headings:
        _recognise_department(result, body)
    first = head.headings[min(head.headings)]
    for name, heading in mapping.get("columns", {}).items():
        if name not in result.headings:
            result.problems.append(_not_there(sheet, first, name, heading))
    if "name" not in result.headings:
        result.problems.append(missing(sheet, first, "name", kind, warning=False))
    for name, rivals in mapping.get("rivals", {}).items():
        meant, en, listed = fields()[name].heading, fields()[name].en, "”“".join(rivals)
        cell = address(first.location)
        result.problems.append(of(sheet, "two-columns", cell=cell, meant=meant, meant_en=en, columns=listed))
    for name in kinds()[kind].expected if kind else ():
        if name not in result.headings and not any(name in fields()[other].split for other in result.headings):
            result.problems.append(missing(sheet, first, name, kind, warning=True))
    return result


def _of_persons(heading: Heading, column: int, body: Rows) -> bool:
    """Whether a column has names or numbers of persons, which do not go into the log, from which nothing is removed."""
    return _PERSONS.search(heading.text) is not None or any(_NUMBER.search(row[column].text) for row in body)


def _without_heading(sheet: str, columns: Columns, column: int, body: Rows) -> None:
    """A column without a heading but with texts of its own beside the items is noted, and told."""
    cells = [
        row[column]
        for row in body
        if row[column].text and all(cell.location != row[column].location for cell in row[:column])
    ]
    counts = [cell.text for cell in cells] == [str(number) for number in range(1, len(cells) + 1)]
    if not cells or counts or any(_NUMBER.search(cell.text) for cell in cells):
        return
    first = address(cells[0].location)
    letters = re.match("[A-Z]+", first)
    name = f"{letters[0] if letters else column + 1}列"
    columns.noted[column] = name
    columns.problems.append(of(sheet, "column-without-heading", cell=first, warning=True, column=name))


def _is(head: Head, column: int, heading: str) -> bool:
    return alike(heading) in {alike(head.headings[column].text), *head.words[column]}


def _column(columns: Columns, name: str) -> int:
    return next(column for column, other in columns.meant.items() if other == name)


def _second_name(columns: Columns, column: int, body: Rows) -> str | None:
    """Of two columns of names that which changes less is the category; else the second says more of the item."""
    first = _column(columns, "name")
    if len({row[first].location for row in body if row[first].text} | {""}) == 1:
        return None
    texts = [{(row[at].text, row[at].location)[0] for row in body if row[at].text} for at in (first, column)]
    if len(texts[0]) < len(texts[1]):
        broader = "category" if "category" not in columns.headings else "subcategory"
        if broader in columns.headings:
            return None
        columns.meant[first] = broader
        columns.headings[broader] = columns.headings.pop("name")
        return "name"
    return None if "content" in columns.headings else "content"


def _who_hands_down(columns: Columns, heading: Heading) -> str:
    """Of two columns that may be who takes a power on, 实施主体 is who has it so far, and hands it down."""
    earlier = columns.headings.get("recipient")
    if earlier is None or "department" in columns.headings:
        return "recipient"
    if alike(heading.text) == _ACTING:
        return "department"
    if alike(earlier.text) == _ACTING:
        columns.meant[_column(columns, "recipient")] = "department"
        columns.headings["department"] = columns.headings.pop("recipient")
    return "recipient"


def _recognise_power_kind(columns: Columns, body: Rows) -> None:
    """In a list of powers 类别 is often the kind of power."""
    for name in ("category", "subcategory"):
        if name in columns.headings:
            column = _column(columns, name)
            rows = [row for row in body if len({cell.location for cell in row}) > 1]  # not a line over all columns
            texts = [row[column].text for row in rows if row[column].text]
            if texts and all(_POWER_KIND.fullmatch(text) for text in texts):
                columns.meant[column] = "power_kind"
                columns.headings["power_kind"] = columns.headings.pop(name)
                return


def _recognise_department(columns: Columns, body: Rows) -> None:
    """主体责任 may be whose it is, and not what they do: nothing but names of organs and 镇（街道） stands in it."""
    if "department_duties" not in columns.headings:
        return
    column = _column(columns, "department_duties")
    texts = [row[column].text for row in body if row[column].text and row[column].text != row[0].text]
    if texts and all(is_organ(text) or _WHOSE.fullmatch(text) for text in texts) and any(map(is_organ, texts)):
        columns.meant[column] = "department"
        columns.headings["department"] = columns.headings.pop("department_duties")


def _unused(sheet: str, heading: Heading, name: str | None) -> SheetProblem:
    cell = address(heading.location)
    if name is None:
        return of(sheet, "unknown-column", cell=cell, warning=True, heading=heading.text)
    meant: dict[str, Any] = {"meant": fields()[name].heading, "meant_en": fields()[name].en}
    return of(
        sheet, "not-read-twice", cell=cell, problem_code="unknown-column", warning=True, heading=heading.text, **meant
    )


def missing(sheet: str, first: Heading, name: str, kind: str | None, *, warning: bool) -> SheetProblem:
    """That a table has no column of a field that lists of its kind are expected to have."""
    heading = kinds()[kind].columns[name] if kind else fields()[name].heading
    cell, meant = address(first.location), fields()[name].en
    return of(sheet, "missing-column", cell=cell, warning=warning, heading=heading, meant_en=meant)


def _not_there(sheet: str, first: Heading, name: str, heading: str) -> SheetProblem:
    zh = f"映射文件说“{fields()[name].heading}”在“{heading}”一列，表中没有这一列：请改正映射文件或表头。"
    en = f"By the mapping file {name} is in the column {heading}, which is not there: correct the file or the heading."
    return SheetProblem(sheet, address(first.location), "mapped-column-missing", zh, en)
