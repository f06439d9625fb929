"""How the findings of a territory divide: what they can be narrowed down by, each value with what it leads to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from registry.queries.findings import facets, origins
from registry.queries.findings.counts import CountedFinding
from registry.queries.findings.facets import Choice, Facts
from registry.queries.units.resolve import need_matter, need_recorded, need_rule, resolve_unit
from registry.relations.two_times import AsOf
from registry.web.graphql import finding_loaders
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.findings import MOST_BY_SINCE
from registry.web.graphql.rectifications import load_orders
from registry.web.graphql.scalars import FindingAge, FindingFacetName, FindingState, Known, MatterKind, Severity
from registry.web.graphql.seeing import narrowed, territory
from registry.web.graphql.types import ID, LETTERS
from registry.web.problems import problem

NAMES = {"matter": "matter", "instrument": "instrument", "branch": "unit", "sender": "unit"}


@strawberry.type(description="分面的一个取值。 A value of a facet, and how many findings choosing it leads to.")
class FacetValue:
    facet: strawberry.Private[str]
    moment: strawberry.Private[AsOf]
    key: ID = strawberry.field(
        description="规则、代码、文号、严重程度、时长或办理情况；没有的为空串。 As findings takes it; '' where "
        "there is none."
    )
    count: int

    def _names(self, what: str) -> str | None:
        return (self.key or None) if NAMES.get(self.facet) == what else None

    @strawberry.field
    async def unit(self, info: Info) -> t.Unit | None:
        return await t.load_unit(info, self.moment, self._names("unit"))

    @strawberry.field
    async def matter(self, info: Info) -> t.Matter | None:
        code = self._names("matter")
        return None if code is None else await t.need_matter(info, self.moment, code)

    @strawberry.field
    async def instrument(self, info: Info) -> t.Instrument | None:
        return await t.load_instrument(info, self.moment, self._names("instrument"))


@strawberry.type(description="一个分面。 One thing by which findings are narrowed down, the most frequent value first.")
class FindingFacet:
    by: FindingFacetName
    values: list[FacetValue]


@strawberry.type(description="问题的分面统计。 How the findings of a territory divide.")
class FindingFacets:
    total: int = strawberry.field(description="符合全部条件的问题数。 How many are left by all that is chosen.")
    aged: bool = strawberry.field(
        description=f"是否按持续时间统计。 Whether ages were looked up: of at most {MOST_BY_SINCE} findings."
    )
    facets: list[FindingFacet]


@strawberry.type
class FindingFacetQuestions:
    @strawberry.field(
        description="问题的分面统计。 How the findings of a territory divide by each facet, each counted with what is "
        "chosen in the others: choosing a value leads to so many. Without a state, waived ones are left out."
    )
    async def finding_facets(
        self,
        info: Info,
        within: ID | None = None,
        branch: ID | None = None,
        rule: str | None = None,
        severity: Severity | None = None,
        sender: ID | None = None,
        instrument: ID | None = None,
        matter: ID | None = None,
        kind: MatterKind | None = None,
        subject: ID | None = None,
        age: FindingAge | None = None,
        state: FindingState | None = None,
        ages: Annotated[
            bool | None, strawberry.argument(description="持续时间。 false: not looked up, but to choose by one.")
        ] = True,
        as_of: date | None = None,
        known: Known | None = None,
    ) -> FindingFacets:
        context = context_of(info)
        when, pool = await context.moment(as_of, known), context.pool
        scope = await narrowed(info, None if within is None else await resolve_unit(pool, within, when))
        if rule is not None:
            need_rule(rule)
        if matter is not None:
            await need_matter(pool, matter, when)
        if instrument:
            await need_recorded(pool, "instrument", instrument, when.known_at)
        if sender:
            sender = ID(await origins.read_as(pool, when, await resolve_unit(pool, sender, when)))
        values: dict[str, str | None] = {
            "branch": branch,
            "rule": rule,
            "severity": severity and LETTERS[severity],
            "sender": sender,
            "instrument": instrument,
            "matter": matter,
            "kind": kind and kind.value,
            "subject": subject,
            "age": age and age.value,
            "state": state and state.value,
        }
        choice = Choice({name: value for name, value in values.items() if value is not None})
        rows = await context.run_in_thread(context.resources.checked.counted, when, scope)
        own = await territory(info)
        rows = [row for row in rows if own.has(row.unit)]
        facts, aged = await _facts(info, rows, when, wanted=ages is not False, needed=age is not None)
        counted = facets.counted_facets(facts, choice)
        return FindingFacets(
            total=sum(choice.has(each) for each in facts),
            aged=aged,
            facets=[_facet(name, counted[name], when) for name in facets.FACETS if aged or name != "age"],
        )


def _facet(name: str, counted: Sequence[tuple[str, int]], moment: AsOf) -> FindingFacet:
    by = FindingFacetName(name)
    return FindingFacet(
        by=by,
        values=[
            FacetValue(facet=name, moment=moment, key=ID(_shown(name, key)), count=count) for key, count in counted
        ],
    )


def _shown(name: str, key: str) -> str:
    """A value as the schema names it: severities, ages, states and kinds by their enums."""
    if name == "severity":
        return t.SEVERITIES[key].name
    return key.upper() if name in ("age", "state", "kind") else key


async def _facts(
    info: Info[Any, Any], rows: list[CountedFinding], moment: AsOf, *, wanted: bool, needed: bool
) -> tuple[list[Facts], bool]:
    """What findings are chosen by; and whether their ages are among it. Raises too-costly where these are needed."""
    context = context_of(info)
    by_subject = await origins.origins(context.pool, moment, {row.subject for row in rows})
    orders = await load_orders(context, rows, moment)
    aged = (wanted or needed) and len(rows) <= MOST_BY_SINCE
    if needed and not aged:
        raise problem(
            "too-costly",
            f"按持续时间筛选最多 {MOST_BY_SINCE} 个问题，现有 {len(rows)} 个；请缩小范围。",
            f"At most {MOST_BY_SINCE} findings are chosen by age; these are {len(rows)}: narrow down.",
        )
    ages: dict[tuple[str, str, str], str] = {}
    if aged:
        days = await asyncio.gather(*(context.load(finding_loaders.load_since, row, moment) for row in rows))
        ages = {row.key: facets.age_of(day, moment.valid_at) for row, day in zip(rows, days, strict=True)}
    return facets.facts_of(rows, by_subject, orders, ages), aged
