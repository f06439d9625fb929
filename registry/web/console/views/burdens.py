"""Burdens of a territory's year one by one: on whom, from whom, by which document, and whether any plan has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain import labels
from registry.domain.text import Text
from registry.domain.words import BURDEN_KINDS
from registry.web.console import cells
from registry.web.console.asking import Data
from registry.web.console.tables import Cell, Column, Row, Table, rows_of, with_totals
from registry.web.console.territory_links import tabs
from registry.web.console.view import View
from registry.web.console.within import territory_of
from registry.web.pages.failure import offer
from registry.web.resources import ServerResources

PLANS: Final = {"yes": Text("计划内", "planned"), "no": Text("计划外", "beyond the plan")}
BEYOND: Final = Text("超出限额", "over the quota")
ADMITTED: Final = Text("经准入", "admitted")
COLUMNS: Final = (
    Column("at", Text("布置日", "Day"), "day", width=12),
    Column("kind", Text("种类", "Kind"), width=14),
    Column("matter", Text("事项", "Matter"), chinese=True, width=36),
    Column("to", Text("承接单位", "On"), chinese=True, width=22),
    Column("from", Text("布置单位", "From"), chinese=True, width=22),
    Column("document", Text("依据文件", "Document"), chinese=True, width=40),
    Column("plan", Text("计划", "Plan"), width=12),
    Column("lists", Text("符合的清单事项", "Items it matches"), width=24),
    Column("beyond", Text("限额", "Quota"), width=10),
    Column("due", Text("期限", "Due"), "day", hidden=True, width=12),
    Column("ref", Text("编号", "Id"), hidden=True, width=16),
)


START: Final = dict.fromkeys(("q", "page", "format", "table"))  # what a narrower table begins without
# Of one who laid burdens on units of the territory: how many, how many of these beyond any plan, on how many units.
SENDERS: Final = (
    Column("sender", Text("布置单位", "From"), chinese=True, width=26),
    Column("number", Text("布置项数", "Burdens"), "number", total=True),
    Column("unplanned", Text("其中计划外", "of these beyond the plan"), "number", total=True),
    Column("units", Text("涉及单位", "Units they are on"), "number"),
)
# Of one on whom burdens are: how many, how many of these beyond any plan, of how many senders.
RECIPIENTS: Final = (
    Column("unit", Text("承接单位", "On"), chinese=True, width=26),
    Column("number", Text("承接项数", "Burdens"), "number", total=True),
    Column("unplanned", Text("其中计划外", "of these beyond the plan"), "number", total=True),
    Column("senders", Text("布置单位数", "Units that laid them"), "number"),
)
offer("/burdens", "kind", Text("种类", "Kind"), {name: labels.MATTER_KIND[name] for name in BURDEN_KINDS}, every=True)
offer("/burdens", "planned", Text("计划", "Plan"), PLANS, every=True)
offer("/burdens", "from", Text("布置单位（名称或代码）", "Sender (name or code of a unit)"))
offer("/burdens", "to", Text("承接单位（名称或代码）", "On whom (name or code of a unit)"))
offer("/burdens", "level", Text("承接层级", "On level"), labels.LEVEL, every=True)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/burdens", methods=["GET", "HEAD"])
    async def burdens(request: Request) -> Response:
        return await _burdens(await View.of(request, resources))

    return routes


async def _burdens(view: View) -> Response:
    """`?within=`; `?kind=`: of burdens; `?planned=`: of PLANS; `?level=`, `?to=`: on whom; `?from=`: of whom."""
    kind, planned, level = view.choice("kind"), view.choice("planned"), view.choice("level")
    unit = await territory_of(view)
    wanted: dict[str, Any] = {"kind": kind.upper() or None, "planned": (planned == "yes") if planned else None}
    every = await view.ask_all("burdens", "burdenTotals.imposed", within=unit["code"], **wanted)
    nodes = [one["delegation"] for one in every]
    landed = {one["to"]["level"].lower() for one in nodes} | {level}
    to, sender = await _named(view, "to"), await _named(view, "from")
    chosen = [
        one
        for one in every
        if level in ("", one["delegation"]["to"]["level"].lower())
        and (to is None or to["code"] == one["delegation"]["to"]["code"])
        and (sender is None or sender["code"] == one["delegation"]["from"]["code"])
    ]
    tables = [_table(view, chosen), _senders(view, chosen), _recipients(view, chosen)]
    own = sum(one["to"]["code"] == unit["code"] for one in nodes)
    return view.download(*tables) or view.page(
        "burdens.html",
        unit=unit,
        tables=tables,
        tabs=tabs(view, unit, "/burdens"),
        kinds={name: labels.MATTER_KIND[name] for name in BURDEN_KINDS},
        kind=kind,
        plans=PLANS,
        planned=planned,
        until=view.moment.valid_at,
        levels={name: text for name, text in labels.LEVEL.items() if name in landed},
        level=level,
        to=to,
        sender=sender,
        number=len(chosen),
        own=own,
        below=len(nodes) - own,
    )


async def _named(view: View, parameter: str) -> Data | None:
    """The unit that a parameter names; None where it names none. Raises Refused: unknown-unit."""
    given = view.parameter(parameter)
    return await view.unit(given) if given else None


def _senders(view: View, nodes: list[Data]) -> Table:
    """Who laid how many on the territory, the most first; each leads to its own."""
    rows = _by_unit(view, nodes, ("from", "to"), ("sender", "units"), "table-recipients")
    return Table("senders", Text("按布置单位", "By who laid them"), _totals(view, SENDERS), rows, main=False)


def _recipients(view: View, nodes: list[Data]) -> Table:
    """On whom how many are, the most first; each leads to its own."""
    rows = _by_unit(view, nodes, ("to", "from"), ("unit", "senders"), "table-senders")
    return Table("recipients", Text("按承接单位", "By whom they are on"), _totals(view, RECIPIENTS), rows, main=False)


def _totals(view: View, columns: Sequence[Column]) -> Sequence[Column]:
    """Columns whose totals lead to all burdens that the page lists, or to those beyond the plan."""
    links = {"number": view.here(**START), "unplanned": view.here(planned="no", **START)}
    return with_totals(columns, {name: f"{link}#table-burdens" for name, link in links.items()})


def _by_unit(view: View, nodes: list[Data], ends: tuple[str, str], keys: tuple[str, str], others: str) -> Sequence[Row]:
    """The units at one of a burden's `ends`, how many each has, and how many units are at the other end of these.

    `keys`: of the columns with the unit and with how many others; `others`: the id of the table that has these.
    """
    near, far = ends
    every = [(one["delegation"][near]["code"], one) for one in nodes]
    number, unplanned = Counter(code for code, _ in every), Counter(code for code, one in every if not one["plannedBy"])
    units = {code: one["delegation"][near] for code, one in every}
    on = Counter(code for code, _ in {(code, one["delegation"][far]["code"]) for code, one in every})

    def named(code: str) -> Cell:
        return cells.unit_cell(view, units[code])

    def counted(code: str) -> Cell:
        return Cell(on[code], href=view.here(**{near: code, **START}) + f"#{others}")

    return rows_of(
        sorted(number, key=lambda code: (-number[code], code)),
        **{
            keys[0]: named,
            keys[1]: counted,
        },
        number=lambda code: Cell(number[code], href=view.here(**{near: code, **START})),
        unplanned=lambda code: (
            Cell(unplanned[code], href=view.here(**{near: code, "planned": "no", **START}), mark="bad")
            if unplanned[code]
            else 0
        ),
    )


def _table(view: View, nodes: list[Data]) -> Table:
    rows = rows_of(
        sorted(nodes, key=lambda one: (bool(one["plannedBy"]), one["delegation"]["at"])),
        **{"from": _sender(view)},
        at=lambda one: one["delegation"]["at"],
        kind=lambda one: Cell(
            one["delegation"]["kind"], view.localized(*labels.MATTER_KIND[one["delegation"]["kind"].lower()])
        ),
        matter=lambda one: cells.matter_cell(view, one["delegation"]["matter"]),
        to=lambda one: cells.unit_cell(view, one["delegation"]["to"]),
        document=lambda one: cells.document_cell(view, one["delegation"]["instrument"]),
        plan=lambda one: _plan(view, one),
        lists=lambda one: _items(view, one["plannedBy"]),
        beyond=lambda one: Cell("BEYOND", view.localized(*BEYOND), mark="bad") if one["beyond"] else None,
        due=lambda one: cells.day_cell(view, one["delegation"]["dueOn"]),
        ref=lambda one: Cell(
            one["delegation"]["ref"], href=view.href(f"/decisions/{one['delegation']['position']}"), mark="code"
        ),
    )
    return Table("burdens", Text("负担事项", "Burdens"), COLUMNS, rows)


def _sender(view: View) -> Callable[[Data], Cell]:
    return lambda one: cells.unit_cell(view, one["delegation"]["from"])


def _plan(view: View, one: Data) -> Cell:
    """Whether any plan has it; what has none may have been admitted."""
    if one["plannedBy"]:
        return Cell("PLANNED", view.localized(*PLANS["yes"]))
    admitted = f"{view.localized('，', ', ')}{view.localized(*ADMITTED)}" if one["admitted"] else ""
    return Cell("UNPLANNED", view.localized(*PLANS["no"]) + admitted, mark="" if one["admitted"] else "bad")


def _items(view: View, items: list[str]) -> Cell | None:
    """The items (LIST#ITEM) of the plan that it matches; leads to the list of the first."""
    if not items:
        return None
    return Cell(view.series(items), href=view.href(f"/lists/{items[0].partition('#')[0]}"), mark="code")
