"""An item of a list matches a matter.

By its matter; or its category; or when one of its terms is contained in the matter's name or an alias (contract,
section 3). Terms are compared as they are written.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, chain
from typing import Any, Final, Protocol, TypeVar

import numpy as np

from registry.relations.columns import Day, Flags, Indexes, Numbers, by_day, distinct, of_rows
from registry.relations.reach import Reaching, reached_by, reaching_rows

_FEW: Final = 5_000  # matters in whose names the search for terms is kept


def matches(
    item: tuple[str | None, str | None, Iterable[str]], code: str, category: str | None, names: Collection[str]
) -> bool:
    """Whether an item (its matter, its category, its terms) matches a matter (its code, category, name and aliases)."""
    by_matter, by_category, terms = item
    if by_matter:
        return by_matter == code
    if by_category:
        return by_category == category
    return any(term in name for term in terms for name in names)


class Item(Protocol):
    """What is needed of an item: its matter, category and terms; empty where it has none."""

    @property
    def matter(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def terms(self) -> Collection[str]: ...


AnItem = TypeVar("AnItem", bound=Item)


def matching_items(items: Iterable[AnItem]) -> Callable[[str, str, Collection[str]], list[AnItem]]:
    """Return a function that gives those of the items that match a matter: its code, its category, its names.

    It looks up by matter and category; only terms are compared with every name. In the order of the items.
    """
    given = list(items)
    by_matter: dict[str, list[int]] = defaultdict(list)
    by_category: dict[str, list[int]] = defaultdict(list)
    by_term: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(given):
        if item.matter:
            by_matter[item.matter].append(index)
        elif item.category:
            by_category[item.category].append(index)
        else:
            for term in item.terms:
                by_term[term].append(index)

    def matched(code: str, category: str, names: Collection[str]) -> list[AnItem]:
        indexes = {*by_matter.get(code, ()), *(by_category.get(category, ()) if category else ())}
        for term, having in by_term.items():
            if any(term in name for name in names):
                indexes.update(having)
        return [given[index] for index in sorted(indexes)]

    return matched


def _matching_together(days: Any, of: Callable[[Any], tuple[Indexes, Indexes]]) -> tuple[Indexes, Indexes]:
    items, matters = zip(*map(of, days.days), strict=True)
    return days.moved("items", items), days.moved("matters", matters)


@by_day(_matching_together)
@of_rows
def matching(day: Day) -> tuple[Indexes, Indexes]:
    """Which items match which matters of the kind that their list covers: pairs (item, matter).

    By the item's matter; or its category; or one of its terms being contained in the matter's name or an alias.
    """
    items, matters, lists = day.items, day.matters, day.lists
    named = np.flatnonzero(items.matter >= 0)
    in_category: dict[str, list[int]] = defaultdict(list)
    for index, category in enumerate(matters.category):
        if category:
            in_category[category].append(index)
    containing = _containing(day)
    by_words: list[int] = []  # items, and the matters of each
    matched: list[int] = []
    for index, (category, terms) in enumerate(zip(items.category, items.terms, strict=True)):
        if category or terms:
            several = [*(in_category[category] if category else ()), *_each(containing, terms or ())]
            by_words += [index] * len(several)
            matched += several
    width = max(len(matters), 1)
    item = np.concatenate([named, np.array(by_words, np.int64)])
    keys = distinct(item * width + np.concatenate([items.matter[named], np.array(matched, np.int64)]))
    item, matter = (keys // width).astype(np.int32), (keys % width).astype(np.int32)
    same = matters.kind[matter] == lists.covers[items.list[item]]
    return item[same], matter[same]


def _each(containing: Mapping[str, Sequence[int]], terms: Collection[str]) -> Iterable[int]:
    return chain.from_iterable(map(containing.__getitem__, terms))


def _containing(day: Day) -> Mapping[str, Sequence[int]]:
    """For each term of an item the matters whose name or an alias contains it."""
    matters = day.matters
    names = tuple(zip(matters.name, map(tuple, matters.aliases), strict=True))
    terms = frozenset(term for terms in day.items.terms for term in terms or ())
    # From one day to another few names change: a county's are searched once for many days.
    return (_searched_before if len(names) <= _FEW else _searched)(names, terms)


def _searched(matters: Sequence[tuple[str, tuple[str, ...]]], terms: Collection[str]) -> Mapping[str, Sequence[int]]:
    """For each of the terms the places of the matters, each with its name and aliases, of which one contains it."""
    # One search through all names laid end to end; no name contains NUL (registry.domain.decisions).
    names = [(index, name) for index, (first, others) in enumerate(matters) for name in (first, *others)]
    whole = "\0".join(name for _, name in names)
    begins = list(accumulate((len(name) + 1 for _, name in names), initial=0))
    containing: dict[str, list[int]] = {}
    for term in terms:
        results: list[int] = []
        at = whole.find(term)
        while at >= 0:
            name = bisect_right(begins, at) - 1
            results.append(names[name][0])
            at = whole.find(term, begins[name + 1])
        containing[term] = results
    return containing


_searched_before = lru_cache(maxsize=32)(_searched)


@dataclass(frozen=True, eq=False)
class Matches:
    """Items of some lists findable by a matter that they match and a unit that they reach."""

    item: Indexes  # of each row
    reaching: Reaching


def _matches(day: Day, of: Flags) -> Matches:
    item, matter = day.once(matching)
    kept = of[day.items.list[item]] if len(day.lists) else np.zeros(0, np.bool_)
    item, matter = item[kept], matter[kept]
    return Matches(item, reaching_rows(day, day.items.list[item], matter, len(day.matters)))


@of_rows
def negative_matches(day: Day) -> Matches:
    """The items of negative lists."""
    return _matches(day, ~day.lists.positive)


@of_rows
def closed_matches(day: Day) -> Matches:
    """The items of closed positive lists."""
    return _matches(day, day.lists.positive & day.lists.closed)


def matched_by(day: Day, matches: Matches, units: Indexes, matters: Indexes) -> tuple[Numbers, Indexes]:
    """The items that reach each unit and match its matter: pairs (place in `units`, item)."""
    rows, result = reached_by(day, matches.reaching, units, matters)
    return rows, matches.item[result]
