"""Comma-separated files as Excel, WPS and databases write them: any of four encodings, any of four separators."""

from __future__ import annotations

import codecs
import csv
import io
import re
from itertools import islice
from typing import Final

from registry.exchange.sheets.grids import COLUMNS, LETTERS, ROWS, Cell, Grid, cell_location, cleaned, grid, too_large
from registry.exchange.sheets.problems import BadSheet, SheetProblem

SEPARATORS: Final = ",\t;|"
_SAMPLE: Final = 200  # rows by which separators are compared
_RULE: Final = re.compile(r"\s*\+(?:[-=]+\+)+\s*")
_RULES: Final = 3  # lines of a drawn table: above its head, below it, below its rows
_LETTERS_IN_UTF8: Final = 3  # Chinese ones of a line that are no accident


def decoded(content: bytes) -> str | None:
    """The text in UTF-8, UTF-16 (by its mark, or by its zero bytes) or GB18030 (and so GBK); None when it is none."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in content[:4096]:
        zeros = content[:4096:2].count(0), content[1:4096:2].count(0)
        encodings = ["utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if encoding == "gb18030" and _has_utf8(content) else text
    return None


def _has_utf8(content: bytes) -> bool:
    """Whether lines among those of another encoding are in UTF-8, as where files were joined: read as 绀轰緥."""
    for line in content.splitlines():
        if len(line) > _LETTERS_IN_UTF8 and not line.isascii():
            try:
                text = line.decode()
            except UnicodeDecodeError:
                continue
            if sum("\u4e00" <= letter <= "\u9fff" for letter in text) >= _LETTERS_IN_UTF8:
                return True
    return False


def grids(content: bytes, filename: str) -> list[Grid]:
    """The file as one sheet that is named as the file is, without its extension. Raises BadSheet."""
    text = decoded(content)
    if text is None:
        zh = "文字编码无法识别：请在 Excel 或 WPS 中另存为“CSV UTF-8”或 .xlsx 后再导入。"
        en = "The text's encoding is unknown: save it in Excel or WPS as “CSV UTF-8” or .xlsx and import again."
        raise BadSheet([SheetProblem(filename, "", "bad-encoding", zh, en)])
    name = filename.rpartition(".")[0] or filename
    first, _, rest = text.partition("\n")
    if first.rstrip("\r").lower() in {f"sep={separator}" for separator in SEPARATORS}:  # Excel's own way to say so
        separator, text, top = first[4], rest, 2
    else:
        separator, top = _separator(_unruled(text)), 1
    rows = _rows(_unruled(text), separator, name)
    if max(map(len, rows), default=0) > COLUMNS:
        raise too_large(name, ("列数", "columns"), COLUMNS)
    result = grid(
        name,
        (),
        [
            [Cell(cleaned(value), cell_location(name, row, column)) for column, value in enumerate(values)]
            for row, values in enumerate(rows, top - 1)
        ],
        top,
        {},
    )
    return [result] if result else []


def _unruled(text: str) -> str:
    """A text in which + - and | draw a table, each of its rows on the first of its lines; any other as it is."""
    lines = text.splitlines()
    if sum(_RULE.fullmatch(line) is not None for line in lines) < _RULES:
        return text
    results: list[str] = []
    first: int | None = None  # the first line of the row that is under way
    for line in lines:
        if not line.lstrip().startswith("|"):
            first = None
            results.append("" if _RULE.fullmatch(line) else line)
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if first is None:
            first = len(results)
            results.append("|".join(cells))
            continue
        before = results[first].split("|")
        if len(before) == len(cells):
            results[first] = "|".join(one + other for one, other in zip(before, cells, strict=True))
            results.append("")
        else:
            results.append("|".join(cells))
    return "\n".join(results) + "\n"


def _separator(text: str) -> str:
    """The one around which all quotes close, and which cuts most rows into equally many fields."""

    def fit(separator: str) -> tuple[bool, int, int]:
        widths: list[int] = []
        closed = True
        try:
            for row in islice(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), _SAMPLE):
                widths += [len(row)] if len(row) > 1 else []
        except csv.Error:
            closed = False
        commonest = max(set(widths), key=widths.count, default=0)
        return closed and bool(widths), widths.count(commonest), commonest

    return max(SEPARATORS, key=fit)


def _rows(text: str, separator: str, name: str) -> list[list[str]]:
    """All rows; raises BadSheet where there are too many, or a quote that is never closed."""
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    swallowed = re.compile(rf'\n\s*\d{{1,4}}{re.escape(separator)}["\u4e00-\u9fff]')
    while True:
        try:
            row = next(reader)
        except StopIteration:
            _check_closed(text, separator, name, len(rows))
            return rows
        except csv.Error:  # a field beyond what the module takes
            row = ["x" * (LETTERS + 1)]
        if any(len(value) > LETTERS for value in row):
            zh = f"第 {len(rows) + 1} 行有一格超过 {LETTERS} 字，多半是引号没有成对：请补上或删去引号。"
            en = f"Row {len(rows) + 1} has more than {LETTERS} characters in a cell: most likely a quote is not closed."
            raise BadSheet([SheetProblem(name, str(len(rows) + 1), "bad-quotes", zh, en + " Close or delete it.")])
        if any("\n" in value and swallowed.search(value) for value in row):
            raise _unclosed(name, len(rows) + 1)
        if len(rows) == ROWS:
            raise too_large(name, ("行数", "rows"), ROWS)
        rows.append(row)


def _check_closed(text: str, separator: str, name: str, last: int) -> None:
    """Raises BadSheet where the last row's quote is never closed."""
    if text.count('"') % 2:
        try:
            for _ in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True):
                pass
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise _unclosed(name, last) from None


def _unclosed(name: str, row: int) -> BadSheet:
    zh = f"第 {row} 行有一格把下面几行也包了进去，多半是引号没有成对：请补上或删去引号。"
    en = f"A cell of row {row} takes in the rows below it: most likely a quote is not closed. Close or delete it."
    return BadSheet([SheetProblem(name, str(row), "bad-quotes", zh, en)])
