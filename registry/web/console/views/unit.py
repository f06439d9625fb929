"""A unit: all its duties and burdens in one table; in tabs its powers, lists, what it sent down, and more."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain import labels
from registry.domain.text import Text
from registry.exchange.file_names import disposition, storable
from registry.exchange.sheets.writing.printable import Source
from registry.exchange.unit_statement import StatedTable, unit_statement
from registry.web.console.asking import Data
from registry.web.console.tables import Table
from registry.web.console.view import View
from registry.web.console.views.unit_duties import SHOWN, counted, duties_table, narrowed, once
from registry.web.console.views.unit_tabs import TABS, powers
from registry.web.pages import address as lookup
from registry.web.pages.failure import TAB, offer
from registry.web.resources import ServerResources
from registry.web.rest.downloads import root

DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

DUTIES: Final = Text("职责和负担", "Duties and burdens")  # what is shown where the address names no tab
offer("/units", "tab", TAB, {"": DUTIES, **{name: title for name, (title, _) in TABS.items()}})
offer("/units", "show", Text("只看", "Only"), SHOWN)


def router(resources: ServerResources) -> APIRouter:
    """The route of the view; after the route of a unit's lists, whose address begins like it."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/units/{code:path}", methods=["GET", "HEAD"])
    async def unit(request: Request, code: str) -> Response:
        return await _unit(await View.of(request, resources), code)

    return routes


async def _unit(view: View, code: str) -> Response:
    """`?tab=`: one of TABS; without, duties and burdens."""
    tab = view.choice("tab")
    unit, about = await asyncio.gather(view.unit(code, of_territory=False), view.ask("unit", code=code))
    if about["unit"] is None:  # named by something else than its code
        about = await view.ask("unit", code=unit["code"])
    if view.parameter("format") == "docx":
        return await _statement(view, unit)
    tables, values = await _tables(view, unit, tab)
    return view.download(*tables) or view.page(
        "unit.html",
        unit=unit,
        about=about["unit"],
        kind=kind_of(unit),
        tables=tables,
        tab=tab,
        links=_links(view, tab),
        **values,
    )


async def _tables(view: View, unit: Data, tab: str) -> tuple[list[Table], dict[str, Any]]:
    """The tables of a tab, none where the reader may not see them; and what else its page shows.

    `?show=`: of the duties and burdens only those of SHOWN.
    """
    if tab:
        answer = await TABS[tab][1](view, unit["code"])
        return answer or ([], {})
    show = view.choice("show")
    table = await duties_table(view, unit["code"], unit["level"])
    if table is None:
        return [], {}
    shown = {name: view.here(show=name or None, page=None, format=None) for name in SHOWN}
    values = {"counts": counted(table), "once": once(table, show), "show": show, "show_hrefs": shown, "shows": SHOWN}
    return [narrowed(table, show)], values


def _links(view: View, tab: str) -> list[tuple[str, str, bool]]:
    path = view.request.scope["path"]
    first = (view.href(path), view.localized(*DUTIES), not tab)
    return [
        first,
        *((view.href(path, tab=name), view.localized(*text), name == tab) for name, (text, _) in TABS.items()),
    ]


async def _statement(view: View, unit: Data) -> Response:
    """The page as an official paper, in Chinese in every language."""
    chinese = replace(view, lang="zh")
    code, name = unit["code"], unit["name"]
    duties, held = await asyncio.gather(duties_table(chinese, code, unit["level"]), powers(chinese, code))
    if duties is None or held is None:
        lookup.refuse("forbidden", f"“{name}”不在您的范围内。", f"The unit {name} is not within your territory.")
    counts = counted(duties)
    summary = (
        f"承担职责{counts['duties']}项，其中牵头{counts['led']}项，牵头无权{counts['powerless']}项；"
        f"负担事项{counts['burdens']}项；有问题的{counts['findings']}项。"
    )
    source = Source(view.moment, await root(view.resources, view.moment.known_at))
    tables = [_stated(table) for table in (duties, *held[0])]
    body = await asyncio.to_thread(unit_statement, name, summary, tables, source)
    headers = {
        "Content-Disposition": disposition("unit.docx", f"{storable(f'{name}权责情况表')} {view.moment.valid_at}.docx"),
        "Cache-Control": "private, no-store",
    }
    return Response(body, media_type=DOCX, headers=headers)


def _stated(table: Table) -> StatedTable:
    columns = [column for column in table.columns if not column.hidden]
    return StatedTable(
        table.title.zh,
        [(column.title.zh, column.width) for column in columns],
        [[row[column.key].text for column in columns] for row in table.rows],
        table.empty.zh,
    )


def kind_of(unit: Data) -> tuple[str, str]:
    """What sort of unit it is, in zh and en: level and kind."""
    level, kind = labels.LEVEL[unit["level"].lower()], labels.UNIT_KIND[unit["kind"]]
    return f"{level.zh}{kind.zh}", f"{kind.en}, {level.en}"
