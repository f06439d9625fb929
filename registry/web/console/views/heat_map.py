"""Where a territory's findings are: the units below by rule, as a table and as a picture of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from registry.checker.rules import RULES
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.pictures import PAPER, SHADES, Drawing, Picture, lines, shade
from registry.web.console.tables import Cell, Column, Row, Table, with_totals
from registry.web.console.territory_links import findings_href, unit_href
from registry.web.console.view import View
from registry.web.pages.failure import offer, offered

TITLE: Final = Text("问题分布：单位和规则", "Findings by unit and rule")
# By the letter in the address: how the API calls a severity, by which field it counts it, and what its map is called.
NARROWED: Final[dict[str, tuple[str, str, Text]]] = {
    "": ("", "count", Text("全部", "All")),
    "V": ("VIOLATION", "violations", Text("违规", "Violations")),
    "W": ("WARNING", "warnings", Text("提醒", "Warnings")),
    "R": ("REVIEW", "reviews", Text("待核", "To review")),
}
offer("/overview", "severity", Text("程度", "Severity"), {name: narrow[2] for name, narrow in NARROWED.items()})
_LEFT, _WIDE, _HIGH, _LINE = 190.0, 66.0, 24.0, 14.0  # names of units; a cell; a line of its head
_DARK: Final = 4  # of SHADES: from here on what is written is white


def narrowed_to(view: View) -> str:
    """The letter of NARROWED that `?severity=` names. Raises Refused: bad-value."""
    given = view.parameter("severity").upper()
    named = {name: letter for letter, (name, _, _) in NARROWED.items()}
    letter = named.get(given, given)
    if letter not in NARROWED:
        offered("/overview", "severity", letter)
    return letter


def heat_map(view: View, unit: Data, counts: Data, letter: str) -> Table:
    """Unit below by rule: only those of which there are findings (of the severity `letter`), the most first."""
    within, (severity, field, narrow) = unit["code"], NARROWED[letter]
    units = {one["unit"]["code"]: one["unit"] for one in counts["balance"]["below"]}
    numbers = {(one["keys"][0], one["keys"][1]): one[field] for one in counts["now"] if one[field]}
    violations = _sums({(one["keys"][0], one["keys"][1]): one["violations"] for one in counts["now"]}, 0)
    by_rule, by_unit = _sums(numbers, 1), _sums(numbers, 0)
    most = max(numbers.values(), default=0)
    only = {"severity": severity} if severity else {}
    rows: list[Row] = []
    for code in by_unit:
        below = units.get(code, {"code": code, "name": code})
        own = code == within
        facets = {**only, **({"branch": code} if own else {})}
        name = below["name"] + (view.itself if own and len(by_unit) > 1 else "")
        cells: dict[str, Cell] = {"unit": Cell(name, href=unit_href(view, below))}
        for rule in by_rule:
            number = numbers.get((code, rule), 0)
            href = findings_href(view, code, rule=rule, **facets)
            mark = f"heat{shade(number, most)}"
            cells[rule] = Cell(number, href=href, mark=mark) if number else Cell(0, "", mark="heat0")
        if not letter:
            of_unit = findings_href(view, code, **{**facets, "severity": "VIOLATION"})
            cells["violations"] = Cell(violations[code], href=of_unit if violations[code] else None, mark="sum")
        cells["total"] = Cell(by_unit[code], href=findings_href(view, code, **facets), mark="sum")
        rows.append(cells)
    columns = [Column("unit", Text("单位", "Unit"), chinese=True, width=26)]
    columns += [
        Column(
            rule,
            RULES[rule].title,
            "number",
            total=True,
            width=11,
            total_href=findings_href(view, within, rule=rule, **only),
        )
        for rule in by_rule
    ]
    if not letter:
        columns.append(Column("violations", Text("其中违规", "Violations"), "number", total=True, width=8))
    columns.append(Column("total", narrow if letter else Text("合计", "Total"), "number", total=True, width=8))
    columns = with_totals(
        columns,
        {
            "violations": findings_href(view, within, severity="VIOLATION"),
            "total": findings_href(view, within, **only),
        },
    )
    title = Text(f"{narrow.zh}分布：单位和规则", f"{narrow.en} by unit and rule") if letter else TITLE
    return Table("heat", title, columns, rows, Text("没有问题。", "There are no findings."), main=False)


def _sums(numbers: Mapping[tuple[str, str], int], index: int) -> dict[str, int]:
    """What the numbers of each key come to, the most first."""
    sums: dict[str, int] = {}
    for key, number in numbers.items():
        sums[key[index]] = sums.get(key[index], 0) + number
    return dict(sorted(sums.items(), key=lambda item: (-item[1], item[0])))


def heat_picture(view: View, unit: Data, table: Table) -> Picture:
    """The same as a picture, in the order and with the rows that the address wants of the table."""
    shown = view.shown(table)
    columns, rows = shown.columns, shown.all_rows
    heads = [lines(view.localized(*column.title), (_WIDE - 6) / 11) for column in columns]
    top = max(map(len, heads)) * _LINE + 6
    size = _LEFT + _WIDE * (len(columns) - 1), top + _HIGH * len(rows)
    title = view.localized(*table.title)
    drawing = Drawing("heat-map", *size, title, title)
    for across, (column, head) in enumerate(zip(columns, heads, strict=True)):
        start = _LEFT + _WIDE * (across - 1) if across else 0.0
        for down, line in enumerate(head):
            drawing.text((start + 3, _LINE * (down + 1)), line, size=11, lang="" if view.lang == "zh" else "en")
        for down, row in enumerate(rows):
            cell, corner = row[column.key], (start, top + _HIGH * down)
            if not across:
                name = lines(cell.text, _LEFT / 12 - 1)
                drawing.text((3, corner[1] + 16), name[0] + ("…" if len(name) > 1 else ""), size=12)
                continue
            tone = int(cell.mark.removeprefix("heat")) if cell.mark.startswith("heat") else 0
            drawing.box(corner, (_WIDE, _HIGH), fill=SHADES[tone], edge="#b9b0a4")
            colour = PAPER if tone >= _DARK else "#1a1a1a"
            at = corner[0] + _WIDE / 2, corner[1] + 16
            drawing.text(at, cell.text, size=12, anchor="middle", colour=colour, bold=cell.mark == "sum")
    caption = Text(
        "下级单位含其以下各级，本级只含自己；颜色越深，问题越多。",
        "Each unit below with all below it, this unit alone; the darker, the more findings.",
    )
    return Picture(drawing, caption, shown, unit["name"])
