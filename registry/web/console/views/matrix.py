"""Matrix: the duties of a unit and of those right below it, side by side, so that what one lacks is seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain import labels
from registry.domain.text import Text
from registry.web.console.asking import Data
from registry.web.console.cells import unit_cell
from registry.web.console.tables import Cell, Column, Row, Table, with_totals
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.views.balance import powerless_by_level
from registry.web.console.views.missing_powers import BY, missing_powers
from registry.web.pages import address
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

NO_CATEGORY: Final = Text("未分类", "no category")
# What a unit is to a duty: how it is shown, the word in files, and by what it is sorted.
CELLS: Final[dict[str, tuple[str, Text]]] = {
    "NONE": ("", Text("", "")),
    "ASSISTS": ("○", Text("配合", "assists")),
    "LEADS": ("●", Text("牵头", "leads")),
    "POWERLESS": ("✗", Text("牵头无权", "leads without power")),
}
SHOWN: Final = {
    "all": Text("全部职责", "all duties"),
    "powerless": Text("只看有单位牵头无权的", "only those led without power"),
    "uneven": Text("只看各单位不一致的", "only those that differ between units"),
}
GROUPS: Final = {
    "lower": Text("下一级", "those one level below"),
    "offices": Text("本级和部门", "this unit and its departments"),
    "all": Text("全部", "all"),
}
HELD: Final = {
    "led": Text("牵头的", "led"),
    "powerless": Text("牵头无权的", "led without power"),
}
HELD_CELLS: Final = {"led": ("LEADS", "POWERLESS"), "powerless": ("POWERLESS",)}
HOLDERS: Final = (
    Column("matter", Text("职责", "Duty"), chinese=True, width=40),
    Column("category", Text("类别", "Category"), chinese=True, width=14),
    Column("unit", Text("单位", "Unit"), chinese=True, width=26),
    Column("role", Text("承担情况", "How it is held"), width=16),
)
ALL_CATEGORIES: Final = Text("全部类别", "all categories")
offer("/matrix", "show", Text("职责", "Duties"), SHOWN)
offer("/matrix", "group", Text("单位", "Units"), GROUPS)
offer("/matrix", "category", Text("类别", "Category"))
offer("/matrix", "by", Text("所缺权力", "Missing powers"), BY)
offer("/matrix", "held", Text("逐个单位列出", "One by one"), HELD)
LOW: Final = ("TOWNSHIP", "VILLAGE")
# What a link to the rows of a number leaves behind.
NARROWER: Final = dict.fromkeys(("q", "page", "sort", "format", "table", "matter", "unit", "held"))


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/matrix/{code:path}", methods=["GET", "HEAD"])
    async def matrix(request: Request, code: str) -> Response:
        return await _matrix(await View.of(request, resources), code)

    return routes


@dataclass(frozen=True, slots=True)
class Duty:
    """A duty, and what each unit shown is to it."""

    code: str
    name: str
    category: str
    cells: list[str]

    @property
    def powerless(self) -> int:
        """How many units lead it without power."""
        return self.cells.count("POWERLESS")

    @property
    def led(self) -> int:
        """How many units lead it, with power or without."""
        return self.cells.count("LEADS") + self.powerless

    def fits(self, shown: str) -> bool:
        """Whether it is among those to be shown, by the words of SHOWN."""
        return shown == "all" or (bool(self.powerless) if shown == "powerless" else len(set(self.cells)) > 1)


async def _matrix(view: View, code: str) -> Response:
    """`?category=`; `?show=` of SHOWN; `?group=` of GROUPS, which units.

    `?bureau=`: whose missing powers are listed, `?by=` of BY.

    `?held=` of HELD, and `?matter=`, `?unit=`: which of what the matrix counts is listed one by one.
    """
    unit = await view.unit(code)
    show, group, held = view.choice("show", "all"), view.choice("group"), view.choice("held")
    units, nodes = await _answer(view, unit["code"])
    lower = [one["kind"] in ("government", "village") and one["code"] != unit["code"] for one in units]
    group = group or ("lower" if any(lower) else "all")
    columns = [index for index, low in enumerate(lower) if group == "all" or low == (group == "lower")]
    chosen = [units[index] for index in columns]
    every = [
        Duty(
            node["matter"]["code"],
            node["matter"]["name"],
            node["matter"]["category"] or view.localized(*NO_CATEGORY),
            [node["cells"][index] for index in columns],
        )
        for node in nodes
    ]
    every = [duty for duty in every if set(duty.cells) - {"NONE"}]
    categories, category = sorted({duty.category for duty in every}), view.parameter("category")
    if category and category not in categories:
        zh, en = f"没有“{category}”这一类职责。", f"There are no duties of the category {category}."
        offered = {"": ALL_CATEGORIES, **{name: Text(name, name) for name in categories}}
        address.refuse("bad-value", zh, en, field="category", words=offered)
    whole = await view.ask("matrix_powerless", within=unit["code"])
    duties = [duty for duty in every if duty.fits(show) and category in ("", duty.category)]
    duties.sort(key=lambda duty: (-duty.powerless, duty.category, duty.code))
    tables = [_by_duty(view, chosen, duties), _by_category(view, chosen, every)]
    if held:
        tables.append(_holders(view, chosen, duties, held))
    missing = await missing_powers(view, unit) if show == "powerless" else None
    if missing is not None:
        tables += [missing.table, *([missing.each] if missing.each else [])]
    return view.download(*tables) or view.page(
        "matrix.html",
        unit=unit,
        tables=tables,
        tabs=tabs(view, unit, "/matrix/{}"),
        categories=categories,
        category=category,
        show=show,
        shows=SHOWN,
        group=group,
        groups={**GROUPS, "lower": _lower([one for one, low in zip(units, lower, strict=True) if low])},
        whole=whole,
        powerless_levels=powerless_by_level(view, unit["code"], whole["balance"]["levels"], str(view.moment.valid_at)),
        kinds=CELLS,
        powerless=sum(duty.powerless for duty in duties),
        powerless_href=_held_href(view, "powerless", category=category or None),
        held=held,
        closed=view.here(held=None, matter=None, unit=None),
        duties=len(duties),
        duties_href=view.here(page=None, q=None) + "#table-duties",
        many=len(chosen),
        missing=missing,
    )


def _lower(units: Sequence[Data]) -> Text:
    """What the units one level below are called: by their levels, where there are any."""
    levels = [labels.LEVEL[name] for name in labels.LEVEL if name.upper() in {one["level"] for one in units}]
    if not levels:
        return GROUPS["lower"]
    zh, en = "、".join(level.zh for level in levels), ", ".join(level.en for level in levels)
    return Text(f"下一级（{zh}，{len(units)} 个单位）", f"one level below ({en}: {len(units)} units)")


async def _answer(view: View, within: str) -> tuple[list[Data], list[Data]]:
    """The units of the matrix, and its rows."""
    first = await view.ask("matrix", within=within, first=1)
    rows = await view.ask_all("matrix", "dutyMatrix.rows", within=within)
    return first["dutyMatrix"]["units"], rows


def _by_duty(view: View, units: Sequence[Data], duties: Sequence[Duty]) -> Table:
    columns = [
        Column("matter", Text("职责", "Duty"), chinese=True, width=40),
        Column("category", Text("类别", "Category"), chinese=True, width=14, hidden=bool(view.parameter("category"))),
        Column("led", Text("牵头数", "Led by"), "number", width=8),
        Column("powerless", Text("无权数", "Without power"), "number", width=8),
        *(_column(one) for one in units),
    ]
    rows: list[Row] = []
    for duty in duties:
        cells = {
            "matter": Cell(duty.name, href=view.href(f"/matters/{duty.code}"), code=duty.code),
            "category": Cell(duty.category),
            "led": _counted(view, duty.led, "led", matter=duty.code),
            "powerless": _counted(
                view, duty.powerless, "powerless", matter=duty.code, mark="bad" if duty.powerless else ""
            ),
        }
        for one, kind in zip(units, duty.cells, strict=True):
            cells[one["code"]] = _cell(view, one, duty, kind)
        rows.append(cells)
    return Table("duties", Text("职责矩阵", "Matrix of duties"), columns, rows)


def _cell(view: View, unit: Data, duty: Duty, kind: str) -> Cell:
    """A cell leads to the unit's holding; where power lacks and a rule says so, to the finding."""
    if kind == "NONE":
        return Cell("", mark="none")
    more: dict[str, Any] = {"q": duty.code}
    href = view.href(f"/units/{unit['code']}", **more)
    if kind == "POWERLESS" and unit["level"] in LOW:
        href = view.href("/findings", within=unit["code"], rule="duty-without-power", q=duty.name)
    return Cell(view.localized(*CELLS[kind][1]), CELLS[kind][0], href=href, mark=kind.lower())


def _by_category(view: View, units: Sequence[Data], duties: Sequence[Duty]) -> Table:
    """Folded: of each category how many duties each unit leads, and how many of these without power."""
    columns = [
        Column("category", Text("类别", "Category"), chinese=True, width=18),
        Column("duties", Text("职责数", "Duties"), "number", total=True, width=8),
        Column("powerless", Text("无权合计", "Without power"), "number", total=True, width=8),
        *(_column(one) for one in units),
    ]
    columns = with_totals(
        columns,
        {
            "duties": view.here(category=None, show=None, **NARROWER) + "#table-duties",
            "powerless": _held_href(view, "powerless", category=None, show=None),
        },
    )
    rows: list[Row] = []
    for category in sorted({duty.category for duty in duties}):
        of = [duty for duty in duties if duty.category == category]
        cells = {
            "category": Cell(category, href=view.here(category=category, page=None)),
            "duties": Cell(len(of), href=view.here(category=category, show=None, **NARROWER) + "#table-duties"),
            "powerless": _counted(view, sum(duty.powerless for duty in of), "powerless", category=category, show=None),
        }
        for index, one in enumerate(units):
            led = sum(duty.cells[index] in ("LEADS", "POWERLESS") for duty in of)
            lacking = sum(duty.cells[index] == "POWERLESS" for duty in of)
            href = _held_href(view, "led", category=category, unit=one["code"], show=None) if led else None
            cells[one["code"]] = Cell(
                f"{led}/{lacking}" if lacking else led,
                (f"{led} ✗{lacking}" if lacking else str(led)) if led else "",
                href=href,
                mark="powerless" if lacking else "",
            )
        rows.append(cells)
    return Table("categories", Text("按类别", "By category"), columns, rows, main=False)


def _held_href(view: View, held: str, **which: str | None) -> str:
    """Where what a number of the matrix counts is listed: each unit with each duty."""
    return view.here(**{**NARROWER, "held": held, **which}) + "#table-holders"


def _counted(view: View, number: int, held: str, *, mark: str = "", **which: str | None) -> Cell:
    return Cell(number, href=_held_href(view, held, **which) if number else None, mark=mark)


def _holders(view: View, units: Sequence[Data], duties: Sequence[Duty], held: str) -> Table:
    """One by one what the matrix counts: each of its units with each duty that it leads, or leads without power."""
    matter, only = view.parameter("matter"), view.parameter("unit")
    rows: list[Row] = [
        {
            "matter": Cell(duty.name, href=view.href(f"/matters/{duty.code}"), code=duty.code),
            "category": Cell(duty.category),
            "unit": unit_cell(view, one),
            "role": replace(_cell(view, one, duty, kind), shown=None),
        }
        for duty in duties
        for one, kind in zip(units, duty.cells, strict=True)
        if kind in HELD_CELLS[held] and matter in ("", duty.code) and only in ("", one["code"])
    ]
    title = Text(f"逐个单位：{HELD[held].zh}职责", f"One by one: duties {HELD[held].en}")
    return Table("holders", title, HOLDERS, rows, main=False)


def _column(unit: Data) -> Column:
    return Column(unit["code"], Text(unit["name"], unit["name"]), "number", width=9)
