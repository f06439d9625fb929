"""A finding in the schema, as of a moment, and pages of findings."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Generic

import strawberry
from strawberry.types import Info

from registry import checker
from registry.queries.findings.ordering import AnyFinding, FirstDays, SortKey, ordered
from registry.relations.two_times import AsOf
from registry.web.graphql import finding_loaders
from registry.web.graphql.context import context_of
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Severity
from registry.web.graphql.seeing import territory
from registry.web.graphql.simulated import Simulated
from registry.web.graphql.types.fields import ID, columns, ids, text_in
from registry.web.graphql.types.finding_steps import FindingStep, Waiver, step_of, waiver_of
from registry.web.graphql.types.instruments import Instrument, load_instrument
from registry.web.graphql.types.matters import Matter, matter_of, need_matter
from registry.web.graphql.types.units import Unit, load_unit, need_unit, unit_of
from registry.web.problems import bad_value

if TYPE_CHECKING:
    from registry.web.graphql.impact import Remedy
    from registry.web.graphql.rectifications import Rectification

SEVERITIES = {"V": Severity.VIOLATION, "W": Severity.WARNING, "R": Severity.REVIEW}
LETTERS = {severity: letter for letter, severity in SEVERITIES.items()}


@strawberry.type(description="问题。 What the checker says about a holding or delegation.")
class Finding:
    row: strawberry.Private[checker.Finding]
    moment: strawberry.Private[AsOf]
    simulated: strawberry.Private[Simulated | None]
    standing: strawberry.Private[bool]
    rule: str
    severity: Severity
    subject: ID
    missing: list[ID]
    path: list[ID]
    basis: list[str]
    waived_by: ID | None

    @strawberry.field
    async def unit(self, info: Info) -> Unit:
        if self.simulated is not None and (new := self.simulated.units.get(self.row.unit)) is not None:
            return unit_of(new, self.moment)
        return await need_unit(info, self.moment, self.row.unit)

    @strawberry.field
    async def matter(self, info: Info) -> Matter:
        if self.simulated is not None and (new := self.simulated.matters.get(self.row.matter)) is not None:
            return matter_of(new, self.moment)
        return await need_matter(info, self.moment, self.row.matter)

    @strawberry.field(description="说明。 A sentence for the reader, in zh or en.")
    def message(self, lang: str | None = "zh") -> str:
        return text_in({"zh": self.row.message.zh, "en": self.row.message.en}, lang)

    @strawberry.field(description="起始日。 The first day of the unbroken time in which it holds; null: not looked up.")
    async def since(self, info: Info) -> date | None:
        return await context_of(info).load(finding_loaders.load_since, self.row, self.moment)

    @strawberry.field(description="交办单位。 Who handed its subject down, read as its successor; null: nobody did.")
    async def sender(self, info: Info) -> Unit | None:
        origin = await context_of(info).load(finding_loaders.load_origins, self.row.subject, self.moment)
        return await load_unit(info, self.moment, origin and origin.sender)

    @strawberry.field(description="依据文件。 The document on which its subject rests; null: none.")
    async def instrument(self, info: Info) -> Instrument | None:
        origin = await context_of(info).load(finding_loaders.load_origins, self.row.subject, self.moment)
        return await load_instrument(info, self.moment, origin and origin.instrument)

    @strawberry.field(description="链条。 The subjects of `path`, from the top down, each with what it is.")
    async def steps(self, info: Info) -> list[FindingStep]:
        context, own = context_of(info), await territory(info)
        rows = [await context.load(finding_loaders.load_steps, subject, self.moment) for subject in self.path]
        return [
            step_of(
                subject,
                row
                if row is None or row.source == "item" or own.has(row.sender or "") or own.has(row.recipient or "")
                else None,
                self.moment,
            )
            for subject, row in zip(self.path, rows, strict=True)
        ]

    @strawberry.field(description="豁免。 The waiver in force; null: it is not waived.")
    async def waiver(self, info: Info) -> Waiver | None:
        if self.waived_by is None:
            return None
        row = await context_of(info).load(finding_loaders.load_waivers, self.row, self.moment)
        return None if row is None else waiver_of(row, self.moment)

    @strawberry.field(description="督办。 The orders to put it right made by the day, those due first before others.")
    async def orders(
        self, info: Info
    ) -> list[Annotated[Rectification, strawberry.lazy("registry.web.graphql.rectifications")]]:
        from registry.web.graphql.rectifications import load_orders, rectification_of

        rows = await context_of(info).load(load_orders, self.row, self.moment) or []
        # What was found just now need not be found again for how its orders stand.
        return [
            rectification_of(row, self.moment, self.row if self.standing and row.key == self.row.key else None)
            for row in rows
        ]

    @strawberry.field(description="整改办法。 Ways out as the log stands now, the best first, each tried.")
    async def remedies(self, info: Info) -> list[Annotated[Remedy, strawberry.lazy("registry.web.graphql.impact")]]:
        from registry.web.graphql.impact import remedy_of

        rows = await context_of(info).load(finding_loaders.load_remedies, self.row) or []
        return [remedy_of(row, self.moment) for row in rows]


def finding_of(
    row: checker.Finding, moment: AsOf, simulated: Simulated | None = None, *, standing: bool = False
) -> Finding:
    """A finding of the schema; `standing`: it was found as of that moment, waived or not."""
    return Finding(
        row=row,
        moment=moment,
        simulated=simulated,
        standing=standing,
        severity=SEVERITIES[row.severity],
        missing=ids(list(row.missing or ())),
        path=ids(list(row.path)),
        basis=list(row.basis),
        **columns(row, "rule", "subject", "waived_by"),
    )


def finding_cursor(order: str, key: SortKey) -> str:
    """The key that the cursor of a finding holds: the order and its place in it."""
    return json.dumps([order, *key], ensure_ascii=False)


def cursor_key(after: str | None, order: str) -> SortKey | None:
    """The place that a cursor of this order holds; None for none. Raises bad-value for any other."""
    key = read_cursor(after)
    if key is None:
        return None
    try:
        named, rank, *names = json.loads(key)
    except (ValueError, TypeError, RecursionError):
        named, rank, names = None, None, []
    if named != order or type(rank) is not int or len(names) != 3 or not all(isinstance(name, str) for name in names):
        zh = "after 须是同一排序下上一页给出的游标（endCursor）。"
        raise bad_value("after", zh, "after must be a cursor (endCursor) of the page before, in the same order.")
    return (rank, *names)


def findings_page(
    rows: Sequence[checker.Finding], moment: AsOf, first: int | None, after: str | None
) -> Connection[Finding]:
    """A page of findings by rule, unit and subject."""
    page = page_of(rows, first, after)
    return page.connection(page.rows, moment)


@dataclass(frozen=True, slots=True)
class Page(Generic[AnyFinding]):
    """The findings of a page, and one more where there is a next; `keys`: where each of them stands in the order."""

    rows: list[AnyFinding]
    keys: list[SortKey]
    order: str
    size: int
    after: str | None
    of: int  # findings of all pages

    def connection(
        self, rows: Sequence[checker.Finding], moment: AsOf, *, standing: bool = False
    ) -> Connection[Finding]:
        """The page, of the same findings with their texts; `standing`: they were found as of that moment."""
        keys = {row.key: key for row, key in zip(rows, self.keys, strict=True)}
        return connection(
            [finding_of(row, moment, standing=standing) for row in rows],
            lambda finding: finding_cursor(self.order, keys[finding.row.key]),
            self.size,
            self.after,
            lambda: self.of,
        )


def page_of(
    rows: Sequence[AnyFinding],
    first: int | None,
    after: str | None,
    order: str = "rule",
    first_days: FirstDays = MappingProxyType({}),
) -> Page[AnyFinding]:
    """Which findings are on a page in an order; `first_days` for those by since."""
    size, last = page_size(first), cursor_key(after, order)
    sorted_rows = ordered(rows, order, first_days)
    start = 0 if last is None else bisect_right(sorted_rows, last, key=itemgetter(0))
    page = sorted_rows[start : start + size + 1]
    return Page([row for _, row in page], [key for key, _ in page], order, size, after, len(rows))
