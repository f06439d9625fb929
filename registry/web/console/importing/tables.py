"""What an import came to as tables of its page: columns, rows accounted for, the sheets, problems, decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from registry.domain.text import Text
from registry.exchange.sheets.planning.choosing import location_text
from registry.exchange.sheets.planning.differing import CHANGES
from registry.exchange.sheets.recognising import headings
from registry.web.console.asking import Data
from registry.web.console.importing.shown import PROBLEMS, ROWS
from registry.web.console.tables import Cell, Column, Row, Table, rows_of
from registry.web.console.view import View
from registry.web.upload import COLUMN, IGNORED

LOCATION: Final = Column("location", Text("位置", "Place"), width=12)
READ: Final = Column("read", Text("理解为", "Read as"), width=16)
HEADINGS: Final = (LOCATION, Column("heading", Text("表头", "Heading"), own_words=True, width=24), READ)
CHANGED: Final = Column("box", Text("不对的，改为", "Where wrong: it is"), width=20)
USES: Final = (LOCATION, READ, Column("text", Text("内容", "Text"), own_words=True, wide=True, width=60))
PROBLEM: Final = (LOCATION, Column("problem", Text("问题", "Problem"), own_words=True, wide=True, width=80))
STEPS: Final = (
    Column("change", Text("改动", "Change"), width=12),
    Column("at", Text("自", "From"), "day", width=12),
    Column("code", Text("编号", "Id"), own_words=True, width=18),
    Column("name", Text("名称", "Name"), own_words=True, wide=True, width=50),
    Column("row", Text("出处", "Row"), width=14),
)
FORM: Final = "import"  # the form that the boxes of a table belong to
AS_READ: Final = Text("照此理解", "as read")
LEFT_OUT: Final = Text("不用这一列", "leave it out")
THIS_COLUMN: Final = Text("这一列是", "This column is")
_OPTION: Final = Markup('<option value="{}">{}</option>')
_CHOSEN: Final = Markup('<option value="{}" selected>{}</option>')
UNUSED: Final = {"noted": Text("记入附注", "kept in the note"), "unused": Text("未用", "not used")}


@dataclass(frozen=True, slots=True)
class ImportTables:
    """The tables of an import's page, by name, and `hidden`: what was chosen of columns that no table has a box for."""

    tables: Sequence[Table]
    hidden: Mapping[str, str]


def import_tables(view: View, result: Data, fields: Mapping[str, str]) -> ImportTables:
    """What an import came to (importing.reading); `fields`: of its form, with what was chosen of columns."""
    plan, recorded = result["plan"], bool(result["recorded"])
    made: list[Table] = []
    chosen = {name: value for name, value in fields.items() if name.startswith(COLUMN)}
    known: set[str] = set()
    for number, (table, nth) in enumerate(zip(plan["tables"], numbers(plan), strict=True), 1):
        columns = _columns(view, table, (number, nth), {} if recorded else chosen, boxes=not recorded)
        boxes = {str(row["box"].value) for row in columns.rows if "box" in row}
        shown = view.shown(columns)
        here = {str(row["box"].value) for row in shown.rows if "box" in row} if CHANGED in shown.columns else set[str]()
        unboxed = {name: value for name, value in chosen.items() if name in boxes - here}
        known |= boxes
        made += [replace(columns, unboxed=unboxed, unboxed_form=FORM), _uses(view, table, number)]
    made += [_sheet(view, grid, number) for number, grid in enumerate([] if recorded else result["sheets"], 1)]
    made += [
        _problems(view, "errors", Text("须改正", "To be put right"), plan["errors"], 0),
        _problems(view, "warnings", Text("请留意", "To be known"), plan["warnings"], plan["counts"]["errors"]),
        _steps(view, plan["steps"], recorded=recorded),
    ]
    return ImportTables(made, {name: value for name, value in chosen.items() if name not in known})


def numbers(plan: Data) -> list[int]:
    """Which table of its sheet each table is, from 1."""
    seen: dict[str, int] = {}
    counted: list[int] = []
    for table in plan["tables"]:
        seen[table["sheet"]] = seen.get(table["sheet"], 0) + 1
        counted.append(seen[table["sheet"]])
    return counted


def _located(view: View, location: str) -> str:
    return view.localized(*location_text(location))


def _columns(view: View, table: Data, at: tuple[int, int], chosen: Mapping[str, str], *, boxes: bool) -> Table:
    """The columns of a table and what each was read as; `at`: its number, and which it is of its sheet."""
    number, nth = at
    names = headings.fields()

    def row(heading: Data, read: Text) -> Row:
        cells = {
            "location": Cell(_located(view, heading["location"])),
            "heading": Cell(heading["text"]),
            "read": Cell(view.localized(*read)),
        }
        if not boxes:
            return cells
        box = f"{COLUMN}{nth}:{table['sheet']}:{heading['text']}"
        return {**cells, "box": Cell(box, "", inner=_box(view, box, heading["text"], chosen.get(box, "")))}

    rows = [row(heading, Text(names[field].heading, names[field].en)) for field, heading in table["columns"].items()]
    rows += [row(heading, read) for name, read in UNUSED.items() for heading in table[name]]
    title = Text(f"{table['sheet']}：各列", f"{table['sheet']}: its columns")
    return Table(f"columns{number}", title, (*HEADINGS, CHANGED) if boxes else HEADINGS, rows, main=False)


def _box(view: View, name: str, heading: str, chosen: str) -> Markup:
    """Where one chooses what a column is, for the form of the import."""
    options = [("", view.localized(*AS_READ))]
    options += [(field, view.localized(one.heading, one.en)) for field, one in headings.fields().items()]
    options.append((IGNORED, view.localized(*LEFT_OUT)))
    made = Markup("").join((_CHOSEN if value == chosen else _OPTION).format(value, text) for value, text in options)
    label = f"{view.localized(*THIS_COLUMN)} {heading}"
    return Markup('<select form="import" name="{}" aria-label="{}">{}</select>').format(name, label, made)


def _uses(view: View, table: Data, number: int) -> Table:
    rows = rows_of(
        table["uses"],
        place=lambda one: _located(view, one["location"]),
        read=lambda one: view.localized(*one["use"]),
        text=lambda one: one["text"],
    )
    title = Text(f"{table['sheet']}：各行", f"{table['sheet']}: its rows")
    return Table(f"uses{number}", title, USES, rows, main=False)


def _sheet(view: View, grid: Data, number: int) -> Table:
    """A sheet as it is, a column for each of its own, beside what each row was taken for; problem cells are marked."""
    wide = max((len(line["cells"]) for line in grid["lines"]), default=0)
    columns = [Column("row", Text("行", "Row"), "number", width=6), READ]
    columns += [Column(f"c{at}", Text(str(at), str(at)), own_words=True, width=16) for at in range(1, wide + 1)]
    rows: list[Row] = []
    for line in grid["lines"]:
        cells = {"row": Cell(line["number"]), "read": Cell(view.localized(*line["use"]) if line["use"] else None)}
        for at, (text, problem, wrong) in enumerate(line["cells"], 1):
            cells[f"c{at}"] = Cell(
                text,
                mark=("wrong" if wrong else "doubt") if problem else "",
                inner=_to_problem(view, problem) if problem else None,
            )
        rows.append(cells)
    title = Text(f"原表：{grid['name']}", f"The sheet as it is: {grid['name']}")
    return Table(f"sheet{number}", title, columns, rows, main=False, size=ROWS)


def _to_problem(view: View, number: int) -> Markup:
    text = view.localized(f"问题 {number}", f"problem {number}")
    return Markup(' <a href="#problem-{}">{}</a>').format(number, text)


def _problems(view: View, name: str, title: Text, problems: Sequence[Data], before: int) -> Table:
    """Problems, numbered through errors and warnings; all on one page, as the sheet's cells lead to each."""
    rows: list[Row] = [
        {
            "location": Cell(
                _located(view, one["location"]), inner=Markup('<span id="problem-{}"></span>').format(number)
            ),
            "problem": Cell(view.localized(*one["text"])),
        }
        for number, one in enumerate(problems, before + 1)
    ]
    return Table(name, title, PROBLEM, rows, main=False, size=PROBLEMS)


def _steps(view: View, steps: Sequence[Data], *, recorded: bool) -> Table:
    rows = rows_of(
        steps,
        change=lambda one: Cell(one["change"], view.localized(*CHANGES[one["change"]])),
        at=lambda one: one["at"],
        code=lambda one: one["code"],
        name=lambda one: one["name"],
        row=lambda one: _located(view, one["location"]),
    )
    title = Text("已记录的决定", "Decisions recorded") if recorded else Text("将记录的决定", "Decisions to record")
    return Table("steps", title, STEPS, rows, main=False)
