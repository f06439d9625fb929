"""The balance as a table for Excel and WPS: CSV with a byte order mark, headings in Chinese or English."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import Final

from registry.checker.balance import Balance, Figures, Row

LANGUAGES: Final = ("zh", "en")
_HEADINGS: Final = (
    ("截至日期", "As of"),
    ("层级", "Level"),
    ("单位代码", "Unit"),
    ("单位名称", "Name"),
    ("单位数", "Units"),
    ("承担职责", "Duties held"),
    ("牵头职责", "Duties led"),
    ("其中：有权", "of these with power"),
    ("其中：无权", "of these without power"),
    ("有权中无需权力", "with power: none needed"),
    ("有效权力", "Powers effectively held"),
    ("下达职责", "Duties assigned"),
    ("其中：保障到位", "of these funded"),
    ("其中：保障不足", "of these unfunded"),
    ("其中：无需保障", "of these without needs"),
    ("违规问题", "Violations"),
    ("其中：职责违规", "of these about duties"),
    ("每百项职责违规", "Violations per 100 duties"),
)
_LEVELS: Final = {
    "central": ("中央", "central"),
    "province": ("省级", "province"),
    "prefecture": ("市级", "prefecture"),
    "county": ("县级", "county"),
    "township": ("乡级", "township"),
    "village": ("村级", "village"),
}
_TOTAL: Final = ("合计", "Total")
# What a spreadsheet would take for a formula, or for the beginning of another cell (OWASP, CSV injection).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def lines(balances: Sequence[Balance], lang: str = "zh") -> Iterator[bytes]:
    """The file piece by piece: a total, a row for each level, then one for each unit; of several days each in turn.

    With more than one day only totals and levels, for a series is drawn by these. `lang`: zh or en. Text that a
    spreadsheet would take for a formula begins with an apostrophe.
    """
    index = LANGUAGES.index(lang)
    yield b"\xef\xbb\xbf" + _line(heading[index] for heading in _HEADINGS)
    for balance in balances:
        day = balance.as_of.isoformat()
        yield _figures((day, _TOTAL[index], "", ""), balance.total())
        for level, figures in balance.by_level().items():
            yield _figures((day, _LEVELS[level][index], "", _TOTAL[index]), figures)
        for row in balance.rows() if len(balances) == 1 else ():
            yield _unit(day, row, index)


def _unit(day: str, row: Row, index: int) -> bytes:
    return _figures((day, _LEVELS[row.level][index], row.unit, row.name), row.figures)


def _figures(named: tuple[str, str, str, str], figures: Figures) -> bytes:
    rate = figures.violations_per_100_duties
    return _line((*map(_text, named), *astuple(figures), "" if rate is None else rate))


def _text(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[object]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)  # lines end in CR LF (RFC 4180)
    return written.getvalue().encode()
