"""Lists compared, in the schema: two days of one, two lists, or those of a kind of two territories."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from registry.domain.text import Text
from registry.exchange.sheets.recognising import headings
from registry.exchange.sheets.writing.printable import kind_of
from registry.queries.lists import comparing, lists
from registry.queries.lists.items import Item
from registry.queries.matters import matters
from registry.queries.units.resolve import UnknownList, resolve_unit, shortened
from registry.relations.two_times import AsOf
from registry.web.graphql import types as t
from registry.web.graphql.context import context_of
from registry.web.graphql.effects import ChangedField, changed
from registry.web.graphql.lists import List, list_of
from registry.web.graphql.scalars import Known
from registry.web.graphql.types import ID
from registry.web.problems import bad_value


@strawberry.type(description="清单事项的异同。 An item as the one side has it and as the other has it.")
class ItemDifference:
    row: strawberry.Private[comparing.Difference]
    moments: strawberry.Private[tuple[AsOf, AsOf]]
    change: str = strawberry.field(
        description="added、removed、changed、moved 或 same。 moved（只换了类别）: of another category, else the same."
    )

    @strawberry.field(
        description="前者。 As the first side has it, its category else that of its matter; null where it has it not."
    )
    def before(self) -> t.ListItem | None:
        return None if self.row.before is None else t.item_of(self.row.before, self.moments[0])

    @strawberry.field(description="后者。 As the second side has it; null where it has it not.")
    def after(self) -> t.ListItem | None:
        return None if self.row.after is None else t.item_of(self.row.after, self.moments[1])

    @strawberry.field(
        description="字段异同。 Where both have it: name, matter, category, terms, roles, from, brings, issuer, "
        "alternative that read otherwise."
    )
    def fields(self) -> list[ChangedField]:
        before, after = self.row.before, self.row.after
        names = [("from" if name == "sender" else name, name) for name in self.row.fields]
        return [changed(shown, getattr(before, name), getattr(after, name)) for shown, name in names]


@strawberry.type(description="清单比对。 The items of one or more lists beside those of others.")
class ListComparison:
    before: list[List] = strawberry.field(description="前者的清单。 The lists of the first side.")
    after: list[List] = strawberry.field(description="后者的清单。 The lists of the second side.")
    added: int = strawberry.field(description="新增项数。 How many only the second side has.")
    removed: int = strawberry.field(description="减少项数。 How many only the first side has.")
    changed: int
    moved: int = strawberry.field(description="换类别项数。 How many stand under another category, else the same.")
    same: int
    items: list[ItemDifference] = strawberry.field(
        description="逐项。 In the order of the first side; what only the second has last."
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two that are compared."""

    moment: AsOf
    lists: list[lists.List]
    items: list[Item]


async def _side(info: Info[Any, Any], code: str | None, unit: str | None, kind: str | None, moment: AsOf) -> _Side:
    pool = context_of(info).pool
    if code is not None:
        chosen = list((await lists.lists(pool, moment, [code])).values())
        if not chosen:
            short = shortened(code)
            raise UnknownList(code, Text(f"没有编号为“{short}”的清单。", f"There is no list {short}."))
    else:
        assert unit is not None
        assert kind is not None
        chosen = await comparing.of_kind(pool, moment, await resolve_unit(pool, unit, moment), kind, kind_of)
    on = await lists.items(pool, moment, [each.code for each in chosen])
    items = [item for each in chosen for item in on.get(each.code, ())]
    of = await matters.matters(pool, moment, sorted({item.matter for item in items if item.matter is not None}))
    # What stands on a list by its matter stands under the matter's category.
    under_categories = [
        replace(item, category=item.category or of[item.matter].category) if item.matter else item for item in items
    ]
    return _Side(moment, chosen, under_categories)


async def load_comparison(
    info: Info[Any, Any],
    first: tuple[str | None, str | None, AsOf],
    second: tuple[str | None, str | None, AsOf],
    kind: str | None,
) -> ListComparison:
    """The comparison of two sides: each a list or a unit, and its moment."""
    before = await _side(info, first[0], first[1], kind, first[2])
    after = await _side(info, second[0], second[1], kind, second[2])
    rows = comparing.compared(before.items, after.items)
    counts = Counter(row.change for row in rows)
    moments = (before.moment, after.moment)
    return ListComparison(
        before=[list_of(each, before.moment) for each in before.lists],
        after=[list_of(each, after.moment) for each in after.lists],
        items=[ItemDifference(row=row, moments=moments, change=row.change) for row in rows],
        **{change: counts[change] for change in comparing.CHANGES},
    )


@strawberry.type
class ComparisonQuestions:
    @strawberry.field(
        description="清单比对。 What one side has and the other has not, and what reads otherwise: of a list (`list`, "
        "on the days `from` and `to`), of two lists (`other`), or of the lists of a kind (as registry lists import "
        "calls it) that are for two territories (`unit`, `otherUnit`, `kind`). Days not given are today."
    )
    async def list_comparison(
        self,
        info: Info,
        list_: Annotated[ID | None, strawberry.argument(name="list")] = None,
        other: ID | None = None,
        unit: ID | None = None,
        other_unit: ID | None = None,
        kind: str | None = None,
        from_: Annotated[date | None, strawberry.argument(name="from")] = None,
        to: date | None = None,
        known: Known | None = None,
    ) -> ListComparison:
        if (list_ is None) == (unit is None):
            zh, en = "请给出 list，或者 unit 和 kind。", "Give list, or unit and kind."
            raise bad_value("list", zh, en)
        if unit is not None and kind not in headings.kinds():
            kinds = headings.kinds()
            zh = f"kind 须为 {'、'.join(kinds)} 之一。"
            raise bad_value("kind", zh, f"kind is one of {', '.join(kinds)}.")
        before, after = await context_of(info).moment(from_, known), await context_of(info).moment(to, known)
        first, second = (list_, unit, before), (other or list_, other_unit or unit, after)
        return await load_comparison(info, first, second, kind)
