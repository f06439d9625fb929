"""A bureau's or a town's own list of powers, 权责清单: what it may do by law, which is handed down to nobody."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from registry.exchange.published.files import Entry
from registry.exchange.sheets.meaning.readings import line_of
from registry.exchange.sheets.planning import notes
from registry.exchange.sheets.planning.differing import Step
from registry.exchange.sheets.planning.items import Read, Wanted
from registry.exchange.sheets.planning.matching import Matters
from registry.exchange.sheets.planning.plans import Sheets
from registry.exchange.sheets.planning.scopes import Towns
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.departments import Departments
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.sentences import at, of

_NAME: Final = re.compile(
    r"^(?:附件\d*[:：]?)?(?:\d{4}年(?:版|度)?)?(?P<name>.{2,30}?)(?:的)?(?:行政|权责|权力|职权|责任)"
)

_ORGAN: Final = re.compile("[局委办室部会院队]$|中心$")
_BRACKETED: Final = re.compile("[（(]([^（()）]*)[）)]")


def holder(table: Table, row: Row | None, departments: Departments, towns: Towns) -> str | None:
    """The unit whose powers these are: by the row's own column, else by the title or the sheet's name.

    Those of one class of a county's powers (宜城市权力清单（农业农村类）) are of the department named above them.
    """
    named = row.cells.get("department") if row is not None else None
    if named is not None:
        return _unit(named.text, departments, towns)
    titles = [cell.text for cell in reversed(table.above) if line_of(cell).source == "title"]
    named_above = _alone(table, departments)
    for text in (*titles, table.sheet):
        match = _NAME.match(text)
        unit = _unit(match["name"], departments, towns) if match is not None else None
        if unit is not None:
            of_county = unit in departments.by_code and departments.by_code[unit].kind == "government"
            return named_above if of_county and named_above is not None else unit
    return named_above


def _alone(table: Table, departments: Departments) -> str | None:
    """The only department that a line above, or brackets of a title, name with nothing else: 宜城市农业农村局."""
    texts = {part.strip() for cell in table.above for part in (cell.text, *_BRACKETED.findall(cell.text))}
    units = {unit for text in texts if _ORGAN.search(text) for unit in departments.matching(text)}
    return next(iter(units)) if len(units) == 1 else None


def _unit(name: str, departments: Departments, towns: Towns) -> str | None:
    results = set(departments.matching(name)) or towns.named(name)
    return next(iter(results)) if len(results) == 1 else None


@dataclass(frozen=True, slots=True)
class Background:
    """The units that may be named, the document and the day, vestings by power and unit, matters by code and name."""

    departments: Departments
    towns: Towns
    document: str
    day: str
    vested: Collection[tuple[str, str]]
    matters: Mapping[str, Entry]
    named: Matters


def steps(sheets: Sheets, read: Read, known: Background, problems: list[SheetProblem]) -> Iterator[Step]:
    """A vesting for each power that the unit does not hold already, by law or by name; the end of what is taken back.

    What it holds already is told.
    """
    departments, towns = known.departments, known.towns
    held: dict[str, list[Wanted]] = {}
    unclear: set[int] = set()
    for wanted in read.wanted:
        unit = holder(wanted.table, wanted.row, departments, towns)
        if unit is None:
            problems += _whose(wanted, unclear)
            continue
        power = wanted.item["matter"]
        if (power, unit) in known.vested or _by_law(known.matters.get(power, {}), unit, departments):
            held.setdefault(unit, []).append(wanted)
            continue
        note = notes.write({name: text for name, text in wanted.note.items() if name != "department"})
        decision = {"type": "PowerVested", "at": known.day, "power": power, "unit": unit}
        decision["instrument"] = known.document
        yield Step(decision | ({"note": note} if note else {}), "vested", wanted)
        if wanted.until is not None:
            last = (wanted.until + timedelta(days=1)).isoformat()
            yield Step({"type": "PowerDivested", "at": last, "power": power, "unit": unit}, "ends", wanted)
    for unit, rows in held.items():
        name, table = departments.by_code[unit].name, rows[0].table
        problems.append(at(rows[0].name, table, "held-already", warning=True, unit=name, count=len(rows)))
    yield from _ended(sheets, known, problems)


def _ended(sheets: Sheets, known: Background, problems: list[SheetProblem]) -> Iterator[Step]:
    """The end of each vesting that a row takes back; what the unit has by law, or never had, is told."""
    matched = known.named.match([row.cells["name"].text for _, row in sheets.gone])
    for (table, row), match in zip(sheets.gone, matched, strict=True):
        cell = row.cells["name"]
        unit = holder(table, row, known.departments, known.towns)
        given = row.cells["code"].text if "code" in row.cells else None
        power = given if given in known.named.by_code else match.code
        if power is not None and unit is not None and (power, unit) in known.vested:
            decision = {"type": "PowerDivested", "at": known.day, "power": power, "unit": unit}
            yield Step(decision, "divested", Wanted(row, table, {"name": cell.text, "matter": power}))
            continue
        text = row.verdict.cell.text if row.verdict else table.title
        problems.append(at(cell, table, "own-power-ended", warning=True, name=cell.text, text=text))


def _whose(wanted: Wanted, reported: set[int]) -> Iterator[SheetProblem]:
    """That nothing tells whose powers these are: at the cell that names somebody, else once for the table."""
    named = wanted.row.cells.get("department")
    if named is not None:
        yield at(named, wanted.table, "whose-powers", title=named.text)
    elif id(wanted.table) not in reported:
        reported.add(id(wanted.table))
        yield of(wanted.table.sheet, "whose-powers", title=wanted.table.title)


def _by_law(matter: Entry, unit: str, departments: Departments) -> bool:
    about = departments.by_code.get(unit)
    if about is None:
        return False
    function = about.function or ("government" if about.kind == "government" else None)
    return any(
        (holds.get("level"), holds.get("function")) == (about.level, function)
        for holds in matter.get("lawful_holders", ())
    )
