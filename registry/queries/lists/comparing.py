"""Lists compared: which items one has and the other has not, and what of those that both have reads otherwise."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.checker.names.normalise import normalised
from registry.queries.lists.items import Item
from registry.queries.lists.lists import List, lists
from registry.relations.two_times import AsOf, Reader, at

# By what an item of one list reads otherwise than that of another, in the order in which it is shown.
FIELDS: Final = ("name", "matter", "category", "terms", "roles", "sender", "brings", "issuer", "alternative")
CHANGES: Final = ("added", "removed", "changed", "moved", "same")


@dataclass(frozen=True, slots=True)
class Difference:
    """An item as the one list has it and as the other has it; None where it has it not.

    `change`: added, removed, same; moved, where it stands under another category and is otherwise the same; changed,
    where any of `fields` (of FIELDS) reads otherwise.
    """

    before: Item | None
    after: Item | None
    change: str
    fields: tuple[str, ...]


def compared(before: Sequence[Item], after: Sequence[Item]) -> list[Difference]:
    """Every item of both, in the order of the first; what only the second has at the end, in its order.

    The same item is, in this order: the one of the same code on the same list; the one of the same matter; the one of
    the same name but for blanks, punctuation and width. Of several that could be meant, the first with the first.
    """
    partner: dict[int, Item] = {}
    left, taken = list(before), set[int]()
    for key in (_entry, _matter, _name):
        waiting: dict[Hashable, list[Item]] = {}
        for item in reversed(after):
            if id(item) not in taken and (of := key(item)) is not None:
                waiting.setdefault(of, []).append(item)
        for item in left:
            if (of := key(item)) is not None and waiting.get(of):
                other = partner[id(item)] = waiting[of].pop()
                taken.add(id(other))
        left = [item for item in left if id(item) not in partner]
    added = [Difference(None, item, "added", ()) for item in after if id(item) not in taken]
    return [*_of_first(before, partner), *added]


def _of_first(before: Sequence[Item], partner: dict[int, Item]) -> Iterator[Difference]:
    for item in before:
        other = partner.get(id(item))
        if other is None:
            yield Difference(item, None, "removed", ())
            continue
        fields = tuple(name for name in FIELDS if _read(item, name) != _read(other, name))
        change = "same" if not fields else "moved" if fields == ("category",) else "changed"
        yield Difference(item, other, change, fields)


def _read(item: Item, name: str) -> Any:
    """A field as it is compared: a name without blanks, punctuation and width, by which sheets differ for no reason."""
    return normalised(item.name) if name == "name" else getattr(item, name) or None


def _entry(item: Item) -> Hashable:
    return (item.list, item.item)


def _matter(item: Item) -> Hashable:
    return item.matter


def _name(item: Item) -> Hashable:
    return normalised(item.name) or None


OF_UNIT: Final = f"SELECT l.code FROM list l WHERE l.scope = $3 AND {at('l')} ORDER BY l.code"


async def of_kind(
    reader: Reader, moment: AsOf, unit: str, kind: str, kind_of: Callable[[List], str | None]
) -> list[List]:
    """The lists of a kind in force that are for the territory of a unit itself, by code."""
    rows = await reader.fetch(OF_UNIT, moment.valid_at, moment.known_at, unit)
    of_unit = await lists(reader, moment, [row["code"] for row in rows])
    return [each for each in of_unit.values() if kind_of(each) == kind]
