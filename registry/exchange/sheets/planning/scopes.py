"""Whose list it is: the towns that a title, a sheet's name, a label or a column names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from registry.checker.names.normalise import normalised
from registry.exchange.sheets.grids import Cell
from registry.exchange.sheets.meaning.phrases import statement
from registry.exchange.sheets.meaning.readings import kind_named, line_of
from registry.exchange.sheets.planning import answers
from registry.exchange.sheets.planning.county_records import County
from registry.exchange.sheets.problems import SheetProblem
from registry.exchange.sheets.recognising.cell_texts import EMPTY
from registry.exchange.sheets.recognising.departments import Departments, area_name
from registry.exchange.sheets.recognising.tables import Row, Table
from registry.exchange.sheets.recognising.ticks import NOBODY
from registry.exchange.sheets.sentences import at, of

_ALL_TOWNS: Final = re.compile(
    "(?:全[市县区旗州])?(?:各|所有|全部|全体)(?:乡镇|镇街道|乡镇街道|镇|乡|街道|镇街|村|社区|村社区|[、和（()）])+"
)
_EVERYBODY: Final = re.compile("各|所有|全部|全体|全市|全县|全区")
# Towns that are left out: 除鄢城街道外, 不含鄢城街道, 鄢城街道除外.
_LEFT_OUT: Final = (
    re.compile(r"除了?(?!外)(?P<who>[^，,。；;（）()]{2,60}?)(?:以外|之外|外)(?:的?其[余他])?"),
    re.compile(r"(?:不含|不包括|不包含|不涉及|剔除|扣除)(?P<who>[^，,。；;（）()]{2,60})"),
    re.compile(r"(?P<who>[^，,。；;（）()]{2,60}?)(?:除外|不在此列)"),
)
_REFUSED: Final = re.compile(
    r"(?P<who>[^，,。；;（）()]{2,60}?)(?:不适用|暂?不承接|不参与)"
)  # of a cell, not of a title
# All of them, and nothing else: 各镇（街道）人民政府（办事处）.
_ALL: Final = re.compile(
    r"(?:[\s、，,;；。/和及与或的()（）]|各|所有|全部|全体|全[市县区]|辖区内?|本|[市县区](?:域内?)?|乡镇级?|镇街|街镇|镇|乡|街道|人民政府|办事处|"
    r"政府|均|都|适用|承接|实施|范围|一律|(?:共)?\d+个|综合|行政|执法|机构|大?队|中心|便民|服务|站|所|综治|社会|事务|经济|发展|办公室|办|"
    r"基层|属地|村|社区|居?委会|派出|分局|党委|党工委)*"
)
_ABOUT_TOWNS: Final = re.compile(
    "乡镇|镇街|街道|办事处|[\u4e00-\u9fff]{1,4}[镇乡](?![\u4e00-\u9fff]{0,2}(?:建设|规划|居民|企业))|城区|镇|乡"
)
_TOWNS_AT_END: Final = re.compile("(?:镇|乡|街道|城区|办事处)$")
_ONLY: Final = re.compile("^(?:备注[:：])?[（(]?(?:仅|只|限于|仅限)")
_NOBODY: Final = re.compile("不(?!限|同)|暂|未(?!来)|^无|待(?!遇|业|办|建)|另行|空缺|缺项")
# What stands beside the names of towns where a cell says for whom an item is.
_BESIDE: Final = re.compile(r"[\s、，,;；。/和及与等除了以之外适用于仅限只镇乡街道办事处各其他余全市县区()（）]|\d个")
_IN_BRACKETS: Final = re.compile("[（(]([^（()）]{2,40})[）)]")
_OWN: Final = re.compile("(?:乡|镇|街道|城区)[）)]?(?:特有|专有|独有|专属|单独)")  # 街道特有事项
_DO: Final = re.compile("(?:承担|负责|实施|办理|开展|适用|承接|执行)+$")
# Towns of which a title says what they are, and not which: 试点乡镇赋权事项清单.
_FILLED_IN: Final = re.compile(r"填[报表]单位[^:：]{0,6}[:：]\s*(\S+)")
_SOME: Final = re.compile("(?:试点|部分|重点|中心|示范|个别|先行)(?:乡镇|镇街|镇(?:[（(]街道[）)])?|街道)")
_SHOWN: Final = 8  # rows named one by one
_LABEL: Final = re.compile(
    r"(?:适用范围|适用单位|实施范围|(?:试点|赋权|承接|适用)(?:乡镇|镇街|镇(?:[（(]街道[）)])?|单位|范围|地区)|(?<![\u4e00-\u9fff])(?:(?:填报|填表|编制|制表|报送)?单位|(?:所属)?(?:乡镇|镇街|镇))(?:名称)?"
    r"(?:[（(](?:盖章|公章|签章)[）)])?)[:：]\s*([^　\s]+)"
)
# Names that end as towns' do, and are none: 各乡镇, 上级部门与街道.
_TOWN: Final = re.compile("([\u4e00-\u9fff]{1,5}?(?:街道办事处|办事处|街道|镇|乡))(?![镇乡街（(])")
_NO_TOWN: Final = re.compile(
    "[与和及或各全本该上下级部门赋予对于由向为村农的所位等个除仅只限]|^(?:乡|镇|街道|集镇)|乡镇|镇街|城镇|城乡|其[他余]|人民|政府"
)
# Where a title says whose it is: at its beginning, after 附件1： or 《, or after those above it.
_BEFORE_PLACES: Final = re.compile("(?:附件?\\d*[:：.、]?|《|关于(?:公布|印发|调整|发布|公开|下放|赋予)*|\\d{4}年度?)*")
_PLACE_NAME: Final = re.compile(
    "[\u4e00-\u9fff]{2,3}省|[\u4e00-\u9fff]{2,8}?自治[区州县旗]|[\u4e00-\u9fff]{1,4}?(?:地区|盟)|[\u4e00-\u9fff]{2,4}?市|"
    "[\u4e00-\u9fff]{1,3}?[县旗]|[\u4e00-\u9fff]{1,3}?(?<![社小城辖园景库山牧灾地新片郊])区"
)
_NO_PLACE_NAME: Final = re.compile(
    "^[全我本各该省市县乡镇村街社农]|(?:保护|开发|示范|度假|高新|试验|经济|功能|服务|工业|产业|风景|旅游)区|"
    "[乡镇街村及与和或对由在向给应须可不]|(?:文明|卫生|智慧|园林|中心|海绵|美丽|示范)城?市|^(?:城|超|上|门|夜|早|集|菜|股)市"
)
_AFTER_PLACE_NAME: Final = re.compile("[级直场委政域内民协容]")
_ISSUED_BY: Final = re.compile(r"(?:填报|编制|制表|发布|公布|印发|报送)(?:单位|机关)[:：]\s*(\S+)")
_BODY: Final = re.compile("[（(](街道|街|社区|居|镇|乡|市、区|县、区|办事处|村)[)）]")
_OF_ITSELF: Final = re.compile("(?:党委|党工委|委员会)?(?:[、和]?(?:人民政府|政府|办事处))?$")
_ENDINGS: Final = ("人民政府", "办事处", "政府")


@dataclass(frozen=True, slots=True)
class Towns:
    """The towns of a county by all the names under which they go, the longest first, each normalised.

    `above`: the names of the county's prefecture, of its province, and those under which the county went before.
    """

    county: str
    names: tuple[tuple[str, str], ...]
    above: frozenset[str] = frozenset()

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

    def of_answer(self, text: str) -> frozenset[str] | None:
        """The codes of the towns that an answer names, by name or code; None where it names others too, or none."""
        if answers.is_all(text):
            return self.all
        codes = frozenset(code for code in re.split(r"[\s、，,;；]+", text) if code in self.all)
        rest = re.sub(r"[\s、，,;；]", "", text)
        for code in codes:
            rest = rest.replace(code, "")
        if rest and not self.only(rest):
            return None
        return codes | self.named(rest) or None

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


def towns_of(county: County, departments: Departments, above: Iterable[str] = ()) -> Towns:
    """The towns below a county, as they stand on the day on which its units were asked for; `above`: of what it is."""
    names: dict[str, str] = {}
    whole = normalised(county.name).removesuffix("人民政府")
    for unit in departments.units:
        if unit.level != "township" or unit.kind != "government":
            continue
        for written in (unit.name, *unit.aliases, *unit.former):
            for name in _ways(normalised(written), whole):
                names.setdefault(name, unit.code)
    over = frozenset(normalised(name).removesuffix("人民政府") for name in above)
    return Towns(whole, tuple(sorted(names.items(), key=lambda pair: (-len(pair[0]), pair[0]))), over)


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


def of_table(
    table: Table, towns: Towns, answered: Mapping[str, str], problems: list[SheetProblem]
) -> frozenset[str] | None:
    """The towns for which a table is, by its title, its sheet or a label; None: it names none, so for all.

    A town that is none of the county's, or a title and a sheet that name different ones, is a problem.
    """
    stated: list[tuple[Cell, frozenset[str]]] = []
    for cell in _texts(table):
        codes = _without(cell, table, towns, answered, problems)
        codes = towns.named(statement(cell.text).rest) if codes is None else codes
        stated += [(cell, codes)] if codes else []
    if not stated and not any(towns.county in cell.text for cell in _texts(table)):
        # 板桥店镇履行职责事项清单, and below it: 表一：…, 表二：…
        first_lines = [cell for cell in table.over if line_of(cell).source == "title"]
        stated += [(cell, codes) for cell in first_lines if (codes := towns.named(statement(cell.text).rest))]
    sheet = towns.named(table.sheet)
    if sheet:
        stated.append((Cell(table.sheet, table.sheet), sheet))
    if not stated:
        for cell in _texts(table):
            if (match := _SOME.search(cell.text)) and not _labelled(cell.text):
                meant = meaning(match[0], towns, answered)
                if meant != "unclear":
                    return meant
                _ask(replace(cell, text=match[0]), table, problems)
                return None
        titles = [cell.text for cell in _texts(table) if kind_named(cell.text)]
        unknown = next(filter(None, map(towns.unknown, [*titles, table.sheet])), None)
        if unknown is not None:
            problems.append(of(table.sheet, "unknown-town", name=unknown))
        return None
    first, codes = stated[0]
    for cell in table.notes:  # a list of one town is not filled in by another
        filled = _FILLED_IN.search(cell.text)
        if filled is not None and len(codes) == 1 and len(by := towns.named(filled[1])) == 1:
            stated.append((cell, by))
    for cell, others in stated[1:]:
        if others != codes:
            problems.append(of(table.sheet, "towns-differ", first=first.text, second=cell.text))
            break
    return codes


def _without(
    cell: Cell, table: Table, towns: Towns, answered: Mapping[str, str], problems: list[SheetProblem]
) -> frozenset[str] | None:
    """All towns but those that a title leaves out, 各镇（不含鄢城街道）; None where it leaves none out."""
    for match in filter(None, (way.search(cell.text) for way in _LEFT_OUT)):
        if towns.only(match["who"]) or (_TOWNS_AT_END.search(match["who"]) and not _ALL.fullmatch(match["who"])):
            meant = meaning(match[0], towns, answered)
            if meant != "unclear":
                return meant
            _ask(replace(cell, text=match[0]), table, problems)
            return frozenset()
    return None


def other_county(table: Table, towns: Towns, known: Collection[str]) -> Iterator[SheetProblem]:
    """A title or label that names another county: 南漳县镇（街道）基本履职事项清单.

    `known`: the names of the other counties that the registry has; a name that it does not have is told by its form.
    """
    for cell in [*_texts(table), *_labels(table)]:
        name = _other_place(cell.text, towns, known)
        if name is not None:
            yield at(cell, table, "other-county", name=name, county=towns.county)
            return


def places_of(tables: Iterable[Table], towns: Towns) -> list[str]:
    """The texts in which other counties may be named: titles and labels that do not name this one."""
    texts = {cell.text for table in tables for cell in (*_texts(table), *_labels(table))}
    return sorted(text for text in texts if towns.county not in text)


def _labels(table: Table) -> list[Cell]:
    return [Cell(match[1], cell.location) for cell in table.above if (match := _ISSUED_BY.search(cell.text))]


def _other_place(text: str, towns: Towns, known: Collection[str]) -> str | None:
    """The place that a text names and that is neither the county nor above it; None where there is none."""
    plain = re.sub(r"[\s　]", "", statement(text).rest)
    own = {towns.county, *towns.above}
    if towns.county in plain:
        return None
    places = (name for name in known if name in plain and not _NO_PLACE_NAME.search(name))
    named = next((name for name in places if not any(name in one for one in own)), None)
    if named is not None:
        return named
    start = _BEFORE_PLACES.match(plain)
    at_ = start.end() if start else 0
    last: str | None = None
    while match := _PLACE_NAME.match(plain, at_):
        if _NO_PLACE_NAME.search(match[0]) or _AFTER_PLACE_NAME.match(plain, match.end()):
            break
        last, at_ = match[0], match.end()
        if last not in own:
            break
    area = area_name(towns.county)
    short = area and plain.startswith(area, start.end() if start else 0)
    return None if last is None or last in own or short else last


def _texts(table: Table) -> list[Cell]:
    """The titles over a table, the nearest first, and what labels say of its scope."""
    labels = [Cell(match[1], cell.location) for cell in table.above if (match := _LABEL.search(cell.text))]
    titles = [cell for cell in reversed(table.above) if line_of(cell).source == "title" and not _labelled(cell.text)]
    return [*titles, *labels]


def _labelled(text: str) -> bool:
    return re.match(r"(?!附件|(?:附?表|清单|第)[一二三四五六七八九十\d]|附表)[（(]?\w{2,8}[:：]", text) is not None


def of_row(
    row: Row, table: Table, towns: Towns, answered: Mapping[str, str], problems: list[SheetProblem], blank: str | None
) -> frozenset[str] | None:
    """The towns that a row names as those it is for; None where it names none, so for all of its table's.

    `answered`: which towns texts that do not say so themselves were answered to mean; `blank`: under which text it was
    asked which towns a row means that names none, where other rows do.
    """
    cell = _named_by(row, towns)
    if cell is None:
        return None if blank is None else towns.of_answer(answered.get(answers.key(blank), ""))
    if cell.text == NOBODY:
        problems.append(at(row.cells["name"], table, "no-town-ticked", name=row.cells["name"].text))
        return None
    meant = meaning(cell.text, towns, answered)
    if meant == "unclear":
        unknown = towns.unknown(cell.text)
        _ask(cell, table, problems, unknown)
        return None
    return meant


def left_blank(
    rows: Sequence[Row], table: Table, towns: Towns, answered: Mapping[str, str], problems: list[SheetProblem]
) -> str | None:
    """What rows are called, once they are asked about, whose recipient is blank while others have theirs; else None.

    Blank cells may mean all, none, or the cell above them.
    """
    heading = table.columns.get("recipient")
    if heading is None or not any("recipient" in row.cells for row in rows):
        return None
    items = {row.cells["name"].location for row in rows if "recipient" in row.cells and "name" in row.cells}
    blank = [row for row in rows if _named_by(row, towns) is None and "name" in row.cells]
    blank = [row for row in blank if row.cells["name"].location not in items]  # further rows of an item
    if not blank:
        return None
    text = answers.key(f"{heading.text}空白")
    if text not in answered or towns.of_answer(answered[text]) is None:
        numbers = "、".join(str(row.number) for row in blank[:_SHOWN]) + ("……" if len(blank) > _SHOWN else "")
        values: dict[str, Any] = {"heading": heading.text, "rows": numbers, "count": len(blank), "text": text}
        problems.append(at(blank[0].cells["name"], table, "towns-blank", asks=("town", text), **values))
    return text


def _named_by(row: Row, towns: Towns) -> Cell | None:
    """The cell in which a row says which towns it is for; None where it says nothing of that."""
    cell = row.cells.get("recipient") or next(
        (row.cells[name] for name in ("object", "content") if name in row.cells and towns.only(row.cells[name].text)),
        None,
    )
    return cell or _of_remark(row, towns)


def meaning(text: str, towns: Towns, answered: Mapping[str, str]) -> frozenset[str] | Literal["unclear"] | None:
    """The towns that a text is of: those it names, or all but those that it leaves out; None: all, or no towns at all.

    `unclear` where it speaks of some towns and does not say which: 除城区外各镇, 部分镇.
    """
    answer = answered.get(answers.key(text))
    if answer is not None:
        codes = towns.of_answer(answer)
        return "unclear" if codes is None else None if codes == towns.all else codes
    rest, left_out = text, frozenset[str]()
    for way in (*_LEFT_OUT, _REFUSED):
        while (match := way.search(rest)) is not None:
            if not towns.only(match["who"]):
                if _ABOUT_TOWNS.search(match["who"]):
                    return "unclear"
                break
            left_out |= towns.named(match["who"])
            rest = rest[: match.start()] + "，" + rest[match.end() :]
    codes = towns.named(rest)
    if not codes and (_NOBODY.search(rest) or rest in EMPTY):
        return "unclear"  # 均不承接, 暂无, /
    if towns.unknown(rest) is not None:
        return "unclear"
    if codes and not _EVERYBODY.search(towns.left(rest)):
        return codes - left_out if _are_these(rest, len(codes)) else "unclear"
    if left_out:
        return towns.all - left_out
    if codes or _ALL.fullmatch(rest):
        return None
    return "unclear" if _ABOUT_TOWNS.search(rest) else None


def _are_these(text: str, count: int) -> bool:
    """Whether a text means the towns that it names, and no others: 孔湾镇等5个镇 means four more."""
    etc = re.search(r"等(?:(\d+)个)?", text)
    return etc is None or (etc[1] is not None and int(etc[1]) == count)


def _of_remark(row: Row, towns: Towns) -> Cell | None:
    """The remark, where it says for which towns alone the item is: 仅限孔湾镇, 鄢城街道除外."""
    remark, name = row.cells.get("remark"), row.cells["name"]
    parts = [remark] if remark is not None else []
    parts += [
        row.cells[field]
        for field in ("subcategory", "category")
        if field in row.cells and _OWN.search(row.cells[field].text)
    ]
    parts += [Cell(part, name.location) for part in _IN_BRACKETS.findall(name.text)]
    return next((part for part in parts if len(part.text) <= 60 and _limits(part.text, towns)), None)


def _limits(text: str, towns: Towns) -> bool:
    """Whether a text says of which towns alone it speaks: 仅限孔湾镇, 除街道外, 孔湾镇、流水镇承担."""
    if towns.only(_DO.sub("", text)) or _OWN.search(text):
        return True
    for way in _LEFT_OUT:
        if (match := way.search(text)) and (towns.named(match["who"]) or _TOWNS_AT_END.search(match["who"])):
            return True
    return _ONLY.search(text) is not None and bool(towns.named(text) or _TOWNS_AT_END.search(_DO.sub("", text)))


def is_own(text: str) -> bool:
    """Whether a section is of towns or of streets alone: 街道特有事项."""
    return _OWN.search(text) is not None


def without_bodies(text: str) -> str:
    """The text with 镇（街道） as 镇街道: brackets that say nothing of their own."""
    return _BODY.sub(r"\1", text)


def is_everybody(text: str) -> bool:
    """Whether a text says that something is for all towns, and nothing else: 全市各镇（街道）."""
    return _ALL_TOWNS.fullmatch(without_bodies(text)) is not None


def is_townships(text: str, towns: Towns, own: Collection[str]) -> bool:
    """Whether a text names the towns whose list it is, or towns in general, and nobody else: 孔湾镇, 各镇（街道）."""
    text = _OF_ITSELF.sub("", text)
    if towns.only(text):
        return towns.named(text) <= set(own)
    return _ALL.fullmatch(text) is not None and _ABOUT_TOWNS.search(text) is not None


def is_of_towns(text: str, towns: Towns) -> bool:
    """Whether a text is read as saying for which towns alone something is: 仅限孔湾镇, 除街道外."""
    return len(text) <= 60 and _limits(text, towns)


def _ask(cell: Cell, table: Table, problems: list[SheetProblem], unknown: str | None = None) -> None:
    """Ask once which towns a text means; all cells that say the same are settled by one answer."""
    asks = "town", answers.key(cell.text)
    if any(problem.asks == asks for problem in problems):
        return
    if unknown is not None:
        problems.append(at(cell, table, "unknown-town", asks=asks, name=unknown))
    else:
        problems.append(at(cell, table, "towns-unclear", asks=asks, text=cell.text))


def noted(tables: Iterable[Table], towns: Towns) -> Iterator[SheetProblem]:
    """Recipients that are no towns, 综合执法中心, cannot be told of an item; once for a table."""
    for table in tables:
        cells = (row.cells["recipient"] for row in table.rows if "recipient" in row.cells)
        cell = next((cell for cell in cells if not _EVERYBODY.search(cell.text) and not towns.named(cell.text)), None)
        if cell is not None:
            yield at(cell, table, "recipients-noted", warning=True)
