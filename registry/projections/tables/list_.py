"""Lists and their items."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from registry.domain.aggregates import Item, List
from registry.domain.dates import OPEN
from registry.projections.tables.table import Integer, table


class ListRow(NamedTuple):
    """A list from its adoption to its repeal. `closed` is false for a negative list."""

    code: str
    title: str
    polarity: str
    covers: str
    audience: str
    scope: str | None
    instrument: str
    closed: bool
    assigns: str | None
    quota: Integer | None
    position: int
    valid_from: date
    valid_to: date


class ItemRow(NamedTuple):
    """An item from its entry to its withdrawal; it is in force while its list is, too. `grantor`: its `from`."""

    list: str
    item: str
    name: str
    matter: str | None
    category: str | None
    terms: tuple[str, ...] | None
    roles: tuple[str, ...]
    grantor: str | None
    brings: tuple[str, ...]
    issuer: str | None
    alternative: str | None
    position: int
    valid_from: date
    valid_to: date


LIST: Final = table("list", ListRow, identity="code", aggregate="list", key="code")
ITEM: Final = table("item", ItemRow, identity="list item", aggregate="item", key="list item")


def list_rows(list_: List) -> list[ListRow]:
    """The row that a list makes."""
    adopted, repealed = list_.adopted, list_.repealed
    if adopted is None:
        return []
    row = ListRow(
        code=adopted.list,
        title=adopted.title,
        polarity=adopted.polarity,
        covers=adopted.covers,
        audience=adopted.audience,
        scope=adopted.scope,
        instrument=adopted.instrument,
        closed=adopted.polarity == "positive" and adopted.closed is not False,
        assigns=adopted.assigns,
        quota=adopted.quota,
        position=list_.introduced_at,
        valid_from=adopted.at,
        valid_to=repealed.at if repealed else OPEN,
    )
    return [row]


def item_rows(item: Item) -> list[ItemRow]:
    """The row that an item makes."""
    entered, withdrawn = item.entered, item.withdrawn
    if entered is None:
        return []
    row = ItemRow(
        list=entered.list,
        item=entered.item,
        name=entered.name,
        matter=entered.matter,
        category=entered.category,
        terms=entered.terms,
        roles=("lead", "share") if entered.roles is None else entered.roles,
        grantor=entered.from_,
        brings=entered.brings or (),
        issuer=entered.issuer,
        alternative=entered.alternative,
        position=item.introduced_at,
        valid_from=entered.at,
        valid_to=withdrawn.at if withdrawn else OPEN,
    )
    return [row]
