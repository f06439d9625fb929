"""What a file covers of its list: the categories of matters and the departments of which it has any items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.exchange.published.files import Entry
from registry.exchange.sheets.planning.items import Wanted

_CATEGORY: Final = "category"
_FROM: Final = "from"


@dataclass(frozen=True, slots=True)
class Coverage:
    """The categories and the departments of which a file has items; one of which it says nothing covers all."""

    categories: frozenset[str]
    departments: frozenset[str]

    def has(self, item: Mapping[str, Any], matters: Mapping[str, Entry]) -> bool:
        """Whether an item is of a category and from a department that the file has. `matters`: fields by code."""
        category, sender = category_of(item, matters), item.get(_FROM)
        return (category is None or not self.categories or category in self.categories) and (
            sender is None or not self.departments or sender in self.departments
        )


def of(wanted: Iterable[Wanted], matters: Mapping[str, Entry]) -> Coverage:
    """What the items of a file cover."""
    items = [one.item for one in wanted]
    categories = {category for item in items if (category := category_of(item, matters)) is not None}
    return Coverage(frozenset(categories), frozenset(item[_FROM] for item in items if _FROM in item))


def category_of(item: Mapping[str, Any], matters: Mapping[str, Entry]) -> str | None:
    """The category of an item's matter; None where it has none."""
    return matters.get(item.get("matter", ""), {}).get(_CATEGORY)


def left_out(open_items: Sequence[Mapping[str, Any]], going: Iterable[str], of_item: Mapping[str, str]) -> list[str]:
    """The parts of a list of which nothing is in the file, the largest first, where it has others.

    `going`: the ids of the items that the file does not have; `of_item`: by id, which part each item is of. A part of
    one item alone is none, but where the file is of one part and no more: that item may just have gone.
    """
    standing = Counter(of_item[item["item"]] for item in open_items if item["item"] in of_item)
    lost = Counter(of_item[id_] for id_ in going if id_ in of_item)
    whole = [part for part, count in lost.most_common() if count == standing[part]]
    if len(standing) - len(whole) > 1:
        whole = [part for part in whole if standing[part] > 1]
    return whole if len(whole) < len(standing) else []
