"""A unit in the schema, as of a moment, and what it holds, bears and may do."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.types import Info

from registry.domain import words
from registry.queries.findings.findings import chosen
from registry.queries.units import units
from registry.queries.units.resolve import need_rule
from registry.relations.two_times import AsOf
from registry.web.graphql import loaders
from registry.web.graphql.context import context_of
from registry.web.graphql.decisions import Decision, history_page
from registry.web.graphql.relay import Connection, connection, page_size, read_cursor
from registry.web.graphql.scalars import Level, MatterKind, Role, Severity
from registry.web.graphql.types.fields import ID, columns
from registry.web.problems import bad_value

# What a unit holds names the unit again: these modules import this one, and are imported here when they are needed.
if TYPE_CHECKING:
    from registry.web.graphql.types.delegations import Delegation
    from registry.web.graphql.types.findings import Finding
    from registry.web.graphql.types.holdings import Holding, PowerHolding
    from registry.web.graphql.types.lists import ListItem
_DELEGATIONS = strawberry.lazy("registry.web.graphql.types.delegations")
_FINDINGS = strawberry.lazy("registry.web.graphql.types.findings")
_HOLDINGS = strawberry.lazy("registry.web.graphql.types.holdings")
_LISTS = strawberry.lazy("registry.web.graphql.types.lists")


@strawberry.type(description="单位。 An organ or organisation that can hold duties or powers.")
class Unit:
    row: strawberry.Private[units.Unit]
    moment: strawberry.Private[AsOf]
    code: ID
    name: str
    level: Level
    kind: str
    function: str | None
    aliases: list[str]
    monitored: bool = strawberry.field(description="减负监测点。 It is a monitoring point.")
    dissolved: bool = strawberry.field(description="已撤销。 It is no more on that day.")
    since: date = strawberry.field(description="设立日。 The day of its registration.")
    until: date | None = strawberry.field(description="撤销日。 The day of its dissolution, as known.")

    @strawberry.field(description="上级。 The unit above it; a dissolved one is read as its successor.")
    async def parent(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.parent)

    @strawberry.field(description="业务指导单位。 The superior of its line (条).")
    async def guided_by(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.guided_by)

    @strawberry.field(description="派驻地。 Where a dispatched team works.")
    async def stationed_at(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.stationed_at)

    @strawberry.field(description="承接单位。 What it is read as once dissolved.")
    async def successor(self, info: Info) -> Unit | None:
        return await load_unit(info, self.moment, self.row.successor)

    @strawberry.field(description="下级。 The units directly below it, by code.")
    async def children(
        self, info: Info, level: Level | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Unit]:
        size, key = page_size(first), read_cursor(after)
        what = (self.moment, level and level.value, key, size + 1)
        total, rows = await context_of(info).load(loaders.load_children, self.code, *what) or (0, [])
        nodes = [unit_of(row, self.moment) for row in rows]
        return connection(nodes, lambda unit: unit.code, size, after, lambda: total)

    @strawberry.field(description="职责。 The duties it holds, by subject.")
    async def responsibilities(
        self, info: Info, role: Role | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Annotated[Holding, _HOLDINGS]]:
        from registry.web.graphql.types.holdings import holding_of

        size, key = page_size(first), read_cursor(after)
        what = (self.moment, role and role.value, key, size + 1)
        total, rows = await context_of(info).load(loaders.load_responsibilities, self.code, *what) or (0, [])
        nodes = [holding_of(row, self.moment) for row in rows]
        return connection(nodes, lambda holding: holding.subject, size, after, lambda: total)

    @strawberry.field(description="权力。 The powers it holds, and those handed to it in vain, by code.")
    async def powers(self, info: Info) -> list[Annotated[PowerHolding, _HOLDINGS]]:
        from registry.web.graphql.types.holdings import power_of

        rows = await context_of(info).load(loaders.load_powers, self.code, self.moment) or []
        return [power_of(row, self.moment) for row in rows]

    @strawberry.field(description="负担事项。 The burdens on it in force.")
    async def burdens(self, info: Info, kind: MatterKind | None = None) -> list[Annotated[Delegation, _DELEGATIONS]]:
        from registry.web.graphql.types.delegations import delegation_of

        need_burden(kind)
        rows = await context_of(info).load(loaders.load_burdens, self.code, self.moment, kind and kind.value) or []
        return [delegation_of(row, self.moment) for row in rows]

    @strawberry.field(description="交办出去的。 The delegations in force that it handed down, by ref.")
    async def handed_down(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Annotated[Delegation, _DELEGATIONS]]:
        from registry.web.graphql.types.delegations import delegation_of

        size, key = page_size(first), read_cursor(after)
        what = (self.moment, key, size + 1)
        total, rows = await context_of(info).load(loaders.load_sent, self.code, *what) or (0, [])
        nodes = [delegation_of(row, self.moment) for row in rows]
        return connection(nodes, lambda delegation: delegation.ref, size, after, lambda: total)

    @strawberry.field(
        description="通过清单交办的。 The items of lists in force by which it hands something down (their `from`)."
    )
    async def handed_down_by_lists(self, info: Info) -> list[Annotated[ListItem, _LISTS]]:
        from registry.web.graphql.types.lists import item_of

        rows = await context_of(info).load(loaders.load_sent_items, self.code, self.moment) or []
        return [item_of(row, self.moment) for row in rows]

    @strawberry.field(description="负面清单事项。 What negative lists that reach it forbid.")
    async def negative_list(self, info: Info, covers: MatterKind | None = None) -> list[Annotated[ListItem, _LISTS]]:
        return await self._items(info, "negative", covers)

    @strawberry.field(description="正面清单事项。 What positive lists that reach it name.")
    async def positive_list(self, info: Info, covers: MatterKind | None = None) -> list[Annotated[ListItem, _LISTS]]:
        return await self._items(info, "positive", covers)

    async def _items(self, info: Info, polarity: str, covers: Any) -> list[Annotated[ListItem, _LISTS]]:
        from registry.web.graphql.types.lists import item_of

        what = (self.moment, polarity, covers and covers.value)
        rows = await context_of(info).load(loaders.load_items, self.code, *what) or []
        return [item_of(row, self.moment) for row in rows]

    @strawberry.field(description="问题。 What the checker finds that it bears, by rule and subject.")
    async def findings(
        self,
        info: Info,
        rule: str | None = None,
        severity: Severity | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Annotated[Finding, _FINDINGS]]:
        from registry.web.graphql.types.findings import LETTERS, findings_page

        if rule is not None:
            need_rule(rule)
        rows = await context_of(info).load(loaders.load_findings, self.code, self.moment) or []
        rows = chosen(rows, rule=rule, severity=severity and LETTERS[severity])
        return findings_page(rows, self.moment, first, after)

    @strawberry.field(
        description="变更记录。 The decisions that name it, and what became of what they are about, by position."
    )
    async def history(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Decision]:
        return await history_page(info, "unit", self.code, self.moment.known_at, first, after)


def unit_of(row: units.Unit, moment: AsOf) -> Unit:
    """A unit of the schema."""
    plain = columns(row, "code", "name", "kind", "function", "aliases", "monitored", "dissolved", "since", "until")
    return Unit(row=row, moment=moment, level=Level(row.level), **plain)


async def load_unit(info: Info[Any, Any], moment: AsOf, code: str | None) -> Unit | None:
    """A unit by code, as it stood."""
    row = None if code is None else await context_of(info).load(loaders.load_units, code, moment)
    return None if row is None else unit_of(row, moment)


async def need_unit(info: Info[Any, Any], moment: AsOf, code: str) -> Unit:
    """A unit that a row names, so that it is there."""
    result = await load_unit(info, moment, code)
    assert result is not None, code
    return result


def need_burden(kind: MatterKind | None) -> None:
    """The kind, where one is given, must be one of burdens. Raises bad-value."""
    if kind is not None and kind.value not in words.BURDEN_KINDS:
        names = ", ".join(name.upper() for name in words.BURDEN_KINDS)
        zh, en = f"{kind.name} 不是负担的种类，可用：{names}。", f"{kind.name} is no kind of burden; use {names}."
        raise bad_value("kind", zh, en)
