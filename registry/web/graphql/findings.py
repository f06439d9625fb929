"""Questions about findings: in pages, in an order, and counted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import strawberry
from strawberry.types import Info

from registry.impact.unit_findings import borne_findings
from registry.queries.findings import counts, origins
from registry.queries.findings import findings as finding_queries
from registry.queries.findings.counts import CountedFinding
from registry.queries.findings.facets import age_of
from registry.queries.findings.ordering import BY_SINCE
from registry.queries.findings.states import is_in
from registry.queries.units.resolve import need_matter, need_recorded, need_rule, resolve_unit, resolve_unit_ever
from registry.relations.two_times import AsOf
from registry.web.graphql import finding_loaders
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.rectifications import load_orders
from registry.web.graphql.relay import Connection
from registry.web.graphql.scalars import (
    FindingAge,
    FindingGroup,
    FindingOrder,
    FindingState,
    Known,
    MatterKind,
    Severity,
)
from registry.web.graphql.seeing import narrowed, need_own, territory
from registry.web.graphql.types import ID, LETTERS
from registry.web.problems import bad_value, problem

MOST_BY_SINCE: Final = 1000  # findings whose first days are looked up to order them
MOST_COUNTS: Final = 10_000  # combinations of keys in one answer


@strawberry.type(
    description="问题数。 How many findings have these keys: one for each thing counted by, in the order given."
)
class FindingCount:
    keys: list[ID] = strawberry.field(
        description="规则、代码、文号或严重程度；没有的为空串。 A rule, code, number or severity; '' where there is "
        "none (what a list assigns may have no sender)."
    )
    count: int = strawberry.field(description="合计。 All severities together.")
    violations: int
    warnings: int
    reviews: int


@strawberry.type
class FindingQuestions:
    @strawberry.field(
        description="问题。 What the checker finds, by rule, unit and subject unless another order is given. sender "
        "and instrument: of the subject, the sender read as its successor; '' for those that "
        "have none. waived: waived ones too; state WAIVED: only "
        f"these. branch: as findingCounts folds units. By since, or of an age, at most {MOST_BY_SINCE} findings."
    )
    async def findings(
        self,
        info: Info,
        within: ID | None = None,
        rule: str | None = None,
        severity: Severity | None = None,
        matter: ID | None = None,
        sender: ID | None = None,
        instrument: ID | None = None,
        state: FindingState | None = None,
        branch: ID | None = None,
        age: FindingAge | None = None,
        kind: MatterKind | None = None,
        subject: ID | None = None,
        order_by: FindingOrder | None = None,
        as_of: date | None = None,
        known: Known | None = None,
        waived: bool | None = False,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[t.Finding]:
        context = context_of(info)
        pool, when = context.pool, await context.moment(as_of, known)
        root = await narrowed(info, None if within is None else await resolve_unit(pool, within, when))
        own = await territory(info)
        if rule is not None:
            need_rule(rule)
        if matter is not None:
            await need_matter(pool, matter, when)
        if instrument:
            await need_recorded(pool, "instrument", instrument, when.known_at)
        if sender:
            sender = ID(await origins.read_as(pool, when, await resolve_unit(pool, sender, when)))
        result = await context.run_in_thread(context.resources.checked.counted, when, root)
        if not own.everywhere:
            result = [finding for finding in result if own.has(finding.unit)]
        rows = finding_queries.chosen(
            result,
            rule=rule,
            severity=severity and LETTERS[severity],
            matter=matter,
            subject=subject,
            waived=bool(waived) and state is None,
            only_waived=state is FindingState.WAIVED,
        )
        if state is not None and state is not FindingState.WAIVED:
            orders = await load_orders(context_of(info), rows, when)
            rows = [row for row in rows if is_in(state.value, waived=False, orders=orders[row])]
        if sender is not None or instrument is not None:
            by_subject = await origins.origins(pool, when, {row.subject for row in rows})
            of = {row.subject: by_subject.get(row.subject, origins.NONE) for row in rows}
            rows = [
                row
                for row in rows
                if sender in (None, of[row.subject].sender or "")
                and instrument in (None, of[row.subject].instrument or "")
            ]
        rows = [row for row in rows if branch in (None, row.branch) and kind in (None, MatterKind(row.kind))]
        if age is not None:
            ages = await load_first_days(info, rows, when)
            rows = [row for row in rows if age_of(ages[row.key], when.valid_at) == age.value]
        order = (order_by or FindingOrder.RULE).value
        first_days = await load_first_days(info, rows, when) if order in BY_SINCE else {}
        page = t.page_of(rows, first, after, order, first_days)
        texts = await context.run_in_thread(context.resources.checked.explained, when, root, page.rows)
        return page.connection(texts, when, standing=True)

    @strawberry.field(
        description="一个问题。 A finding by its key, waived or not; null where it does not hold on the "
        "day. What became of it: findingEvents."
    )
    async def finding(
        self, info: Info, rule: str, unit: ID, subject: ID, as_of: date | None = None, known: Known | None = None
    ) -> t.Finding | None:
        context = context_of(info)
        when = await context.moment(as_of, known)
        need_rule(rule)
        code = await resolve_unit_ever(context_of(info).pool, unit, when)
        await need_own(info, code)
        borne = await context.run_in_thread(borne_findings, when.valid_at, when.known_at, {code})
        rows = finding_queries.chosen(borne, unit=code, subject=subject, rule=rule, waived=True)
        return t.finding_of(rows[0], when, standing=True) if rows else None

    @strawberry.field(
        description="问题数。 How many findings there are, none waived, by one thing or by two (a heat map: UNIT by "
        "RULE), the most frequent first. Units are folded to those right below `within`, itself among them; without "
        "`within` to those that have no unit above."
    )
    async def finding_counts(
        self,
        info: Info,
        by: list[FindingGroup],
        within: ID | None = None,
        severity: Severity | None = None,
        as_of: date | None = None,
        known: Known | None = None,
    ) -> list[FindingCount]:
        context = context_of(info)
        pool, when = context.pool, await context.moment(as_of, known)
        groups = [group.value for group in by]
        if not 1 <= len(groups) <= 2 or len(set(groups)) < len(groups):
            raise bad_value("by", "by 须写一项或两项不同的口径。", "by must be one thing, or two different ones.")
        scope = await narrowed(info, None if within is None else await resolve_unit(pool, within, when))
        rows = await context.run_in_thread(context.resources.checked.counted, when, scope)
        rows = [row for row in rows if not row.waived]
        own = await territory(info)
        if not own.everywhere:
            rows = [row for row in rows if own.has(row.unit)]
        if severity is not None:
            rows = [row for row in rows if row.severity == LETTERS[severity]]
        by_subject: Mapping[str, origins.Origin] = {}
        if {"sender", "instrument"} & set(groups):
            by_subject = await origins.origins(pool, when, {row.subject for row in rows})
        results = counts.count(rows, groups, by_subject)
        if len(results) > MOST_COUNTS:
            raise problem(
                "too-costly",
                f"这样统计有 {len(results)} 组，最多 {MOST_COUNTS} 组。",
                f"These are {len(results)} combinations; {MOST_COUNTS} are the most.",
            )
        return [count_of(row, groups) for row in results]


def count_of(row: counts.FindingCount, groups: list[str]) -> FindingCount:
    """A count of the schema; a severity is named as elsewhere in it."""
    keys = [t.SEVERITIES[key].name if group == "severity" else key for group, key in zip(groups, row.keys, strict=True)]
    return FindingCount(keys=t.ids(keys), **t.columns(row, "count", "violations", "warnings", "reviews"))


async def load_first_days(
    info: Info[Any, Any], rows: list[CountedFinding], moment: AsOf
) -> dict[tuple[str, str, str], date | None]:
    """The first day of each finding, by key. Raises too-costly for more than MOST_BY_SINCE."""
    if len(rows) > MOST_BY_SINCE:
        raise problem(
            "too-costly",
            f"按起始日排序最多 {MOST_BY_SINCE} 个问题，现有 {len(rows)} 个；请缩小范围。",
            f"At most {MOST_BY_SINCE} findings are ordered by their first day; these are {len(rows)}: narrow down.",
        )
    context = context_of(info)
    first_days = await asyncio.gather(*(context.load(finding_loaders.load_since, row, moment) for row in rows))
    return {row.key: first for row, first in zip(rows, first_days, strict=True)}
