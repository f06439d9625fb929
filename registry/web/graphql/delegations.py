"""Questions about delegations: one by its ref, and what rests on a document and would fall with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import strawberry
from strawberry.types import Info

from registry.impact.repeal import MOST, Repeal, opened_by_repeal
from registry.queries import delegations
from registry.queries.units.resolve import need_recorded
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import RequestContext, context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Known
from registry.web.graphql.seeing import seen, territory
from registry.web.graphql.types import ID
from registry.web.graphql.types.findings import cursor_key, finding_cursor
from registry.web.problems import problem

_BEYOND: Final = "一次最多给出 {most} 个，现有 {total} 个；请用 {page} 分页。"
_BEYOND_EN: Final = "At most {most} are given at once; these are {total}: ask for them by {page}."


@strawberry.type(
    description="以该文件为依据的事项。 What rests on a document on a day: delegations, lists and vestings in force; "
    f"and what would open if it were repealed on that day. Of more than {MOST} delegations or findings ask for pages."
)
class RestsOn:
    instrument: strawberry.Private[str]
    moment: strawberry.Private[AsOf]

    @strawberry.field(description="下放、赋权、交办。 Delegations in force by it, by ref; the pages give all of many.")
    async def delegations(self, info: Info) -> list[t.Delegation]:
        pool, units = context_of(info).pool, await seen(info)
        rows = await delegations.resting(pool, self.moment, self.instrument, None, MOST + 1, units)
        if len(rows) > MOST:
            total = await delegations.resting_count(pool, self.moment, self.instrument, units)
            raise too_many(total, "delegationsPage")
        return [t.delegation_of(row, self.moment) for row in rows]

    @strawberry.field(description="下放、赋权、交办（分页）。 The same in pages.")
    async def delegations_page(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[t.Delegation]:
        pool, size, key, units = context_of(info).pool, page_size(first), read_cursor(after), await seen(info)
        rows = await delegations.resting(pool, self.moment, self.instrument, key, size + 1, units)
        nodes = [t.delegation_of(row, self.moment) for row in rows]
        return connection(
            nodes,
            lambda delegation: delegation.ref,
            size,
            after,
            lambda: delegations.resting_count(pool, self.moment, self.instrument, units),
        )

    @strawberry.field(description="清单。 The codes of lists in force by it.")
    async def lists(self, info: Info) -> list[ID]:
        return t.ids(await delegations.resting_lists(context_of(info).pool, self.moment, self.instrument))

    @strawberry.field(description="法定授权数。 How many vestings of powers in force it is the basis of.")
    async def vestings(self, info: Info) -> int:
        return await delegations.resting_vestings(context_of(info).pool, self.moment, self.instrument, await seen(info))

    @strawberry.field(
        description="若当日废止会新产生的问题。 Findings that its repeal on that day would open as of that day."
    )
    async def opened(self, info: Info) -> list[t.Finding]:
        repeal = await self._repeal(info, None, MOST)
        if repeal.total > MOST:
            raise too_many(repeal.total, "openedPage")
        return [t.finding_of(row, self.moment) for row in repeal.opened]

    @strawberry.field(description="若当日废止会新产生的问题（分页）。 The same in pages.")
    async def opened_page(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[t.Finding]:
        size = page_size(first)
        key = cursor_key(after, "rule")
        repeal = await self._repeal(info, None if key is None else key[1:], size + 1)
        nodes = [t.finding_of(row, self.moment) for row in repeal.opened]
        return connection(
            nodes, lambda finding: finding_cursor("rule", (0, *finding.row.key)), size, after, lambda: repeal.total
        )

    async def _repeal(self, info: Info[Any, Any], after: tuple[str, ...] | None, limit: int) -> Repeal:
        work, units = context_of(info).run_in_thread, (await territory(info)).codes
        return await work(opened_by_repeal, self.moment, self.instrument, after, limit, units)


async def load_delegations(
    context: RequestContext, refs: Sequence[str], moment: AsOf
) -> Mapping[str, delegations.DelegationOn]:
    """Delegations by ref."""
    return await delegations.delegations(context.pool, moment, refs)


def too_many(total: int, page: str) -> Exception:
    """The error for a plain list that is longer than is given at once: never is it cut silently."""
    fields: dict[str, Any] = {"most": MOST, "total": total, "page": page}
    return problem("too-costly", _BEYOND.format(**fields), _BEYOND_EN.format(**fields))


@strawberry.type
class DelegationQuestions:
    @strawberry.field(
        description="一项下放、赋权或交办。 A delegation by its ref, in force or not, as of today; one that is still "
        "to begin as of its first day. null where there is none of that ref (a demand is none)."
    )
    async def delegation(
        self, info: Info, ref: ID, as_of: date | None = None, known: Known | None = None
    ) -> t.Delegation | None:
        when = await context_of(info).moment(as_of, known)
        row = await context_of(info).load(load_delegations, ref, when)
        return None if row is None else t.delegation_of(row.delegation, row.moment)

    @strawberry.field(
        description="以该文件为依据的事项。 What rests on a document: delegations, lists, vestings; and what would "
        "fall if it were repealed on that day."
    )
    async def rests_on(
        self, info: Info, instrument: ID, as_of: date | None = None, known: Known | None = None
    ) -> RestsOn:
        when = await context_of(info).moment(as_of, known)
        await need_recorded(context_of(info).pool, "instrument", instrument, when.known_at)
        return RestsOn(instrument=instrument, moment=when)
