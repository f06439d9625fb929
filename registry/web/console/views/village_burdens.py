"""The view, for a phone, that says what lands on a unit in a month, from whom, by which document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.labels import MATTER_KIND, ROLE
from registry.domain.text import Text
from registry.queries import instruments
from registry.queries.burdens import imposed, landing
from registry.queries.burdens.burdens import Delegation
from registry.queries.burdens.imposed import Tally
from registry.queries.burdens.landing import Landing
from registry.queries.matters import matters, same_fields
from registry.queries.units import places, units
from registry.relations.two_times import LAST, AsOf, newest
from registry.web.console.tables import Cell, Column, Table, rows_of
from registry.web.console.view import View
from registry.web.pages import address
from registry.web.pages.rendering import language, render
from registry.web.resources import ServerResources
from registry.web.viewing import territory

YEAR: Final = (
    Column("kind", Text("种类", "Kind"), width=14),
    Column("imposed", Text("已布置", "Laid on"), "number"),
    Column("quota", Text("限额", "Most"), "number"),
    Column("over", Text("超限额", "Over"), "number"),
    Column("unplanned", Text("计划外", "Not planned"), "number"),
    Column("before", Text("上年全年", "All of last year"), "number"),
)
DUE: Final = Text("本月到期", "Due this month")
NEW: Final = Text("本月新来的", "New this month")
GOING_ON: Final = Text("以前布置、还在办的", "Going on from before")


def router(resources: ServerResources) -> APIRouter:
    """The route of the view."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/villages/{code:path}/burdens", methods=["GET", "HEAD"])
    async def burdens(request: Request, code: str) -> Response:
        return await _burdens(request, resources, code)

    return routes


async def _burdens(request: Request, resources: ServerResources, code: str) -> Response:
    """A unit's month (`?month=YYYY-MM`; this month): what is due, what is new, what goes on, and the year so far."""
    reader, given = await resources.pool(), request.query_params.get("month", "")
    month = landing.read_month(given or None)
    if month is None:
        address.refuse("bad-value", f"month 须写成 YYYY-MM：{given}", f"month must be YYYY-MM: {given}")
    moment = AsOf(min(month.last, LAST), await newest(reader))
    code = await address.unit(reader, moment, code)
    result = await units.units(reader, moment, [code])
    if code not in result:
        address.refuse(
            "unknown-unit", f"{month.last} 没有代码为“{code}”的单位。", f"On {month.last} there is no unit {code}."
        )
    own = await territory(request, reader)
    own.need(code)
    landed = (await landing.landing(reader, moment, [code], month)).get(code, [])
    until = AsOf(min(month.so_far, LAST), moment.known_at)
    tallies = (await imposed.tallies(reader, until, [code])).get(code, [])
    view = View(request, resources, until, until.known_at, language(request))
    year = _year(view, result[code].name, [one for one in tallies if one.imposed or one.quota is not None])
    return view.download(year) or render(
        "burdens.html",
        language(request),
        query={name: value for name, value in request.query_params.items() if name != "lang"},
        unit=result[code],
        above=(await places.chains(reader, moment, [code]))[code],
        month=month,
        # The first and last months that can be asked for have no neighbour.
        before=month.before if month.first.year > 2 else None,
        after=landing.month_of(month.next) if month.first.year < 9998 else None,
        sections=_sections(landed),
        kinds=MATTER_KIND,
        roles=ROLE,
        unplanned=await _unplanned(reader, until, code) if any(tally.unplanned for tally in tallies) else {},
        year=year.shown(view),
        until=until.valid_at,
        alike=await same_fields.groups(reader, until, code, seen=own.codes),
        moment=moment,
        names=await _named(reader, moment, [each.delegation for each in landed]),
    )


def _year(view: View, unit: str, tallies: Sequence[Tally]) -> Table:
    """What was laid on a unit this year up to the view's day, by kind, beside the quota and the year before."""
    rows = rows_of(
        tallies,
        kind=lambda one: Cell(one.kind, view.localized(*MATTER_KIND[one.kind])),
        imposed=lambda one: one.imposed,
        quota=lambda one: Cell(None, "—") if one.quota is None else one.quota,
        over=lambda one: Cell(one.excess or None, mark="bad"),
        unplanned=lambda one: one.unplanned,
        before=lambda one: one.year_before,
    )
    year = view.moment.valid_at.year
    title = Text(f"{unit} {year} 年负担和限额", f"{unit}, burdens and quotas of {year}")
    return Table("year", title, YEAR, rows, main=False)


def _sections(landed: list[Landing]) -> list[tuple[Text, list[Landing]]]:
    """Each once: what is due, else what is new, else what goes on."""
    due = [each for each in landed if each.due]
    new = [each for each in landed if not each.due and each.begins]
    rest = [each for each in landed if not each.due and each.continues]
    return [(heading, rows) for heading, rows in ((DUE, due), (NEW, new), (GOING_ON, rest)) if rows]


async def _unplanned(reader: Any, until: AsOf, code: str) -> dict[str, bool]:
    """The burdens of the year that no plan covers, by ref: whether each was admitted."""
    counted = await imposed.of_units(reader, until, [code])
    return {each.delegation.ref: each.admitted for each in counted if not each.planned_by}


async def _named(reader: Any, moment: AsOf, rows: list[Delegation]) -> dict[tuple[str, str], str]:
    """The names of what delegations name: by what it is, and its code or number."""
    senders = await units.units(reader, moment, [each.sender for each in rows])
    about = await matters.matters(reader, moment, [each.matter for each in rows])
    papers = await instruments.instruments(reader, moment, [each.instrument for each in rows])
    return {
        **{("unit", code): each.name for code, each in senders.items()},
        **{("matter", code): each.name for code, each in about.items()},
        **{("paper", number): f"《{each.title.strip('《》')}》（{number}）" for number, each in papers.items()},
    }
