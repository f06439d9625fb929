"""The page that says what lands on a unit in a month, from whom, by which document."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import APIRouter, Request, Response

from registry.domain.labels import MATTER_KIND, ROLE
from registry.domain.text import Text
from registry.queries import instruments
from registry.queries.burdens import imposed, landing
from registry.queries.burdens.burdens import Delegation
from registry.queries.burdens.landing import Landing
from registry.queries.matters import matters, same_fields
from registry.queries.units import places, units
from registry.relations.two_times import LAST, AsOf, newest
from registry.web.pages import address
from registry.web.pages.rendering import language, render
from registry.web.viewing import territory

Pool = Callable[[], Awaitable[Any]]
DUE: Final = Text("本月到期", "Due this month")
NEW: Final = Text("本月新来的", "New this month")
GOING_ON: Final = Text("以前布置、还在办的", "Going on from before")


def router(pool: Pool) -> APIRouter:
    """The route, over the database that `pool` gives (it may raise database.NoDatabase)."""
    routes = APIRouter(include_in_schema=False)

    @routes.api_route("/villages/{code:path}/burdens", methods=["GET", "HEAD"])
    async def burdens(request: Request, code: str) -> Response:
        return await _burdens(request, await pool(), code)

    return routes


async def _burdens(request: Request, reader: Any, code: str) -> Response:
    """A unit's month (`?month=YYYY-MM`; this month): what is due, what is new, what goes on, and the year so far."""
    given = request.query_params.get("month", "")
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
    return render(
        "burdens.html",
        language(request),
        query={"month": given},
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
        tallies=[tally for tally in tallies if tally.imposed or tally.quota is not None],
        until=until.valid_at,
        alike=await same_fields.groups(reader, until, code, seen=own.codes),
        moment=moment,
        names=await _named(reader, moment, [each.delegation for each in landed]),
    )


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
