"""Notes that speak of rows by their numbers: 第2、3项自2027年起取消, 第1—2项仅适用于街道."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning.opinions import Verdict
from registry.exchange.sheets.meaning.phrases import statement
from registry.exchange.sheets.meaning.remarks import PLANNED, is_still_theirs, is_theirs_no_more, of_remark
from registry.exchange.sheets.recognising import cell_texts, numbering
from registry.exchange.sheets.recognising.entries import Row

_ONE: Final = rf"(?:\d{{1,3}}(?:[-.]\d{{1,3}})?|[{numbering.CHINESE}]{{1,3}})"
_STRETCH: Final = "[-－—–~～至到]+"
_SOME: Final = rf"(?:第|序号为?)?{_ONE}(?:(?:项|号)?(?:{_STRETCH}|[、,，和及与]|以及)(?:第|序号为?)?{_ONE})*"
# 第2、3项, 第1—2项, 序号3、5的; of no law: 第二十条第三项.
_ROWS: Final = re.compile(
    rf"(?<![条款》法例章节])(?:序号为?(?P<bare>{_SOME})(?:项|号|的)?|第(?P<numbers>{_SOME})(?:项|号|的?(?:事项|职责)|的))"
    "(?:事项|职责|工作|内容)?"
)
_SENTENCES: Final = re.compile("[。；;\n]")
_OPENING: Final = re.compile(r"^[（(]?(?:备?注|说明|附注|填[表报写]说明)?\s*[:：]?\s*(?:\d{1,2}[.、．](?!\d))?\s*")
_BEFORE: Final = re.compile(r"(?:以上|上述|清单|目录|表|所列|其中|[本该的中内])*[，,：:、]?$")
_LIMITS: Final = re.compile("仅|只|限于|除外|不适用|适用于|除.{1,20}外")
_TOWNS: Final = re.compile("乡|镇|街道")
_MAY_CHANGE: Final = re.compile("仍|恢复|暂|另行|原则上|待|取消|收回|移出|删|废|停")


@dataclass(frozen=True, slots=True)
class _Spoken:
    """What one sentence of a note says of the rows of these numbers, and where it stands in the note."""

    numbers: frozenset[str]
    text: str
    sentence: str


def spoken_of(rows: Sequence[Row], notes: Sequence[Cell]) -> tuple[list[Row], dict[str, str]]:
    """The rows with what notes say of them by number, and of each such note by its text what is left of it.

    It stands in the row's remark, or for whom the row is; where it may take the row off its list and does not say so
    plainly, the row is unclear. A note of a number that no row has is left as it is.
    """
    by_number = {row.cells["number"].text for row in rows if "number" in row.cells}
    results, left = list(rows), dict[str, str]()
    for note in dict.fromkeys(notes):
        spoken = [one for one in _spoken(note.text) if one.numbers & by_number]
        for one in spoken:
            cell = Cell(one.text, note.location)
            results = [_with(row, cell, one) if _is_of(row, one.numbers) else row for row in results]
        if spoken:
            rest = note.text
            for one in spoken:
                rest = rest.replace(one.sentence, "")
            left[note.text] = rest
    return results, left


def remarked(rows: Sequence[Row], comments: Sequence[Cell], footnotes: Sequence[Cell]) -> list[Row]:
    """The rows with the footnotes of their cells in the remark, and unclear where a comment may take them off the list.

    A comment is no part of the list, 此项已取消; who wrote it must say so in the table.
    """
    results = list(rows)
    for note in footnotes:
        spoken = _Spoken(frozenset(), note.text, note.text)
        results = [_with(row, note, spoken) if _has(row, note) else row for row in results]
    for comment in comments:
        if of_remark(comment.text) is not None or _may_take(comment.text):
            cell = replace(comment, text=f"批注：{comment.text}")
            verdict = Verdict("unclear", cell)
            results = [replace(row, verdict=verdict) if _has(row, comment) else row for row in results]
    return results


def _has(row: Row, beside: Cell) -> bool:
    return any(cell.location == beside.location for cell in row.cells.values())


def _is_of(row: Row, numbers: frozenset[str]) -> bool:
    return "number" in row.cells and row.cells["number"].text in numbers


def _with(row: Row, cell: Cell, spoken: _Spoken) -> Row:
    if _LIMITS.search(cell.text) and _TOWNS.search(cell.text) and "recipient" not in row.cells:
        return replace(row, cells=dict(row.cells) | {"recipient": cell})
    quoted = Cell(spoken.sentence.strip(), cell.location)
    if of_remark(cell.text) in (None, "deny") and _may_take(cell.text):
        return replace(row, verdict=Verdict("unclear", quoted))
    return replace(row, cells=cell_texts.with_remark(row.cells, [cell]))


def _may_take(text: str) -> bool:
    """Whether a text may say that a row is not, no more, or all the same on its list."""
    if is_theirs_no_more(text) or is_still_theirs(text) or PLANNED.search(text) or _MAY_CHANGE.search(text):
        return True
    one = statement(text)
    return one.status != "plain" or one.dangling or bool(_LIMITS.search(text))


def _spoken(note: str) -> Iterator[_Spoken]:
    for sentence in _SENTENCES.split(note):
        plain = _OPENING.sub("", sentence)
        matches = list(_ROWS.finditer(plain))
        for at, match in enumerate(matches):
            end = matches[at + 1].start() if at + 1 < len(matches) else len(plain)
            behind = plain[match.end() : end].strip(" ，,、：:")
            before = _BEFORE.sub("", plain[: match.start()]) if not at else ""
            text = f"{before}{behind}" if len(before) < len(plain) // 2 else behind
            if behind:
                yield _Spoken(_numbers(match["numbers"] or match["bare"]), text, sentence)


def _numbers(text: str) -> frozenset[str]:
    """The numbers that a text names, those between the ends of a stretch too: 1—3、5."""
    numbers = set[str]()
    parts = re.findall(rf"({_ONE}|{_STRETCH})", re.sub("以及", "、", text))
    values = [_value(part) for part in parts]
    for at, part in enumerate(parts):
        if re.fullmatch(_STRETCH, part) and 0 < at < len(parts) - 1:
            first, last = values[at - 1], values[at + 1]
            if first.isdecimal() and last.isdecimal() and 0 <= int(last) - int(first) < 1000:
                numbers |= {str(number) for number in range(int(first), int(last) + 1)}
        else:
            numbers.add(values[at])
    return frozenset(numbers)


def _value(text: str) -> str:
    value = numbering.ordinal(text)
    return text if value is None else str(value)


def without(cells: Sequence[Cell], left: Mapping[str, str]) -> list[Cell]:
    """The notes without what they say of single rows; those of which nothing is left are left out."""
    rest = (replace(cell, text=left.get(cell.text, cell.text)) for cell in cells)
    return [cell for cell in rest if _OPENING.sub("", cell.text).strip()]
