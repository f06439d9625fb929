"""Whose list it is: the towns that a title, a sheet's name, a label or a column names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from registry.checker.names.normalise import normalised
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning.phrases import statement
from registry.exchange.sheets.meaning.readings import kind_named, line_of
from registry.exchange.sheets.planning.county_records import County
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.departments import Departments, area_name
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.recognising.ticks import NOBODY
from registry.exchange.sheets.sentences import at, of

_EVERYBODY: Final = re.compile("各|所有|全部|全体|全市|全县|全区")
_EXCEPT: Final = re.compile("除了?(.+?)(?:以外|之外|外)")
# What stands beside the names of towns where a cell says for whom an item is.
_BESIDE: Final = re.compile(r"[\s、，,;；。/和及与等除了以之外适用于仅限只镇乡街道办事处各其他余全市县区()（）]|\d个")
_LABEL: Final = re.compile(r"(?:适用范围|适用单位|实施范围|单位名称|乡镇名称|镇街名称)[:：]\s*([^　\s]+)")
# Names that end as towns' do, and are none: 各乡镇, 上级部门与街道.
_TOWN: Final = re.compile("([\u4e00-\u9fff]{1,5}?(?:街道办事处|办事处|街道|镇|乡))(?![镇乡街（(])")
_NO_TOWN: Final = re.compile(
    "[与和及或各全本该上下级部门赋予对于由向为村农的所位等]|^(?:乡|镇|街道|集镇)|乡镇|镇街|城镇|城乡"
)
_COUNTY: Final = re.compile(
    "(?:附件\\d*[:：]?|《|关于\\w{0,4}|\\d{4}年度?)*([\u4e00-\u9fff]{2,8}?自治[县旗]|[\u4e00-\u9fff]{1,3}[县旗]|[\u4e00-\u9fff]{2,3}[市区])(?![级直场委政域内民协容])"
)
_NO_COUNTY: Final = re.compile(
    "^[全我本各该省市县乡镇村街社农]|[社小城辖园景库山牧灾地新片郊]区|(?:保护|开发|示范|度假|高新|试验|经济|功能|服务)区|"
    "[省乡镇街村市及与和或对由在向给应须可不]|(?:文明|卫生|智慧|园林|中心|海绵|美丽|示范)城市"
)
_ENDINGS: Final = ("人民政府", "办事处", "政府")


@dataclass(frozen=True, slots=True)
class Towns:
    """The towns of a county by all the names under which they go, the longest first, each normalised."""

    county: str
    names: tuple[tuple[str, str], ...]

    @property
    def all(self) -> frozenset[str]:
        """The codes of all of them."""
        return frozenset(code for _, code in self.names)

    def named(self, text: str) -> frozenset[str]:
        """The codes of the towns that a text names."""
        return self._taken(text)[0]

    def only(self, text: str) -> bool:
        """Whether a text names towns and says nothing else: 孔湾镇、雷河镇, 除鄢城街道外."""
        codes, left = self._taken(text)
        return bool(codes) and not _BESIDE.sub("", left)

    def left(self, text: str) -> str:
        """The text without the names of towns."""
        return self._taken(text)[1]

    def unknown(self, text: str) -> str | None:
        """What is called a town and is none of the county's; None where nothing is."""
        left = self.left(text).removeprefix(self.county)
        for match in _TOWN.finditer(left):
            name = re.split("[县市区旗]", match[1])[-1]
            if len(name) > 1 and not _NO_TOWN.search(name):
                return name
        return None

    def _taken(self, text: str) -> tuple[frozenset[str], str]:
        left, codes = normalised(text), set[str]()
        for name, code in self.names:
            if name in left:
                left = left.replace(name, " ")
                codes.add(code)
        return frozenset(codes), left


def towns_of(county: County, departments: Departments) -> Towns:
    """The towns below a county, as they stand on the day on which its units were asked for."""
    names: dict[str, str] = {}
    whole = normalised(county.name).removesuffix("人民政府")
    for unit in departments.units:
        if unit.level != "township" or unit.kind != "government":
            continue
        for written in (unit.name, *unit.aliases, *unit.former):
            for name in _ways(normalised(written), whole):
                names.setdefault(name, unit.code)
    return Towns(whole, tuple(sorted(names.items(), key=lambda pair: (-len(pair[0]), pair[0]))))


def _ways(name: str, county: str) -> Iterator[str]:
    """How a town is written: with its county and what it is, or without."""
    for whole in {name, name.removeprefix(county), name.removeprefix(area_name(county))}:
        for ending in ("", *_ENDINGS):
            short = whole.removesuffix(ending)
            if len(short) > 1:
                yield short
                if short.endswith("街道"):
                    yield f"{short}办事处"
                    yield f"{short.removesuffix('街道')}办事处"


def of_table(table: Table, towns: Towns, problems: list[SheetProblem]) -> frozenset[str] | None:
    """The towns for which a table is, by its title, its sheet or a label; None: it names none, so for all.

    A town that is none of the county's, or a title and a sheet that name different ones, is a problem.
    """
    stated = [(cell, codes) for cell in _texts(table) if (codes := towns.named(statement(cell.text).rest))]
    sheet = towns.named(table.sheet)
    if sheet:
        stated.append((Cell(table.sheet, table.sheet), sheet))
    if not stated:
        titles = [cell.text for cell in _texts(table) if kind_named(cell.text)]
        unknown = next(filter(None, map(towns.unknown, [*titles, table.sheet])), None)
        if unknown is not None:
            problems.append(of(table.sheet, "unknown-town", name=unknown))
        return None
    first, codes = stated[0]
    for cell, others in stated[1:]:
        if others != codes:
            problems.append(of(table.sheet, "towns-differ", first=first.text, second=cell.text))
            break
    return codes


def other_county(table: Table, towns: Towns) -> Iterator[SheetProblem]:
    """A title that begins with another county's name: 南漳县镇（街道）基本履职事项清单."""
    for cell in _texts(table):
        title = normalised(cell.text)
        match = _COUNTY.match(title) if kind_named(cell.text) and area_name(towns.county) not in title else None
        if match and not _NO_COUNTY.search(match[1]):
            yield at(cell, table, "other-county", name=match[1], county=towns.county)
            return


def _texts(table: Table) -> list[Cell]:
    """The titles over a table, the nearest first, and what labels say of its scope."""
    labels = [Cell(match[1], cell.location) for cell in table.above if (match := _LABEL.search(cell.text))]
    titles = [cell for cell in reversed(table.above) if line_of(cell).source == "title" and not _labelled(cell.text)]
    return [*titles, *labels]


def _labelled(text: str) -> bool:
    return re.match(r"[（(]?\w{2,8}[:：]", text) is not None


def of_row(row: Row, table: Table, towns: Towns, problems: list[SheetProblem]) -> frozenset[str] | None:
    """The towns that a row names as those it is for; None where it names none, so for all of its table's."""
    cell = row.cells.get("recipient") or next(
        (row.cells[name] for name in ("object", "content") if name in row.cells and towns.only(row.cells[name].text)),
        None,
    )
    if cell is None:
        return None
    if cell.text == NOBODY:
        problems.append(at(row.cells["name"], table, "no-town-ticked", name=row.cells["name"].text))
        return None
    excepted = _EXCEPT.search(cell.text)
    if excepted is not None and (codes := towns.named(excepted[1])):
        return towns.all - codes
    codes = towns.named(cell.text)
    unknown = towns.unknown(cell.text)
    if unknown is not None:
        problems.append(at(cell, table, "unknown-town", name=unknown))
    elif codes and not _EVERYBODY.search(towns.left(cell.text)):
        return codes
    return None


def noted(tables: Iterable[Table], towns: Towns) -> Iterator[SheetProblem]:
    """Recipients that are no towns, 综合执法中心, cannot be told of an item; once for a table."""
    for table in tables:
        cells = (row.cells["recipient"] for row in table.rows if "recipient" in row.cells)
        cell = next((cell for cell in cells if not _EVERYBODY.search(cell.text) and not towns.named(cell.text)), None)
        if cell is not None:
            yield at(cell, table, "recipients-noted", warning=True)
